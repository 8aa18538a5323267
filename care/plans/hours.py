"""The hours of a medicine: as many as were prescribed, and far enough apart, on ordinary and on special days."""

from collections.abc import Iterator, Mapping, Sequence

from care.content.check_schedule import gaps_of
from care.content.plan_types import Activity, PlanTemplate
from care.people.clocks import parse_hour
from care.plans.problems import PlanProblem


def slot_problems(own: PlanTemplate, hours: Mapping[str, Sequence[str]]) -> Iterator[PlanProblem]:
    """What is wrong with the hours of every activity that needs some."""
    for activity in own.activities:
        if activity.slots or activity.ask_hour:
            yield from hour_problems(activity, hours.get(activity.key, ()))


def hour_problems(activity: Activity, hours: Sequence[str]) -> Iterator[PlanProblem]:
    """What is wrong with the hours of one activity on one day."""
    field = f"slots-{activity.key}"
    try:
        minutes = sorted(parse_hour(hour).hour * 60 + parse_hour(hour).minute for hour in hours)
    except ValueError:
        yield PlanProblem("hour-unreadable", field, {"hours": ", ".join(hours)})
        return
    count = activity.slots.count if activity.slots else 1
    least = activity.slots.min_gap_hours if activity.slots else 0
    if len(minutes) != count:
        yield PlanProblem("wrong-number-of-doses", field, {"count": str(count)})
    elif len(set(minutes)) < len(minutes):
        yield PlanProblem("two-doses-at-one-hour", field, {"hours": ", ".join(hours)})
    elif any(gap < least for gap in gaps_of(minutes)):
        yield PlanProblem("doses-too-close", field, {"hours": f"{least:g}"})
