"""Senders that are told to stop, put to sleep, or handed the same batch twice, in the middle of their work."""

import asyncio
import signal

import pytest

from tests.faults.history import broken_promises
from tests.faults.rehearsal import Manners, rehearsing
from tests.ward import Message, Ward

SLOW = Manners(latency_s=0.3)


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_a_sender_told_to_stop_finishes_what_is_on_the_wire_and_leaves_the_rest_to_the_next(ward: Ward, url: str):
    async with rehearsing(ward, url, SLOW, "clock", lease_s=20.0) as rehearsal:
        await rehearsal.due(await rehearsal.patients(4), 50)
        await rehearsal.until_taken(1)
        [first] = rehearsal.alive
        rehearsal.signal(first, signal.SIGTERM)
        await rehearsal.ended(first)
        ended = {each.state for each in await ward.all(Message)}
        await rehearsal.start("clock")
        await rehearsal.until_all_ended(within_s=60)
        history = await rehearsal.history()

    assert ended <= {"sent", "due"}
    assert broken_promises(history, most_copies=1) == []
    assert set(history.arrivals.values()) == {1}
    assert {each.state for each in history.messages} <= {"sent", "delivered", "missed"}


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_a_sender_that_sleeps_past_its_lease_wakes_to_nothing_of_its_own(ward: Ward, url: str):
    """Some of its messages sleep between claim and intent, some between intent and answer."""
    async with rehearsing(ward, url, SLOW, "clock", lease_s=2.0, claim=50) as rehearsal:
        await rehearsal.due(await rehearsal.patients(4), 50)
        await rehearsal.until_taken(1)
        [sleeper] = rehearsal.alive
        rehearsal.signal(sleeper, signal.SIGSTOP)
        await rehearsal.start("clock")
        await asyncio.sleep(2.5)
        rehearsal.signal(sleeper, signal.SIGCONT)
        await rehearsal.until_all_ended(within_s=60)
        history = await rehearsal.history()

    assert broken_promises(history, most_copies=1) == []


@pytest.mark.nats
@pytest.mark.parametrize("url", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True)
async def test_two_clocks_two_workers_and_batches_handed_out_again_while_they_are_sent_make_no_copy(
    ward: Ward, url: str, nats: str
):
    roles = ("clock", "clock", "worker", "worker")
    async with rehearsing(ward, url, SLOW, *roles, engine=nats, lease_s=20.0, ack_wait_s=0.2) as rehearsal:
        await rehearsal.due(await rehearsal.patients(10), 100)
        await rehearsal.until_all_ended(within_s=100)
        history = await rehearsal.history()

    assert broken_promises(history, most_copies=1) == []
    assert set(history.arrivals.values()) == {1}
