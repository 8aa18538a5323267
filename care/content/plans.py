"""Reads plan templates: content/plans/*.yml."""

from pathlib import Path
from typing import Any

from care.content.reading import Page, read_yaml
from care.content.types import Activity, PlanTemplate, Problems, Schedule, Slots

KINDS = ("medicine", "appointment", "lab", "education")


def read_plans(root: Path, problems: Problems) -> dict[str, PlanTemplate]:
    """Every plan template by id.  A bad one becomes problems and is left out."""
    plans = {}
    for path in sorted((root / "plans").glob("*.yml")):
        page = read_yaml(path, root, problems)
        try:
            plan = _plan(page.values)
        except (KeyError, TypeError, ValueError) as wrong:
            problems.add(page.file, 1, f"plan cannot be read ({type(wrong).__name__}: {wrong})", "see content/plans/README.md")
            continue
        _check(plan, path, page, problems)
        plans[plan.id] = plan
    return plans


def _plan(raw: dict[str, Any]) -> PlanTemplate:
    return PlanTemplate(
        id=raw["id"],
        version=str(raw["version"]),
        reviewed=raw.get("review") not in (None, "unreviewed"),
        title=dict(raw["title"]),
        anchors=tuple(raw["anchors"]),
        activities=tuple(_activity(activity) for activity in raw["activities"]),
        drip=tuple((int(step["day"]), str(step["topic"])) for step in raw.get("drip", ())),
        red_flags=tuple(raw.get("red_flags", ())),
    )


def _activity(raw: dict[str, Any]) -> Activity:
    return Activity(
        key=raw["key"],
        kind=raw["kind"],
        schedule=_schedule(raw["anchor"], raw["schedule"]),
        phrase=raw["phrase"],
        subject=raw["subject"],
        slots=_slots(raw["slots"]) if "slots" in raw else None,
        hour=str(raw.get("hour", "10:00")),
        remind_days_before=tuple(raw.get("remind_days_before", (0,))),
        again_after_min=int(raw.get("again_after_min", 0)),
        useful_for_min=int(raw["useful_for_min"]),
        needs_confirmation=bool(raw.get("needs_confirmation", False)),
        after_food=bool(raw.get("after_food", False)),
        confidence=raw["confidence"],
    )


def _schedule(anchor: str, raw: dict[str, Any]) -> Schedule:
    return Schedule(
        anchor=anchor,
        cycle_days=int(raw.get("cycle_days", 0)),
        cycles=int(raw.get("cycles", 0)),
        on_days=_days(str(raw.get("on_days", ""))),
        offsets_months=tuple(raw.get("offsets_months", ())),
        offsets_days=tuple(raw.get("offsets_days", ())),
    )


def _days(written: str) -> tuple[int, ...]:
    """`1-14` or `4,8,11,14` as days of a cycle."""
    days: list[int] = []
    for part in filter(None, written.split(",")):
        first, _, last = part.partition("-")
        days += range(int(first), int(last or first) + 1)
    return tuple(days)


def _slots(raw: dict[str, Any]) -> Slots:
    return Slots(int(raw["count"]), float(raw["min_gap_hours"]), float(raw["max_gap_hours"]), tuple(raw["default"]))


def _check(plan: PlanTemplate, path: Path, page: Page, problems: Problems) -> None:
    def complain(what: str, mend: str) -> None:
        problems.add(page.file, page.line("activities"), what, mend)

    if plan.id != path.stem:
        complain(f"id {plan.id} is not the file's name", f"write id: {path.stem}")
    for activity in plan.activities:
        schedule = activity.schedule
        if activity.kind not in KINDS:
            complain(f"{activity.key}: kind {activity.kind} is unknown", f"use one of {', '.join(KINDS)}")
        if schedule.anchor not in plan.anchors:
            complain(f"{activity.key}: anchor {schedule.anchor} is not in the plan", "add it to anchors, or use one of them")
        if max(schedule.on_days, default=0) > (schedule.cycle_days or 0):
            complain(f"{activity.key}: a day lies after the end of its cycle", f"days go from 1 to {schedule.cycle_days}")
        if not (schedule.on_days or schedule.offsets_days or schedule.offsets_months):
            complain(f"{activity.key}: never falls due", "give on_days, offsets_days or offsets_months")
