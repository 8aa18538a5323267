"""One medicine twice: doses that two plans, or two lines of one plan, would put too close together."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from care.content.types import PlanTemplate
from care.people.clocks import MINUTES_A_DAY, parse_hour
from care.plans.forecast import PlanFacts, hours_of
from care.plans.schedule import due_dates


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
        days = [due.day for due in due_dates(activity, facts.anchors[activity.schedule.anchor])]
        if activity.kind == "medicine" and days:
            gap_h = activity.slots.min_gap_hours if activity.slots else 0
            for hour in hours_of(activity, facts):
                yield Dose(activity.key, activity.subject, hour, gap_h, days[0], days[-1])


def clash(one: Dose, other: Dose) -> bool:
    """Whether both together are more than was prescribed: the same medicine, in the same days, at or nearly at one hour."""
    apart = abs(_minutes(one.hour) - _minutes(other.hour))
    apart_h = min(apart, MINUTES_A_DAY - apart) / 60
    same_days = one.first <= other.last and other.first <= one.last
    return one.subject == other.subject and same_days and (apart_h == 0 or apart_h < max(one.gap_h, other.gap_h))


def _minutes(hour: str) -> int:
    return parse_hour(hour).hour * 60 + parse_hour(hour).minute
