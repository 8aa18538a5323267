"""An alert nobody acknowledges goes from one person on duty to the next, and ends on the call list."""

import pytest

from care.alarms.rota import PROPOSED, add_duty, is_on_duty, pass_on, set_answer_within
from care.alarms.service import AlertCard, acknowledge, raise_alert, worklist
from care.people.patients import NotFound
from care.people.staff import create_staff
from tests.ward import Ward

FEVER = "rf-fever-on-treatment"


async def on_duty(ward: Ward, name: str, from_hour: int = 0, until_hour: int = 0) -> str:
    async with ward.database.work() as work:
        person = await create_staff(work, ward.clinic.id, name.lower(), name, "nurse")
        await add_duty(work, ward.clinic.id, person.id, from_hour, until_hour)
        return person.id


async def raised(ward: Ward, tier: str = "emergency") -> str:
    patient = await ward.patient()
    async with ward.database.work() as work:
        return (await raise_alert(work, patient, FEVER, tier, "rule")).id


async def minutes_later(ward: Ward, minutes: int) -> AlertCard:
    """Time passes, the scheduler looks, and a nurse opens the worklist."""
    await ward.later(minutes=minutes)
    async with ward.database.work() as work:
        await pass_on(work)
    async with ward.database.look() as work:
        (card,) = await worklist(work, ward.clinic.id)
        return card


async def test_it_goes_to_the_next_on_duty_and_then_to_the_call_list(ward: Ward):
    await on_duty(ward, "Dina")
    await on_duty(ward, "Nobody", from_hour=0, until_hour=6)
    await on_duty(ward, "Marat")
    await raised(ward)

    first = await minutes_later(ward, 9)
    second = await minutes_later(ward, 2)
    last = await minutes_later(ward, 11)

    assert (first.with_name, first.on_call_list) == ("Dina", False)
    assert (second.with_name, second.on_call_list, second.overdue) == ("Marat", False, False)
    assert (last.on_call_list, last.overdue) == (True, True)


async def test_who_acknowledges_keeps_it(ward: Ward):
    person = await on_duty(ward, "Dina")
    alert_id = await raised(ward)
    async with ward.database.work() as work:
        await acknowledge(work, ward.clinic.id, alert_id, person)

    card = await minutes_later(ward, 60)

    assert (card.acknowledged, card.on_call_list, card.overdue) == (True, False, False)


async def test_without_a_rota_it_is_everybodys_and_then_on_the_call_list(ward: Ward):
    await raised(ward)

    early, late = await minutes_later(ward, 5), await minutes_later(ward, 6)

    assert (early.with_name, early.on_call_list) == ("", False)
    assert late.on_call_list


async def test_the_hospitals_own_times_count(ward: Ward):
    await on_duty(ward, "Dina")
    async with ward.database.work() as work:
        await set_answer_within(work, ward.clinic.id, PROPOSED | {"emergency": 3})
    await raised(ward)

    assert (await minutes_later(ward, 4)).on_call_list


@pytest.mark.parametrize("minutes", [{"emergency": 3}, PROPOSED | {"emergency": 0}, PROPOSED | {"same-day": 10**6}])
async def test_times_that_make_no_sense_are_refused(ward: Ward, minutes: dict[str, int]):
    with pytest.raises(ValueError, match="minutes"):
        async with ward.database.work() as work:
            await set_answer_within(work, ward.clinic.id, minutes)


async def test_nobody_of_another_clinic_can_be_put_on_the_rota(ward: Ward):
    with pytest.raises(NotFound):
        async with ward.database.work() as work:
            await add_duty(work, ward.other_clinic.id, ward.nurse_id, 8, 20)


@pytest.mark.parametrize(
    ("shift", "hour", "is_there"),
    [((8, 20), 8, True), ((8, 20), 20, False), ((20, 8), 23, True), ((20, 8), 3, True), ((20, 8), 12, False), ((0, 0), 5, True)],
)
def test_hours_are_of_the_clock_and_may_run_over_midnight(shift: tuple[int, int], hour: int, is_there: bool):
    assert is_on_duty(*shift, hour) is is_there


async def test_at_a_change_of_shift_whoever_comes_is_asked_before_the_call_list(ward: Ward):
    await on_duty(ward, "Late", from_hour=13, until_hour=20)
    await on_duty(ward, "Early", from_hour=6, until_hour=13)
    await ward.later(minutes=55)  # 12:55
    await raised(ward)

    at_one = await minutes_later(ward, 11)
    last = await minutes_later(ward, 11)

    assert (at_one.with_name, at_one.on_call_list) == ("Late", False)
    assert last.on_call_list
