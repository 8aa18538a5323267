"""Figures of a clinic and of each of its plans, for ten patients and more: fewer are people, not a figure.

Nothing here is told by language, script, clock or anything else that stands for where somebody comes from.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, case, func, or_, select

from care.kit.database import Work
from care.plans.adherence import share
from care.plans.tables import CarePlan, Occurrence
from care.plans.visits import BOOKABLE

FEWEST = 10
PERIOD = timedelta(days=90)
ALL = ""


@dataclass(frozen=True)
class Figure:
    """One line: a plan, or the whole clinic.  None where fewer than ten patients stand behind a number."""

    template: str
    patients: int | None = None
    doses_due: int | None = None
    taken_percent: int | None = None
    unanswered_percent: int | None = None
    visits_due: int | None = None
    inside_percent: int | None = None


@dataclass
class Counted:
    """What lies behind one line."""

    patients: set[str] = field(default_factory=set)
    due: int = 0
    taken: int = 0
    missed: int = 0
    visitors: set[str] = field(default_factory=set)
    visits: int = 0
    inside: int = 0


async def clinic_figures(work: Work, clinic_id: str) -> list[Figure]:
    """The last ninety days: the whole clinic first, then its plans by name.  Two statements, however many patients."""
    lines: dict[str, Counted] = defaultdict(Counted)
    for row in await work.session.execute(_doses(work, clinic_id)):
        for name in (ALL, row.template):
            _add_doses(lines[name], row)
    for row in await work.session.execute(_visits(work, clinic_id)):
        for name in (ALL, row.template):
            _add_visits(lines[name], row)
    whole = lines.pop(ALL, Counted())
    plans = [_figure(name, lines[name]) for name in sorted(lines)]
    return [_whole(whole, lines), *plans]


def _doses(work: Work, clinic_id: str) -> Any:
    """Doses that were answered or whose window is over, by plan and patient."""
    over = or_(Occurrence.answer.is_not(None), Occurrence.useful_until <= work.now)
    taken, missed = (func.sum(case((Occurrence.answer == said, 1), else_=0)) for said in ("taken", "missed"))
    counts = (func.count().label("due"), taken.label("taken"), missed.label("missed"))
    rows = select(CarePlan.template, Occurrence.patient_id, *counts)
    return _recent(work, rows, clinic_id).where(Occurrence.kind == "medicine", over)


def _visits(work: Work, clinic_id: str) -> Any:
    """Visits that took place, were said not to, or whose window is over; one without a window has its day."""
    first, last = (func.coalesce(each, Occurrence.local_date) for each in (Occurrence.earliest, Occurrence.latest))
    inside = func.sum(case((Occurrence.done_on.between(first, last), 1), else_=0))
    rows = select(CarePlan.template, Occurrence.patient_id, func.count().label("visits"), inside.label("inside"))
    over = or_(Occurrence.answer.is_not(None), last < work.now.date())
    return _recent(work, rows, clinic_id).where(Occurrence.kind.in_(BOOKABLE), over)


def _recent(work: Work, rows: Any, clinic_id: str) -> Any:
    rows = rows.join_from(Occurrence, CarePlan, CarePlan.id == Occurrence.plan_id)
    within = (Occurrence.due_at > work.now - PERIOD, Occurrence.due_at <= work.now + PERIOD)
    mine = rows.where(Occurrence.clinic_id == clinic_id, Occurrence.dropped.is_(None), *within)
    return mine.group_by(CarePlan.template, Occurrence.patient_id)


def _add_doses(line: Counted, row: Row[Any]) -> None:
    line.patients.add(row.patient_id)
    line.due, line.taken, line.missed = line.due + row.due, line.taken + row.taken, line.missed + row.missed


def _add_visits(line: Counted, row: Row[Any]) -> None:
    line.visitors.add(row.patient_id)
    line.visits, line.inside = line.visits + row.visits, line.inside + row.inside


def _figure(template: str, line: Counted, hidden: frozenset[str] = frozenset()) -> Figure:
    everybody = line.patients | line.visitors
    doses = {} if _are_too_few(line.patients) or "doses" in hidden else _of_doses(line)
    visits = {} if _are_too_few(line.visitors) or "visits" in hidden else _of_visits(line)
    counted = None if _are_too_few(everybody) or "patients" in hidden else len(everybody)
    return Figure(template, counted, **doses, **visits)


def _of_doses(line: Counted) -> dict[str, int | None]:
    unanswered = line.due - line.taken - line.missed
    shares = {"taken_percent": share(line.taken, line.due), "unanswered_percent": share(unanswered, line.due)}
    return {"doses_due": line.due} | shares


def _of_visits(line: Counted) -> dict[str, int | None]:
    return {"visits_due": line.visits, "inside_percent": share(line.inside, line.visits)}


def _whole(whole: Counted, plans: Mapping[str, Counted]) -> Figure:
    """The clinic's own line; without what a plan with too few patients could be worked out from by taking the others away."""
    few_doses = [line.patients for line in plans.values() if line.patients and _are_too_few(line.patients)]
    few_visits = [line.visitors for line in plans.values() if line.visitors and _are_too_few(line.visitors)]
    few = [everybody for line in plans.values() if _are_too_few(everybody := line.patients | line.visitors)]
    rests = {"patients": few, "doses": few_doses, "visits": few_visits}
    return _figure(ALL, whole, frozenset(name for name, few in rests.items() if few and _are_too_few(set().union(*few))))


def _are_too_few(patients: set[str]) -> bool:
    return len(patients) < FEWEST
