"""A plan is changed while its reminder is on the way: it is told at the old hour or at the new one, and never at both."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from care.plans.changes import changing
from care.plans.pauses import pause
from care.plans.rhythm import set_hours
from care.plans.tables import CarePlan
from tests.plans.conftest import both
from tests.plans.course import act, enrolled, look_ahead, one_tablet, said, tablets, until
from tests.ward import NOON, Message, Script, Ward, side_by_side

LATER = {"tki": ["12:45"]}
DUE = NOON + timedelta(minutes=30)  # 12:30 in Beijing


async def half_past_twelve(ward: Ward) -> tuple[Any, CarePlan]:
    gul = await ward.patient(channel="script")
    plan = await enrolled(ward, gul, one_tablet("12:30"))
    ward.clock.turn_to(DUE - timedelta(seconds=1))
    return gul, plan


async def later(ward: Ward, plan: CarePlan) -> None:
    """The dose of 12:30 is moved to 12:45."""
    await act(ward, set_hours, plan, LATER, ward.nurse_id, "the doctor agrees")


@both
async def test_a_reminder_that_was_claimed_goes_out_at_the_new_hour_only(ward: Ward):
    _, plan = await half_past_twelve(ward)
    script = Script()
    first = ward.metronome(script)
    ward.clock.turn_to(DUE)
    ids = await first._claim()
    ward.clock.turn_to(DUE - timedelta(seconds=1))  # a nurse's clock that is a second behind

    await later(ward, plan)
    await first.dispatch(ids, first.name)
    assert script.got == []
    ward.clock.turn_to(DUE + timedelta(minutes=15))
    await ward.tick(script)

    assert len(script.got) == 1
    assert "12:45" in script.got[0].body["text"]


async def test_a_reminder_on_the_wire_has_told_the_old_hour_and_the_new_one_is_not_told(ward: Ward):
    _, plan = await half_past_twelve(ward)
    ward.clock.turn_to(DUE)
    script = Script(answers=[lambda: later(ward, plan)])

    await ward.tick(script)
    ward.clock.turn_to(DUE + timedelta(minutes=30))
    await ward.tick(script)

    assert len(script.got) == 1
    assert "12:30" in script.got[0].body["text"]


@both
async def test_a_sender_waits_for_a_change_that_has_begun_and_then_finds_nothing_to_send(ward: Ward):
    gul, plan = await half_past_twelve(ward)
    script = Script()
    clock = ward.metronome(script)
    ward.clock.turn_to(DUE)
    ids = await clock._claim()
    ward.clock.turn_to(DUE - timedelta(seconds=1))

    async with ward.database.work() as work, changing(work, ward.library, gul.id, "hours.changed", ward.nurse_id) as change:
        change.gaps_agreed = True
        sending = asyncio.create_task(clock.dispatch(ids, clock.name))
        await asyncio.sleep(0.2)
        change.set(plan.id, slots=LATER)
    await sending

    assert script.got == []
    assert await ward.state(ids[0]) == ("cleared", "changed")


@both
async def test_a_tick_that_looks_ahead_leaves_a_plan_that_is_being_changed_to_whoever_changes_it(ward: Ward):
    gul = await ward.patient()
    plan = await enrolled(ward, gul, tablets())
    ward.clock.advance(timedelta(hours=9))
    if ward.database.engine.dialect.name == "sqlite":
        await act(ward, pause, gul.id, "hold", ward.nurse_id)  # there a writer waits for the other one to end
        assert await look_ahead(ward) == 0
        return

    async with ward.database.work() as work, changing(work, ward.library, gul.id, "plan.paused", ward.nurse_id) as change:
        assert await look_ahead(ward) == 0
        change.set(plan.id, paused_at=work.now, pause_kind="hold")

    coming = [each for each in await ward.all(Message) if each.due_at > ward.clock.now()]
    # Yesterday's question stands: what fell due before the pause may still be told.
    assert {each.state for each in coming if each.kind == "medicine"} == {"cleared"}


@both
async def test_two_nurses_at_once_make_two_changes_one_after_the_other(ward: Ward):
    _, plan = await half_past_twelve(ward)

    await side_by_side(*(act(ward, set_hours, plan, {"tki": [hour]}, ward.nurse_id, "agreed") for hour in ("12:40", "12:50")))

    waiting = [each for each in await ward.all(Message) if each.state == "due" and each.due_at < DUE + timedelta(hours=2)]
    assert [len([each for each in waiting if step in each.key]) for step in (":remind-", ":again")] == [1, 1]


@pytest.mark.parametrize("minutes", [0, 1, 14, 15, 16, 44, 45, 46])
async def test_whenever_the_hour_is_moved_the_dose_is_told_once_and_repeated_once(ward: Ward, minutes: int):
    gul = await ward.patient()
    plan = await enrolled(ward, gul, one_tablet("12:30"))
    await until(ward, DUE + timedelta(minutes=minutes - 15))

    await later(ward, plan)
    await until(ward, DUE + timedelta(hours=2))

    assert len(await said(ward)) == 2
