"""The next round of treatment begins when a nurse says so, on the day she says, and never by itself."""

from datetime import date, timedelta

import pytest

from care.people.tables import Audit
from care.plans.adjust import adjust
from care.plans.cycles import confirm_next_cycle, postpone_cycle
from care.plans.tables import PlanChange
from care.plans.undo import undo
from tests.plans.conftest import both
from tests.plans.course import act, coming, doses, enrolled, look_ahead, plan_of, refused, tablets, until
from tests.ward import NOON, Ward

SECOND = date(2026, 12, 22)  # as planned; the first cycle begins on 1 December


async def before_the_second(ward: Ward, days: int = 19):
    """A plan whose second cycle is planned for 22 December; so many days of the first are over."""
    plan = await enrolled(ward, await ward.patient(), tablets())
    ward.clock.advance(timedelta(days=days))
    return plan


async def test_a_cycle_nobody_confirmed_never_begins(ward: Ward):
    await before_the_second(ward, days=22)

    await look_ahead(ward)

    assert await coming(ward) == []


async def test_a_confirmed_cycle_begins_on_its_day_and_it_is_known_who_said_so(ward: Ward):
    plan = await before_the_second(ward)

    number, change = await act(ward, confirm_next_cycle, plan, ward.nurse_id)

    assert number == 2
    assert await coming(ward) == ["22 08:00"]
    assert (change.kind, change.made_by, change.made_at) == ("cycle.confirmed", ward.nurse_id, ward.clock.now())
    assert "cycle.confirmed" in [each.action for each in await ward.all(Audit)]


async def test_a_cycle_confirmed_late_has_all_its_days_from_the_day_it_really_begins(ward: Ward):
    plan = await before_the_second(ward, days=24)  # 25 December

    await act(ward, confirm_next_cycle, plan, ward.nurse_id, date(2026, 12, 26))

    assert await coming(ward) == ["26 08:00", "26 20:00", "27 08:00"]
    assert (await plan_of(ward, plan.id)).cycle_starts == {"2": "2026-12-26"}


async def test_a_cycle_cannot_begin_in_the_past_before_its_day_or_before_the_one_before_it(ward: Ward):
    plan = await before_the_second(ward)

    assert await refused(ward, confirm_next_cycle, plan, ward.nurse_id, date(2026, 12, 19)) == ["start-in-the-past"]
    assert await refused(ward, confirm_next_cycle, plan, ward.nurse_id, date(2026, 12, 21)) == ["earlier-than-planned"]
    assert await refused(ward, confirm_next_cycle, plan, ward.nurse_id, date(2030, 1, 1)) == ["date-far-away"]
    await act(ward, confirm_next_cycle, plan, ward.nurse_id)
    assert await refused(ward, confirm_next_cycle, plan, ward.nurse_id) == ["cycle-before-not-begun"]


async def test_a_nurse_who_was_slower_begins_no_other_cycle_than_the_one_she_was_shown(ward: Ward):
    plan = await before_the_second(ward, days=21)
    await act(ward, confirm_next_cycle, plan, ward.nurse_id, None, 2)

    assert await refused(ward, confirm_next_cycle, plan, ward.nurse_id, None, 2) == ["cycle-not-waiting"]


async def test_a_plan_has_no_more_cycles_than_its_template(ward: Ward):
    plan = await enrolled(ward, await ward.patient(), tablets())
    for _ in range(7):
        ward.clock.advance(timedelta(days=21))
        await act(ward, confirm_next_cycle, plan, ward.nurse_id)

    ward.clock.advance(timedelta(days=21))
    assert await refused(ward, confirm_next_cycle, plan, ward.nurse_id) == ["no-cycle-left"]


@both
async def test_a_postponed_cycle_waits_for_a_new_word_and_then_moves_all_its_days(ward: Ward):
    plan = await before_the_second(ward, days=20)
    await act(ward, confirm_next_cycle, plan, ward.nurse_id)
    assert await coming(ward) == ["22 08:00", "22 20:00", "23 08:00"]

    await act(ward, postpone_cycle, plan, 2, date(2026, 12, 29), ward.nurse_id)
    await until(ward, NOON + timedelta(days=27))
    assert await coming(ward) == []
    await act(ward, confirm_next_cycle, plan, ward.nurse_id)

    assert await coming(ward) == ["29 08:00", "29 20:00", "30 08:00"]


async def test_a_cycle_is_postponed_to_a_later_day_only_and_not_once_it_has_begun(ward: Ward):
    plan = await before_the_second(ward)

    assert await refused(ward, postpone_cycle, plan, 2, SECOND, ward.nurse_id) == ["earlier-than-planned"]
    assert await refused(ward, postpone_cycle, plan, 1, date(2026, 12, 29), ward.nurse_id) == ["cycle-begun"]
    assert await refused(ward, postpone_cycle, plan, 9, date(2027, 12, 29), ward.nurse_id) == ["no-cycle-left"]


