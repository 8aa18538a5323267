"""What was done to a patient's plans, as a nurse reads it: who, when, why, how it was before, and whether it can be undone."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from care.content.library import Library
from care.kit.database import Work
from care.people.staff import everybody
from care.plans.changes import BEGUN, changes_of, why_of
from care.plans.tables import CarePlan, PlanChange
from care.plans.undo import may_try


@dataclass(frozen=True)
class Told:
    """One value: a day, words as they are written, or a clock."""

    day: date | None = None
    text: str = ""
    clock: str = ""

    def __bool__(self) -> bool:
        return bool(self.day or self.text or self.clock)


NOTHING = Told()


@dataclass(frozen=True)
class Line:
    """One thing that is otherwise.  `kind` and `code` name it as `term` takes them; `number` which of its numbers."""

    kind: str
    code: str
    before: Told = NOTHING
    after: Told = NOTHING
    number: str = ""


@dataclass(frozen=True)
class Entry:
    """One change.  `plan` is its template's title, empty when it was all plans of the patient."""

    id: str
    kind: str
    made_at: datetime
    made_by: str
    why: str
    lines: tuple[Line, ...]
    plan_id: str | None
    plan: dict[str, str]
    undone_at: datetime | None
    undone_by: str
    may_undo: bool


async def history(work: Work, library: Library, patient_id: str, clinic_id: str, plans: list[CarePlan]) -> list[Entry]:
    """Every change of a patient's plans, the latest first."""
    names, by_id = await everybody(work, clinic_id), {plan.id: plan for plan in plans}
    return [await _entry(work, library, each, names, by_id) for each in await changes_of(work, patient_id)]


async def _entry(
    work: Work, library: Library, change: PlanChange, names: Mapping[str, str], plans: Mapping[str, CarePlan]
) -> Entry:
    plan = plans.get(change.plan_id or "")
    return Entry(
        id=change.id,
        kind=change.kind,
        made_at=change.made_at,
        made_by=names.get(change.made_by, ""),
        why=await why_of(work, change),
        lines=tuple(_lines(library, change.detail, plans)),
        plan_id=change.plan_id,
        plan=_title(library, plan.template) if plan else {},
        undone_at=change.undone_at,
        undone_by=names.get(change.undone_by or "", ""),
        may_undo=may_try(change),
    )


def _title(library: Library, template: str) -> dict[str, str]:
    return library.plans[template].title if template in library.plans else {"en": template}


def _lines(library: Library, detail: Mapping[str, Any], plans: Mapping[str, CarePlan]) -> Iterator[Line]:
    for row, fields in detail.items():
        if row == BEGUN:
            continue
        template = library.plans.get(plans[row].template) if row in plans else None
        subjects = {each.key: each.subject for each in template.everything} if template else {}
        for name, (before, after) in fields.items():
            yield from TOLD.get(name, _unsaid)(before, after, subjects)


Subjects = Mapping[str, str]


def _unsaid(before: Any, after: Any, subjects: Subjects) -> Iterator[Line]:
    """What the kind of the change says already."""
    return iter(())


def _differing(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> Iterator[tuple[str, Any, Any]]:
    before, after = before or {}, after or {}
    for key in sorted({*before, *after}):
        if before.get(key) != after.get(key):
            yield key, before.get(key), after.get(key)


def _slots(before: Any, after: Any, subjects: Subjects) -> Iterator[Line]:
    for key, was, now in _differing(before, after):
        yield Line("subject", subjects.get(key, "medicine-your"), _hours(was), _hours(now))


def _hours(hours: list[str] | None) -> Told:
    return Told(text=" · ".join(hours or ()))


def _day(written: str | None) -> Told:
    return Told(day=date.fromisoformat(written)) if written else NOTHING


def _confirmed(before: Any, after: Any, subjects: Subjects) -> Iterator[Line]:
    was, now = max(before.values(), default=1), max(after.values(), default=1)
    yield Line("cycle", str(max(was, now)))


def _starts(before: Any, after: Any, subjects: Subjects) -> Iterator[Line]:
    yield from (Line("cycle", number, _day(was), _day(now)) for number, was, now in _differing(before, after))


def _special(before: Any, after: Any, subjects: Subjects) -> Iterator[Line]:
    for each in [*(each for each in after if each not in before), *(each for each in before if each not in after)]:
        subject = subjects.get(each["activity"], "medicine-your")
        yield Line("special", subject, _day(each["first"]), _day(each["last"]), " · ".join(each["hours"]))


def _bookings(before: Any, after: Any, subjects: Subjects) -> Iterator[Line]:
    for key, was, now in _differing(before, after):
        yield Line("subject", subjects.get(key.split(" ")[0], "medicine-your"), _booking(was), _booking(now))


def _booking(said: str | None) -> Told:
    if not said:
        return NOTHING
    day, hour = said.split(" ")
    return Told(day=date.fromisoformat(day), text=hour)


def _overrides(before: Any, after: Any, subjects: Subjects) -> Iterator[Line]:
    for key, was, now in _differing(before, after):
        for name, old, new in _differing(was, now):
            yield Line("subject", subjects.get(key, "medicine-your"), _number(old), _number(new), name)


def _number(value: Any) -> Told:
    written = ", ".join(map(str, value)) if isinstance(value, list) else "" if value is None or value is True else f"{value}"
    return Told(text=written.removesuffix(".0"))


def _ordered(before: Any, after: Any, subjects: Subjects) -> Iterator[Line]:
    yield from (Line("subject", subjects.get(key, "medicine-your")) for key in sorted({*before} ^ {*after}))


def _anchors(before: Any, after: Any, subjects: Subjects) -> Iterator[Line]:
    yield from (Line("anchor", name, _day(was), _day(now)) for name, was, now in _differing(before, after))


def _zone(before: Any, after: Any, subjects: Subjects) -> Iterator[Line]:
    yield Line("zone", "", Told(clock=before), Told(clock=after))


def _ask_on(before: Any, after: Any, subjects: Subjects) -> Iterator[Line]:
    if after:
        yield Line("ask", "", NOTHING, _day(after))


TOLD: Mapping[str, Callable[[Any, Any, Subjects], Iterator[Line]]] = {
    "slots": _slots,
    "confirmed_cycles": _confirmed,
    "cycle_starts": _starts,
    "special_times": _special,
    "bookings": _bookings,
    "overrides": _overrides,
    "ordered": _ordered,
    "anchors": _anchors,
    "zone": _zone,
    "ask_on": _ask_on,
}
