"""Reads plan templates: content/plans/*.yml."""

from pathlib import Path
from typing import Any

from care.content.check_plan import Names, check_plan
from care.content.reading import Page, read_yaml
from care.content.review import proof
from care.content.shape import check_shape
from care.content.shapes import PLAN
from care.content.types import Activity, PlanTemplate, Problems, Schedule, Slots


def read_plans(root: Path, problems: Problems, names: Names) -> dict[str, PlanTemplate]:
    """Every plan template by id.  A bad one becomes problems and is left out."""
    plans = {}
    for path in sorted((root / "plans").glob("*.yml")):
        page = read_yaml(path, root, problems)
        if not check_shape(page, PLAN, problems) or not page.values:
            continue
        try:
            plan = _plan(page)
        except ValueError as wrong:
            problems.add(page.file, page.line("activities"), f"days cannot be read ({wrong})", "write on_days as 1-14 or 4,8,11")
            continue
        check_plan(plan, path.stem, page, names, problems)
        plans[plan.id] = plan
    if not plans:
        problems.add(f"{root.name}/plans", 1, "there is no plan", "add one, see content/plans/README.md")
    return plans


def _plan(page: Page) -> PlanTemplate:
    raw = page.values
    return PlanTemplate(
        id=raw["id"],
        version=str(raw["version"]),
        reviewed=proof(page, None).is_signed,
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
