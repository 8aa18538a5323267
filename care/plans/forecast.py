"""What a plan asks of a patient between two dates: the one source of the scheduler's rows and the nurse's preview."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from care.content.plan_types import Activity, Due, PlanTemplate, Relative, Reminder
from care.people.clocks import moment
from care.plans.schedule import between

ALWAYS = 10_000  # more cycles than any plan has


@dataclass(frozen=True)
class SpecialTimes:
    """Other hours of one medicine from one day to another.  There is no field for why."""

    activity: str
    first: date
    last: date
    hours: tuple[str, ...]


@dataclass(frozen=True)
class Booking:
    """The day and hour a nurse has arranged for a visit."""

    day: date
    hour: str


@dataclass(frozen=True)
class PlanFacts:
    """What is this patient's own in a plan."""

    anchors: Mapping[str, date]
    slots: Mapping[str, list[str]]
    zone: str
    confirmed_cycles: Mapping[str, int]
    moved: Mapping[int, date] = field(default_factory=dict)  # cycles that were postponed: their first days
    special: tuple[SpecialTimes, ...] = ()
    bookings: Mapping[tuple[str, date], Booking] = field(default_factory=dict)  # (activity, due day)


@dataclass(frozen=True)
class Said:
    """One moment at which something is said.  `step` is its name as long as the template lives."""

    step: str
    at: datetime


@dataclass(frozen=True)
class Expected:
    """One thing that falls due once.  `day` is its identity; `on` the day it takes place."""

    activity: Activity
    day: date
    cycle: int
    slot: int
    hour: str
    on: date
    about: date  # the day that is said: its own, or that of what it prepares for
    booked: bool
    due_at: datetime
    useful_until: datetime
    said: tuple[Said, ...]

    @property
    def reminders(self) -> tuple[datetime, ...]:
        return tuple(each.at for each in self.said)

    @property
    def window(self) -> tuple[date, date]:
        around = timedelta(days=self.activity.window_days)
        return self.day - around, self.day + around


def expected(template: PlanTemplate, facts: PlanFacts, first: date, last: date, announced: bool = False) -> Iterator[Expected]:
    """Everything that takes place from `first` to `last` (local dates), unconfirmed cycles left out.

    `announced`: and what takes place later, but is said by then.
    """
    for activity in template.everything:
        notice = timedelta(days=max(each.days_before for each in activity.reminders)) if announced else timedelta()
        for due in dues(template, activity, facts, first, last + notice):
            if due.cycle <= _confirmed(activity, facts):
                for slot, hour in enumerate(hours_of(activity, facts, due.day)):
                    yield _expect(activity, facts, due, slot, hour)


def dues(template: PlanTemplate, activity: Activity, facts: PlanFacts, first: date, last: date) -> Iterator[Due]:
    """The due dates of an activity whose own day, or the day they are booked for, lies between two dates."""
    if isinstance(activity.schedule, Relative):
        yield from _relative(template, activity.schedule, facts, first, last)
        return
    anchor = facts.anchors[activity.anchor]
    yield from between(activity.schedule, anchor, first, last, facts.moved)
    for (key, day), booking in facts.bookings.items():
        if key == activity.key and first <= booking.day <= last and not first <= day <= last:
            yield from between(activity.schedule, anchor, day, day, facts.moved)


def _relative(template: PlanTemplate, schedule: Relative, facts: PlanFacts, first: date, last: date) -> Iterator[Due]:
    """Nobody prepares for a visit that has no day yet, so what a nurse books counts from its booking alone."""
    found: dict[date, Due] = {}
    for key in schedule.relative_to:
        other = next((each for each in template.activities if each.key == key), None)
        for offset in schedule.offsets_days if other else ():
            away = timedelta(days=offset)
            for about in _days_of(template, other, facts, first - away, last - away):
                found.setdefault(about + away, Due(about + away, about=about))
    yield from (found[day] for day in sorted(found))


def _days_of(template: PlanTemplate, other: Activity | None, facts: PlanFacts, first: date, last: date) -> Iterator[date]:
    assert other is not None
    for due in dues(template, other, facts, first, last):
        booking = facts.bookings.get((other.key, due.day))
        if booking and first <= booking.day <= last:
            yield booking.day
        elif not other.is_bookable and due.cycle <= _confirmed(other, facts):
            yield due.day


def _confirmed(activity: Activity, facts: PlanFacts) -> int:
    # The first cycle is confirmed by the enrolment itself; later ones only by a nurse (facts: clinical, section 3).
    return max(facts.confirmed_cycles.values(), default=1) if activity.needs_confirmation else ALWAYS


def hours_of(activity: Activity, facts: PlanFacts, day: date | None = None) -> list[str]:
    """The patient's own hours, those of special days first; the template's where nobody chose.

    In the order of the day, in whatever order they were given: the place is the slot, and two slots must never swap.
    """
    for special in facts.special:
        if day and special.activity == activity.key and special.first <= day <= special.last:
            return sorted(special.hours)
    return sorted(facts.slots.get(activity.key) or (activity.slots.default if activity.slots else (activity.hour,)))


def _expect(activity: Activity, facts: PlanFacts, due: Due, slot: int, hour: str) -> Expected:
    booking = facts.bookings.get((activity.key, due.day)) if activity.is_bookable else None
    on, hour = (booking.day, booking.hour) if booking else (due.day, hour)
    due_at = moment(on, hour, facts.zone)
    knows_hour = bool(booking or activity.slots or activity.ask_hour)
    said = (
        Said(f"remind-{number}", _at(reminder, activity, on, due_at, facts.zone))
        for number, reminder in enumerate(activity.reminders)
        if knows_hour or not reminder.hours_before
    )
    return Expected(
        activity=activity,
        day=due.day,
        cycle=due.cycle,
        slot=slot,
        hour=hour,
        on=on,
        about=due.about or on,
        booked=booking is not None,
        due_at=due_at,
        useful_until=due_at + timedelta(minutes=activity.useful_for_min),
        said=tuple(said),
    )


def _at(reminder: Reminder, activity: Activity, on: date, due_at: datetime, zone: str) -> datetime:
    if not reminder.days_before:
        return due_at - timedelta(hours=reminder.hours_before)
    return moment(on - timedelta(days=reminder.days_before), reminder.hour or activity.hour, zone)
