"""`karez bench chat`: one turn through the web door against a bare call of the same assistant, side by side in one run."""

import os
import secrets
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from itertools import cycle, islice
from pathlib import Path
from statistics import quantiles
from typing import Any

import aiohttp

from care.content.library import Library
from care.kit.clock import SystemClock, stopwatch_s
from care.kit.ids import new_id
from care.kit.settings import ROOT, Settings
from care.languages.reading import canonical
from care.people import consent
from care.people.linking import link, make_code
from care.people.patients import NewPatient, register
from care.people.staff import create_staff
from care.supervisor.assistant import free_port, running_assistant
from care.supervisor.prepare import add_clinic, migrate, open_database
from care.supervisor.processes import Part, Supervisor, answers
from care.supervisor.sound import speak_library

EARLY, AROUND = 5, 20  # message 5 is the middle of the first messages; both windows hold AROUND of them
GOAL_TURN, GOAL_FLAT = 1.5, 1.2  # p50 of a turn over the bare call; late messages over early ones
WARM_UP = 10
Call = Callable[[str], Any]


async def bench_chat(settings: Settings, rounds: int, say: Callable[[str], object]) -> None:
    """Send `rounds` messages of one patient, each followed by the same text sent to the assistant alone; print p50 and p95."""
    with tempfile.TemporaryDirectory(prefix="karez-bench-") as folder:
        async with running_assistant(settings) as (bot_url, secret):
            home = Path(folder)
            (home / "master.key").write_bytes(_same_key(settings))
            (home / "master.key").chmod(0o400)
            await speak_library(settings, say)  # as in service, where it is done soon after the start
            (home / "audio").symlink_to(settings.home / "audio")
            own = settings.model_copy(update={"home": home, "database": "", "port": free_port(), "demo": True})
            token = await _make_patient(own)
            async with _web_door(own, bot_url), _client(own, token) as turn, _bare(bot_url, secret) as bare:
                await _measure(own, rounds, turn, bare, say)


def _same_key(settings: Settings) -> bytes:
    """The assistant's secret is made from the master key, so the web door of the measurement needs the same one."""
    return (settings.home / "master.key").read_bytes()


async def _make_patient(settings: Settings) -> str:
    """A clinic with one linked patient in a database of its own.  Returns the device's token."""
    await migrate(settings.database_url)
    database = open_database(settings, SystemClock())
    async with database.work() as work:
        clinic = await add_clinic(work, "Bench", "Asia/Shanghai")
        nurse = await create_staff(work, clinic.id, "bench", "Bench", "nurse")
        patient = await register(work, clinic.id, nurse.id, NewPatient("Bench", "zh-Hans", "Asia/Shanghai"))
        linked = await link(work, await make_code(work, patient, nurse.id), "bench")
        await consent.record(work, patient, "symptoms", True, secrets.token_hex(8), "web")
    await database.close()
    return linked.token


@asynccontextmanager
async def _web_door(settings: Settings, bot_url: str) -> AsyncIterator[None]:
    environment = {"HOME": str(settings.home), "DATABASE": "", "PORT": str(settings.port), "DEMO": "true"}
    environment |= {"BOT_PORT": bot_url.rsplit(":", 1)[1], "LOG_JSON": "true"}
    address = f"http://127.0.0.1:{settings.port}/healthz"
    named = {f"KAREZ_{name}": value for name, value in environment.items()}
    part = Part("web", [sys.executable, "-m", "api"], ROOT, lambda: answers(address), os.environ | named)
    supervisor = Supervisor([part], settings.home / "logs", lambda _: None)
    try:
        await supervisor.start()
        yield
    finally:
        await supervisor.stop()


@asynccontextmanager
async def _client(settings: Settings, token: str) -> AsyncIterator[Call]:
    """A whole turn: `POST /v1/chat/messages`, as a phone sends it."""
    async with aiohttp.ClientSession(headers={"authorization": f"Bearer {token}"}) as http:

        async def turn(text: str) -> None:
            async with http.post(f"http://127.0.0.1:{settings.port}/v1/chat/messages", json={"text": text}) as reply:
                assert (await reply.json())["messages"]

        yield turn


@asynccontextmanager
async def _bare(bot_url: str, secret: str) -> AsyncIterator[Call]:
    """The assistant alone: the same sentence, already canonical, to its own door."""
    async with aiohttp.ClientSession(headers={"X-Karez-Secret": secret}) as http:

        async def bare(text: str) -> None:
            asked = {"text": canonical(text, "zh"), "language": "zh", "conversation": new_id()}
            async with http.post(f"{bot_url}/webhooks/karez/webhook", json=asked) as reply:
                assert (await reply.json())["acts"]

        yield bare


async def _measure(settings: Settings, rounds: int, turn: Call, bare: Call, say: Callable[[str], object]) -> None:
    sentences = list(islice(_sentences(settings), 40))
    for sentence in islice(cycle(sentences), WARM_UP):
        await bare(sentence)
    turns, bares = [], []
    for sentence in islice(cycle(sentences), rounds):
        turns.append(await _timed(turn, sentence))
        bares.append(await _timed(bare, sentence))
    report(turns, bares, say)


def _sentences(settings: Settings) -> Iterator[str]:
    """Questions of every topic in turn, as patients ask them."""
    pages = Library.load(settings.content).languages["zh"].topics.values()
    for group in zip(*(page.values["questions"] for page in pages), strict=False):
        yield from group


async def _timed(call: Call, text: str) -> float:
    """Milliseconds of one call."""
    begun = stopwatch_s()
    await call(text)
    return 1000 * (stopwatch_s() - begun)


def report(turns: list[float], bares: list[float], say: Callable[[str], object]) -> None:
    """Print the windows around message 5 and around the last one, and how they stand to the goals."""
    early, late = slice(0, AROUND), slice(len(turns) - AROUND, None)
    say(f"{'':<26}{'p50 ms':>9}{'p95 ms':>9}")
    for name, values in (
        ("bare assistant, all", bares),
        ("turn, all", turns),
        (f"turn, around message {EARLY}", turns[early]),
        (f"turn, around message {len(turns)}", turns[late]),
        (f"bare, around message {EARLY}", bares[early]),
        (f"bare, around message {len(turns)}", bares[late]),
    ):
        say(f"{name:<26}{_percent(values, 50):>9.1f}{_percent(values, 95):>9.1f}")
    over_bare, flat = _percent(turns, 50) / _percent(bares, 50), _percent(turns[late], 50) / _percent(turns[early], 50)
    say(f"turn over bare, p50: {over_bare:.2f} (goal {GOAL_TURN})")
    say(f"message {len(turns)} over message {EARLY}, p50: {flat:.2f} (goal {GOAL_FLAT})")


def _percent(values: list[float], percent: int) -> float:
    return quantiles(values, n=100, method="inclusive")[percent - 1]
