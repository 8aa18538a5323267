"""Other hours, special days, another clock: each dose has one hour, its gap is kept, and none is lost or told twice."""

from datetime import date, timedelta

import pytest

from care.people.patients import NotFound
from care.people.tables import Patient
from care.plans.forecast import SpecialTimes
from care.plans.rhythm import set_hours, set_special_times, travel
from care.plans.tables import PlanChange
from care.plans.undo import undo
from tests.plans.conftest import both
from tests.plans.course import act, coming, enrolled, one_tablet, refused, said, tablets, until, waiting
from tests.ward import NOON, Message, Ward

CAPE = "capecitabine"


async def at_noon(ward: Ward, *hours: str):
    gul = await ward.patient()
    return gul, await enrolled(ward, gul, tablets(hours=hours or ("08:00", "20:00")))


@both
async def test_new_hours_begin_with_the_next_dose(ward: Ward):
    _, plan = await at_noon(ward)

    await act(ward, set_hours, plan, {CAPE: ["09:00", "21:00"]}, ward.nurse_id)
    await until(ward, NOON + timedelta(days=1))

    assert await said(ward) == ["01 21:00", "01 21:45", "02 09:00", "02 09:45"]
    assert await coming(ward) == ["02 21:00", "03 09:00", "03 21:00", "04 09:00"]


async def test_a_dose_that_was_told_keeps_its_hour_and_is_not_told_again(ward: Ward):
    _, plan = await at_noon(ward)
    await until(ward, NOON + timedelta(hours=8, minutes=10))  # 20:10

    await act(ward, set_hours, plan, {CAPE: ["09:00", "21:00"]}, ward.nurse_id)
    await until(ward, NOON + timedelta(hours=10))

    assert await said(ward) == ["01 20:00", "01 20:45"]


async def test_a_dose_whose_new_hour_is_over_today_comes_at_its_old_one(ward: Ward):
    plan = await enrolled(ward, await ward.patient(), one_tablet("19:00"))

    assert await refused(ward, set_hours, plan, {"tki": ["07:00"]}, ward.nurse_id) == ["change-too-close"]
    await act(ward, set_hours, plan, {"tki": ["07:00"]}, ward.nurse_id, "the doctor agrees")

    assert await coming(ward, "tki") == ["01 19:00", "02 07:00", "03 07:00"]


@both
async def test_hours_that_bring_two_doses_too_close_are_refused_unless_a_clinician_agrees(ward: Ward):
    _, plan = await at_noon(ward)
    await until(ward, NOON + timedelta(hours=9))

    hours = {CAPE: ["05:00", "17:00"]}  # 20:00 was told, 05:00 is nine hours later
    assert await refused(ward, set_hours, plan, hours, ward.nurse_id) == ["change-too-close"]
    change = await act(ward, set_hours, plan, hours, ward.nurse_id, "Dr. Aziz agrees")

    assert (await coming(ward))[0] == "02 05:00"
    assert b"Aziz" not in (change.why_sealed or b"")


@pytest.mark.parametrize(
    ("hours", "code"),
    [
        ({CAPE: ["08:00"]}, "wrong-number-of-doses"),
        ({CAPE: ["08:00", "08:00"]}, "two-doses-at-one-hour"),
        ({CAPE: ["08:00", "12:00"]}, "doses-too-close"),
        ({CAPE: ["8 o'clock", "20:00"]}, "hour-unreadable"),
        ({"aspirin": ["08:00"]}, "no-hours-asked"),
    ],
)
async def test_hours_that_cannot_be_are_refused(ward: Ward, hours: dict[str, list[str]], code: str):
    _, plan = await at_noon(ward)

    assert await refused(ward, set_hours, plan, hours, ward.nurse_id) == [code]


def special(first: str, last: str, *hours: str) -> SpecialTimes:
    return SpecialTimes(CAPE, date.fromisoformat(first), date.fromisoformat(last), hours)


async def test_special_times_hold_for_their_days_and_nobody_is_asked_why(ward: Ward):
    _, plan = await at_noon(ward)

    change = await act(ward, set_special_times, plan, special("2026-12-02", "2026-12-03", "06:00", "18:30"), ward.nurse_id)
    await until(ward, NOON + timedelta(days=3))

    assert [each for each in await said(ward) if not each.endswith(("45", "15"))] == [
        *("01 20:00", "02 06:00", "02 18:30", "03 06:00", "03 18:30", "04 08:00")
    ]
    assert (change.why_sealed, change.detail[plan.id].keys()) == (None, {"special_times"})


@pytest.mark.parametrize(
    ("times", "code"),
    [
        (special("2026-12-03", "2026-12-02", "06:00", "18:00"), "end-before-start"),
        (special("2026-11-01", "2026-11-02", "06:00", "18:00"), "day-over"),
        (special("2026-12-03", "2030-12-02", "06:00", "18:00"), "date-far-away"),
        (special("2026-12-03", "2026-12-04", "06:00", "12:00"), "doses-too-close"),
        (special("2026-12-05", "2026-12-06", "04:00", "16:00"), "change-too-close"),  # 20:00 and then 04:00
        (special("2026-12-02", "2026-12-03", "12:00", "23:00"), "change-too-close"),  # 23:00 and then 08:00
    ],
)
async def test_special_times_that_break_the_gap_are_not_saved(ward: Ward, times: SpecialTimes, code: str):
    _, plan = await at_noon(ward)

    assert await refused(ward, set_special_times, plan, times, ward.nurse_id) == [code]


