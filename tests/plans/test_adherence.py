"""The measures of how medicines were taken, each with the traps it has fallen into elsewhere; figures worked out by hand."""

from datetime import UTC, date, datetime, timedelta

import pytest

from care.plans.adherence import dose_taking, persistence, reasons, share, timing
from care.plans.supply import mpr, pdc, runs_out
from care.plans.tables import Dispense
from tests.ward import Occurrence

FIRST = datetime(2026, 12, 1, 0, 0, tzinfo=UTC)  # 08:00 in Beijing
LATER = FIRST + timedelta(days=365)


def dose(day: float, answer: str | None = None, after_hours: float = 0, **more: object) -> Occurrence:
    """A dose due so many days after the first, answered so many hours after its hour."""
    due = FIRST + timedelta(days=day)
    row = Occurrence(plan_id="p", activity="tablet", local_date=due.date(), due_at=due, answer=answer)
    row.useful_until = due + timedelta(hours=3)
    row.answered_at = due + timedelta(hours=after_hours) if answer else None
    row.reason = None
    for name, value in more.items():
        setattr(row, name, value)
    return row


def test_unanswered_is_a_class_of_its_own():
    doses = [dose(0, "taken"), dose(1, "missed"), dose(2), dose(3, "taken")]

    found = dose_taking(doses, LATER)

    assert (found.due, found.taken, found.missed, found.unanswered, found.percent) == (4, 2, 1, 1, 50)


def test_a_dose_whose_window_runs_is_neither_due_nor_unanswered():
    found = dose_taking([dose(0, "taken"), dose(1), dose(2)], FIRST + timedelta(days=1, hours=1))

    assert (found.due, found.open, found.percent) == (1, 1, 100)


def test_nothing_due_is_not_applicable():
    found = dose_taking([dose(0)], FIRST - timedelta(days=1))

    assert found.percent is None
    assert (timing([]), persistence([], LATER), pdc([], date(2027, 1, 1)), mpr([], date(2027, 1, 1))) == (
        (0, 0),
        None,
        None,
        None,
    )
    assert share(0, 0) is None


@pytest.mark.parametrize(("a_day", "hours", "in_time"), [(1, 4, 1), (1, 4.1, 0), (2, 2, 1), (2, 2.1, 0), (1, -1, 1)])
def test_in_time_is_four_hours_once_a_day_and_two_hours_more_often(a_day: int, hours: float, in_time: int):
    others = [dose(0.5)] if a_day == 2 else []
    others = [each for each in others if each.local_date == FIRST.date()] or [dose(0.4)] * (a_day - 1)

    assert timing([dose(0, "taken", hours), *others]) == (in_time, 1)


def test_in_time_is_the_same_before_and_after_the_evening_dose_is_due():
    yesterday, morning = [dose(0), dose(0.4)], dose(1, "taken", 3)

    assert timing([*yesterday, morning]) == timing([*yesterday, morning, dose(1.4)]) == (0, 1)


def test_taken_yesterday_counts_as_taken_and_not_as_in_time():
    told_next_day = [dose(0, "taken", 26)]

    assert dose_taking(told_next_day, LATER).percent == 100
    assert timing(told_next_day) == (0, 1)


def test_persistence_ends_where_the_first_long_gap_begins():
    doses = [dose(day, "taken" if day < 20 or day > 51 else "missed") for day in range(60)]  # 32 days without

    found = persistence(doses, LATER)

    assert found is not None
    assert (found.days, found.ended_on) == (20, date(2026, 12, 21))


def test_a_gap_of_just_so_many_days_is_none():
    doses = [dose(day, "taken" if day < 20 or day > 49 else None) for day in range(60)]  # 30 days without

    found = persistence(doses, LATER)

    assert found is not None
    assert (found.days, found.ended_on) == (60, None)
    assert persistence(doses, LATER, gap_days=29) != found


def test_a_rest_week_or_a_long_hold_is_no_gap():
    before = [dose(day, "taken") for day in range(14)]
    after = [dose(day, "taken" if day > 75 else "missed") for day in range(74, 90)]  # 60 days held, then two missed

    found = persistence([*before, *after], LATER)

    assert found is not None
    assert found.ended_on is None


def test_five_weekly_doses_missed_are_a_gap_of_five_weeks():
    doses = [dose(7 * week, "taken" if week < 4 else "missed") for week in range(9)]

    found = persistence(doses, LATER)

    assert found is not None
    assert (found.days, found.ended_on) == (28, date(2026, 12, 29))


def test_reasons_are_counted_the_most_frequent_first():
    why = ["forgot", "travel", "forgot", None]

    assert reasons([dose(day, "missed", reason=reason) for day, reason in enumerate(why)]) == [("forgot", 2), ("travel", 1)]


def supply(*given: tuple[int, int]) -> list[Dispense]:
    """(day from 1 December on, days)."""
    return [Dispense(day=FIRST.date() + timedelta(days=day), days=days) for day, days in given]


# The variant is pinned: first supply to the last day, early supply carried forward, all supplies in full.
@pytest.mark.parametrize(
    ("given", "days", "covered", "supplied"),
    [
        ([(0, 28)], 28, 28, 28),
        ([(0, 28)], 56, 28, 28),
        ([(0, 28), (24, 28)], 56, 56, 56),  # four days early: carried forward
        ([(0, 28), (24, 28), (69, 28)], 98, 84, 84),  # 13 days without, one day at the end
        ([(0, 28), (0 + 7, 28), (14, 28)], 28, 28, 84),  # never above 1, and above 1
        ([(0, 28), (40, 28)], 42, 30, 56),  # what lasts beyond the last day is not yet used
        ([(5, 30)], 30, 25, 30),  # the days before the first supply do not count
    ],
)
def test_days_covered_and_supply_per_day(given: list[tuple[int, int]], days: int, covered: int, supplied: int):
    until = FIRST.date() + timedelta(days=days - 1)
    window = days - given[0][0]

    assert pdc(supply(*given), until) == (covered, window)
    assert mpr(supply(*given), until) == (supplied, window)


def test_a_supply_runs_out_when_its_days_are_used():
    assert runs_out(supply((0, 28), (24, 28))) == date(2027, 1, 26)
