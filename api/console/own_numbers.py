"""A clinician's own numbers for one patient: the form's rows, and what was changed in them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from api.console.typed import Typed
from care.content.plan_types import Activity, Cycles, EveryDays, EveryMonths, OffsetDays, OffsetMonths, PlanTemplate, Rule
from care.plans.problems import PlanProblem
from care.plans.state import PlanState
from care.plans.tailor import INTERVAL, OFF, ROUND, OverrideUnreadable, tailor

LISTS = ("offsets_days", "offsets_months")
OF_FORM: dict[type, tuple[str, ...]] = {
    Cycles: ("on_days",),
    OffsetDays: ("offsets_days",),
    OffsetMonths: ("offsets_months",),
    EveryDays: ("every_days",),
    EveryMonths: ("every_months",),
    Rule: (INTERVAL,),
}
OF_DOSES = ("count", "min_gap_hours")
OWN = (*ROUND, *(name for names in OF_FORM.values() for name in names), *OF_DOSES, "max_gap_hours", "hours", OFF)


@dataclass(frozen=True)
class Row:
    """One activity with the numbers that hold now, as they are written in the form."""

    key: str
    kind: str
    subject: str
    numbers: dict[str, str]
    hours: str
    is_off: bool


def own_rows(template: PlanTemplate, state: PlanState) -> list[Row]:
    """What a clinician may change of a plan.  What nobody ordered has no row."""
    return [
        Row(
            each.key,
            each.kind,
            each.subject,
            {name: write_number(value) for name, value in numbers_of(each)},
            " ".join(state.slots.get(each.key, ())),
            bool(state.overrides.get(each.key, {}).get(OFF)),
        )
        for each in _all(template, state)
    ]


def own_round(template: PlanTemplate, state: PlanState) -> dict[str, str]:
    """Length and number of the rounds; empty in a plan without."""
    return {name: str(value) for name, value in _round(_all(template, state)).items()}


def _round(activities: Sequence[Activity]) -> dict[str, int]:
    first = next((each.schedule for each in activities if isinstance(each.schedule, Cycles)), None)
    return {name: getattr(first, name) for name in ROUND} if first else {}


def _all(template: PlanTemplate, state: PlanState) -> tuple[Activity, ...]:
    """With what was left out, so that it can come back."""
    on = {key: {name: value for name, value in own.items() if name != OFF} for key, own in state.overrides.items()}
    try:
        own = tailor(template, on, frozenset(state.ordered))
    except OverrideUnreadable:
        return ()
    return (*own.activities, *(each for each in own.checkins if isinstance(each.schedule, Cycles | Rule)))


def numbers_of(activity: Activity) -> Iterator[tuple[str, Any]]:
    """The numbers of an activity that can be another patient's: days, interval, doses, gap."""
    yield from ((name, getattr(activity.schedule, name)) for name in OF_FORM.get(type(activity.schedule), ()))
    if activity.slots:
        yield from ((name, getattr(activity.slots, name)) for name in OF_DOSES)


def write_number(value: Any) -> str:
    """`1-14`, `14, 42, 90`, `10`, as a person writes them."""
    if not isinstance(value, tuple):
        return f"{value:g}"
    runs: list[list[int]] = []
    for each in value:
        if runs and each == runs[-1][-1] + 1:
            runs[-1].append(each)
        else:
            runs.append([each])
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs)


def read_numbers(
    template: PlanTemplate | None, state: PlanState, typed: Typed
) -> tuple[dict[str, dict[str, Any]], dict[str, list[str]]]:
    """Fields and hours that differ from what holds now; an emptied field gives the plan's own number back."""
    if template is None:
        return {}, {}
    fields: dict[str, dict[str, Any]] = {}
    hours: dict[str, list[str]] = {}
    rows = own_rows(template, state)
    for row in rows:
        changed = dict(_changed_numbers(row, typed))
        if f"is-{row.key}" in typed.values and row.is_off == (f"on-{row.key}" in typed.values):
            changed[OFF] = True if not row.is_off else None
        if changed:
            fields[row.key] = changed
        asked = typed.get(f"hours-{row.key}").replace(",", " ")
        if asked and sorted(asked.split()) != sorted(row.hours.split()):
            hours[row.key] = asked.split()
    _add_round(template, state, typed, fields)
    return fields, hours


def _changed_numbers(row: Row, typed: Typed) -> Iterator[tuple[str, Any]]:
    for name, now in row.numbers.items():
        field = f"own-{row.key}-{name}"
        if field in typed.values and typed.get(field) != now:
            yield name, _read(typed, row.key, name, typed.get(field))


def _add_round(template: PlanTemplate, state: PlanState, typed: Typed, fields: dict[str, dict[str, Any]]) -> None:
    """The rounds are the plan's: kept with its first activity of cycles, and with no other."""
    activities = _all(template, state)
    key = next((each.key for each in activities if isinstance(each.schedule, Cycles)), "")
    for name, now in _round(activities).items():
        if f"round-{name}" in typed.values and typed.get(f"round-{name}") != str(now):
            value = _read(typed, "round", name, typed.get(f"round-{name}"))
            for other, own in state.overrides.items():
                if name in own:
                    fields.setdefault(other, {})[name] = None
            fields.setdefault(key, {})[name] = value


def _read(typed: Typed, key: str, name: str, written: str) -> Any:
    """None for what was emptied; days of a cycle are read by whoever reads the files."""
    try:
        if not written or name == "on_days":
            return written.replace(" ", "") or None
        if name in LISTS:
            return [int(each) for each in written.replace(" ", "").split(",")]
        return float(written.replace(",", ".")) if name == "min_gap_hours" else int(written)
    except ValueError:
        typed.wrong.append(PlanProblem("override-unreadable", key))
        return None
