"""Checks what a plan template says: dates that exist, doses the template itself allows, words that somebody wrote."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from care.content.reading import Page
from care.content.types import Activity, PlanTemplate, Problems, Slots

HOUR = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
Found = Iterator[tuple[str, str]]  # what is wrong, how to mend it


@dataclass(frozen=True)
class Names:
    """What a plan may speak of."""

    phrases: frozenset[str]
    topics: frozenset[str]
    flags: frozenset[str]

    @classmethod
    def of(cls, catalogue: Page, topics: Page, alarms: Page) -> "Names":
        listed = (topic["id"] for topic in topics.values.get("topics", ()))
        return cls(frozenset(catalogue.values), frozenset(listed), frozenset(alarms.values.get("flags", ())))


def check_plan(plan: PlanTemplate, stem: str, page: Page, names: Names, problems: Problems) -> None:
    """Every fault of a plan, at the line of its activity."""
    if plan.id != stem:
        problems.add(page.file, page.line("id"), f"id {plan.id} is not the file's name", f"write id: {stem}")
    for flag in plan.red_flags:
        if names.flags and flag not in names.flags:
            problems.add(page.file, page.line("red_flags"), f"the red flag {flag} is unknown", "use one of content/alarms.yml")
    for _, topic in plan.drip:
        if names.topics and topic not in names.topics:
            problems.add(page.file, page.line("drip"), f"the topic {topic} is unknown", "use one of content/topics.yml")
    keys = [activity.key for activity in plan.activities]
    for place, activity in enumerate(plan.activities, start=1):
        if activity.key in keys[: place - 1]:
            problems.add(page.file, page.line(f"activities.{place}"), f"{activity.key} stands twice", "give it another key")
        for what, mend in (*_schedule(plan, activity), *_words(activity, names), *_hours(activity)):
            problems.add(page.file, page.line(f"activities.{place}"), f"{activity.key}: {what}", mend)


def _schedule(plan: PlanTemplate, activity: Activity) -> Found:
    schedule = activity.schedule
    if schedule.anchor not in plan.anchors:
        yield f"anchor {schedule.anchor} is not in the plan", "add it to anchors, or use one of them"
    if schedule.on_days and not (min(schedule.on_days) >= 1 and max(schedule.on_days) <= schedule.cycle_days):
        yield "a day lies outside its cycle", f"days go from 1 to cycle_days, which is {schedule.cycle_days}"
    if schedule.on_days and not schedule.cycles:
        yield "has no cycles", "give the number of cycles"
    if not (schedule.on_days or schedule.offsets_days or schedule.offsets_months):
        yield "never falls due", "give on_days, offsets_days or offsets_months"
    if not activity.useful_for_min:
        yield "is useless at once", "give useful_for_min, the minutes in which its reminder may still be read"


def _words(activity: Activity, names: Names) -> Found:
    again = [f"{activity.phrase}-again"] if activity.again_after_min else []
    for phrase in (activity.phrase, activity.subject, *again):
        if names.phrases and phrase not in names.phrases:
            yield f"nobody wrote the phrase {phrase}", "use one of content/phrases.yml, or add it there and in every language"


def _hours(activity: Activity) -> Found:
    offered = activity.slots.default if activity.slots else (activity.hour,)
    unreadable = [hour for hour in (*offered, activity.hour) if not HOUR.fullmatch(hour)]
    if unreadable:
        yield f"{unreadable[0]} is no hour", 'write "08:00", in quotes'
    elif activity.slots:
        yield from _doses(activity.slots)
    elif activity.kind == "medicine":
        yield "has no slots", "give slots: how many doses a day, and how far apart"


def _doses(slots: Slots) -> Found:
    minutes = sorted(60 * int(hour[:2]) + int(hour[3:]) for hour in slots.default)
    gaps = [(later - earlier) / 60 for earlier, later in pairwise([*minutes, minutes[0] + 24 * 60])]
    if len(minutes) != slots.count:
        yield f"offers {len(minutes)} hours for {slots.count} doses a day", "give one hour for each dose"
    elif slots.count > 1 and not all(slots.min_gap_hours <= gap <= slots.max_gap_hours for gap in gaps):
        yield (
            "offers hours that its own gaps forbid",
            f"keep {slots.min_gap_hours:g} to {slots.max_gap_hours:g} hours between doses",
        )
