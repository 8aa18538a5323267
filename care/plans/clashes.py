"""One medicine twice: doses that two plans, or two lines of one plan, would put too close together."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from care.content.plan_types import Activity, PlanTemplate
from care.people.clocks import MINUTES_A_DAY, parse_hour
from care.plans.forecast import PlanFacts, dues, hours_of

LONGEST_YEARS = 15  # no course a template or a clinician sets is longer
LONGEST = timedelta(days=366 * LONGEST_YEARS)


@dataclass(frozen=True)
class Dose:
    """One medicine at one hour of the day, for as long as its course can last."""

    activity: str
    subject: str
    hour: str
    gap_h: float  # the template's own: how far the next dose of this medicine must be
    first: date
    last: date


def doses_of(template: PlanTemplate, facts: PlanFacts) -> Iterator[Dose]:
    """Every daily dose of a plan.  Cycles nobody has confirmed yet count: they can still come."""
    for activity in template.activities:
        if activity.kind == "medicine" and (course := _course(template, activity, facts)):
            gap_h = activity.slots.min_gap_hours if activity.slots else 0
            for hour, first, last in _hours(activity, facts, *course):
                yield Dose(activity.key, activity.subject, hour, gap_h, first, last)


def _course(template: PlanTemplate, activity: Activity, facts: PlanFacts) -> tuple[date, date] | None:
    """The first and the last day of a course, found from both ends: it may be thousands of days long."""
    begin = facts.anchors[activity.anchor]
    first = next(dues(template, activity, facts, begin, begin + LONGEST), None)
    if first is None:
        return None
    for years in range(LONGEST_YEARS - 1, -1, -1):
        year = begin + timedelta(days=366 * years)
        if days := [due.day for due in dues(template, activity, facts, year, year + timedelta(days=365))]:
            return first.day, max(days)
    return None


def _hours(activity: Activity, facts: PlanFacts, first: date, last: date) -> Iterator[tuple[str, date, date]]:
    yield from ((hour, first, last) for hour in hours_of(activity, facts))
    for special in facts.special:
        if special.activity == activity.key:
            yield from ((hour, special.first, special.last) for hour in special.hours)


def clash(one: Dose, other: Dose) -> bool:
    """Whether both together are more than was prescribed: the same medicine, in the same days, at or nearly at one hour."""
    apart = abs(_minutes(one.hour) - _minutes(other.hour))
    apart_h = min(apart, MINUTES_A_DAY - apart) / 60
    same_days = one.first <= other.last and other.first <= one.last
    return one.subject == other.subject and same_days and (apart_h == 0 or apart_h < max(one.gap_h, other.gap_h))


def clashes_within(doses: list[Dose]) -> Iterator[Dose]:
    """Two lines of one plan that name the same medicine are one medicine to the patient's body."""
    for number, dose in enumerate(doses):
        if any(clash(dose, other) for other in doses[:number] if other.activity != dose.activity):
            yield dose


def _minutes(hour: str) -> int:
    return parse_hour(hour).hour * 60 + parse_hour(hour).minute
