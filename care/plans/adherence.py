"""How many of the doses that fell due were taken.  Unanswered is a class of its own, never "taken", never "missed"."""

from dataclasses import dataclass

from sqlalchemy import func, select

from care.kit.database import Work
from care.plans.tables import Occurrence


@dataclass(frozen=True)
class Adherence:
    """Dose-taking: confirmed over due.  `percent` is None while nothing was due (never 0, never 100)."""

    due: int
    taken: int
    missed: int

    @property
    def unanswered(self) -> int:
        return self.due - self.taken - self.missed

    @property
    def percent(self) -> int | None:
        return round(100 * self.taken / self.due) if self.due else None


async def adherence(work: Work, patient_id: str) -> Adherence:
    """Over every dose whose hour has come.  Rest weeks, unconfirmed cycles, pauses and changes of the plan do not lower it."""
    doses = select(Occurrence.answer, func.count()).where(
        Occurrence.patient_id == patient_id,
        Occurrence.kind == "medicine",
        Occurrence.dropped.is_(None),
        (Occurrence.due_at <= work.now) | Occurrence.answer.is_not(None),
    )
    rows = await work.session.execute(doses.group_by(Occurrence.answer))
    counts = {row[0]: row[1] for row in rows}
    return Adherence(due=sum(counts.values()), taken=counts.get("taken", 0), missed=counts.get("missed", 0))
