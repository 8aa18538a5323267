"""Due windows become appointments: only a nurse books, a template never does."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import update

from care.content.library import Library
from care.content.plan_types import Activity, PlanTemplate
from care.kit.database import Work
from care.people.clocks import moment, parse_hour
from care.plans.changes import Change, changing
from care.plans.clashes import LONGEST
from care.plans.enrol import FUTURE
from care.plans.forecast import Booking, PlanFacts, dues, expected
from care.plans.state import booking_key
from care.plans.tables import CarePlan, Occurrence, PlanChange


async def book(
    work: Work, library: Library, plan: CarePlan, activity: str, due_day: date, booking: Booking, staff_id: str, why: str = ""
) -> PlanChange:
    """Arrange a visit.  Outside its window only with a reason."""
    async with changing(work, library, plan.patient_id, "visit.booked", staff_id, plan.id) as change:
        change.why = why.strip()
        own, facts = change.read(plan.id)
        found = _due(own, facts, activity, due_day) if abs(due_day - change.today) <= LONGEST else None
        if found is None:
            change.forbid("visit-unknown")
        else:
            _check_booking(change, found, due_day, booking)
        key = booking_key(activity, due_day)
        change.set(plan.id, bookings={**change.state(plan.id).bookings, key: f"{booking.day.isoformat()} {booking.hour}"})
        if not change.problems:
            await _open_again(work, plan.id, activity, due_day)
    return change.made


async def _open_again(work: Work, plan_id: str, activity: str, due_day: date) -> None:
    """That it did not take place was said of the appointment before this one."""
    mine = (Occurrence.plan_id == plan_id, Occurrence.activity == activity, Occurrence.local_date == due_day)
    missed = update(Occurrence).where(*mine, Occurrence.answer == "not-done")
    await work.session.execute(missed.values(answer=None, answered_at=None))


async def unbook(work: Work, library: Library, plan: CarePlan, activity: str, due_day: date, staff_id: str) -> PlanChange:
    """The appointment is off; the visit is due in its window as before."""
    async with changing(work, library, plan.patient_id, "visit.unbooked", staff_id, plan.id) as change:
        bookings, key = dict(change.state(plan.id).bookings), booking_key(activity, due_day)
        if bookings.pop(key, None) is None:
            change.forbid("visit-unknown")
        change.set(plan.id, bookings=bookings)
    return change.made


def _due(own: PlanTemplate, facts: PlanFacts, activity: str, day: date) -> Activity | None:
    """The activity, if a nurse may book it for this due day."""
    days = [each for each in expected(own, facts, day, day) if each.activity.key == activity and each.day == day]
    bookable = [each.activity for each in days if each.activity.is_bookable]
    booked = facts.bookings.get((activity, day))
    if not bookable and booked:
        bookable = [each for each in own.activities if each.key == activity]
    return bookable[0] if bookable else None


def _check_booking(change: Change, activity: Activity, due_day: date, booking: Booking) -> None:
    try:
        parse_hour(booking.hour)
    except ValueError:
        change.forbid("hour-unreadable", "hour", hours=booking.hour)
        return
    away = abs((booking.day - due_day).days)
    if booking.day < change.today or moment(booking.day, booking.hour, change.zone) <= change.work.now:
        change.forbid("day-over", "day", date=booking.day.isoformat())
    elif booking.day > max(due_day, change.today) + FUTURE:
        change.forbid("date-far-away", "day", date=booking.day.isoformat())
    elif away > activity.window_days and not change.why:
        change.forbid("outside-window", "day", days=str(activity.window_days), date=due_day.isoformat())


def without_lost(own: PlanTemplate, facts: PlanFacts, bookings: Mapping[str, str]) -> dict[str, str]:
    """The bookings whose due day is still one."""
    kept = {}
    for activity, day in facts.bookings:
        found = next((each for each in own.activities if each.key == activity), None)
        if found and any(due.day == day for due in dues(own, found, facts, day, day)):
            kept[booking_key(activity, day)] = bookings[booking_key(activity, day)]
    return kept
