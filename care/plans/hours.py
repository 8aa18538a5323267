"""Wall-clock hours and the clocks patients live by."""

import calendar
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

# The only clocks offered.  The nurse asks, nothing is guessed (design, decision 5).
CLOCKS = {"Asia/Shanghai": "clock-beijing", "Asia/Urumqi": "clock-xinjiang", "Asia/Almaty": "clock-kazakhstan"}


def parse_hour(written: str) -> time:
    """`08:00` as a time.  Raises ValueError for anything else."""
    hour, minute = written.split(":")
    if len(hour) != 2 or len(minute) != 2:
        raise ValueError(written)
    return time(int(hour), int(minute))


def moment(day: date, hour: str, zone: str) -> datetime:
    """The UTC moment of a wall-clock hour.  In an overlap the first one; in a gap the first minute after it."""
    local = datetime.combine(day, parse_hour(hour), ZoneInfo(zone))
    back = local.astimezone(UTC).astimezone(ZoneInfo(zone))
    if back.replace(tzinfo=None) == local.replace(tzinfo=None):
        return local.astimezone(UTC)
    skipped = local.replace(fold=1).utcoffset(), local.replace(fold=0).utcoffset()
    # Inside a gap the two folds differ by its length; the gap's end is what both sides agree on.
    before = local.replace(fold=0).astimezone(UTC)
    return _gap_end(before, ZoneInfo(zone)) if skipped[0] != skipped[1] else before


def _gap_end(somewhere: datetime, zone: ZoneInfo) -> datetime:
    start = somewhere - timedelta(hours=3)
    offset = start.astimezone(zone).utcoffset()
    for minute in range(6 * 60):
        moment = start + timedelta(minutes=minute)
        if moment.astimezone(zone).utcoffset() != offset:
            return moment
    return somewhere


def local(at: datetime, zone: str) -> datetime:
    """A UTC moment on a patient's clock."""
    return at.astimezone(ZoneInfo(zone))


def months_after(day: date, months: int) -> date:
    """The same day some months later, clamped to the month's end (31 January + 1 = 28 February)."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
