"""Rounds of treatment: the next begins only when a nurse says so, and a postponed one takes all its days with it."""

from collections.abc import Mapping
from datetime import date, timedelta

from care.content.library import Library
from care.content.plan_types import Cycles, PlanTemplate
from care.kit.database import Work
from care.plans.booking import without_lost
from care.plans.changes import Change, changing
from care.plans.enrol import FUTURE
from care.plans.forecast import PlanFacts
from care.plans.schedule import cycle_starts
from care.plans.tables import CarePlan, PlanChange

ALL = "plan"  # cycles are the plan's, not one activity's


def next_cycle(plan: CarePlan) -> int:
    """The number of the cycle that waits for a nurse's word."""
    return last_confirmed(plan.confirmed_cycles) + 1


def last_confirmed(confirmed: Mapping[str, int]) -> int:
    return max(confirmed.values(), default=1)


def starts_of(own: PlanTemplate, facts: PlanFacts) -> dict[int, date]:
    """When each cycle of a plan begins, as planned today; none in a plan without cycles."""
    for activity in own.everything:
        if isinstance(activity.schedule, Cycles):
            return cycle_starts(activity.schedule, facts.anchors[activity.anchor], facts.moved)
    return {}


def begun_cycles(change: Change, plan_id: str) -> dict[int, date]:
    """The first day of each confirmed cycle whose first day has come, in a plan as it would be."""
    confirmed = last_confirmed(change.state(plan_id).confirmed_cycles)
    return {number: start for number, start in _planned(change, plan_id).items() if number <= confirmed and start <= change.today}


def keep_cycles(change: Change, plan_id: str, planned: Mapping[int, date], begun: Mapping[int, date]) -> None:
    """Rounds may have another length.  A cycle that has begun keeps its days, or it would begin a second time, by itself.

    One that was confirmed and begins on another day now waits again for a nurse's word, as if it had been postponed.
    `planned` and `begun`: as they were before.
    """
    now = _planned(change, plan_id)
    if not now:  # all that counts in cycles is switched off
        return
    for number in moved_cycles(begun, begun_cycles(change, plan_id)):
        change.forbid("cycle-under-way", "round", number=str(number))
    confirmed = last_confirmed(change.state(plan_id).confirmed_cycles)
    if waiting := [number for number in moved_cycles(planned, now) if number <= confirmed]:
        change.set(plan_id, confirmed_cycles={ALL: waiting[0] - 1})


def moved_cycles(before: Mapping[int, date], now: Mapping[int, date]) -> list[int]:
    """Those that begin on another day, are gone, or are new."""
    return [number for number in sorted(before.keys() | now.keys()) if before.get(number) != now.get(number)]


async def confirm_next_cycle(
    work: Work, library: Library, plan: CarePlan, staff_id: str, start: date | None = None, meant: int | None = None
) -> tuple[int, PlanChange]:
    """A nurse says the next cycle may start: on its day, or from today on if that is over.  Returns its number.

    `meant`: the number she was shown; another nurse may have been faster, and then no other cycle is begun instead.
    """
    async with changing(work, library, plan.patient_id, "cycle.confirmed", staff_id, plan.id) as change:
        state = change.state(plan.id)
        number = last_confirmed(state.confirmed_cycles) + 1
        planned, today = _planned(change, plan.id), change.today
        if meant not in (None, number):
            change.forbid("cycle-not-waiting", "cycle", number=str(meant))
        elif number not in planned:
            change.forbid("no-cycle-left", "cycle")
        elif number > 1 and planned[number - 1] > today:
            change.forbid("cycle-before-not-begun", "cycle", number=str(number - 1))
        else:
            start = start or max(planned[number], today)
            _check_start(change, start, planned[number], today)
            moved = {str(number): start.isoformat()} if start != planned[number] else {}
            change.set(plan.id, confirmed_cycles={ALL: number}, cycle_starts={**state.cycle_starts, **moved})
            _keep_bookings(change, plan.id)
    return number, change.made


async def postpone_cycle(work: Work, library: Library, plan: CarePlan, number: int, start: date, staff_id: str) -> PlanChange:
    """A cycle begins later, and waits again for a nurse's word: it must never start by itself on the new day."""
    async with changing(work, library, plan.patient_id, "cycle.postponed", staff_id, plan.id) as change:
        state = change.state(plan.id)
        planned, today = _planned(change, plan.id), change.today
        confirmed = last_confirmed(state.confirmed_cycles)
        if number not in planned:
            change.forbid("no-cycle-left", "cycle")
        elif number <= confirmed and planned[number] <= today:
            change.forbid("cycle-begun", "cycle", number=str(number))
        else:
            _check_start(change, start, planned[number] + timedelta(days=1), today)
            starts = {**state.cycle_starts, str(number): start.isoformat()}
            change.set(plan.id, cycle_starts=starts, confirmed_cycles={ALL: min(confirmed, number - 1)})
            _keep_bookings(change, plan.id)
    return change.made


def _check_start(change: Change, start: date, earliest: date, today: date) -> None:
    if start < today:
        change.forbid("start-in-the-past", "start", date=start.isoformat())
    elif start < earliest:
        change.forbid("earlier-than-planned", "start", date=earliest.isoformat())
    elif start > today + FUTURE:
        change.forbid("date-far-away", "start", date=start.isoformat())


def _planned(change: Change, plan_id: str) -> dict[int, date]:
    return starts_of(*change.read(plan_id))


def _keep_bookings(change: Change, plan_id: str) -> None:
    """A visit of a day that is no due day any more has lost its appointment; the change tells which."""
    own, facts = change.read(plan_id)
    change.set(plan_id, bookings=without_lost(own, facts, change.state(plan_id).bookings))
