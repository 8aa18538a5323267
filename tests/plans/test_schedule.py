"""The arithmetic of a plan, checked against counts worked out by hand: no dose too many, no visit lost at a month's end."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care.content.library import Library
from care.content.plan_types import Cycles, PlanTemplate, Rule, Schedule
from care.content.schedules import WEEKDAYS, read_schedule
from care.plans.forecast import Booking, Expected, PlanFacts, expected
from care.plans.schedule import between, cycle_starts, months_after
from care.plans.tailor import tailor

START = date(2026, 12, 1)
TEN_YEARS = months_after(START, 120)
BEFORE = timedelta(days=30)  # tests before a treatment begins
DAYS = 3654  # of ten years with three leap days, the last one too
HOURS = {"capecitabine": ["08:00", "20:00"], "tki": ["08:00"], "regular-dose": ["08:00", "20:00"], "regular-medicines": ["09:00"]}
HOURS_OF_PRESCRIBED = {"tki": 1, "regular-dose": 2, "regular-medicines": 1}


def whole(template: PlanTemplate) -> PlanTemplate:
    """With everything a doctor can order, and a clinician's numbers where the template has none."""
    keys = {each.key for each in template.activities}
    numbers = {key: {"count": n, "min_gap_hours": 11} for key, n in HOURS_OF_PRESCRIBED.items() if key in keys}
    return tailor(template, numbers, frozenset(keys))


def course(library: Library, plan: str, cycles: int = 99, start: date = START, last: date = TEN_YEARS) -> list[Expected]:
    """Everything a plan asks of a patient until a day, once a nurse has confirmed so many cycles."""
    template = whole(library.plan(plan))
    facts = PlanFacts(dict.fromkeys(template.anchors, start), HOURS, "Asia/Urumqi", {"plan": cycles})
    return list(expected(template, facts, start - BEFORE, last))


GOLDEN = {  # anchor 2026-12-01, ten years (facts: clinical, section 3)
    "capecitabine-14-7": {
        **{"capecitabine": 224, "rest-week": 8, "pre-cycle-bloods": 8, "pre-cycle-visit": 8, "dpd-check": 1},
        **{"q-capecitabine": 32 + 2, "q-chemo-weekly": 8},
    },
    "chop-21-cycle": {
        **{"day-unit": 6, "steroid": 30, "growth-factor": 6, "nadir-bloods": 6, "pre-cycle-bloods": 6, "line-care": 18},
        **{"heart-test": 2, "q-chemo-nadir": 24, "q-chemo-weekly": 12, "q-distress": 3},
    },
    "radiotherapy-6w": {
        "fraction": 30,
        "weekly-review": 6,
        "weekly-bloods": 6,
        "after-2w": 1,
        "q-radiotherapy": 10,
        "skin-care": 56,
    },
    "colorectal-surveillance": {
        **{"visit-cea-y1-2": 8, "visit-cea-y3-5": 6, "visit-after": 5, "ct-y1-2": 4, "ct-y3-5": 3},
        **{"colonoscopy-1": 1, "colonoscopy-later": 2, "q-colorectal": 6 + 20, "q-distress": 8},
    },
    "gastric-post-gastrectomy": {
        **{"wound-check": 1, "dietitian": 3, "visit-y1-2": 8, "visit-y3-5": 6, "visit-after": 5, "endoscopy": 5},
        **{"b12-injection": 40, "anaemia-bloods": 10, "q-swallow-nutrition": 12 + 24, "q-distress": 8},
    },
    "breast-endocrine-5y": {
        **{"tablet": 1826, "visit-y1-3": 12, "visit-y4-5": 4, "visit-after": 5, "mammogram": 10, "bone-density": 3},
        **{"lipids-liver": 10, "refill": 130, "q-endocrine": 6 + 18, "q-distress": 20},
    },
    "esophageal-post-crt": {
        **{"early-toxicity": 2, "response-3m": 1, "visit-y1-2": 8, "visit-y3-5": 6, "weigh": 52},
        **{"q-swallow-nutrition": 13 + 22, "q-distress": 8},
    },
    "hcc-resection-antiviral": {
        **{"antiviral": DAYS, "visit-y1-2": 9, "visit-y3-5": 7, "hbv-dna-liver": 8, "refill": 130},
        **{"q-liver": 8 + 60, "q-distress": 8},
    },
    "nsclc-egfr-tki": {
        **{"tki": DAYS, "first-review": 2, "visit": 65, "liver-bloods": 4, "refill": 130, "q-egfr": 12 + 70, "q-distress": 12}
    },
    "cervical-post-crt": {
        **{"response": 1, "visit-y1-2": 8, "visit-y3-5": 6, "visit-after": 5, "home-exercise": 150, "kidney-bloods": 10},
        **{"q-pelvic": 6 + 20, "q-distress": 8},
    },
    "opioid-pain-followup": {
        **{"regular-dose": 2 * DAYS, "laxative": DAYS, "nurse-call": 4, "refill": 243, "return-unused": 121},
        **{"q-pain": 7 + 8 + 52},
    },
    "palliative-home": {
        **{"home-visit-or-call": 52, "regular-medicines": DAYS, "plan-review": 130, "caregiver-check": 52, "q-palliative": 104},
    },
}


