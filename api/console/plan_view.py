"""One care plan as a nurse sees it: what it is today, what waits for her word, and what every form of its page begins with."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from care.content.library import Library
from care.content.plan_types import Activity, PlanTemplate
from care.people.clocks import CLOCKS, local, odd_hour
from care.people.tables import Patient
from care.plans.cycles import last_confirmed, starts_of
from care.plans.forecast import Expected, PlanFacts, SpecialTimes, expected, hours_of
from care.plans.state import PlanState, PlanUnreadable, read_plan, state_of
from care.plans.tables import CarePlan, Occurrence

VISITS, BACK, AHEAD = 8, timedelta(days=30), timedelta(days=400)


@dataclass(frozen=True)
class Cycle:
    """How far the rounds have come.  `number` waits for a nurse's word and is planned for `start`; None: none does now."""

    last: int  # confirmed, on `last_start`
    last_start: date
    of: int
    number: int | None
    start: date
    movable: tuple[tuple[int, date], ...]  # can still be put off, each with its day


@dataclass(frozen=True)
class Visit:
    """One due window, and the appointment a nurse made of it.  `odd`: the booked hour comes twice that day, or never."""

    key: str
    subject: str
    due: date
    earliest: date
    latest: date
    booked_on: date | None
    hour: str
    odd: str

    @property
    def form(self) -> str:
        return f"book-{self.key}-{self.due.isoformat()}"


@dataclass(frozen=True)
class Medicine:
    """Something whose hours are the patient's own."""

    key: str
    subject: str
    hours: tuple[str, ...]
    count: int
    has_doses: bool

    @property
    def field(self) -> str:
        return f"slots-{self.key}"


@dataclass(frozen=True)
class Coming:
    """One thing that falls due within sight.  `kind` and `subject` are codes with names."""

    at: datetime
    kind: str
    subject: str


@dataclass(frozen=True)
class PlanView:
    """Everything of the page but what was typed.  `own` None: nobody can read this plan any more."""

    id: str
    title: dict[str, str]
    state: PlanState
    zone: str
    today: date
    template: PlanTemplate | None
    own: PlanTemplate | None
    facts: PlanFacts | None
    coming: tuple[Coming, ...] = ()

    @property
    def is_over(self) -> bool:
        return self.state.ended_at is not None

    @property
    def anchors(self) -> dict[str, date]:
        return dict(_dates(self.state.anchors))

    @property
    def cycle(self) -> Cycle | None:
        """None in a plan without cycles."""
        starts = starts_of(self.own, self.facts) if self.own and self.facts else {}
        last = last_confirmed(self.state.confirmed_cycles)
        if not self.own or not self.own.cycles or last not in starts:
            return None
        waits = last + 1 in starts and starts[last] <= self.today
        movable = tuple((each, start) for each, start in starts.items() if each > last or start > self.today)
        start = max(starts.get(last + 1, self.today), self.today)
        return Cycle(last, starts[last], len(starts), last + 1 if waits else None, start, movable)

    @property
    def medicines(self) -> list[Medicine]:
        """What has hours of the patient's own."""
        return list(_medicines(self.own, self.facts)) if self.own and self.facts else []

    @property
    def special(self) -> tuple[SpecialTimes, ...]:
        return self.facts.special if self.facts else ()

    @property
    def visits(self) -> list[Visit]:
        """The next due windows, and what is booked, in the order of their days; what was missed, as long as its window lasts."""
        if self.own is None or self.facts is None:
            return []
        bookable = tuple(each for each in self.own.activities if each.is_bookable)
        alone = replace(self.own, activities=bookable, checkins=(), drip=())
        found = (_visit(each.activity, each.day, each.window, self.facts) for each in self._expected(alone, self.facts))
        ahead = (each for each in found if max(each.booked_on or each.latest, each.latest) >= self.today)
        return sorted(ahead, key=lambda each: each.booked_on or each.due)[:VISITS]

    def _expected(self, alone: PlanTemplate, facts: PlanFacts) -> Iterator[Expected]:
        return expected(alone, facts, self.today - BACK, self.today + AHEAD)

    @property
    def orderable(self) -> list[Activity]:
        """What only a doctor's order switches on."""
        return [each for each in self.template.activities if each.only_if_ordered] if self.template else []

    @property
    def order_fields(self) -> list[str]:
        """Where the form of orders has a place for what is wrong."""
        keys = [each.key for each in self.orderable]
        return [*keys, *(f"slots-{key}" for key in keys), *(f"anchor-{name}" for name in self.anchors_to_ask), "why"]

    @property
    def own_fields(self) -> list[str]:
        keys = [each.key for each in self.template.everything] if self.template else []
        return [*keys, *(f"slots-{key}" for key in keys), *(f"gap-{key}" for key in keys), "round", "why"]

    @property
    def anchors_to_ask(self) -> list[str]:
        """Dates that what could be ordered counts from, and that nobody has given yet."""
        asked = {each.anchor for each in self.orderable} - self.anchors.keys()
        return [each for each in self.template.anchors if each in asked] if self.template else []

    def subject(self, key: str) -> str:
        """The code staff know an activity by."""
        named = {each.key: each.subject for each in self.template.everything} if self.template else {}
        return named.get(key, "medicine-your")


def view_plan(library: Library, plan: CarePlan, patient: Patient, now: datetime, coming: list[Occurrence]) -> PlanView:
    """`coming`: rows of what falls due next."""
    template = library.plans.get(plan.template)
    zone = patient.zone if patient.zone in CLOCKS else ""
    own, facts = None, None
    with suppress(PlanUnreadable):
        own, facts = read_plan(library, plan, zone) if zone else (None, None)
    return PlanView(
        id=plan.id,
        title=template.title if template else {"en": plan.template},  # its file is gone: the worklist says so, the page opens
        state=state_of(plan),
        zone=zone,
        today=local(now, zone or next(iter(CLOCKS))).date(),
        template=template,
        own=own,
        facts=facts,
        coming=tuple(_coming(template, coming)),
    )


def _coming(template: PlanTemplate | None, rows: list[Occurrence]) -> Iterator[Coming]:
    subjects = {each.key: each.subject for each in template.activities} if template else {}
    for row in rows:
        yield Coming(row.due_at, row.kind, subjects.get(row.activity, ""))


def _dates(anchors: Mapping[str, str]) -> Iterator[tuple[str, date]]:
    for name, day in anchors.items():
        with suppress(ValueError):
            yield name, date.fromisoformat(day)


def _medicines(own: PlanTemplate, facts: PlanFacts) -> Iterator[Medicine]:
    for each in own.activities:
        if each.slots or each.ask_hour:
            count = each.slots.count if each.slots else 1
            yield Medicine(each.key, each.subject, tuple(hours_of(each, facts)), count, each.slots is not None)


def _visit(activity: Activity, due: date, window: tuple[date, date], facts: PlanFacts) -> Visit:
    booking = facts.bookings.get((activity.key, due))
    odd = odd_hour(booking.day, booking.hour, facts.zone) if booking else ""
    day, hour = (booking.day, booking.hour) if booking else (None, activity.hour)
    return Visit(activity.key, activity.subject, due, *window, day, hour, odd)