async def test_a_confirmation_is_taken_back_before_the_cycle_begins_and_not_after(ward: Ward):
    plan = await before_the_second(ward)
    _, change = await act(ward, confirm_next_cycle, plan, ward.nurse_id)

    await act(ward, undo, ward.clinic.id, change.id, ward.nurse_id)
    assert await coming(ward) == []

    _, again = await act(ward, confirm_next_cycle, plan, ward.nurse_id)
    assert await coming(ward) == ["22 08:00"]
    ward.clock.advance(timedelta(days=3))
    assert await refused(ward, undo, ward.clinic.id, again.id, ward.nurse_id) == ["cycle-begun"]


async def test_taking_back_a_postponement_never_lets_a_cycle_begin_by_itself(ward: Ward):
    plan = await before_the_second(ward)
    await act(ward, confirm_next_cycle, plan, ward.nurse_id)
    change = await act(ward, postpone_cycle, plan, 2, date(2026, 12, 29), ward.nurse_id)
    ward.clock.advance(timedelta(days=3))  # the day it was planned for is over

    assert await refused(ward, undo, ward.clinic.id, change.id, ward.nurse_id) == ["cycle-would-begin"]
    assert [each.undone_at for each in await ward.all(PlanChange)] == [None, None]


LONGER = {"capecitabine": {"cycle_days": 28}}


async def test_a_cycle_that_is_under_way_keeps_its_days_when_rounds_get_longer(ward: Ward):
    plan = await before_the_second(ward, days=20)
    await act(ward, confirm_next_cycle, plan, ward.nurse_id)
    await until(ward, NOON + timedelta(days=23))  # the third day of it

    assert await refused(ward, adjust, plan, LONGER, "low counts", ward.nurse_id) == ["cycle-under-way"]

    await until(ward, NOON + timedelta(days=37))
    days = sorted({each.local_date for each in await doses(ward) if not each.dropped and each.local_date >= SECOND})
    assert (days[0], days[-1], len(days)) == (SECOND, date(2027, 1, 4), 14)


async def test_a_shorter_round_does_not_let_a_confirmed_cycle_begin_in_the_past(ward: Ward):
    plan = await before_the_second(ward, days=16)
    await act(ward, confirm_next_cycle, plan, ward.nurse_id)
    shorter = {"capecitabine": {"cycle_days": 16}, "pre-cycle-bloods": {"on_days": "15"}, "pre-cycle-visit": {"on_days": "16"}}
    shorter["q-chemo-weekly-3"] = {"on_days": "16"}

    assert await refused(ward, adjust, plan, shorter, "the doctor says so", ward.nurse_id) == ["cycle-under-way"]


@pytest.mark.parametrize("days", [0, 16])
async def test_rounds_get_longer_as_long_as_no_later_cycle_has_begun(ward: Ward, days: int):
    plan = await enrolled(ward, await ward.patient(), tablets("2026-12-01" if days else "2026-12-05"))
    ward.clock.advance(timedelta(days=days))

    await act(ward, adjust, plan, LONGER, "low counts", ward.nurse_id)
    await until(ward, NOON + timedelta(days=31))
    await act(ward, confirm_next_cycle, plan, ward.nurse_id)

    assert (await coming(ward))[-1] == "03 08:00"  # of January: 29 December, or 1 January four days later


async def test_a_confirmed_cycle_that_longer_rounds_put_off_waits_for_a_new_word(ward: Ward):
    plan = await before_the_second(ward, days=20)
    await act(ward, confirm_next_cycle, plan, ward.nurse_id)

    change = await act(ward, adjust, plan, LONGER, "low counts", ward.nurse_id)

    assert (await plan_of(ward, plan.id)).confirmed_cycles == {"plan": 1}
    assert await coming(ward) == []
    await act(ward, undo, ward.clinic.id, change.id, ward.nurse_id)
    assert await coming(ward) == ["22 08:00", "22 20:00", "23 08:00"]


async def test_longer_rounds_are_not_taken_back_once_a_cycle_has_begun_by_them(ward: Ward):
    plan = await before_the_second(ward)
    change = await act(ward, adjust, plan, LONGER, "low counts", ward.nurse_id)
    await until(ward, NOON + timedelta(days=27))
    await act(ward, confirm_next_cycle, plan, ward.nurse_id)
    await until(ward, NOON + timedelta(days=29))  # 30 December, its second day

    assert await refused(ward, undo, ward.clinic.id, change.id, ward.nurse_id) == ["cycle-under-way"]
