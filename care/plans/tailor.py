"""A template as it is for one patient: what a clinician changed, what was ordered, and nothing else of it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from care.content.check_schedule import rest_faults, schedule_faults, slot_faults
from care.content.plan_types import Activity, Cycles, PlanTemplate, Rule, Schedule, Slots
from care.content.schedules import ScheduleUnreadable, read_schedule, write_schedule
from care.plans.problems import PlanProblem

Changes = Mapping[str, Mapping[str, Any]]  # activity key -> field -> value, as a plan's file would write it
ROUND = ("cycle_days", "cycles")  # of the plan, not of one activity
SLOTS = ("count", "min_gap_hours", "max_gap_hours")
OFF = "off"
INTERVAL = "interval"  # of a rule, in the days, weeks or months it counts in
LARGEST = 6_000  # days: longer than any course
DIGITS = re.compile(r"[0-9]+")


class OverrideUnreadable(ValueError):
    """A clinician's change does not fit the template (any more).  Holds the activity's key."""


def tailor(template: PlanTemplate, changes: Changes, ordered: frozenset[str]) -> PlanTemplate:
    """The patient's own template.  Raises OverrideUnreadable; what it makes impossible `tailor_problems` tells."""
    known = {activity.key for activity in template.everything}
    if unknown := sorted(changes.keys() - known):
        raise OverrideUnreadable(unknown[0])
    rounds = {name: value for change in changes.values() for name, value in change.items() if name in ROUND}

    def own(listed: tuple[Activity, ...]) -> tuple[Activity, ...]:
        active = (each for each in listed if _is_on(each, changes, ordered))
        return tuple(_change(each, changes.get(each.key, {}), rounds) for each in active)

    return replace(template, activities=own(template.activities), checkins=own(template.checkins))


def _is_on(activity: Activity, changes: Changes, ordered: frozenset[str]) -> bool:
    return not changes.get(activity.key, {}).get(OFF) and (activity.key in ordered or not activity.only_if_ordered)


def _change(activity: Activity, change: Mapping[str, Any], rounds: Mapping[str, Any]) -> Activity:
    own = {name: value for name, value in change.items() if name not in (*SLOTS, OFF)}
    if isinstance(activity.schedule, Cycles):
        own |= rounds
    try:
        schedule = _schedule(activity.schedule, own) if own else activity.schedule
        return replace(activity, schedule=schedule, slots=_slots(activity.slots, change))
    except (ScheduleUnreadable, TypeError, ValueError) as wrong:
        raise OverrideUnreadable(activity.key) from wrong


def _schedule(schedule: Schedule, own: Mapping[str, Any]) -> Schedule:
    """A slip of the finger must not be counted out day by day for thousands of years, so every number has an end."""
    written = write_schedule(schedule)
    if isinstance(schedule, Rule) and INTERVAL in own:
        own = {"rrule": _every(schedule, own[INTERVAL]), **{name: value for name, value in own.items() if name != INTERVAL}}
    if strange := sorted(own.keys() - written.keys()):
        raise ScheduleUnreadable(strange[0])
    if any(abs(number) > LARGEST for number in _numbers(own)):
        raise ScheduleUnreadable("no course is that long")
    read = read_schedule({**written, **own})
    if isinstance(read, Cycles) and read.cycles * read.cycle_days > LARGEST:
        raise ScheduleUnreadable("no course is that long")
    return read


def _every(rule: Rule, interval: Any) -> str:
    """The same rule at another interval: every third week instead of every second."""
    if isinstance(interval, bool) or not isinstance(interval, int) or not 0 < interval <= LARGEST:
        raise ValueError(interval)
    others = [part for part in rule.rrule.split(";") if not part.startswith("INTERVAL=")]
    return ";".join([*others, f"INTERVAL={interval}"])


def _numbers(own: Mapping[str, Any]) -> Iterator[int]:
    for name, value in own.items():
        for part in value if isinstance(value, list | tuple) else [value]:
            yield from map(int, DIGITS.findall(str(part)) if name != "rrule" else ())


def _slots(slots: Slots | None, change: Mapping[str, Any]) -> Slots | None:
    numbers = {name: _number(change[name]) for name in SLOTS if name in change}
    if slots is None and numbers:
        raise ValueError("an activity without doses")
    if slots is None or not numbers:
        return slots
    count, least = int(numbers.get("count", slots.count)), numbers.get("min_gap_hours", slots.min_gap_hours)
    return replace(slots, count=count, min_gap_hours=least, max_gap_hours=numbers.get("max_gap_hours", slots.max_gap_hours))


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 24:
        raise ValueError(value)
    return float(value)


def tailor_problems(template: PlanTemplate, changes: Changes, ordered: frozenset[str]) -> list[PlanProblem]:
    """What a change makes impossible, one problem an activity and fault."""
    try:
        own = tailor(template, changes, ordered)
    except OverrideUnreadable as wrong:
        return [PlanProblem("override-unreadable", str(wrong), {})]
    return list(_impossible(own))


def _impossible(own: PlanTemplate) -> Iterator[PlanProblem]:
    for activity in (*own.activities, *own.checkins):
        faults = [*schedule_faults(activity), *rest_faults(own, activity)]
        faults += slot_faults(activity.slots) if activity.slots else ()
        yield from (PlanProblem(fault.code, activity.key, {}) for fault in faults)
        if activity.slots and activity.slots.as_prescribed:
            yield PlanProblem("prescription-missing", f"gap-{activity.key}", {})
