"""What a nurse can do to one plan: each form read, and handed to the one verb of care that does it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from api.console.own_numbers import read_numbers
from api.console.typed import Typed
from care.content.library import Library
from care.kit.database import Work
from care.people.patients import NotFound
from care.people.tables import Patient
from care.plans.adjust import More, adjust, order
from care.plans.booking import book, unbook
from care.plans.changes import changes_of
from care.plans.cycles import confirm_next_cycle, postpone_cycle
from care.plans.endings import end_plan
from care.plans.forecast import Booking, SpecialTimes
from care.plans.pauses import pause, resume
from care.plans.rhythm import set_hours, set_special_times
from care.plans.state import state_of
from care.plans.tables import CarePlan, PlanChange
from care.plans.undo import undo


@dataclass(frozen=True)
class Hand:
    """Whose hand does it, to whom, and what was typed.  `plan` None: to all plans of the patient."""

    work: Work
    library: Library
    staff_id: str
    typed: Typed
    patient: Patient
    plan: CarePlan | None = None

    @property
    def one(self) -> CarePlan:
        assert self.plan is not None
        return self.plan

    @property
    def plan_id(self) -> str | None:
        return self.plan.id if self.plan else None


Act = Callable[[Hand], Awaitable[PlanChange | None]]  # None: there was nothing to change


async def _confirm(hand: Hand) -> PlanChange | None:
    """The page names the cycle, so that a second press starts no other."""
    meant, start = hand.typed.whole("cycle"), hand.typed.day("start")
    hand.typed.must_be_readable()
    _, change = await confirm_next_cycle(hand.work, hand.library, hand.one, hand.staff_id, start, meant)
    return change


async def _postpone(hand: Hand) -> PlanChange | None:
    number, start = hand.typed.whole("cycle"), hand.typed.day("start")
    hand.typed.must_be_readable()
    return await postpone_cycle(hand.work, hand.library, hand.one, number, start, hand.staff_id)


async def pause_all(hand: Hand) -> PlanChange | None:
    """This plan, or all of them."""
    ask_on = hand.typed.day("ask_on")
    hand.typed.must_be_readable()
    kind = hand.typed.get("kind")
    return await pause(hand.work, hand.library, hand.patient.id, kind, hand.staff_id, hand.plan_id, ask_on)


async def resume_all(hand: Hand) -> PlanChange | None:
    return await resume(hand.work, hand.library, hand.patient.id, hand.staff_id, hand.plan_id)


async def _hours(hand: Hand) -> PlanChange | None:
    keys = {name.rpartition("-")[0] for name in hand.typed.starting("slots-")}
    wanted = {key: hand.typed.hours(f"slots-{key}") for key in keys}
    differing = {key: hours for key, hours in wanted.items() if sorted(hours) != sorted(hand.one.slots.get(key, []))}
    if not differing:
        return None
    return await set_hours(hand.work, hand.library, hand.one, differing, hand.staff_id, hand.typed.get("why"))


async def _special(hand: Hand) -> PlanChange | None:
    first, last = hand.typed.day("first"), hand.typed.day("last")
    hand.typed.must_be_readable()
    times = SpecialTimes(hand.typed.get("activity"), first, last, tuple(hand.typed.hours("slots-special")))
    return await set_special_times(hand.work, hand.library, hand.one, times, hand.staff_id)


async def _book(hand: Hand) -> PlanChange | None:
    due, day = hand.typed.day("due"), hand.typed.day("day")
    hand.typed.must_be_readable()
    booking, activity = Booking(day, hand.typed.get("hour")), hand.typed.get("activity")
    return await book(hand.work, hand.library, hand.one, activity, due, booking, hand.staff_id, hand.typed.get("why"))


async def _unbook(hand: Hand) -> PlanChange | None:
    due = hand.typed.day("due")
    hand.typed.must_be_readable()
    return await unbook(hand.work, hand.library, hand.one, hand.typed.get("activity"), due, hand.staff_id)


async def _order(hand: Hand) -> PlanChange | None:
    """Exactly what is ticked is on from now; hours only of what is ticked."""
    ticked = list(hand.typed.starting("order-"))
    anchors = {name: day for name, day in hand.typed.starting("anchor-").items() if day}
    slots = {key: hand.typed.hours(f"slots-{key}") for key in ticked}
    more = More(anchors, {key: hours for key, hours in slots.items() if hours})
    return await order(hand.work, hand.library, hand.one, ticked, hand.typed.get("why"), hand.staff_id, more)


async def _adjust(hand: Hand) -> PlanChange | None:
    template = hand.library.plans.get(hand.one.template)
    fields, hours = read_numbers(template, state_of(hand.one), hand.typed)
    hand.typed.must_be_readable()
    if not fields and not hours:
        return None
    return await adjust(hand.work, hand.library, hand.one, fields, hand.typed.get("why"), hand.staff_id, hours)


async def _end(hand: Hand) -> PlanChange | None:
    return await end_plan(hand.work, hand.library, hand.one, hand.staff_id, hand.typed.get("why"))


async def take_back(hand: Hand) -> PlanChange | None:
    """A change of this patient: the page of another one cannot undo it."""
    change_id = hand.typed.get("change")
    if change_id not in {each.id for each in await changes_of(hand.work, hand.patient.id)}:
        raise NotFound(change_id)
    return await undo(hand.work, hand.library, hand.patient.clinic_id, change_id, hand.staff_id)


PLAN_ACTS: Mapping[str, Act] = {
    "confirm": _confirm,
    "postpone": _postpone,
    "pause": pause_all,
    "resume": resume_all,
    "hours": _hours,
    "special": _special,
    "book": _book,
    "unbook": _unbook,
    "order": _order,
    "adjust": _adjust,
    "end": _end,
    "undo": take_back,
}
ASKED_TWICE = ("end", "travel", "palliative", "recurrence", "discharge", "death")  # said in one sentence first: what will stop
