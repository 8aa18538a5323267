"""A nurse's mistake is found before anything is written, all mistakes at once; and what she reads first is what happens."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from care.content.library import Library
from care.content.plan_types import PlanTemplate
from care.people.clocks import local
from care.people.tables import Patient
from care.plans.enrol import Enrolment, find_problems, preview
from care.plans.problems import EnrolmentRefused
from care.plans.tables import CarePlan
from tests.plans.conftest import both
from tests.plans.course import CAPECITABINE, TODAY, doses, enrolled, follow_up, look_ahead, reminders, tablets, until
from tests.ward import NOON, Message, Occurrence, Ward

FIELD = "slots-capecitabine"


def codes(library: Library, choice: Enrolment) -> list[tuple[str, str]]:
    return [(problem.code, problem.field) for problem in find_problems(library, choice, TODAY)]


def test_a_good_choice_has_no_problem(library: Library):
    assert codes(library, tablets()) == []
    assert codes(library, follow_up("2024-02-29")) == []


@pytest.mark.parametrize(
    ("start", "code"),
    [
        ("2026-11-30", "start-in-the-past"),
        ("2016-11-30", "start-in-the-past"),
        ("2027-12-31", "date-far-away"),
        ("", "date-missing"),
        ("1 December", "date-missing"),
        ("2026-02-30", "date-missing"),
        ("20261201T10", "date-missing"),
    ],
)
def test_a_bad_start_is_found_at_its_field(library: Library, start: str, code: str):
    assert codes(library, tablets(start)) == [(code, "anchor-cycle1-day1")]


def test_an_operation_may_lie_in_the_past_but_not_long_ago_or_far_ahead(library: Library):
    assert codes(library, follow_up("2026-11-30")) == []
    assert codes(library, follow_up("2016-11-01")) == [("date-far-away", "anchor-surgery-date")]
    assert codes(library, follow_up("2028-01-01")) == [("date-far-away", "anchor-surgery-date")]


def test_an_unknown_plan_is_named(library: Library):
    [problem] = find_problems(library, replace(tablets(), template="miracle-cure"), TODAY)

    assert (problem.code, problem.field, problem.names) == ("unknown-plan", "template", {"plan": "miracle-cure"})


@pytest.mark.parametrize(
    ("hours", "code"),
    [
        (("08:00", "08:00"), "two-doses-at-one-hour"),
        (("08:00", "17:59"), "doses-too-close"),
        (("22:00", "07:59"), "doses-too-close"),  # round midnight
        (("08:00",), "wrong-number-of-doses"),
        (("06:00", "14:00", "22:00"), "wrong-number-of-doses"),
        ((), "wrong-number-of-doses"),
        (("8:00", "20:00"), "hour-unreadable"),
        (("25:00", "20:00"), "hour-unreadable"),
        (("morning", "evening"), "hour-unreadable"),
    ],
)
def test_bad_hours_are_found_at_their_field(library: Library, hours: tuple[str, ...], code: str):
    assert codes(library, tablets(hours=hours)) == [(code, FIELD)]


@pytest.mark.parametrize("hours", [("08:00", "18:00"), ("20:00", "08:00"), ("22:00", "08:00"), ("00:00", "12:00")])
def test_hours_ten_to_fourteen_hours_apart_are_good_in_any_order(library: Library, hours: tuple[str, ...]):
    assert codes(library, tablets(hours=hours)) == []


def test_every_mistake_is_told_at_once(library: Library):
    assert codes(library, tablets("2026-11-01", ("08:00", "08:00"))) == [
        ("start-in-the-past", "anchor-cycle1-day1"),
        ("two-doses-at-one-hour", FIELD),
    ]


def test_one_medicine_under_two_names_of_a_plan_is_still_one_medicine(library: Library):
    plan = library.plan(CAPECITABINE)
    [again] = [replace(each, key="capecitabine-again") for each in plan.activities if each.kind == "medicine"]
    double = with_plan(library, replace(plan, id="double", activities=(*plan.activities, again)))
    choice = Enrolment(
        "double", {"cycle1-day1": "2026-12-01"}, {"capecitabine": ["08:00", "20:00"], again.key: ["08:00", "19:00"]}
    )

    found = [(each.code, each.names["hour"]) for each in find_problems(double, choice, TODAY)]
    assert found == [("same-medicine-same-hour", "08:00"), ("same-medicine-same-hour", "19:00")]


def with_plan(library: Library, plan: PlanTemplate) -> Library:
    """The same library with one more plan."""
    other = object.__new__(Library)
    other.__dict__ = library.__dict__ | {"plans": library.plans | {plan.id: plan}}
    return other


async def refused(ward: Ward, patient: Patient, choice: Enrolment) -> list[tuple[str, str]]:
    with pytest.raises(EnrolmentRefused) as why:
        await enrolled(ward, patient, choice)
    return [(problem.code, problem.names.get("hour", "")) for problem in why.value.problems]


@both
async def test_nothing_is_written_when_an_enrolment_is_refused(ward: Ward):
    gul = await ward.patient()

    assert await refused(ward, gul, tablets("2020-01-01")) == [("start-in-the-past", "")]

    assert [await ward.all(table) for table in (CarePlan, Occurrence, Message)] == [[], [], []]


@both
async def test_a_second_plan_with_the_same_tablets_at_the_same_or_nearly_the_same_hour_is_refused(ward: Ward):
    gul = await ward.patient()
    await enrolled(ward, gul, tablets())

    same = await refused(ward, gul, tablets(hours=("08:00", "18:30")))
    near = await refused(ward, gul, tablets(hours=("08:15", "20:15")))

    assert same == [("same-medicine-same-hour", "08:00"), ("same-medicine-same-hour", "18:30")]
    assert near == [("same-medicine-same-hour", "08:15"), ("same-medicine-same-hour", "20:15")]
    assert len(await ward.all(CarePlan)) == 1


async def test_other_plans_other_patients_and_plans_that_ended_do_not_clash(ward: Ward):
    gul, serik = await ward.patient("Gul"), await ward.patient("Serik")
    first = await enrolled(ward, gul, tablets())

    await enrolled(ward, gul, follow_up())
    await enrolled(ward, serik, tablets())
    await ward.change(CarePlan, first.id, ended_at=NOON)
    await enrolled(ward, gul, tablets())

    assert len(await ward.all(CarePlan)) == 4


@both
async def test_the_first_48_hours_are_written_with_the_enrolment_and_nothing_of_the_past(ward: Ward):
    await enrolled(ward, await ward.patient(), tablets())  # at noon: the dose of 08:00 is over

    written = [f"{local(each.due_at, each.zone):%d %H:%M}" for each in await doses(ward)]
    assert written == ["01 20:00", "02 08:00", "02 20:00", "03 08:00"]


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Asia/Almaty"])
async def test_what_the_nurse_reads_first_is_what_the_patient_is_told(ward: Ward, zone: str):
    gul = await ward.patient(keeps=True)
    await ward.change(Patient, gul.id, zone=zone)
    gul.zone = zone
    choice = tablets("2026-12-02", ("07:30", "19:45"))
    week = preview(ward.library, choice, zone, date(2026, 12, 2), days=5)
    await enrolled(ward, gul, choice)

    await until(ward, NOON + timedelta(days=5, hours=20))

    sent = [(local(each.due_at, zone), each.kind) for each in await reminders(ward) if each.state == "sent"]
    told = sorted((f"{at:%d %H:%M}", kind) for at, kind in sent if at.date() > TODAY)
    read = sorted((f"{day.day:%d} {line.hour}", line.kind) for day in week for line in day.lines)
    assert told[: len(read)] == read
    assert Counter(kind for _, kind in read) == {"medicine": 10, "topic": 4, "checkin": 2}


async def test_an_hour_that_is_over_when_the_nurse_enrols_is_not_in_her_preview_either(ward: Ward):
    today, *_ = preview(ward.library, tablets(), "Asia/Shanghai", TODAY, now=ward.clock.now())

    assert [line.hour for line in today.lines] == ["20:00"]


def test_the_preview_has_the_rest_week_notice_and_every_notice_of_a_visit(library: Library):
    days = preview(library, tablets(), "Asia/Urumqi", TODAY, days=21)
    notices = [
        (day.day.day, line.activity, line.hour)
        for day in days
        for line in day.lines
        if line.kind not in ("medicine", "topic", "checkin")
    ]

    assert notices == [
        (13, "pre-cycle-visit", "10:00"),
        (15, "rest-week", "10:00"),
        (17, "pre-cycle-bloods", "10:00"),
        (18, "pre-cycle-bloods", "20:00"),
        (19, "pre-cycle-visit", "10:00"),
    ]


async def test_a_visit_is_announced_on_the_days_the_plan_names_and_not_again(ward: Ward):
    gul = await ward.patient()
    await enrolled(ward, gul, follow_up("2026-09-11"))  # the first visit falls due on 11 December
    assert await reminders(ward) == []  # the first notice is more than 48 hours away

    await until(ward, NOON + timedelta(days=10))

    told = [
        (f"{local(each.due_at, 'Asia/Shanghai'):%d %H:%M}", each.state)
        for each in await reminders(ward)
        if each.kind == "appointment"
    ]
    assert told == [("04 10:00", "sent"), ("10 10:00", "sent")]
    assert len(await ward.lines(gul)) == 2
    [visit] = [each for each in await ward.all(Occurrence) if each.kind == "appointment"]
    assert (visit.activity, visit.due_at) == ("visit-cea-y1-2", datetime(2026, 12, 11, 2, 0, tzinfo=UTC))


@both
async def test_looking_ahead_writes_48_hours_and_never_the_same_thing_twice(ward: Ward):
    await enrolled(ward, await ward.patient(), tablets())
    ward.clock.advance(timedelta(hours=8, seconds=-1))
    assert await look_ahead(ward) == 0

    ward.clock.advance(timedelta(seconds=2))  # 20:00 of the day after tomorrow comes into sight
    assert await look_ahead(ward) == 1
    ward.clock.advance(timedelta(minutes=45))  # and its repeat
    assert await look_ahead(ward) == 1

    assert await look_ahead(ward) == 0
    assert max(each.due_at for each in await doses(ward)) <= ward.clock.now() + timedelta(hours=48)


async def test_a_course_may_follow_one_that_is_over_by_then(ward: Ward):
    gul = await ward.patient()
    await enrolled(ward, gul, tablets())  # eight cycles: the last dose is on 10 May

    assert await refused(ward, gul, tablets("2027-05-10")) == [
        ("same-medicine-same-hour", "08:00"),
        ("same-medicine-same-hour", "20:00"),
    ]
    await enrolled(ward, gul, tablets("2027-05-11"))
