"""Many at one moment: no more on the wire than there are sockets, no vendor flooded, no row worn out by waiting."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from sqlalchemy import select

from care.channels.base import Abilities, Receipt, SendFailed, Step, Unheard
from care.messages import store
from care.messages.types import Cause
from scheduler.bench.post import Post
from scheduler.bench.sink import Count, Receiver
from scheduler.dispatch import Dispatcher
from tests.plans.conftest import both
from tests.ward import NOON, Attempt, Message, Script, Ward


class Narrow(Unheard):
    """A channel of three sockets that notes how many use it, and how many intents are written for it."""

    name = "script"
    can = Abilities(voice=False, buttons=True, takes_key=False, sockets=3)

    def __init__(self) -> None:
        self.sending, self.most_sending, self.most_intended = 0, 0, 0
        self.dispatcher: Dispatcher | None = None

    async def send(self, step: Step) -> Receipt:
        assert self.dispatcher
        self.sending += 1
        self.most_sending = max(self.most_sending, self.sending)
        self.most_intended = max(self.most_intended, self.dispatcher.lanes[self.name].intended)
        await asyncio.sleep(0.001)
        self.sending -= 1
        return Receipt(step.key)


@asynccontextmanager
async def receiver(cap: int) -> AsyncIterator[tuple[str, Count]]:
    """A vendor on the loopback that takes so many within any second, and answers 429 to the rest."""
    count = Count(latency_s=0, cap=cap)
    server = await asyncio.get_running_loop().create_server(lambda: Receiver(count), "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/message", count


async def herd(ward: Ward, count: int, channel: str) -> set[str]:
    gul = await ward.patient(channel=channel)
    return {await ward.due(gul) for _ in range(count)}


@both
async def test_no_more_is_on_the_wire_than_there_are_sockets_and_one_part_waits_behind(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("scheduler.lanes.PART", 4)
    monkeypatch.setattr("scheduler.batch.PART", 4)
    await herd(ward, 30, "script")
    narrow = Narrow()
    narrow.dispatcher = dispatcher = ward.dispatcher(narrow)
    clock = ward.metronome(narrow)

    assert await dispatcher.send_batch(await clock._claim(), clock.name) == 30

    assert narrow.most_sending == 3
    assert narrow.most_intended <= 3 + 4


async def test_a_vendor_whose_limit_is_known_refuses_nothing(ward: Ward):
    async with receiver(cap=60) as (url, count):
        ids = await herd(ward, 80, "bench")
        post = Post(url, sockets=16, per_second=60)
        await ward.tick(post)
        await post.close()

    assert count.refused == 0
    assert {key.decode() for key in count.keys} == {f"message:{each}" for each in ids}
    assert set(count.keys.values()) == {1}


async def test_a_vendor_that_says_busy_is_asked_by_those_on_the_wire_only_and_all_arrive_once(ward: Ward):
    async with receiver(cap=30) as (url, count):
        ids = await herd(ward, 45, "bench")
        post = Post(url, sockets=4)
        clock = ward.metronome(post)
        await clock.tick()
        await asyncio.sleep(1)
        ward.clock.advance(timedelta(seconds=1))
        await clock.tick()
        await post.close()

    assert 0 < count.refused <= 4 + 1
    assert sorted(count.keys.values()) == [1] * len(ids)


@both
async def test_a_message_that_waits_for_a_resting_channel_is_put_off_once_and_wears_out_nothing(ward: Ward):
    script = Script(answers=[SendFailed(Cause.BROKEN)])
    [first] = await herd(ward, 1, "script")
    clock = ward.metronome(script)
    await clock.tick()
    waiting = await herd(ward, 5, "script")

    for _ in range(3):
        await clock.tick()

    rows = [await ward.message(each) for each in waiting]
    assert {(each.state, each.why, each.attempt) for each in rows} == {("due", "channel-rests", 1)}
    assert all(each.next_at >= NOON + timedelta(minutes=4) for each in rows)
    assert {each.message_id for each in await ward.all(Attempt)} == {first}


async def test_how_long_is_waited_grows_with_tries_and_not_with_waiting(ward: Ward):
    [reminder] = await herd(ward, 1, "script")
    await ward.change(Message, reminder, attempt=7)  # claimed and put off again and again

    await ward.tick(Script(answers=[SendFailed(Cause.UNREACHABLE)]))

    row = await ward.message(reminder)
    assert timedelta(seconds=20) < row.next_at - NOON < timedelta(seconds=40)


@both
async def test_claims_of_one_moment_go_on_where_the_last_one_ended(ward: Ward):
    ids = await herd(ward, 7, "script")

    async with ward.database.work() as work:
        first = await store.claim(work, "clock", 4, work.now)
        second = await store.claim(work, "clock", 4, work.now, first.last)

    assert (len(first.ids), len(second.ids)) == (4, 3)
    assert set(first.ids + second.ids) == ids
    assert max(first.ids) < min(second.ids)


async def test_no_more_is_claimed_than_workers_take_soon(ward: Ward, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("scheduler.clock.CLAIM", 2)
    monkeypatch.setattr("scheduler.clock.HANDS_LOOKS", 2)
    await herd(ward, 20, "script")
    clock = ward.metronome(Script())
    handed: list[list[str]] = []

    async def nobody_takes_it(ids: list[str], name: str) -> None:
        handed.append(ids)

    clock.dispatch = nobody_takes_it
    await clock.tick()

    async with ward.database.look() as work:
        claimed = list(await work.session.scalars(select(Message.id).where(Message.state == "claimed")))
    assert len(handed) == 4
    assert len(claimed) == 8
