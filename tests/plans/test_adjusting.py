"""What a clinician sets for one patient, what a nurse books, and what ends a course: each with who, when and why."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from care.content.library import Library
from care.content.plan_types import Rule
from care.plans.adjust import More, adjust, order
from care.plans.booking import book, unbook
from care.plans.changes import changes_of, why_of
from care.plans.endings import record_death, record_recurrence, turn_palliative
from care.plans.enrol import Enrolment
from care.plans.forecast import Booking, SpecialTimes
from care.plans.rhythm import set_special_times
from care.plans.tables import CarePlan
from care.plans.tailor import tailor, tailor_problems
from care.plans.undo import undo
from tests.plans.conftest import both
from tests.plans.course import act, coming, enrolled, follow_up, one_tablet, plan_of, refused, reminders, tablets, until, waiting
from tests.ward import NOON, Message, Occurrence, Patient, Ward

DAY = timedelta(days=1)
SEVEN_SEVEN: dict[str, dict[str, Any]] = {
    "capecitabine": {"on_days": "1-7", "cycle_days": 14, "cycles": 12},
    "rest-week": {"on_days": "8"},
    "pre-cycle-bloods": {"on_days": "12"},
    "pre-cycle-visit": {"on_days": "13"},
    "q-capecitabine-1": {"on_days": "4,7"},
    "q-chemo-weekly-3": {"on_days": "11"},
}


async def test_another_rhythm_of_tablets_needs_a_reason_that_is_kept_sealed(ward: Ward):
    gul = await ward.patient()
    plan = await enrolled(ward, gul, tablets())

    assert await refused(ward, adjust, plan, SEVEN_SEVEN, " ", ward.nurse_id) == ["why-missing"]
    change = await act(ward, adjust, plan, SEVEN_SEVEN, "kidneys, says Dr. Aziz", ward.nurse_id)
    await until(ward, NOON + 8 * DAY)

    assert await coming(ward) == []
    assert "rest-week" in {each.activity for each in await ward.all(Occurrence)}
    async with ward.database.look() as work:
        [kept] = await changes_of(work, gul.id)
        assert (kept.made_by, kept.made_at, await why_of(work, kept)) == (ward.nurse_id, NOON, "kidneys, says Dr. Aziz")
    assert b"Aziz" not in change.why_sealed


@pytest.mark.parametrize(("day", "flags"), [(7, []), (10, ["tablets-end-early"]), (15, [])])
async def test_a_nurse_tells_who_stops_tablets_on_a_day_that_is_over(ward: Ward, day: int, flags: list[str]):
    plan = await enrolled(ward, await ward.patient(), tablets())
    ward.clock.advance((day - 1) * DAY)
    shorter = {"capecitabine": {"on_days": "1-7"}, "rest-week": {"on_days": "8"}}

    await act(ward, adjust, plan, shorter, "kidneys, says Dr. Aziz", ward.nurse_id)

    assert [flag for _, flag in await ward.nurse_sees()] == flags


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"capecitabine": {"on_days": "1-22"}}, "day-outside-cycle"),
        ({"capecitabine": {"on_days": "1-7"}}, "rest-misplaced"),
        ({"capecitabine": {"on_days": ""}}, "override-unreadable"),
        ({"capecitabine": {"on_days": "1-5,14-10"}}, "override-unreadable"),
        ({"capecitabine": {"every_days": 3}}, "override-unreadable"),
        ({"aspirin": {"on_days": "1"}}, "override-unreadable"),
        ({"capecitabine": {"min_gap_hours": 13}}, "gap-longer-than-day"),
        ({"capecitabine": {"min_gap_hours": "ten"}}, "override-unreadable"),
        ({"capecitabine": {"count": 3, "min_gap_hours": 6}}, "wrong-number-of-doses"),
        ({"pre-cycle-visit": {"on_days": "1,20"}}, "window-too-wide"),
        ({"capecitabine": {"on_days": "1-999999999"}}, "override-unreadable"),
        ({"capecitabine": {"cycles": 999_999_999}}, "override-unreadable"),
        ({"capecitabine": {"cycles": 5_000, "cycle_days": 5_000}}, "override-unreadable"),
        ({"capecitabine": {"cycles": -1}}, "never-due"),
    ],
)
async def test_a_change_that_cannot_be_is_refused(ward: Ward, fields: dict[str, dict[str, Any]], code: str):
    plan = await enrolled(ward, await ward.patient(), tablets())

    assert code in await refused(ward, adjust, plan, fields, "the doctor says so", ward.nurse_id)


def test_a_check_in_of_every_week_comes_every_second_week_when_the_doctor_says_so(library: Library):
    template = library.plans["esophageal-post-crt"]
    weekly = next(each for each in template.checkins if isinstance(each.schedule, Rule) and each.schedule.freq == "WEEKLY")

    own = tailor(template, {weekly.key: {"interval": 2}}, frozenset())

    changed = next(each.schedule for each in own.checkins if each.key == weekly.key)
    assert isinstance(changed, Rule)
    assert (changed.interval, changed.count) == (2, weekly.schedule.count)
    assert tailor_problems(template, {weekly.key: {"interval": 2}}, frozenset()) == []


@pytest.mark.parametrize("interval", [0, -1, 1.5, True, "two", 10_000])
def test_an_interval_that_is_none_is_refused(library: Library, interval: Any):
    template = library.plans["esophageal-post-crt"]
    weekly = next(each for each in template.checkins if isinstance(each.schedule, Rule))

    problems = tailor_problems(template, {weekly.key: {"interval": interval}}, frozenset())

    assert [each.code for each in problems] == ["override-unreadable"]


async def test_a_third_dose_comes_with_its_hours_and_goes_when_it_is_taken_back(ward: Ward):
    plan = await enrolled(ward, await ward.patient(), one_tablet("14:00"))
    thrice = {"tki": {"count": 3, "min_gap_hours": 6}}

    change = await act(ward, adjust, plan, thrice, "icotinib", ward.nurse_id, {"tki": ["08:00", "14:00", "20:00"]})
    assert await coming(ward, "tki") == ["01 14:00", "01 20:00", "02 08:00", "02 14:00", "02 20:00", "03 08:00"]
    await act(ward, undo, ward.clinic.id, change.id, ward.nurse_id)

    assert await coming(ward, "tki") == ["01 14:00", "02 14:00", "03 14:00"]


async def test_half_the_doses_hold_on_special_days_too_until_that_is_taken_back(ward: Ward):
    plan = await enrolled(ward, await ward.patient(), one_tablet("08:00", "20:00", gap="10"))
    on_the_road = SpecialTimes("tki", date(2026, 12, 2), date(2026, 12, 8), ("07:00", "19:00"))
    await act(ward, set_special_times, plan, on_the_road, ward.nurse_id)
    ward.clock.advance(timedelta(minutes=1))

    change = await act(ward, adjust, plan, {"tki": {"count": 1}}, "half, says Dr. Aziz", ward.nurse_id, {"tki": ["08:00"]})
    assert await coming(ward, "tki") == ["02 08:00", "03 08:00"]
    await act(ward, undo, ward.clinic.id, change.id, ward.nurse_id)

    assert await coming(ward, "tki") == ["01 20:00", "02 07:00", "02 19:00", "03 07:00"]


async def test_special_days_of_another_medicine_stay(ward: Ward):
    hours, day = {"laxative": ["19:00"], "regular-dose": ["08:00", "20:00"]}, {"opioid-start-or-change": "2026-12-01"}
    choice = Enrolment("opioid-pain-followup", day, hours, prescribed={"regular-dose": "10"})
    plan = await enrolled(ward, await ward.patient(), choice)
    special = SpecialTimes("laxative", date(2026, 12, 2), date(2026, 12, 8), ("21:00",))
    await act(ward, set_special_times, plan, special, ward.nurse_id)

    once = {"regular-dose": {"count": 1}}
    await act(ward, adjust, plan, once, "half, says Dr. Aziz", ward.nurse_id, {"regular-dose": ["20:00"]})

    assert await coming(ward, "laxative") == ["01 19:00", "02 21:00"]


async def test_an_activity_can_be_left_out_for_a_patient(ward: Ward):
    plan = await enrolled(ward, await ward.patient(), follow_up("2026-09-03"))  # a visit on 3 December
    ward.clock.advance(timedelta(hours=1))
    assert await coming(ward, "visit-cea-y1-2") == ["03 10:00"]

    await act(ward, adjust, plan, {"visit-cea-y1-2": {"off": True}}, "followed elsewhere", ward.nurse_id)
    assert (await coming(ward, "visit-cea-y1-2"), await waiting(ward, "appointment")) == ([], [])
    await act(ward, adjust, plan, {"visit-cea-y1-2": {"off": None}}, "comes back", ward.nurse_id)

    assert await coming(ward, "visit-cea-y1-2") == ["03 10:00"]


async def test_the_antiviral_is_never_there_by_itself_and_comes_with_an_order(ward: Ward):
    gul = await ward.patient()
    plan = await enrolled(ward, gul, Enrolment("hcc-resection-antiviral", {"surgery-date": "2026-11-20"}, {}))
    assert [each for each in await ward.all(Occurrence) if each.kind == "medicine"] == []

    assert await refused(ward, order, plan, ["antiviral"], "HBsAg", ward.nurse_id) == ["date-missing"]
    assert await refused(ward, order, plan, ["aspirin"], "?", ward.nurse_id) == ["order-unknown"]
    more = More({"antiviral-start": "2026-12-01"}, {"antiviral": ["21:00"]})
    await act(ward, order, plan, ["antiviral", "refill"], "HBsAg positive", ward.nurse_id, more)
    assert await coming(ward, "antiviral") == ["01 21:00", "02 21:00"]
    await act(ward, order, plan, [], "stopped", ward.nurse_id)

    assert await coming(ward, "antiviral") == []


async def wound_check(ward: Ward):
    """An operation on 21 November; the wound is looked at on 5 December, four days sooner or later."""
    choice = Enrolment("gastric-post-gastrectomy", {"surgery-date": "2026-11-21"}, {})
    return await enrolled(ward, await ward.patient(), choice), date(2026, 12, 5)


@both
async def test_only_a_nurse_turns_a_window_into_an_appointment_with_an_hour(ward: Ward):
    plan, due = await wound_check(ward)
    await until(ward, NOON + timedelta(days=1))
    [visit] = [each for each in await ward.all(Occurrence) if each.activity == "wound-check"]
    assert (visit.earliest, visit.latest, visit.booked_on) == (date(2026, 12, 1), date(2026, 12, 9), None)

    await act(ward, book, plan, "wound-check", due, Booking(date(2026, 12, 4), "11:00"), ward.nurse_id)
    await until(ward, NOON + timedelta(days=3))

    mine = [each for each in await reminders(ward) if ":wound-check:" in each.key]
    assert [f"{each.due_at:%d %H:%M}" for each in mine if each.state == "sent"] == ["03 02:00", "04 00:00"]  # 10:00, and 08:00
    assert {each.phrase for each in mine} == {"reminder-visit-tomorrow"}


async def test_an_appointment_is_taken_off_and_the_window_is_back(ward: Ward):
    plan, due = await wound_check(ward)
    await act(ward, book, plan, "wound-check", due, Booking(date(2026, 12, 4), "11:00"), ward.nurse_id)
    ward.clock.advance(DAY)

    await act(ward, unbook, plan, "wound-check", due, ward.nurse_id)

    assert await coming(ward, "wound-check") == ["05 10:00"]
    assert await refused(ward, unbook, plan, "wound-check", due, ward.nurse_id) == ["visit-unknown"]


@pytest.mark.parametrize(
    ("activity", "booking", "code"),
    [
        ("wound-check", Booking(date(2026, 12, 20), "11:00"), "outside-window"),
        ("wound-check", Booking(date(2026, 11, 30), "11:00"), "day-over"),
        ("wound-check", Booking(date(2036, 12, 4), "11:00"), "date-far-away"),
        ("wound-check", Booking(date(2026, 12, 4), "11"), "hour-unreadable"),
        ("dentist", Booking(date(2026, 12, 4), "11:00"), "visit-unknown"),
    ],
)
async def test_a_booking_that_cannot_be_is_refused(ward: Ward, activity: str, booking: Booking, code: str):
    plan, due = await wound_check(ward)

    assert await refused(ward, book, plan, activity, due, booking, ward.nurse_id) == [code]


async def test_on_a_leap_day_a_visit_of_the_next_year_is_booked_too(ward: Ward):
    ward.clock.turn_to(datetime(2028, 2, 29, 4, 0, tzinfo=UTC))
    plan = await enrolled(ward, await ward.patient(), follow_up("2028-01-05"))
    due = date(2029, 1, 5)

    await act(ward, book, plan, "visit-cea-y1-2", due, Booking(date(2029, 1, 8), "09:00"), ward.nurse_id)

    assert (await plan_of(ward, plan.id)).bookings == {"visit-cea-y1-2 2029-01-05": "2029-01-08 09:00"}


async def test_outside_the_window_a_nurse_says_why(ward: Ward):
    plan, due = await wound_check(ward)

    await act(ward, book, plan, "wound-check", due, Booking(date(2026, 12, 12), "11:00"), ward.nurse_id, "the road is closed")
    ward.clock.advance(10 * DAY)
    await ward.tick()

    assert await coming(ward, "wound-check") == ["12 11:00"]


COMFORT = Enrolment(
    "palliative-home", {"enrolment": "2026-12-01"}, {"regular-medicines": ["21:00"]}, (), {"regular-medicines": "24"}
)


@both
async def test_comfort_care_ends_every_plan_of_cure_at_once_and_leaves_pain_relief(ward: Ward):
    gul = await ward.patient()
    cure = await enrolled(ward, gul, tablets())
    hours, day = {"laxative": ["19:00"], "regular-dose": ["19:00"]}, {"opioid-start-or-change": "2026-12-01"}
    relief = await enrolled(ward, gul, Enrolment("opioid-pain-followup", day, hours, prescribed={"regular-dose": "24"}))

    change, begun = await act(ward, turn_palliative, gul.id, ward.nurse_id, COMFORT)

    ended = {each.id: each.ended_because for each in await ward.all(CarePlan)}
    assert ended == {cure.id: "palliative", relief.id: None, begun.id: None}
    assert (await coming(ward), await coming(ward, "laxative")) == ([], ["01 19:00", "02 19:00"])
    assert await coming(ward, "regular-medicines") == ["01 21:00", "02 21:00"]
    await act(ward, undo, ward.clinic.id, change.id, ward.nurse_id)
    assert (await coming(ward))[:1] == ["01 20:00"]
    assert await coming(ward, "regular-medicines") == []


async def test_comfort_care_the_patient_has_heard_of_is_not_taken_back(ward: Ward):
    gul = await ward.patient()
    await enrolled(ward, gul, tablets())
    change, _ = await act(ward, turn_palliative, gul.id, ward.nurse_id, COMFORT)
    await until(ward, NOON + timedelta(hours=10))

    assert await refused(ward, undo, ward.clinic.id, change.id, ward.nurse_id) == ["already-told"]


async def test_comfort_care_that_cannot_begin_leaves_everything_as_it_was(ward: Ward):
    gul = await ward.patient()
    await enrolled(ward, gul, tablets())
    wrong = Enrolment("palliative-home", {"enrolment": "2026-12-01"}, {"regular-medicines": ["21:00"]})

    assert await refused(ward, turn_palliative, gul.id, ward.nurse_id, wrong) == ["prescription-missing"]


async def test_an_illness_that_is_back_ends_follow_up_of_a_cure(ward: Ward):
    gul = await ward.patient()
    plan = await enrolled(ward, gul, follow_up("2026-09-03"))
    ward.clock.advance(timedelta(hours=1))

    change = await act(ward, record_recurrence, gul.id, ward.nurse_id)

    assert (await coming(ward, "visit-cea-y1-2"), await waiting(ward, "appointment")) == ([], [])
    assert await refused(ward, adjust, plan, {}, "too late", ward.nurse_id) == ["plan-over"]
    await act(ward, undo, ward.clinic.id, change.id, ward.nurse_id)
    assert await coming(ward, "visit-cea-y1-2") == ["03 10:00"]


@both
async def test_after_a_death_nothing_is_ever_sent_and_a_slip_of_the_hand_is_mended(ward: Ward):
    gul = await ward.patient()
    await enrolled(ward, gul, tablets())
    notice = await ward.due(gul, next_at=NOON + timedelta(minutes=1))

    change = await act(ward, record_death, gul.id, ward.nurse_id)
    assert await refused(ward, record_death, gul.id, ward.nurse_id) == ["patient-ended"]
    await until(ward, NOON + timedelta(hours=9))
    assert (await ward.lines(gul), await ward.state(notice)) == ([], ("cleared", "ended"))
    await act(ward, undo, ward.clinic.id, change.id, ward.nurse_id)

    assert [each.ended_at for each in await ward.all(Patient)] == [None]
    assert (await coming(ward))[:2] == ["02 08:00", "02 20:00"]
    assert {each.state for each in await ward.all(Message) if each.kind == "medicine" and each.due_at > ward.clock.now()} == {
        "due"
    }
