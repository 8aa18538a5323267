"""Checks what a plan template says: dates that exist, doses the template itself allows, words that somebody wrote."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from care.content.check_schedule import gaps_of, rest_faults, schedule_faults, slot_faults
from care.content.plan_types import Activity, Cycles, PlanTemplate, Relative, Reminder, Slots
from care.content.reading import Page
from care.content.types import Problems

HOUR = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
Found = Iterator[tuple[str, str]]  # what is wrong, how to mend it
KNOWN_BY = ("verified", "secondary")  # what somebody read has a name


@dataclass(frozen=True)
class Names:
    """What a plan may speak of.  An empty set: that file could not be read, which is told where it is read."""

    phrases: frozenset[str]
    topics: frozenset[str]
    flags: frozenset[str]
    sources: frozenset[str] = frozenset()
    questionnaires: frozenset[str] = frozenset()

    @classmethod
    def of(cls, catalogue: Page, topics: Page, alarms: Page) -> "Names":
        listed = (topic["id"] for topic in topics.values.get("topics", ()))
        sources, flags = topics.values.get("sources", ()), alarms.values.get("flags", ())
        return cls(frozenset(catalogue.values), frozenset(listed), frozenset(flags), frozenset(sources))


def check_plan(plan: PlanTemplate, stem: str, page: Page, names: Names, problems: Problems) -> None:
    """Every fault of a plan, at the line it stands on."""
    if plan.id != stem:
        problems.add(page.file, page.line("id"), f"id {plan.id} is not the file's name", f"write id: {stem}")
    for place, flag in enumerate(plan.red_flags, start=1):
        if names.flags and flag not in names.flags:
            line = page.line(f"red_flags.{place}")
            problems.add(page.file, line, f"the red flag {flag} is unknown", "use one of content/alarms.yml")
    _check_sources(page, names, problems)
    _check_drip(plan, page, names, problems)
    keys = [activity.key for activity in plan.activities]
    for part, listed in (("activities", plan.activities), ("checkins", plan.checkins)):
        for place, activity in enumerate(listed, start=1):
            where = f"{part}.{place}"
            if part == "activities" and activity.key in keys[: place - 1]:
                problems.add(page.file, page.line(where), f"{activity.key} stands twice", "give it another key")
            for below, what, mend in _faults(plan, activity, names):
                problems.add(page.file, page.line(f"{where}.{below}"), f"{activity.key}: {what}", mend)


def _check_sources(page: Page, names: Names, problems: Problems) -> None:
    for place, guideline in enumerate(page.values["guidelines"], start=1):
        if names.sources and guideline["source"] not in names.sources:
            where = page.line(f"guidelines.{place}.source")
            what = f"the source {guideline['source']} is unknown"
            problems.add(page.file, where, what, "add it under sources in content/topics.yml")
    listed = {guideline["source"] for guideline in page.values["guidelines"]}
    for part in ("activities", "checkins"):
        for place, raw in enumerate(page.values.get(part, ()), start=1):
            for what, mend in _proof(raw.get("source"), raw["confidence"], listed):
                problems.add(page.file, page.line(f"{part}.{place}.confidence"), f"{raw.get('key', part)}: {what}", mend)


def _proof(source: str | None, confidence: str, listed: set[str]) -> Found:
    if source is None and confidence in KNOWN_BY:
        yield f"is {confidence} by nobody", "add `source:`, or write general"
    if source is not None and source not in listed:
        yield f"its source {source} is none of the plan's guidelines", "add it there, or use one of them"


def _check_drip(plan: PlanTemplate, page: Page, names: Names, problems: Problems) -> None:
    steps = [(raw["day"], raw["topic"]) for raw in page.values.get("drip", ())]
    for place, (day, topic) in enumerate(steps, start=1):
        for what, mend in _step(day, topic, steps[: place - 1], names):
            problems.add(page.file, page.line(f"drip.{place}"), f"the topic {topic} {what}", mend)


def _step(day: int, topic: str, before: list[tuple[int, str]], names: Names) -> Found:
    if names.topics and topic not in names.topics:
        yield "is unknown", "use one of content/topics.yml"
    if before and day < before[-1][0]:
        yield "stands behind a later day", "put the days in order"
    if (day, topic) in before:
        yield "stands twice on one day", "keep one of them"


def _faults(plan: PlanTemplate, activity: Activity, names: Names) -> Iterator[tuple[str, str, str]]:
    """(the field, what is wrong, how to mend it)."""
    for what, mend in _anchor(plan, activity):
        yield "anchor", what, mend
    for fault in schedule_faults(activity):
        yield "schedule", fault.what, fault.mend
    for what, mend in _company(plan, activity):
        yield "schedule", what, mend
    for what, mend in _words(activity, names):
        yield "phrase", what, mend
    for what, mend in _reminders(activity):
        yield "reminders", what, mend
    for what, mend in _hours(activity):
        yield "slots", what, mend


def _anchor(plan: PlanTemplate, activity: Activity) -> Found:
    if activity.anchor not in plan.anchors:
        yield f"anchor {activity.anchor} is not in the plan", "add it to anchors, or use one of them"
    if not activity.useful_for_min:
        yield "is useless at once", "give useful_for_min, the minutes in which its reminder may still be read"
    if activity.ladder.act_on_first and activity.kind != "medicine":
        yield "has a ladder, but nobody is asked whether it was taken", "make it a medicine, or remove ladder"
    if activity.window_days and activity.kind not in ("appointment", "lab"):
        yield "has a window, but nobody books it", "make it an appointment or a lab, or remove window_days"


def _company(plan: PlanTemplate, activity: Activity) -> Found:
    """What must agree with the other activities of the plan."""
    schedule = activity.schedule
    if isinstance(schedule, Relative):
        for other in schedule.relative_to:
            found = [each for each in plan.activities if each.key == other]
            if not found:
                yield f"is relative to {other}, which is not in the plan", "use the key of an activity"
            elif isinstance(found[0].schedule, Relative):
                yield f"is relative to {other}, which is itself relative", "count both from the same activity"
    elif isinstance(schedule, Cycles):
        rounds = {
            (each.schedule.cycle_days, each.schedule.cycles) for each in plan.everything if isinstance(each.schedule, Cycles)
        }
        if len(rounds) > 1:
            yield "counts other cycles than the rest of the plan", "give all the same cycle_days and cycles"
        if not activity.needs_confirmation:
            yield "begins a new cycle by itself", "write needs_confirmation: true; a nurse says when the next cycle starts"
        yield from ((fault.what, fault.mend) for fault in rest_faults(plan, activity))
    elif activity.needs_confirmation:
        yield "waits for a nurse, but has no cycles", "remove needs_confirmation, or give it cycles"


def _words(activity: Activity, names: Names) -> Found:
    if activity.kind == "checkin":
        if names.questionnaires and activity.subject not in names.questionnaires:
            yield f"the questionnaire {activity.subject} is unknown", "use one of content/checkins/questionnaires.yml"
        return
    again = [f"{activity.phrase}-again"] if activity.again_after_min else []
    for phrase in (activity.phrase, activity.subject, *again):
        if names.phrases and phrase not in names.phrases:
            yield f"nobody wrote the phrase {phrase}", "use one of content/phrases.yml, or add it there and in every language"


def _reminders(activity: Activity) -> Found:
    hours = [_hours_before(reminder) for reminder in activity.reminders]
    if hours != sorted(set(hours), reverse=True):
        yield "its reminders are not in order", "write each once, the earliest first: [-P7D, -P1D, -PT3H]"
    unreadable = [reminder.hour for reminder in activity.reminders if reminder.hour and not HOUR.fullmatch(reminder.hour)]
    if unreadable:
        yield f"{unreadable[0]} is no hour", "write -P1D 20:00"
    knows_hour = activity.slots or activity.ask_hour or activity.is_bookable
    if any(reminder.hours_before for reminder in activity.reminders) and not knows_hour:
        yield "reminds hours before an hour that nobody knows", "write ask_hour: true, or make it an appointment"


def _hours_before(reminder: Reminder) -> int:
    return 24 * reminder.days_before + reminder.hours_before


def _hours(activity: Activity) -> Found:
    offered = activity.slots.default if activity.slots else (activity.hour,)
    unreadable = [hour for hour in (*offered, activity.hour) if not HOUR.fullmatch(hour)]
    if unreadable:
        yield f"{unreadable[0]} is no hour", 'write "08:00", in quotes'
    elif activity.slots and not activity.slots.as_prescribed:
        yield from _doses(activity.slots)
    elif activity.kind == "medicine" and not activity.slots:
        yield "has no slots", "give slots: how many doses a day, and how far apart"
    elif activity.kind != "medicine" and activity.slots:
        yield "has slots, but is no medicine", "write ask_hour: true, or make it a medicine"


def _doses(slots: Slots) -> Found:
    yield from ((fault.what, fault.mend) for fault in slot_faults(slots))
    gaps = gaps_of([60 * int(hour[:2]) + int(hour[3:]) for hour in slots.default])
    if len(slots.default) != slots.count:
        yield f"offers {len(slots.default)} hours for {slots.count} doses a day", "give one hour for each dose"
    elif not all(slots.min_gap_hours <= gap <= slots.max_gap_hours for gap in gaps):
        yield (
            "offers hours that its own gaps forbid",
            f"keep {slots.min_gap_hours:g} to {slots.max_gap_hours:g} hours between doses",
        )
