"""What a clinician changes of a template for one patient: days, gaps, intervals, orders; with who and why."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from care.alarms.service import raise_once
from care.content.library import Library
from care.content.plan_types import Cycles
from care.kit.database import Work
from care.plans.booking import without_lost
from care.plans.changes import Change, changing
from care.plans.checks import check_doses
from care.plans.cycles import begun_cycles, keep_cycles, starts_of
from care.plans.enrol import FUTURE, PAST
from care.plans.state import needed_anchors
from care.plans.tables import CarePlan, PlanChange
from care.plans.tailor import tailor, tailor_problems

Fields = Mapping[str, Mapping[str, Any]]  # activity -> field -> value; None gives the template's own back
SpecialDays = tuple[Mapping[str, Any], ...]


async def adjust(
    work: Work,
    library: Library,
    plan: CarePlan,
    fields: Fields,
    why: str,
    staff_id: str,
    hours: Mapping[str, Sequence[str]] | None = None,
) -> PlanChange:
    """Give activities numbers of this patient's own.  `hours`: where the number of doses changes with it."""
    async with changing(work, library, plan.patient_id, "plan.adjusted", staff_id, plan.id) as change:
        change.why = why.strip()
        if not change.why:
            change.forbid("why-missing", "why")
        state = change.state(plan.id)
        slots = {**state.slots, **{key: list(each) for key, each in (hours or {}).items()}}
        planned, begun, ran_to = starts_of(*change.read(plan.id)), begun_cycles(change, plan.id), _last_days(change, plan.id)
        special = _special_left(state.special_times, fields)
        change.set(plan.id, overrides=_merged(state.overrides, fields), slots=slots, special_times=special)
        await _check(change, plan.id)
        if not change.problems:
            keep_cycles(change, plan.id, planned, begun)
    if _ends_unsaid(change, plan.id, ran_to):
        await raise_once(work, change.patient, "tablets-end-early", "same-day", "plan")
    return change.made


def _last_days(change: Change, plan_id: str) -> dict[str, date]:
    """The last day of each medicine in the cycle that has begun."""
    begun, (own, _) = begun_cycles(change, plan_id), change.read(plan_id)
    courses = {each.key: each.schedule for each in own.activities if each.slots and isinstance(each.schedule, Cycles)}
    start = max(begun.values(), default=None)
    return {key: start + timedelta(days=max(each.on_days) - 1) for key, each in courses.items()} if start else {}


def _ends_unsaid(change: Change, plan_id: str, ran_to: Mapping[str, date]) -> bool:
    """Whether a medicine's new last day is over while the old one is not: what says that the rest begins is over too."""
    now = _last_days(change, plan_id)
    return any(key in now and now[key] < change.today <= day for key, day in ran_to.items())


def _special_left(special: SpecialDays, fields: Fields) -> SpecialDays:
    """Hours of special days hold as many doses as there were: they go with that number, or twice of a half would be told."""
    counted = {key for key, own in fields.items() if "count" in own}
    return tuple(each for each in special if each["activity"] not in counted)


def _merged(held: Fields, fields: Fields) -> dict[str, dict[str, Any]]:
    both = {key: {**held.get(key, {}), **fields.get(key, {})} for key in (*held, *fields)}
    kept = {key: {name: value for name, value in own.items() if value is not None} for key, own in both.items()}
    return {key: own for key, own in kept.items() if own}


class More:
    """What an order may need beside: the date it counts from, and hours."""

    def __init__(self, anchors: Mapping[str, str] | None = None, slots: Mapping[str, Sequence[str]] | None = None) -> None:
        self.anchors, self.slots = dict(anchors or {}), {key: list(each) for key, each in (slots or {}).items()}

    def merged(self, anchors: Mapping[str, str], slots: Mapping[str, list[str]]) -> tuple[dict[str, str], dict[str, list[str]]]:
        return {**anchors, **self.anchors}, {**slots, **self.slots}


async def order(
    work: Work, library: Library, plan: CarePlan, activities: Sequence[str], why: str, staff_id: str, more: More | None = None
) -> PlanChange:
    """Switch on exactly these of the activities that need an order; the others are off from now on."""
    async with changing(work, library, plan.patient_id, "plan.ordered", staff_id, plan.id) as change:
        change.why = why.strip()
        state, template = change.state(plan.id), library.plan(plan.template)
        known = {each.key for each in template.activities if each.only_if_ordered}
        for key in sorted(set(activities) - known):
            change.forbid("order-unknown", key)
        anchors, slots = (more or More()).merged(state.anchors, state.slots)
        change.set(plan.id, ordered=tuple(sorted(set(activities) & known)), anchors=anchors, slots=slots)
        await _check(change, plan.id)
    return change.made


async def _check(change: Change, plan_id: str) -> None:
    """The plan as it would be: possible in itself, with every date it counts from, and safe doses."""
    template, state = change.library.plan(change.plans[plan_id].template), change.state(plan_id)
    found = tailor_problems(template, state.overrides, frozenset(state.ordered))
    change.problems += found
    if any(problem.code == "override-unreadable" for problem in found):
        return
    _check_anchors(change, needed_anchors(tailor(template, state.overrides, frozenset(state.ordered))), state.anchors)
    if not change.problems:
        own, facts = change.read(plan_id)
        change.set(plan_id, bookings=without_lost(own, facts, state.bookings))
        await check_doses(change, plan_id)


def _check_anchors(change: Change, needed: set[str], anchors: Mapping[str, str]) -> None:
    today = change.today
    for anchor in sorted(needed):
        try:
            day = date.fromisoformat(anchors.get(anchor, ""))
        except ValueError:
            change.forbid("date-missing", f"anchor-{anchor}", anchor=anchor)
            continue
        if not today - PAST <= day <= today + FUTURE:
            change.forbid("date-far-away", f"anchor-{anchor}", date=day.isoformat())
