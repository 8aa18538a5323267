"""Whether doses lie far enough apart where one arrangement of hours passes into another."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise

from sqlalchemy import select

from care.content.library import Library
from care.kit.database import Work
from care.people.clocks import local
from care.plans.forecast import SpecialTimes, expected
from care.plans.problems import PlanProblem
from care.plans.reconcile import AHEAD, Look
from care.plans.state import read_plan
from care.plans.tables import Occurrence

BACK = timedelta(hours=36)  # the last dose before a change lies within this, or no gap can be too short
ROUNDING = timedelta(minutes=1)


async def gap_problems(work: Work, library: Library, looks: list[Look]) -> list[PlanProblem]:
    """Doses of the coming days, as their rows now stand, that lie too close to each other or to the last one before."""
    found: list[PlanProblem] = []
    for seen in looks:
        if seen.wanted:
            own, _ = read_plan(library, seen.plan, seen.patient.zone)
            least = {each.key: each.slots.min_gap_hours for each in own.activities if each.slots}
            for activity, rows in (await _doses(work, seen)).items():
                found += _too_close(activity, [row.due_at for row in rows], least.get(activity, 0), seen.patient.zone, work.now)
    return found


async def _doses(work: Work, seen: Look) -> dict[str, list[Occurrence]]:
    """By activity.  One the patient did not take cannot be too close to the next."""
    rows = select(Occurrence).where(
        Occurrence.plan_id == seen.plan.id, Occurrence.kind == "medicine", Occurrence.dropped.is_(None)
    )
    rows = rows.where(Occurrence.due_at > work.now - BACK, Occurrence.due_at <= work.now + AHEAD).order_by(Occurrence.due_at)
    found: dict[str, list[Occurrence]] = {}
    for row in await work.session.scalars(rows.execution_options(populate_existing=True)):
        if row.answer != "missed":
            found.setdefault(row.activity, []).append(row)
    return found


def _too_close(activity: str, moments: list[datetime], least: float, zone: str, after: datetime) -> Iterator[PlanProblem]:
    for earlier, later in pairwise(moments):
        if later > after and later - earlier < timedelta(hours=least) - ROUNDING:
            yield too_close(activity, earlier, later, least, zone)


def too_close(activity: str, earlier: datetime, later: datetime, least: float, zone: str) -> PlanProblem:
    first, then = f"{local(earlier, zone):%m-%d %H:%M}", f"{local(later, zone):%m-%d %H:%M}"
    return PlanProblem("change-too-close", f"slots-{activity}", {"first": first, "then": then, "hours": f"{least:g}"})


def special_gap_problems(library: Library, seen: Look, now: datetime) -> Iterator[PlanProblem]:
    """The same where special days begin and end, however far away."""
    if not seen.wanted:
        return
    own, facts = read_plan(library, seen.plan, seen.patient.zone)
    slots = {each.key: each.slots for each in own.activities if each.slots}
    for special in facts.special:
        for first, last in _edges(special):
            alone = (each for each in expected(own, facts, first, last) if each.activity.key == special.activity)
            moments = sorted(each.due_at for each in alone if each.due_at > now)
            least = slots[special.activity].min_gap_hours if special.activity in slots else 0
            yield from _too_close(special.activity, moments, least, facts.zone, now)


def _edges(special: SpecialTimes) -> Iterator[tuple[date, date]]:
    day = timedelta(days=1)
    yield special.first - day, special.first
    yield special.last, special.last + day
