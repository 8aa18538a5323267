"""Real scheduler processes that die at every step of the way, and are started again."""

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from care.content.library import Library
from scheduler.crash import STEPS
from tests.content.conftest import few_words
from tests.delivery.processes import KILLED, environment_of, exit_code, running, show_time, until_sent
from tests.ward import Message, Script, Ward, open_ward

__all__ = ["few_words"]


@pytest.fixture
async def ward(sqlite: str, home: Path, library: Library) -> AsyncIterator[Ward]:
    """On a real SQLite file, its time shown to the processes."""
    opened = await open_ward(sqlite, home, library)
    show_time(opened)
    yield opened
    await opened.database.close()


@pytest.mark.parametrize("step", STEPS)
async def test_a_scheduler_killed_at_any_step_loses_nothing_and_shows_nothing_twice(
    ward: Ward, sqlite: str, few_words: Path, step: str
):
    gul = await ward.patient()
    wanted = {f"message:{await ward.due(gul)}" for _ in range(3)}
    with running(environment_of(ward.home, sqlite, CONTENT=str(few_words), CRASH_AT=step)) as process:
        assert await exit_code(process) == KILLED

    for _ in range(2):
        await ward.later(minutes=3)
        await ward.tick()

    assert {each.state for each in await ward.all(Message)} == {"sent"}
    assert sorted(line.key for line in await ward.lines(gul)) == sorted(wanted)


async def test_a_process_that_is_started_again_finishes_the_work_and_stops_when_told(ward: Ward, sqlite: str, few_words: Path):
    reminder = await ward.due(await ward.patient(), state="intent", attempt=1, channel="web")
    await ward.later(seconds=31)
    with running(environment_of(ward.home, sqlite, CONTENT=str(few_words))) as process:
        await until_sent(ward)
        process.send_signal(signal.SIGTERM)
        assert await exit_code(process) == 0

    assert await ward.state(reminder) == ("sent", None)


@pytest.mark.parametrize("step", ["after_intent", "after_send", "before_mark", "after_mark"])
async def test_where_the_channel_knows_no_keys_a_kill_leads_to_the_nurse_never_to_a_second_copy(
    ward: Ward, sqlite: str, few_words: Path, step: str
):
    letters = ward.home / "letters"
    gul = await ward.patient(channel="letterbox")
    ids = [await ward.due(gul) for _ in range(3)]
    environment = environment_of(ward.home, sqlite, CONTENT=str(few_words), CRASH_AT=step)
    with running(environment, str(letters), module="tests.delivery.letterbox") as sender:
        assert await exit_code(sender) == KILLED

    again = Script("letterbox")
    for _ in range(3):
        await ward.later(minutes=3)
        await ward.tick(again)

    copies = letters.read_text().split() if letters.exists() else []
    assert len(copies) == len(set(copies))
    assert again.got == []
    ended = {"sent"} if step == "after_mark" else {"unknown"}
    assert {each.state for each in await ward.all(Message)} == ended
    assert {each.message_id for each in await ward.undelivered()} == (set() if step == "after_mark" else set(ids))


async def test_stopping_finishes_the_batches_under_way_and_begins_no_other(ward: Ward, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("scheduler.clock.CLAIM", 2)
    slow = Script(answers=[lambda: asyncio.sleep(0.3)] * 8)
    gul = await ward.patient(channel="script")
    for _ in range(8):
        await ward.due(gul)
    metronome = ward.metronome(slow, tick_s=0.01)
    metronome.start()
    await slow.called.wait()

    assert await metronome.stop()

    ended = [each.state for each in await ward.all(Message)]
    assert set(ended) == {"due", "sent"}
    assert ended.count("sent") <= 2 * 2  # two batches at once


async def test_a_tick_that_begins_while_stopping_touches_nothing(ward: Ward):
    patient = await ward.patient()
    message = await ward.due(patient)
    metronome = ward.metronome(tick_s=60)
    metronome.start()
    await metronome.stop()

    assert await metronome.tick() == 0
    assert await ward.state(message) == ("due", None)


async def test_a_tick_that_fails_beats_no_heart_and_the_next_one_goes_on(ward: Ward, monkeypatch: pytest.MonkeyPatch):
    metronome = ward.metronome(tick_s=0.02)
    failed = asyncio.Event()

    async def broken(_: object) -> bool:
        failed.set()
        raise OSError("disk")

    with monkeypatch.context() as patched:
        patched.setattr("scheduler.clock.store.is_work_waiting", broken)
        metronome.start()
        await failed.wait()
        assert not metronome.heartbeat.exists()
    async with asyncio.timeout(20):
        while not metronome.heartbeat.exists():  # noqa: ASYNC110 - a file, of which nobody is told
            await asyncio.sleep(0.01)
    await metronome.stop()