@pytest.mark.parametrize("plan", GOLDEN)
def test_ten_years_of_each_plan_count_as_worked_out_by_hand(library: Library, plan: str):
    said = [each.activity for each in course(library, plan) if each.activity.kind != "topic"]

    assert Counter(each.subject if each.kind == "checkin" else each.key for each in said) == GOLDEN[plan]


def test_every_plan_of_the_project_has_its_count(library: Library):
    assert set(GOLDEN) == set(library.plans)


def test_the_rest_week_has_no_dose_and_begins_with_its_notice(library: Library):
    asked = course(library, "capecitabine-14-7")
    doses, notices = ({each.day for each in asked if each.activity.key == key} for key in ("capecitabine", "rest-week"))

    assert {(day - START).days % 21 + 1 for day in doses} == set(range(1, 15))
    assert {(day - START).days % 21 + 1 for day in notices} == {15}


@pytest.mark.parametrize("confirmed", range(9))
def test_only_confirmed_cycles_have_doses_visits_and_questions(library: Library, confirmed: int):
    asked = course(library, "capecitabine-14-7", confirmed)
    doses = [each for each in asked if each.activity.kind == "medicine"]

    assert len(doses) == 28 * confirmed
    assert max((each.cycle for each in asked), default=0) == confirmed


def test_an_operation_on_31_august_loses_no_visit_to_a_short_month(library: Library):
    asked = course(library, "colorectal-surveillance", start=date(2026, 8, 31))
    visits = [f"{each.day:%y-%m-%d}" for each in asked if each.activity.key == "visit-cea-y1-2"]

    assert visits[:6] == ["26-11-30", "27-02-28", "27-05-31", "27-08-31", "27-11-30", "28-02-29"]


def test_a_visit_may_be_booked_from_so_many_days_before_to_so_many_after(library: Library):
    visit = next(each for each in course(library, "gastric-post-gastrectomy") if each.activity.key == "visit-y1-2")

    assert (visit.day, visit.window) == (date(2027, 3, 1), (date(2027, 2, 8), date(2027, 3, 22)))


def test_a_booked_visit_takes_place_at_its_hour_and_is_announced_three_hours_before_too(library: Library):
    template = library.plan("gastric-post-gastrectomy")
    bookings = {("wound-check", date(2026, 12, 15)): Booking(date(2026, 12, 17), "09:30")}
    facts = PlanFacts({"surgery-date": START}, {}, "Asia/Urumqi", {}, bookings=bookings)

    [visit] = [each for each in expected(template, facts, date(2026, 12, 17), date(2026, 12, 17)) if each.booked]

    assert (visit.day, visit.on, visit.hour) == (date(2026, 12, 15), date(2026, 12, 17), "09:30")
    assert [visit.due_at - each for each in visit.reminders][2] == timedelta(hours=3)


def test_nobody_prepares_for_a_test_that_is_not_booked(library: Library):
    template = library.plan("colorectal-surveillance")
    due = months_after(START, 11)
    unbooked = PlanFacts({"surgery-date": START}, {}, "Asia/Urumqi", {})
    booked = replace(unbooked, bookings={("colonoscopy-1", due): Booking(due + timedelta(days=5), "08:00")})

    def preparing(facts: PlanFacts) -> list[tuple[int, date]]:
        asked = expected(template, facts, START, TEN_YEARS)
        return [((each.day - due).days, each.about) for each in asked if each.activity.key == "bowel-prep"]

    assert preparing(unbooked) == []
    assert preparing(booked) == [(2, due + timedelta(days=5)), (4, due + timedelta(days=5))]


