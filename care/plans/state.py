"""What may change in a care plan, as one value: read from its row, changed as a whole, and made into the facts of a forecast."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any

from care.content.library import Library
from care.content.plan_types import PlanTemplate
from care.plans.forecast import Booking, PlanFacts, SpecialTimes
from care.plans.tables import CarePlan
from care.plans.tailor import OverrideUnreadable, tailor


class PlanUnreadable(Exception):
    """Content has no template for this plan any more, or one that asks for what this plan never had.  Holds a code."""


@dataclass(frozen=True)
class PlanState:
    """A plan's own numbers, each as its column holds it."""

    anchors: Mapping[str, str]
    slots: Mapping[str, list[str]]
    confirmed_cycles: Mapping[str, int] = field(default_factory=lambda: {"plan": 1})
    cycle_starts: Mapping[str, str] = field(default_factory=dict)
    special_times: tuple[Mapping[str, Any], ...] = ()
    overrides: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    ordered: tuple[str, ...] = ()
    bookings: Mapping[str, str] = field(default_factory=dict)
    paused_at: datetime | None = None
    pause_kind: str | None = None
    ask_on: date | None = None
    ended_at: datetime | None = None
    ended_because: str | None = None

    @property
    def is_quiet(self) -> bool:
        """Nothing falls due: paused, or ended."""
        return self.paused_at is not None or self.ended_at is not None

    def facts(self, zone: str) -> PlanFacts:
        """Raises ValueError for what is no date or hour."""
        return PlanFacts(
            anchors={name: date.fromisoformat(day) for name, day in self.anchors.items() if day},
            slots=self.slots,
            zone=zone,
            confirmed_cycles=self.confirmed_cycles,
            moved={int(number): date.fromisoformat(day) for number, day in self.cycle_starts.items()},
            special=tuple(map(read_special, self.special_times)),
            bookings=dict(_read_booking(key, said) for key, said in self.bookings.items()),
        )

    def columns(self) -> dict[str, Any]:
        """As the row holds them: plain lists and dicts."""
        return {name: _plain(getattr(self, name)) for name in FIELDS}


FIELDS = tuple(each.name for each in fields(PlanState))


def state_of(plan: CarePlan) -> PlanState:
    held: dict[str, Any] = {}
    for name in FIELDS:
        value = getattr(plan, name)
        held[name] = tuple(value) if isinstance(value, list) else value
    return PlanState(**held)


def read_plan(library: Library, plan: CarePlan, zone: str) -> tuple[PlanTemplate, PlanFacts]:
    """The template of a plan as it is for its patient, and what is theirs in it.  Raises PlanUnreadable."""
    return read_state(library, plan.template, state_of(plan), zone)


def read_state(library: Library, template_id: str, state: PlanState, zone: str) -> tuple[PlanTemplate, PlanFacts]:
    """The same of a plan as it would be.  Raises PlanUnreadable."""
    template = library.plans.get(template_id)
    if template is None:
        raise PlanUnreadable("template-missing")
    try:
        own, facts = tailor(template, state.overrides, frozenset(state.ordered)), state.facts(zone)
    except OverrideUnreadable as wrong:
        raise PlanUnreadable("override-unreadable") from wrong
    except (ValueError, TypeError, KeyError, AttributeError) as wrong:  # a row somebody wrote by hand
        raise PlanUnreadable("row-unreadable") from wrong
    if not facts.anchors.keys() >= needed_anchors(own):
        raise PlanUnreadable("anchor-missing")
    return own, facts


def needed_anchors(own: PlanTemplate) -> set[str]:
    """The dates without which nothing of a plan can be counted; what nobody ordered needs none."""
    return {activity.anchor for activity in own.everything}


def read_special(raw: Mapping[str, Any]) -> SpecialTimes:
    first, last = (date.fromisoformat(raw[name]) for name in ("first", "last"))
    return SpecialTimes(raw["activity"], first, last, tuple(raw["hours"]))


def write_special(special: SpecialTimes) -> dict[str, Any]:
    days = {"first": special.first.isoformat(), "last": special.last.isoformat()}
    return {"activity": special.activity, **days, "hours": list(special.hours)}


def booking_key(activity: str, due_day: date) -> str:
    return f"{activity} {due_day.isoformat()}"


def _read_booking(key: str, said: str) -> tuple[tuple[str, date], Booking]:
    (activity, due), (day, hour) = key.split(" "), said.split(" ")
    return (activity, date.fromisoformat(due)), Booking(date.fromisoformat(day), hour)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value
