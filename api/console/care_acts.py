"""What a nurse can do to the whole of a patient's care: all plans at once, another clock, and what ends it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from api.console.plan_acts import Act, Hand, pause_all, resume_all, take_back
from api.console.plan_view import PlanView
from care.people.clocks import CLOCKS, local, moment
from care.plans.endings import record_death, record_discharge, record_recurrence, turn_palliative
from care.plans.forecast import SpecialTimes
from care.plans.rhythm import travel
from care.plans.tables import PlanChange

FIRST = "first-"  # first-PLAN-ACTIVITY-1: hours of the first days on another clock


async def _travel(hand: Hand) -> PlanChange | None:
    zone, why = hand.typed.get("zone"), hand.typed.get("why")
    special = _first_days(hand, zone) if zone in CLOCKS else {}
    hand.typed.must_be_readable()
    return await travel(hand.work, hand.library, hand.patient.id, zone, hand.staff_id, special, why)


def _first_days(hand: Hand, zone: str) -> dict[str, list[SpecialTimes]]:
    """Hours a nurse gave for the first days, where the old ones would come too close to the last dose."""
    hours: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name, hour in hand.typed.starting(FIRST).items():
        if hour:
            plan_id, _, more = name.partition("-")
            hours[plan_id, more.rpartition("-")[0]].append(hour)
    found: dict[str, list[SpecialTimes]] = defaultdict(list)
    if hours:
        today, until = local(hand.work.now, zone).date(), hand.typed.day("until")
        for (plan_id, key), each in hours.items():
            found[plan_id].append(SpecialTimes(key, today, until, tuple(each)))
    return found


async def _palliative(hand: Hand) -> PlanChange | None:
    change, _ = await turn_palliative(hand.work, hand.library, hand.patient.id, hand.staff_id)
    return change


async def _recurrence(hand: Hand) -> PlanChange | None:
    return await record_recurrence(hand.work, hand.library, hand.patient.id, hand.staff_id)


async def _discharge(hand: Hand) -> PlanChange | None:
    return await record_discharge(hand.work, hand.library, hand.patient.id, hand.staff_id)


async def _death(hand: Hand) -> PlanChange | None:
    return await record_death(hand.work, hand.library, hand.patient.id, hand.staff_id)


CARE_ACTS: Mapping[str, Act] = {
    "pause": pause_all,
    "resume": resume_all,
    "travel": _travel,
    "palliative": _palliative,
    "recurrence": _recurrence,
    "discharge": _discharge,
    "death": _death,
    "undo": take_back,
}


@dataclass(frozen=True)
class OnBothClocks:
    """An hour of the patient's, as it will be read on the other clock, and where it then stands on the one of today."""

    subject: str
    hour: str
    on_old: str


def on_both_clocks(plans: list[PlanView], old: str, new: str) -> Iterator[OnBothClocks]:
    """Every hour of every living plan, before a nurse moves them all to another clock."""
    for plan in plans:
        for medicine in plan.medicines:
            for hour in medicine.hours:
                at = moment(plan.today, hour, new)
                yield OnBothClocks(medicine.subject, hour, f"{local(at, old):%H:%M}")
