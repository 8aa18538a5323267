"""What a nurse has to mend before something about a plan can be written."""

import dataclasses
from dataclasses import dataclass


@dataclass(frozen=True)
class PlanProblem:
    """One thing to mend.  `field` is the form's field, `code` picks the sentence a page shows, `names` fill it."""

    code: str
    field: str
    names: dict[str, str] = dataclasses.field(default_factory=dict)


class PlanRefused(Exception):
    """Nothing was written.  Holds every problem at once."""

    def __init__(self, problems: list[PlanProblem]) -> None:
        super().__init__(", ".join(f"{problem.field}: {problem.code}" for problem in problems))
        self.problems = problems


class EnrolmentRefused(PlanRefused):
    """A patient was not enrolled."""


class ChangeRefused(PlanRefused):
    """A plan was not changed."""
