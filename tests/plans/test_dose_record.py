"""What a patient's record makes of holds, rest weeks, second words, midnight and moved clocks; and the calendar of it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from care.people.tables import Patient
from care.plans.dose_record import DoseRecord, month_of, read_doses
from care.plans.endings import end_plan
from care.plans.occurrences import answer
from care.plans.pauses import pause, resume
from care.plans.supply import record_supply
from care.plans.tables import CarePlan
from tests.plans.course import act, doses, enrolled, look_ahead, one_tablet, tablets
from tests.ward import NOON, Occurrence, Ward

DAY = timedelta(days=1)


async def days_pass(ward: Ward, days: float, say: str | None = "taken") -> None:
    """Days in which every dose is answered at its hour; None: nobody says a word."""
    end = ward.clock.now() + timedelta(days=days)
    while ward.clock.now() < end:
        ward.clock.turn_to(min(end, ward.clock.now() + DAY))
        await look_ahead(ward)
        async with ward.database.work() as work:
            for each in await doses(ward):
                if say and each.due_at <= work.now and each.answer is None and each.dropped is None:
                    await answer(work, await work.session.get_one(Occurrence, each.id), say)


async def record(ward: Ward, gul: Patient) -> DoseRecord:
    async with ward.database.look() as work:
        return await read_doses(work, ward.library, await work.session.get_one(Patient, gul.id))


async def states(ward: Ward, gul: Patient) -> dict[int, str]:
    """What each day of December is called."""
    weeks = month_of(await record(ward, gul), 2026, 12, ward.clock.now())
    return {each.day.day: each.state for week in weeks for each in week if each}


async def test_a_rest_week_does_not_lower_it(ward: Ward):
    gul = await ward.patient()
    await enrolled(ward, gul, tablets())

    await days_pass(ward, 21)

    found = (await record(ward, gul)).taking
    assert (found.due, found.percent) == (27, 100)  # enrolled at noon of day 1


async def test_a_hold_of_five_days_leaves_the_denominator(ward: Ward):
    gul = await ward.patient()
    await enrolled(ward, gul, one_tablet("13:00"))
    await days_pass(ward, 3)
    await act(ward, pause, gul.id, "hold", ward.nurse_id)
    await days_pass(ward, 5)
    await act(ward, resume, gul.id, ward.nurse_id)
    await days_pass(ward, 2)

    found = (await record(ward, gul)).taking
    assert (found.due, found.percent) == (5, 100)


async def test_a_second_taken_is_one_dose(ward: Ward):
    gul = await ward.patient()
    await enrolled(ward, gul, one_tablet("13:00"))
    await days_pass(ward, 1)

    async with ward.database.work() as work:
        first = await work.session.get_one(Occurrence, (await doses(ward))[0].id)
        again = await answer(work, first, "taken")

    found = (await record(ward, gul)).taking
    assert (again, found.taken, found.due) == (False, 1, 1)


async def test_a_dose_confirmed_after_midnight_belongs_to_its_due_day(ward: Ward):
    gul = await ward.patient()
    await enrolled(ward, gul, one_tablet("23:30"))
    await look_ahead(ward)
    ward.clock.turn_to(datetime(2026, 12, 1, 16, 20, tzinfo=UTC))  # 00:20 of the 2nd

    async with ward.database.work() as work:
        await answer(work, await work.session.get_one(Occurrence, (await doses(ward))[0].id), "taken")

    found = await states(ward, gul)
    assert (found[1], found[2]) == ("taken", "none")
    assert (await record(ward, gul)).in_time == (1, 1)


async def test_a_moved_clock_keeps_one_dose_a_slot(ward: Ward):
    gul = await ward.patient()
    plan = await enrolled(ward, gul, one_tablet("13:00"))
    await days_pass(ward, 2)
    await ward.change(Patient, gul.id, zone="Asia/Urumqi")
    await ward.change(CarePlan, plan.id, look_again_at=None)
    await days_pass(ward, 2)

    rows = [each for each in await doses(ward) if each.answer]
    assert len({(each.local_date, each.slot) for each in rows}) == len(rows) == 4


async def test_silence_is_shown_as_no_answer_and_never_as_missed(ward: Ward):
    gul = await ward.patient()
    await enrolled(ward, gul, one_tablet("13:00"))

    await days_pass(ward, 2, say=None)

    found = (await record(ward, gul)).taking
    assert (found.due, found.missed, found.unanswered, found.percent) == (2, 0, 2, 0)


async def test_the_calendar_tells_taken_from_held_from_rest(ward: Ward):
    gul = await ward.patient()
    await enrolled(ward, gul, tablets())
    await days_pass(ward, 10)
    await act(ward, pause, gul.id, "hold", ward.nurse_id)
    await days_pass(ward, 2)
    await act(ward, resume, gul.id, ward.nurse_id)
    await days_pass(ward, 4, say="missed")

    found = await states(ward, gul)
    assert [found[day] for day in (2, 12, 14, 16, 20)] == ["taken", "held", "missed", "none", "none"]


async def test_what_was_handed_out_is_recorded_once_a_day(ward: Ward):
    gul = await ward.patient()
    plan = await enrolled(ward, gul, one_tablet("13:00"))

    async with ward.database.work() as work:
        mine = await work.session.get_one(CarePlan, plan.id)
        first = await record_supply(work, mine, "tki", date(2026, 12, 1), 28, ward.nurse_id)
        second = await record_supply(work, mine, "tki", date(2026, 12, 1), 28, ward.nurse_id)
        with pytest.raises(ValueError, match="a day that has come"):
            await record_supply(work, mine, "tki", date(2027, 12, 1), 28, ward.nurse_id)

    (medicine,) = (await record(ward, gul)).medicines
    assert (first is not None, second) == (True, None)
    assert (medicine.covered, medicine.supplied, medicine.left) == ((1, 1), (28, 1), 28)


async def test_before_the_first_dose_nothing_is_a_figure(ward: Ward):
    gul = await ward.patient()
    await enrolled(ward, gul, tablets("2026-12-05"))

    found = await record(ward, gul)

    assert (found.taking.percent, found.medicines, ward.clock.now()) == (None, [], NOON)


async def test_a_hold_ends_with_its_plan(ward: Ward):
    gul = await ward.patient()
    plan = await enrolled(ward, gul, tablets(hours=("13:00", "23:00")))
    await days_pass(ward, 2)
    await act(ward, pause, gul.id, "hold", ward.nurse_id, plan.id)
    await days_pass(ward, 1)
    await act(ward, end_plan, plan, ward.nurse_id)

    await days_pass(ward, 10)

    found = await states(ward, gul)
    assert (found[3], found[10]) == ("held", "none")


async def test_a_hold_of_one_plan_outlives_that_of_another(ward: Ward):
    gul = await ward.patient()
    one = await enrolled(ward, gul, tablets(hours=("13:00", "23:00")))
    two = await enrolled(ward, gul, one_tablet("18:00"))
    await days_pass(ward, 2)
    for each in (one, two):
        await act(ward, pause, gul.id, "hold", ward.nurse_id, each.id)
    await days_pass(ward, 2)
    await act(ward, resume, gul.id, ward.nurse_id, one.id)
    await act(ward, end_plan, one, ward.nurse_id)
    await days_pass(ward, 4)
    await act(ward, resume, gul.id, ward.nurse_id, two.id)

    await days_pass(ward, 2)

    found = await states(ward, gul)
    assert {found[day] for day in (6, 7, 8)} == {"held"}
