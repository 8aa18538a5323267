"""Reads the forms in which a schedule can be written, for plan templates and for what a clinician changes for one patient."""

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from care.content.plan_types import Cycles, EveryDays, EveryMonths, OffsetDays, OffsetMonths, Relative, Reminder, Rule, Schedule

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
REMINDER = re.compile(r"PT0S|-P(?P<days>\d{1,2})D(?: (?P<hour>\d\d:\d\d))?|-PT(?P<hours>\d{1,2})H")
COUNTED = {"INTERVAL": 1, "COUNT": 0, "BYMONTHDAY": 0}  # and what holds when it is not said
PARTS = {"FREQ", "BYDAY", *COUNTED}


class ScheduleUnreadable(ValueError):
    """What is written is no schedule.  Says what, in English, for whoever edits the file."""


def read_schedule(raw: Mapping[str, Any]) -> Schedule:
    """The one form that is written.  Raises ScheduleUnreadable."""
    named = [name for name in FORMS if name in raw]
    if "relative_to" in named:
        named = ["relative_to"]
    if len(named) != 1:
        raise ScheduleUnreadable(f"give one of {', '.join(FORMS)}" + (f", not {' and '.join(named)}" if named else ""))
    return FORMS[named[0]](raw)


def write_schedule(schedule: Schedule) -> dict[str, Any]:
    """The fields of a form as a file holds them, so that some can be changed and the whole be read again."""
    if isinstance(schedule, Rule):
        return {"rrule": schedule.rrule, "start_day": schedule.start_day}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(schedule).items()}


def _cycles(raw: Mapping[str, Any]) -> Schedule:
    return Cycles(int(raw["cycle_days"]), int(raw.get("cycles", 0)), read_days(raw.get("on_days", "")))


def read_days(written: Any) -> tuple[int, ...]:
    """`1-14`, `4,8,11,14` or a list, as days of a cycle."""
    parts = written if isinstance(written, list | tuple) else str(written).split(",")
    days: list[int] = []
    for part in map(str, parts):
        first, _, last = part.strip().partition("-")
        if not first.isdigit() or (last and not last.isdigit()):
            raise ScheduleUnreadable(f"days cannot be read ({part!r}): write on_days as 1-14 or 4,8,11")
        if last and int(last) < int(first):  # an empty range would drop them without a word
            raise ScheduleUnreadable(f"days run backwards ({part!r}): write on_days as {last}-{first}")
        days += range(int(first), int(last or first) + 1)
    return tuple(days)


def _every_months(raw: Mapping[str, Any]) -> Schedule:
    until = raw.get("until_month")
    step = int(raw["every_months"])
    return EveryMonths(step, int(raw.get("from_month", step)), None if until is None else int(until))


def _rule(raw: Mapping[str, Any]) -> Schedule:
    written = str(raw["rrule"])
    try:
        parts = dict(part.split("=", 1) for part in written.split(";"))
        by_day = tuple(sorted(WEEKDAYS.index(day) for day in parts["BYDAY"].split(","))) if "BYDAY" in parts else ()
        numbers = {name: int(parts[name]) for name in COUNTED if name in parts}
    except ValueError as wrong:
        raise ScheduleUnreadable(f"the rrule cannot be read ({wrong}): write it as FREQ=WEEKLY;BYDAY=MO,TH;COUNT=8") from wrong
    if not parts.keys() <= PARTS or parts.get("FREQ") not in ("DAILY", "WEEKLY", "MONTHLY"):
        raise ScheduleUnreadable(
            "the rrule says what plans do not know: write FREQ=DAILY, WEEKLY or MONTHLY, INTERVAL, COUNT, BYDAY"
        )
    if min(numbers.values(), default=1) < 1:
        raise ScheduleUnreadable("the rrule never falls due: INTERVAL, COUNT and BYMONTHDAY begin at 1")
    interval, count, month_day = (numbers.get(name, otherwise) for name, otherwise in COUNTED.items())
    return Rule(written, int(raw.get("start_day", 0)), parts["FREQ"], interval, count, by_day, month_day)


def _relative(raw: Mapping[str, Any]) -> Schedule:
    to = raw["relative_to"]
    return Relative(tuple(to) if isinstance(to, list | tuple) else (str(to),), tuple(raw.get("offsets_days", ())))


FORMS: dict[str, Callable[[Mapping[str, Any]], Schedule]] = {
    "cycle_days": _cycles,
    "offsets_days": lambda raw: OffsetDays(tuple(raw["offsets_days"])),
    "offsets_months": lambda raw: OffsetMonths(tuple(raw["offsets_months"])),
    "every_days": lambda raw: EveryDays(int(raw["every_days"]), int(raw.get("from_day", raw["every_days"]))),
    "every_months": _every_months,
    "rrule": _rule,
    "relative_to": _relative,
}


def read_reminder(written: str) -> Reminder:
    """`-P7D`, `-P1D 20:00`, `-PT3H` or `PT0S`.  Raises ScheduleUnreadable."""
    found = REMINDER.fullmatch(written)
    if found is None:
        raise ScheduleUnreadable(f"the reminder {written} cannot be read: write -P7D, -P1D 20:00, -PT3H or PT0S")
    return Reminder(int(found["days"] or 0), int(found["hours"] or 0), found["hour"] or "")