async def test_special_times_are_taken_back_and_never_overlap(ward: Ward):
    _, plan = await at_noon(ward)
    times = special("2026-12-02", "2026-12-04", "07:00", "19:00")
    change = await act(ward, set_special_times, plan, times, ward.nurse_id)
    assert await refused(ward, set_special_times, plan, times, ward.nurse_id) == ["special-overlap"]

    await act(ward, undo, ward.clinic.id, change.id, ward.nurse_id)

    assert (await coming(ward))[:3] == ["01 20:00", "02 08:00", "02 20:00"]
    assert await refused(ward, undo, ward.clinic.id, change.id, ward.nurse_id) == ["already-undone"]


@both
async def test_on_another_clock_the_same_hours_are_read_from_another_wall(ward: Ward):
    gul, _ = await at_noon(ward)

    await act(ward, travel, gul.id, "Asia/Almaty", ward.nurse_id)  # three hours behind Beijing
    await until(ward, NOON + timedelta(days=1))

    assert [each for each in await said(ward) if each.endswith(":00")] == ["01 23:00", "02 11:00"]
    texts = [line.reply.text for line in await ward.lines(gul)]
    assert all(ward.library.phrase("ug-Arab", "clock-kazakhstan").text in text for text in texts if "20:00" in text)


async def test_coming_back_east_too_soon_after_a_dose_asks_the_nurse_for_the_first_hours(ward: Ward):
    gul, plan = await at_noon(ward)
    await ward.change(Patient, gul.id, zone="Asia/Almaty")
    await act(ward, set_hours, plan, {CAPE: ["08:00", "20:30"]}, ward.nurse_id)
    await until(ward, NOON + timedelta(hours=12))  # midnight in Beijing: 20:30 in Almaty was told half an hour ago

    assert await refused(ward, travel, gul.id, "Asia/Shanghai", ward.nurse_id) == ["change-too-close"]
    first = {plan.id: [special("2026-12-02", "2026-12-02", "10:00", "20:30")]}
    await act(ward, travel, gul.id, "Asia/Shanghai", ward.nurse_id, first)

    assert (await coming(ward))[:2] == ["02 10:00", "02 20:30"]


async def test_a_dose_told_on_the_old_clock_is_not_told_again_on_the_new_one(ward: Ward):
    gul, _ = await at_noon(ward)
    await until(ward, NOON + timedelta(hours=8, minutes=5))  # 20:05 in Beijing, 18:05 in Urumqi

    await act(ward, travel, gul.id, "Asia/Urumqi", ward.nurse_id)
    await until(ward, NOON + timedelta(days=1))

    assert [each for each in await said(ward) if each.endswith(":00")] == ["01 20:00", "02 10:00"]


async def test_a_clock_nobody_knows_or_that_is_theirs_already_is_refused(ward: Ward):
    gul, _ = await at_noon(ward)

    assert await refused(ward, travel, gul.id, "Mars/Olympus", ward.nurse_id) == ["clock-unknown"]
    assert await refused(ward, travel, gul.id, "Asia/Shanghai", ward.nurse_id) == ["clock-same"]


async def test_a_patient_whose_row_holds_an_unknown_clock_stands_on_the_worklist_and_holds_up_nobody(ward: Ward):
    gul, _ = await at_noon(ward)
    await ward.change(Patient, gul.id, zone="Mars/Olympus")
    ward.clock.advance(timedelta(hours=13))

    await ward.tick()

    assert ("Gul", "plan-unreadable") in await ward.nurse_sees()


async def test_taking_back_what_was_changed_again_is_refused(ward: Ward):
    _, plan = await at_noon(ward)
    change = await act(ward, set_hours, plan, {CAPE: ["09:00", "21:00"]}, ward.nurse_id)
    await act(ward, set_hours, plan, {CAPE: ["09:30", "21:30"]}, ward.nurse_id)

    assert await refused(ward, undo, ward.clinic.id, change.id, ward.nurse_id) == ["changed-since"]
    assert await waiting(ward) == ["01 21:30", "02 09:30", "02 21:30", "03 09:30"]


async def test_another_clinic_cannot_take_anything_back(ward: Ward):
    _, plan = await at_noon(ward)
    change = await act(ward, set_hours, plan, {CAPE: ["09:00", "21:00"]}, ward.nurse_id)

    with pytest.raises(NotFound):
        await act(ward, undo, ward.other_clinic.id, change.id, ward.nurse_id)
    assert [each.undone_at for each in await ward.all(PlanChange)] == [None]
    assert await ward.all(Message)
