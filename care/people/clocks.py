"""Wall-clock hours and the clocks patients live by."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, reset_tzpath

# Only the zone table we brought (tzdata): a hospital's older one rings Kazakhstan an hour wrong since 2024-03-01.
reset_tzpath(to=())
HOUR = re.compile(r"([0-9]{2}):([0-9]{2})")
MINUTES_A_DAY = 24 * 60
# The only clocks offered.  The nurse asks, nothing is guessed (design, decision 5).
CLOCKS = {"Asia/Shanghai": "clock-beijing", "Asia/Urumqi": "clock-xinjiang", "Asia/Almaty": "clock-kazakhstan"}


def parse_hour(written: str) -> time:
    """`08:00` as a time.  Raises ValueError for anything else."""
    found = HOUR.fullmatch(written)
    if found is None:
        raise ValueError(written)
    return time(int(found[1]), int(found[2]))


def moment(day: date, hour: str, zone: str) -> datetime:
    """The UTC moment of a wall-clock hour.  In an overlap the first one; in a gap the first minute after it."""
    wall = datetime.combine(day, parse_hour(hour))
    for minute in range(MINUTES_A_DAY):
        at = (wall + timedelta(minutes=minute)).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        if at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == wall + timedelta(minutes=minute):
            return at
    raise ValueError(f"{day} {hour} never comes in {zone}")


def local(at: datetime, zone: str) -> datetime:
    """A UTC moment on a patient's clock."""
    return at.astimezone(ZoneInfo(zone))


def odd_hour(day: date, hour: str, zone: str) -> str:
    """What is odd about a wall-clock hour on a day: `twice`, `skipped`, or nothing.  Which moment is meant, `moment` says."""
    wall = datetime.combine(day, parse_hour(hour))
    first, second = (wall.replace(tzinfo=ZoneInfo(zone), fold=fold).utcoffset() for fold in (0, 1))
    if first == second:
        return ""
    is_there = wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) == wall
    return "twice" if is_there else "skipped"
