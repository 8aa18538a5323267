"""On which dates an activity of a plan falls due: pure arithmetic over a template and its anchors."""

import calendar
from collections.abc import Iterator
from datetime import date, timedelta

from care.content.types import Activity, Due, Schedule


def due_dates(activity: Activity, anchor: date) -> Iterator[Due]:
    """Every due date in the order of its day."""
    yield from sorted(_all(activity.schedule, anchor), key=lambda due: due.day)


def _all(schedule: Schedule, anchor: date) -> Iterator[Due]:
    for cycle in range(schedule.cycles):
        first = anchor + timedelta(days=cycle * schedule.cycle_days)
        for day in schedule.on_days:
            yield Due(first + timedelta(days=day - 1), cycle + 1)
    for days in schedule.offsets_days:
        yield Due(anchor + timedelta(days=days))
    for months in schedule.offsets_months:
        yield Due(months_after(anchor, months))


def between(activity: Activity, anchor: date, first: date, last: date) -> Iterator[Due]:
    """Due dates from `first` to `last`, both included."""
    return (due for due in due_dates(activity, anchor) if first <= due.day <= last)


def months_after(day: date, months: int) -> date:
    """The same day some months later, clamped to the month's end (31 January + 1 = 28 February)."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
