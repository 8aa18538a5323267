"""Several schedulers and workers on one database: each message has one owner at a time."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from care.channels.base import Abilities, Receipt, Step
from care.kit.clock import stopwatch_s
from care.messages import store
from care.messages.facts import read_due
from care.messages.store import Try
from care.messages.tables import Message
from care.people import consent
from scheduler.dispatch import MARK_WITHIN_S
from tests.ward import NOON, Attempt, Script, Ward, side_by_side


async def test_a_due_message_is_claimed_by_one_only(ward: Ward):
    gul = await ward.patient()
    wanted = {await ward.due(gul) for _ in range(20)}

    claimed = await side_by_side(*(ward.metronome()._claim() for _ in range(4)))

    assert sorted(each for ids in claimed for each in ids) == sorted(wanted)


async def test_several_schedulers_at_once_make_no_second_copy(ward: Ward):
    gul = await ward.patient(channel="script")
    wanted = {f"message:{await ward.due(gul)}" for _ in range(60)}
    script = Script()

    await side_by_side(*(ward.tick(script) for _ in range(4)))

    assert sorted(each.key for each in script.got) == sorted(wanted)


async def test_a_batch_delivered_twice_is_sent_once(ward: Ward):
    script = Script(answers=[lambda: asyncio.sleep(0.05)] * 5)
    gul = await ward.patient(channel="script")
    for _ in range(5):
        await ward.due(gul)
    clock = ward.metronome(script)
    ids = await clock._claim()

    await side_by_side(*(ward.dispatcher(script).send_batch(ids, clock.name) for _ in range(2)))

    assert len(script.got) == 5


async def test_what_one_worker_took_another_does_not_take_from_the_same_batch(ward: Ward):
    await ward.due(await ward.patient())
    clock = ward.metronome()
    ids = await clock._claim()

    async with ward.database.work() as work:
        due = await read_due(work, ids, clock.name, ward.library.messages)
        assert await store.intend(work, "first", [Try(due[0].id, due[0].attempt, "web")])
        assert await read_due(work, ids, clock.name, ward.library.messages) == []


async def test_an_owner_whose_lease_ran_out_drops_the_message_at_the_intent(ward: Ward):
    script = Script()
    await ward.due(await ward.patient(channel="script"))
    late, early = ward.dispatcher(script), ward.metronome(script)
    first = ward.metronome(script)
    ids = await first._claim()
    await ward.later(seconds=1)

    await early.tick()
    assert await late._intend(ids, first.name) == []

    assert len(script.got) == 1
    assert [each.number for each in await ward.all(Attempt)] == [2]


async def test_a_stale_try_cannot_write_an_intent(ward: Ward):
    reminder = await ward.due(await ward.patient(), state="claimed", attempt=2)

    async with ward.database.work() as work:
        assert await store.intend(work, "sender", [Try(reminder, 1, "web")]) == set()

    assert await ward.all(Attempt) == []


async def test_an_intent_whose_lease_still_holds_is_left_to_its_sender(ward: Ward):
    reminder = await ward.due(await ward.patient(), state="claimed", attempt=1)
    async with ward.database.work() as work:
        await store.intend(work, "sender", [Try(reminder, 1, "web")])

    async with ward.database.work() as work:
        assert await store.reap(work, keyed={"web"}) == []

    assert await ward.state(reminder) == ("intent", None)


async def test_a_sender_that_died_is_reaped_and_its_try_is_closed(ward: Ward):
    reminder = await ward.due(await ward.patient(), state="claimed", attempt=1)
    async with ward.database.work() as work:
        await store.intend(work, "sender", [Try(reminder, 1, "web")])
    await ward.later(seconds=31)

    await ward.tick()
    assert await ward.state(reminder) == ("due", "no-answer")
    assert [each.outcome for each in await ward.all(Attempt)] == ["unknown"]

    await ward.later(minutes=2)
    await ward.tick()
    assert await ward.state(reminder) == ("sent", None)


async def test_what_the_dead_left_is_reaped_some_at_a_time_and_all_within_one_tick(ward: Ward):
    gul = await ward.patient()
    lost = [await ward.due(gul, state="intent", attempt=1, channel="letterbox", useful_until=NOON) for _ in range(45)]
    await ward.later(seconds=31)

    async with ward.database.work() as work:
        assert len(await store.reap(work, keyed=())) == 20
    await ward.tick(Script("letterbox"))

    assert {(await ward.state(each)) for each in lost} == {("unknown", "no-answer")}
    assert await ward.nurse_sees() == [("Gul", "undelivered")]


class Slow(Script):
    """One socket, and nine seconds for each message; meanwhile another clock looks for leases that ran out."""

    def __init__(self, ward: Ward, steady: list[float]) -> None:
        super().__init__()
        self.ward, self.steady = ward, steady

    @property
    def can(self) -> Abilities:
        return Abilities(voice=False, buttons=True, takes_key=False, sockets=1)

    async def send(self, step: Step) -> Receipt:
        await asyncio.sleep(2 * MARK_WITHIN_S)  # what was answered before is written down
        self.steady[0] += 9
        for each in await self.ward.all(Message):
            if each.lease_until:
                await self.ward.change(Message, each.id, lease_until=each.lease_until - timedelta(seconds=9))
        await self.ward.metronome(self)._reap()
        return await super().send(step)


async def test_an_intent_that_waits_behind_a_slow_vendor_is_neither_given_up_nor_sent_after_its_lease(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
):
    steady = [stopwatch_s()]
    monkeypatch.setattr("scheduler.dispatch.stopwatch_s", lambda: steady[0])
    slow, gul = Slow(ward, steady), await ward.patient(channel="script")
    wanted = [await ward.due(gul) for _ in range(6)]
    clock = ward.metronome(slow)

    for _ in range(6):
        await clock.tick()
        ward.clock.advance(timedelta(seconds=1))

    assert sorted(each.key for each in slow.got) == sorted(f"message:{each}" for each in wanted)
    assert {await ward.state(each) for each in wanted} == {("sent", None)}
    assert await ward.nurse_sees() == []


async def test_a_late_yes_closes_what_the_reaper_had_put_back(ward: Ward):
    script = Script(answers=[lambda: reaped(ward, script)])
    reminder = await ward.due(await ward.patient(channel="script"))

    await ward.tick(script)

    assert await ward.state(reminder) == ("sent", None)
    assert await ward.tick(script) == 0


async def test_a_late_yes_does_not_close_what_was_claimed_again(ward: Ward):
    reminder = await ward.due(await ward.patient(), state="claimed", attempt=2)

    async with ward.database.work() as work:
        await store.accepted(work, [(Try(reminder, 1), "late")])

    assert await ward.state(reminder) == ("claimed", None)


async def test_a_withdrawal_waits_for_an_intent_being_written_and_never_slips_in_between(ward: Ward):
    gul = await ward.patient()
    reminder = await ward.due(gul, state="claimed", attempt=1, lease_owner="clock")

    async def withdraw() -> None:
        async with ward.database.work() as work:
            await consent.record(work, gul, "reminders", False, "w", "web")

    async with ward.database.work() as work:
        await read_due(work, [reminder], "clock", ward.library.messages)
        withdrawing = asyncio.create_task(withdraw())
        await asyncio.sleep(0.2)
        assert not withdrawing.done()
    await withdrawing


async def reaped(ward: Ward, script: Script) -> None:
    """While the channel is slow, the lease runs out and somebody else reaps."""
    await ward.later(seconds=31)
    async with ward.database.work() as work:
        await store.reap(work, keyed={script.name})
        assert await work.session.scalar(select(Message.state)) == "due"
