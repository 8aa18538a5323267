"""Reads plan templates: content/plans/*.yml."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from care.content.check_plan import Names, check_plan
from care.content.plan_shapes import PLAN
from care.content.plan_types import Activity, Cycles, Ladder, OffsetDays, PlanTemplate, Slots
from care.content.reading import Page, read_yaml
from care.content.review import proof
from care.content.schedules import ScheduleUnreadable, read_reminder, read_schedule
from care.content.shape import check_shape
from care.content.types import Problems

NOTICE_MIN = 1440  # a topic or a question of the day may be read until the next one
A_DAY_HOURS = 24.0


def read_plans(root: Path, problems: Problems, names: Names) -> dict[str, PlanTemplate]:
    """Every plan template by id.  A bad one becomes problems and is left out."""
    plans, names = {}, replace(names, questionnaires=_questionnaires(root))
    for path in sorted((root / "plans").glob("*.yml")):
        page = read_yaml(path, root, problems)
        if not check_shape(page, PLAN, problems) or not page.values:
            continue
        reader = _Reader(page, problems)
        plan = reader.plan()
        if reader.read_all:
            check_plan(plan, path.stem, page, names, problems)
            plans[plan.id] = plan
    if not plans:
        problems.add(f"{root.name}/plans", 1, "there is no plan", "add one, see content/plans/README.md")
    return plans


def _questionnaires(root: Path) -> frozenset[str]:
    """The names of the check-ins.  What is wrong with their file is told where it is read as a whole."""
    found = read_yaml(root / "checkins" / "questionnaires.yml", root, Problems()).values.get("questionnaires")
    return frozenset(found) if isinstance(found, dict) else frozenset()


class _Reader:
    """One file.  What cannot be read is told at its line and left out, so that all of it is told at once."""

    def __init__(self, page: Page, problems: Problems) -> None:
        self.page, self.problems, self.read_all = page, problems, True

    def plan(self) -> PlanTemplate:
        raw = self.page.values
        return PlanTemplate(
            id=raw["id"],
            version=str(raw["version"]),
            reviewed=proof(self.page, None).is_signed,
            title=dict(raw["title"]),
            aim=raw["aim"],
            anchors=tuple(raw["anchors"]),
            activities=tuple(replace(each, ladder=_ladder(raw, each.ladder)) for each in self._each("activities", _activity)),
            checkins=tuple(self._each("checkins", _checkin)),
            drip=tuple(_lesson(raw["anchors"][0], step) for step in raw.get("drip", ())),
            red_flags=tuple(raw.get("red_flags", ())),
        )

    def _each(self, part: str, read: Any) -> Iterator[Activity]:
        for place, raw in enumerate(self.page.values.get(part, ()), start=1):
            try:
                yield read(raw, place)
            except ScheduleUnreadable as wrong:
                self.read_all = False
                what, _, mend = str(wrong).rpartition(": ")
                name = raw.get("key") or raw["questionnaire"]
                self.problems.add(self.page.file, self.page.line(f"{part}.{place}.schedule"), f"{name}: {what or mend}", mend)


def _activity(raw: Mapping[str, Any], place: int) -> Activity:
    return Activity(
        key=raw["key"],
        kind=raw["kind"],
        anchor=raw["anchor"],
        schedule=read_schedule(raw["schedule"]),
        phrase=raw["phrase"],
        subject=raw["subject"],
        slots=_slots(raw["slots"]) if "slots" in raw else None,
        hour=str(raw.get("hour", "10:00")),
        ask_hour=bool(raw.get("ask_hour", False)),
        reminders=tuple(read_reminder(str(each)) for each in raw.get("reminders", ("PT0S",))),
        again_after_min=int(raw.get("again_after_min", 0)),
        useful_for_min=int(raw["useful_for_min"]),
        window_days=int(raw.get("window_days", 0)),
        needs_confirmation=bool(raw.get("needs_confirmation", False)),
        only_if_ordered=bool(raw.get("only_if_ordered", False)),
        after_food=bool(raw.get("after_food", False)),
        source=str(raw.get("source", "")),
        confidence=raw["confidence"],
        ladder=_ladder(raw, Ladder(act_on_first=raw.get("ladder", {}).get("act_on_first", ""))),
    )


def _ladder(raw: Mapping[str, Any], ladder: Ladder) -> Ladder:
    """A step that a plan leaves out is left out for each of its activities."""
    return replace(ladder, off=ladder.off | frozenset(raw.get("ladder", {}).get("without", ())))


def _checkin(raw: Mapping[str, Any], place: int) -> Activity:
    """Questions of a cycle that nobody confirmed would be about a treatment that did not take place."""
    schedule = read_schedule(raw["schedule"])
    notice = _notice("checkin", f"{raw['questionnaire']}-{place}", raw["anchor"])
    said = {"phrase": "reminder-check-in", "subject": raw["questionnaire"], "needs_confirmation": isinstance(schedule, Cycles)}
    proof = {"source": str(raw.get("source", "")), "confidence": raw["confidence"]}
    return Activity(**notice | said | proof, schedule=schedule)


def _lesson(anchor: str, step: Mapping[str, Any]) -> Activity:
    notice = _notice("topic", f"topic-{step['day']}-{step['topic']}", anchor)
    return Activity(**notice, phrase="reminder-topic", subject=step["topic"], schedule=OffsetDays((step["day"],)))


def _notice(kind: str, key: str, anchor: str) -> dict[str, Any]:
    """What is read once at ten in the morning and asks for nothing to be swallowed or booked."""
    plain: dict[str, Any] = {"key": key, "kind": kind, "anchor": anchor, "slots": None, "hour": "10:00", "ask_hour": False}
    plain |= {"reminders": (read_reminder("PT0S"),), "again_after_min": 0, "useful_for_min": NOTICE_MIN, "window_days": 0}
    plain |= dict.fromkeys(("needs_confirmation", "only_if_ordered", "after_food"), False)
    return plain | {"source": "", "confidence": "general"}


def _slots(raw: Mapping[str, Any]) -> Slots:
    if raw.get("as_prescribed"):
        usual = tuple((int(each["count"]), float(each["min_gap_hours"])) for each in raw.get("usual", ()))
        return Slots(0, 0.0, A_DAY_HOURS, (), usual)
    longest = float(raw.get("max_gap_hours", A_DAY_HOURS))
    return Slots(int(raw["count"]), float(raw["min_gap_hours"]), longest, tuple(raw["default"]))
