"""What a plan asks of a patient between two dates: the one source of the scheduler's rows and the nurse's preview."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from care.content.types import Activity, PlanTemplate
from care.people.clocks import moment
from care.plans.schedule import between


@dataclass(frozen=True)
class PlanFacts:
    """What is this patient's own in a plan."""

    anchors: dict[str, date]
    slots: dict[str, list[str]]
    zone: str
    confirmed_cycles: dict[str, int]


@dataclass(frozen=True)
class Expected:
    """One thing that falls due once."""

    activity: Activity
    day: date
    slot: int
    hour: str
    due_at: datetime
    useful_until: datetime
    reminders: tuple[datetime, ...]  # when something is said about it


def expected(template: PlanTemplate, facts: PlanFacts, first: date, last: date) -> Iterator[Expected]:
    """Everything due from `first` to `last` (local dates), unconfirmed cycles left out."""
    for activity in template.activities:
        for due in between(activity, facts.anchors[activity.schedule.anchor], first, last):
            if due.cycle <= _confirmed(activity, facts):
                for slot, hour in enumerate(hours_of(activity, facts)):
                    yield _expect(activity, facts, due.day, slot, hour)


def _confirmed(activity: Activity, facts: PlanFacts) -> int:
    # The first cycle is confirmed by the enrolment itself; later ones only by a nurse (facts: clinical, section 3).
    return max(facts.confirmed_cycles.values(), default=1) if activity.needs_confirmation else 10_000


def hours_of(activity: Activity, facts: PlanFacts) -> list[str]:
    """The patient's own hours; the template's where nobody chose."""
    return facts.slots.get(activity.key) or list(activity.slots.default if activity.slots else (activity.hour,))


def _expect(activity: Activity, facts: PlanFacts, day: date, slot: int, hour: str) -> Expected:
    due_at = moment(day, hour, facts.zone)
    until = due_at + timedelta(minutes=activity.useful_for_min)
    said = tuple(moment(day - timedelta(days=before), hour, facts.zone) for before in activity.remind_days_before)
    return Expected(activity, day, slot, hour, due_at, until, said)
