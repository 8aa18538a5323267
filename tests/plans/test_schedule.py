"""The arithmetic of a plan, checked against counts worked out by hand: no dose too many, no visit lost at a month's end."""

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care.content.library import Library
from care.plans.forecast import Expected, PlanFacts, expected
from care.plans.schedule import due_dates, months_after

START = date(2026, 12, 1)
FOREVER = START + timedelta(days=365 * 11)


def course(library: Library, plan: str, anchor: str, cycles: int = 8, start: date = START) -> list[Expected]:
    """Everything a plan asks of a patient, once a nurse has confirmed so many cycles."""
    facts = PlanFacts({anchor: start}, {"capecitabine": ["08:00", "20:00"]}, "Asia/Urumqi", {"plan": cycles})
    return list(expected(library.plan(plan), facts, start, FOREVER))


def test_eight_confirmed_cycles_of_capecitabine_are_224_doses_and_8_rest_week_notices(library: Library):
    asked = Counter(each.activity.key for each in course(library, "capecitabine-14-7", "cycle1-day1"))

    assert asked == {"capecitabine": 224, "rest-week": 8, "pre-cycle-bloods": 8, "pre-cycle-visit": 8}


def test_the_rest_week_has_no_dose_and_begins_with_its_notice(library: Library):
    asked = course(library, "capecitabine-14-7", "cycle1-day1")
    doses, notices = ({each.day for each in asked if each.activity.kind == kind} for kind in ("medicine", "education"))
    in_cycle = {(day - START).days % 21 + 1 for day in doses}

    assert in_cycle == set(range(1, 15))
    assert {(day - START).days % 21 + 1 for day in notices} == {15}
    assert doses.isdisjoint(notices)


@pytest.mark.parametrize("confirmed", range(1, 9))
def test_only_confirmed_cycles_have_doses(library: Library, confirmed: int):
    doses = [each for each in course(library, "capecitabine-14-7", "cycle1-day1", confirmed) if each.activity.kind == "medicine"]

    assert len(doses) == 28 * confirmed
    assert max(each.day for each in doses) == START + timedelta(days=21 * (confirmed - 1) + 13)


def test_ten_years_after_a_bowel_operation_have_these_visits_and_tests(library: Library):
    asked = Counter(each.activity.key for each in course(library, "colorectal-surveillance", "surgery-date"))

    assert asked == {"visit-cea-y1-2": 8, "visit-cea-y3-5": 6, "ct-y1-2": 4, "ct-y3-5": 3, "colonoscopy": 3}


def test_an_operation_on_31_august_loses_no_visit_to_a_short_month(library: Library):
    asked = course(library, "colorectal-surveillance", "surgery-date", start=date(2026, 8, 31))
    visits = [each.day for each in asked if each.activity.key == "visit-cea-y1-2"]

    assert [f"{day:%y-%m-%d}" for day in visits] == [
        "26-11-30",
        "27-02-28",
        "27-05-31",
        "27-08-31",
        "27-11-30",
        "28-02-29",
        "28-05-31",
        "28-08-31",
    ]


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2026-01-31", 2, "2026-03-31"),
        ("2026-01-31", 3, "2026-04-30"),
        ("2026-01-31", 12, "2027-01-31"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2028-02-29", 12, "2029-02-28"),
        ("2028-02-29", 48, "2032-02-29"),
        ("2026-12-31", 2, "2027-02-28"),
        ("2026-11-30", 3, "2027-02-28"),
    ],
)
def test_months_are_clamped_to_the_months_end(day: str, months: int, then: str):
    assert months_after(date.fromisoformat(day), months) == date.fromisoformat(then)


@given(st.dates(date(2000, 1, 1), date(2080, 12, 31)), st.integers(0, 240))
def test_some_months_later_is_that_month_and_never_a_later_day_than_the_first(day: date, months: int):
    later = months_after(day, months)

    assert (later.year - day.year) * 12 + later.month - day.month == months
    assert later.day <= day.day
    assert later.day == day.day or (later + timedelta(days=1)).day == 1


def test_due_dates_come_in_the_order_of_their_day(library: Library):
    for plan in library.plans.values():
        for activity in plan.activities:
            days = [due.day for due in due_dates(activity, date(2026, 1, 31))]
            assert days == sorted(set(days)), activity.key


def test_every_reminder_comes_before_what_it_reminds_of_is_useless(library: Library):
    asked = course(library, "capecitabine-14-7", "cycle1-day1") + course(library, "colorectal-surveillance", "surgery-date")

    assert all(each.reminders and max(each.reminders) <= each.due_at < each.useful_until for each in asked)