def test_a_postponed_cycle_takes_all_its_days_and_all_later_cycles_with_it():
    schedule = Cycles(21, 4, (1, 15))
    moved = {2: START + timedelta(days=28)}

    starts = cycle_starts(schedule, START, moved)

    assert [(day - START).days for day in starts.values()] == [0, 28, 49, 70]
    days = [(due.day - START).days for due in between(schedule, START, START, TEN_YEARS, moved)]
    assert days == [0, 14, 28, 42, 49, 63, 70, 84]


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2026-01-31", 3, "2026-04-30"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2028-02-29", 12, "2029-02-28"),
        ("2028-02-29", 48, "2032-02-29"),
        ("2026-12-31", 2, "2027-02-28"),
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


rules = st.one_of(
    st.builds("FREQ=DAILY;INTERVAL={};COUNT={}".format, st.integers(1, 30), st.integers(1, 60)),
    st.builds(
        "FREQ=WEEKLY;INTERVAL={};COUNT={};BYDAY={}".format,
        st.integers(1, 5),
        st.integers(1, 60),
        st.lists(st.sampled_from(WEEKDAYS), min_size=1, unique=True).map(",".join),
    ),
    st.builds("FREQ=WEEKLY;INTERVAL={}".format, st.integers(1, 12)),
    st.builds("FREQ=MONTHLY;INTERVAL={};COUNT={};BYMONTHDAY={}".format, *map(st.integers, (1, 1, 1), (4, 30, 28))),
)
others = st.one_of(
    st.builds(lambda every, first: {"every_days": every, "from_day": first}, st.integers(1, 60), st.integers(0, 90)),
    st.builds(
        lambda every, first: {"every_months": every, "from_month": first, "until_month": 40}, *map(st.integers, (1, 0), (9, 30))
    ),
)
forms = st.one_of(st.builds(lambda rule, day: {"rrule": rule, "start_day": day}, rules, st.integers(0, 200)), others)


@given(forms, st.dates(date(2026, 1, 1), date(2029, 1, 1)), st.integers(-50, 900), st.integers(0, 400))
def test_a_window_of_a_schedule_holds_what_walking_all_its_days_would_find(
    form: dict[str, object], anchor: date, away: int, length: int
):
    schedule, first = read_schedule(form), anchor + timedelta(days=away)
    last = first + timedelta(days=length)

    assert [due.day for due in between(schedule, anchor, first, last)] == [
        day for day in walked(schedule, anchor, last) if day >= first
    ]


def walked(schedule: Schedule, anchor: date, last: date) -> list[date]:
    """Day by day from the anchor on, as the definition reads."""
    if not isinstance(schedule, Rule):
        every, first = (getattr(schedule, name, 0) for name in ("every_days", "from_day"))
        steps = (anchor + timedelta(days=first + every * step) for step in count())
        if not every:
            months = range(schedule.from_month, schedule.until_month + 1, schedule.every_months)
            steps = (months_after(anchor, each) for each in months)
        return list(until(steps, last))
    start = anchor + timedelta(days=schedule.start_day)
    days = [day for day in until((start + timedelta(days=step) for step in count()), last) if falls(schedule, start, day)]
    return days[: schedule.count or None]


def until(days: Iterator[date], last: date) -> Iterator[date]:
    for day in days:
        if day > last:
            return
        yield day


def falls(rule: Rule, start: date, day: date) -> bool:
    if rule.freq == "DAILY":
        return (day - start).days % rule.interval == 0
    if rule.freq == "WEEKLY":
        weeks = (day - timedelta(days=day.weekday()) - (start - timedelta(days=start.weekday()))).days // 7
        return weeks % rule.interval == 0 and day.weekday() in (rule.by_day or (start.weekday(),))
    months = (day.year - start.year) * 12 + day.month - start.month
    return months % rule.interval == 0 and day.day == rule.by_month_day


def test_due_dates_come_in_the_order_of_their_day(library: Library):
    for plan in library.plans.values():
        for activity in plan.everything:
            days = [due.day for due in between(activity.schedule, date(2026, 1, 31), date(2025, 1, 1), date(2036, 1, 31))]
            assert days == sorted(set(days)), activity.key


@pytest.mark.parametrize("plan", GOLDEN)
def test_every_reminder_comes_before_what_it_reminds_of_is_useless(library: Library, plan: str):
    asked = course(library, plan, last=START + timedelta(days=500))

    assert all(max(each.reminders, default=each.due_at) <= each.due_at < each.useful_until for each in asked)
    assert all(list(each.reminders) == sorted(each.reminders) for each in asked)
