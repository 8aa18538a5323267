"""When medicines are taken: the patient's hours, special times, another clock; no gap too short, no dose lost or doubled."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, timedelta

from care.content.library import Library
from care.kit.database import Work
from care.people.clocks import CLOCKS, local, moment
from care.plans.changes import Change, changing
from care.plans.checks import check_doses
from care.plans.forecast import SpecialTimes
from care.plans.hours import hour_problems
from care.plans.problems import PlanProblem
from care.plans.state import read_special, write_special
from care.plans.tables import CarePlan, PlanChange

LONGEST = timedelta(days=366)


async def set_hours(
    work: Work, library: Library, plan: CarePlan, hours: Mapping[str, Sequence[str]], staff_id: str, why: str = ""
) -> PlanChange:
    """Other hours from the next dose on.  `why`: a clinician agrees that the first of them may come sooner than the gap."""
    async with changing(work, library, plan.patient_id, "hours.changed", staff_id, plan.id) as change:
        change.why, change.gaps_agreed = why, bool(why)
        asked = {key: list(each) for key, each in hours.items()}
        own, _ = change.read(plan.id)
        for key in asked.keys() - {each.key for each in own.activities if each.slots or each.ask_hour}:
            change.forbid("no-hours-asked", f"slots-{key}")
        change.set(plan.id, slots={**change.state(plan.id).slots, **asked})
        await check_doses(change, plan.id)
    return change.made


async def set_special_times(work: Work, library: Library, plan: CarePlan, special: SpecialTimes, staff_id: str) -> PlanChange:
    """Other hours of one medicine for some days.  Nobody is asked why, and there is nowhere to write it."""
    async with changing(work, library, plan.patient_id, "hours.special", staff_id, plan.id) as change:
        _add_special(change, plan.id, special)
        await check_doses(change, plan.id)
    return change.made


def _add_special(change: Change, plan_id: str, special: SpecialTimes) -> None:
    state, today = change.state(plan_id), change.today
    own, _ = change.read(plan_id)
    activity = next((each for each in own.activities if each.key == special.activity and each.slots), None)
    if activity is None:
        change.forbid("no-hours-asked", f"slots-{special.activity}")
        return
    if unreadable := list(hour_problems(activity, special.hours)):
        change.problems += unreadable
        return
    if special.last < special.first:
        change.forbid("end-before-start", "last")
    elif special.last < today:
        change.forbid("day-over", "last", date=special.last.isoformat())
    elif special.last - special.first > LONGEST or special.first > today + LONGEST:
        change.forbid("date-far-away", "last", date=special.last.isoformat())
    elif any(_overlap(special, read_special(other)) for other in state.special_times):
        change.forbid("special-overlap", "first")
    change.set(plan_id, special_times=(*state.special_times, write_special(special)))


def _overlap(one: SpecialTimes, other: SpecialTimes) -> bool:
    return one.activity == other.activity and one.first <= other.last and other.first <= one.last


async def travel(
    work: Work,
    library: Library,
    patient_id: str,
    zone: str,
    staff_id: str,
    special: Mapping[str, Sequence[SpecialTimes]] | None = None,
    why: str = "",
) -> PlanChange:
    """The patient lives by another clock from now on: the same hours of the wall, read from another wall.  What a nurse has
    arranged stays at its moment: a hospital does not travel.

    Where that would bring two doses too close, it is refused until the nurse gives the hours of the first days (`special`,
    by plan), or a clinician agrees (`why`).
    """
    async with changing(work, library, patient_id, "clock.changed", staff_id) as change:
        change.why, change.gaps_agreed = why, bool(why)
        if zone not in CLOCKS:
            change.problems.append(PlanProblem("clock-unknown", "zone", {}))
        elif zone == change.zone:
            change.problems.append(PlanProblem("clock-same", "zone", {}))
        else:
            for plan_id, state in change.states.items():
                change.set(plan_id, bookings={key: _read_on(zone, said, change.zone) for key, said in state.bookings.items()})
            change.zone = zone
            for plan_id, times in (special or {}).items():
                await _add_first_days(change, plan_id, times)
    return change.made


def _read_on(zone: str, said: str, old: str) -> str:
    """An appointment at its moment, read from another wall.  As it was, where nobody can read it."""
    with suppress(ValueError, KeyError):
        day, hour = said.split(" ")
        return f"{local(moment(date.fromisoformat(day), hour, old), zone):%Y-%m-%d %H:%M}"
    return said


async def _add_first_days(change: Change, plan_id: str, times: Sequence[SpecialTimes]) -> None:
    if plan_id not in change.plans:  # ended since the page was opened
        change.forbid("plan-over")
        return
    for each in times:
        _add_special(change, plan_id, each)
    await check_doses(change, plan_id)
