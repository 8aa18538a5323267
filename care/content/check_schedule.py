"""What makes a schedule impossible, in a template as in what a clinician changes for one patient."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from care.content.plan_types import (
    Activity,
    Cycles,
    EveryDays,
    EveryMonths,
    OffsetDays,
    OffsetMonths,
    PlanTemplate,
    Relative,
    Rule,
    Slots,
)

A_DAY_HOURS = 24
LAST_SAFE_DAY = 28  # of a month
SHORTEST_MONTH = 28
REST = "reminder-rest-week"


@dataclass(frozen=True)
class Fault:
    """One thing that cannot be.  `code` picks the sentence a nurse reads; `what` and `mend` are for whoever edits the file."""

    code: str
    what: str
    mend: str


def schedule_faults(activity: Activity) -> Iterator[Fault]:
    """Everything impossible about when an activity falls due."""
    match activity.schedule:
        case Cycles():
            yield from _cycle_faults(activity.schedule)
        case OffsetDays(offsets_days=days) | Relative(offsets_days=days):
            yield from _list_faults(days, "offsets_days")
        case OffsetMonths(offsets_months=months):
            yield from _list_faults(months, "offsets_months")
        case EveryDays(every_days=every) | EveryMonths(every_months=every) if every < 1:
            yield Fault("never-due", "never falls due", "repeat it every 1 or more")
        case EveryMonths(from_month=first, until_month=last) if last is not None and last < first:
            yield Fault("end-before-start", f"ends in month {last}, before it begins in month {first}", "swap them")
        case Rule():
            yield from _rule_faults(activity.schedule)
    yield from _window_faults(activity)


def _cycle_faults(schedule: Cycles) -> Iterator[Fault]:
    if not schedule.on_days or schedule.cycles < 1:
        yield Fault("never-due", "never falls due", "give on_days, and the number of cycles")
    elif not 1 <= min(schedule.on_days) <= max(schedule.on_days) <= schedule.cycle_days:
        mend = f"days go from 1 to cycle_days, which is {schedule.cycle_days}"
        yield Fault("day-outside-cycle", "a day lies outside its cycle", mend)
    elif len(set(schedule.on_days)) < len(schedule.on_days):
        yield Fault("day-twice", "a day of the cycle stands twice", "keep one of them")


def _list_faults(offsets: tuple[int, ...], name: str) -> Iterator[Fault]:
    if not offsets:
        yield Fault("never-due", "never falls due", f"give {name}")
    elif list(offsets) != sorted(set(offsets)):
        yield Fault("day-twice", f"{name} do not go up", "write each once, the earliest first")


def _rule_faults(rule: Rule) -> Iterator[Fault]:
    if rule.freq == "MONTHLY" and not 1 <= rule.by_month_day <= LAST_SAFE_DAY:
        yield Fault("month-too-short", "would leave out short months", "give BYMONTHDAY from 1 to 28, or use offsets_months")
    if (rule.by_day and rule.freq != "WEEKLY") or (rule.by_month_day and rule.freq != "MONTHLY"):
        yield Fault(
            "never-due", f"mixes FREQ={rule.freq} with days of something else", "BYDAY is for weeks, BYMONTHDAY for months"
        )


def _window_faults(activity: Activity) -> Iterator[Fault]:
    """A window that reaches into the next one: nobody could say which visit was kept."""
    apart = shortest_step(activity)
    if activity.window_days and apart and 2 * activity.window_days > apart:
        yield Fault(
            "window-too-wide",
            f"its window of {activity.window_days} days reaches into the next one",
            f"keep window_days to {apart // 2} or less",
        )


def shortest_step(activity: Activity) -> int:
    """Days between two of its dates at least; 0 when it falls due once."""
    match activity.schedule:
        case Cycles(on_days=days, cycle_days=length) if days:
            return min(_steps([*sorted(days), min(days) + length]))
        case OffsetDays(offsets_days=days):
            return min(_steps(days), default=0)
        case OffsetMonths(offsets_months=months):
            return SHORTEST_MONTH * min(_steps(months), default=0)
        case EveryDays(every_days=every):
            return every
        case EveryMonths(every_months=every):
            return SHORTEST_MONTH * every
        case Rule():
            return _rule_step(activity.schedule)
    return 0


def _rule_step(rule: Rule) -> int:
    if rule.freq == "MONTHLY":
        return SHORTEST_MONTH * rule.interval
    if rule.freq == "DAILY" or not rule.by_day:
        return rule.interval * (1 if rule.freq == "DAILY" else 7)
    return min(_steps([*rule.by_day, rule.by_day[0] + 7 * rule.interval]))


def _steps(days: list[int] | tuple[int, ...]) -> list[int]:
    return [later - earlier for earlier, later in pairwise(days)]


def rest_faults(plan: PlanTemplate, activity: Activity) -> Iterator[Fault]:
    """The notice that tablets stop comes on the first day without one: earlier it takes doses away, later it is no news."""
    if activity.phrase == REST and isinstance(activity.schedule, Cycles):
        same = [each.schedule for each in plan.activities if each.kind == "medicine" and each.subject == activity.subject]
        last = max((day for schedule in same if isinstance(schedule, Cycles) for day in schedule.on_days), default=0)
        if activity.schedule.on_days != (last + 1,):
            yield Fault("rest-misplaced", "does not begin on the day after the last dose", f'write on_days: "{last + 1}"')


def slot_faults(slots: Slots) -> Iterator[Fault]:
    """Doses that no day can hold."""
    if slots.count and slots.count * slots.min_gap_hours > A_DAY_HOURS:
        what = f"{slots.count} doses {slots.min_gap_hours:g} hours apart are longer than a day"
        yield Fault("gap-longer-than-day", what, "give fewer doses, or a shorter min_gap_hours")
    elif slots.count > 1 and slots.count * slots.max_gap_hours < A_DAY_HOURS:
        what = f"{slots.count} doses {slots.max_gap_hours:g} hours apart at most do not go round a day"
        yield Fault("gap-longer-than-day", what, "give a longer max_gap_hours")
    if slots.max_gap_hours < slots.min_gap_hours:
        yield Fault("end-before-start", "its max_gap_hours is shorter than its min_gap_hours", "swap them")


def gaps_of(minutes: list[int]) -> list[float]:
    """Hours between neighbouring doses, round the clock; none for a single dose."""
    ordered = sorted(minutes)
    round_the_clock = [*ordered, ordered[0] + A_DAY_HOURS * 60] if len(ordered) > 1 else []
    return [(later - earlier) / 60 for earlier, later in pairwise(round_the_clock)]
