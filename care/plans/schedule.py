"""On which dates a schedule falls due: pure arithmetic over its form and its anchor, for any window of days.

Only the window is walked, never the years before it: this runs for every patient each time the next 48 hours are written.
"""

import calendar
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from types import MappingProxyType

from care.content.plan_types import Cycles, Due, EveryDays, EveryMonths, OffsetDays, OffsetMonths, Rule, Schedule

NONE_MOVED: Mapping[int, date] = MappingProxyType({})


def between(schedule: Schedule, anchor: date, first: date, last: date, moved: Mapping[int, date] = NONE_MOVED) -> Iterator[Due]:
    """Due dates from `first` to `last`, both included, in the order of their days.

    `moved`: cycles that begin on another day than the one they would follow on; later ones follow them.  What is relative
    to another activity has no dates of its own.
    """
    return (due for due in _near(schedule, anchor, first, last, moved) if first <= due.day <= last)


def _near(schedule: Schedule, anchor: date, first: date, last: date, moved: Mapping[int, date]) -> Iterator[Due]:
    """A few more than asked for, in order."""
    match schedule:
        case Cycles():
            for number, start in cycle_starts(schedule, anchor, moved).items():
                yield from (Due(start + timedelta(days=day - 1), number) for day in sorted(schedule.on_days))
        case OffsetDays():
            yield from (Due(anchor + timedelta(days=days)) for days in sorted(schedule.offsets_days))
        case OffsetMonths():
            yield from (Due(months_after(anchor, months)) for months in sorted(schedule.offsets_months))
        case EveryDays(every_days=every, from_day=begin):
            yield from _stepping(anchor + timedelta(days=begin), every, 0, first, last)
        case EveryMonths():
            yield from _monthly(schedule, anchor, first, last)
        case Rule():
            yield from _by_rule(schedule, anchor + timedelta(days=schedule.start_day), first, last)


def cycle_starts(schedule: Cycles, anchor: date, moved: Mapping[int, date] = NONE_MOVED) -> dict[int, date]:
    """The first day of each cycle.  A cycle that was postponed takes all later ones with it; none begins before it could."""
    starts, start = {}, anchor
    for number in range(1, schedule.cycles + 1):
        starts[number] = start = max(moved.get(number, start), start)
        start = start + timedelta(days=schedule.cycle_days)
    return starts


def _stepping(start: date, every: int, count: int, first: date, last: date) -> Iterator[Due]:
    """Every so many days.  `count` 0: without an end."""
    step = max(0, -((start - first).days // every))
    while (day := start + timedelta(days=step * every)) <= last and (not count or step < count):
        yield Due(day)
        step += 1


def _monthly(schedule: EveryMonths, anchor: date, first: date, last: date) -> Iterator[Due]:
    step = max(0, (_months_from(anchor, first) - 1 - schedule.from_month) // schedule.every_months)
    while (months := schedule.from_month + step * schedule.every_months) <= (schedule.until_month or months):
        day = months_after(anchor, months)
        if day > last:
            return
        yield Due(day)
        step += 1


def _by_rule(rule: Rule, start: date, first: date, last: date) -> Iterator[Due]:
    match rule.freq:
        case "DAILY":
            yield from _stepping(start, rule.interval, rule.count, first, last)
        case "WEEKLY":
            yield from _weekly(rule, start, first, last)
        case _:
            yield from _on_month_day(rule, start, last)


def _weekly(rule: Rule, start: date, first: date, last: date) -> Iterator[Due]:
    days = rule.by_day or (start.weekday(),)
    monday = start - timedelta(days=start.weekday())
    before = sum(day < start.weekday() for day in days)  # of the first week, already over at the start
    for week in range(max(0, (first - monday).days // 7 // rule.interval), (last - monday).days // 7 // rule.interval + 1):
        for place, weekday in enumerate(days):
            number = week * len(days) + place - before
            if number >= 0 and (not rule.count or number < rule.count):
                yield Due(monday + timedelta(days=7 * week * rule.interval + weekday))


def _on_month_day(rule: Rule, start: date, last: date) -> Iterator[Due]:
    before = int(start.day > rule.by_month_day)
    step = before
    while not rule.count or step - before < rule.count:
        day = months_after(start.replace(day=rule.by_month_day), step * rule.interval)
        if day > last:
            return
        yield Due(day)
        step += 1


def months_after(day: date, months: int) -> date:
    """The same day some months later, clamped to the month's end (31 January + 1 = 28 February)."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _months_from(one: date, other: date) -> int:
    return (other.year - one.year) * 12 + other.month - one.month
