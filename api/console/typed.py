"""What a nurse typed into a form, kept as typed so that nothing is lost when something is wrong."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from fastapi import Request

from care.plans.enrol import Enrolment
from care.plans.problems import ChangeRefused, PlanProblem

LONGEST = 200  # letters of one field


@dataclass
class Typed:
    """Fields by name.  `wrong` collects what cannot be read, so that a nurse sees all of it at once."""

    values: dict[str, str] = field(default_factory=dict)
    wrong: list[PlanProblem] = field(default_factory=list)

    def get(self, name: str) -> str:
        return self.values.get(name, "").strip()

    def day(self, name: str) -> date:
        """A date; one that is none is noted, and read as the first of all days."""
        try:
            return date.fromisoformat(self.get(name))
        except ValueError:
            self.wrong.append(PlanProblem("date-missing", name, {}))
            return date.min

    def whole(self, name: str) -> int:
        """A whole number; 0 for what is none."""
        typed = self.get(name)
        return int(typed) if typed.isascii() and typed.isdigit() else 0

    def hours(self, prefix: str) -> list[str]:
        """`08:00`, `20:00` of the fields `slots-tki-1`, `slots-tki-2`; empty fields are no hours."""
        named = sorted(name for name in self.values if name.rpartition("-")[0] == prefix and name.rpartition("-")[2].isdigit())
        return [self.get(name) for name in named if self.get(name)]

    def starting(self, prefix: str) -> dict[str, str]:
        """Fields whose name begins so, by the rest of it."""
        return {name.removeprefix(prefix): self.get(name) for name in sorted(self.values) if name.startswith(prefix)}

    def must_be_readable(self) -> None:
        if self.wrong:
            raise ChangeRefused(self.wrong)

    @property
    def has_changed_plan(self) -> bool:
        """Another plan was chosen than the one whose dates and hours the form asks for: ask for the new one's first."""
        return self.get("shown") not in ("", self.get("template"))

    @property
    def enrolment(self) -> Enrolment:
        slots = {name.rpartition("-")[0]: self.hours(f"slots-{name.rpartition('-')[0]}") for name in self.starting("slots-")}
        filled = {key: hours for key, hours in slots.items() if hours}
        ordered = tuple(self.starting("order-"))
        return Enrolment(self.get("template"), self.starting("anchor-"), filled, ordered, self.starting("gap-"))


async def read_form(request: Request) -> Typed:
    sent = await request.form()
    return Typed({name: str(value)[:LONGEST] for name, value in sent.items() if isinstance(value, str)})


def by_field(problems: Sequence[PlanProblem]) -> Mapping[str, list[PlanProblem]]:
    """Every problem beside its field."""
    found: dict[str, list[PlanProblem]] = defaultdict(list)
    for problem in problems:
        found[problem.field].append(problem)
    return found
