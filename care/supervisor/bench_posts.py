"""Posts of one vendor's to a real web door, each at its moment whether or not the one before was thanked for."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
from sqlalchemy import func, select

from care.channels.base import Post
from care.channels.trial import Trial, Written
from care.content.library import Library
from care.inbox.tables import Received
from care.kit.clock import SystemClock, stopwatch_s
from care.kit.database import Database
from care.kit.settings import ROOT, Settings
from care.people import consent, contacts
from care.people.patients import NewPatient, register
from care.people.staff import create_staff
from care.supervisor.assistant import free_port
from care.supervisor.prepare import add_clinic, make_home, migrate, open_database, open_keys
from care.supervisor.processes import Part, Supervisor, answers

PEOPLE = 50  # who write in turns
PURPOSES = ("reminders", "symptoms", "voice", "family", "cross-border")
GIVE_UP_S, LOOK_EVERY_S = 120, 0.1


@dataclass
class Posts:
    """What came of them.  `after_s`: seconds from the last post until everything was worked off."""

    count: int
    thanked_ms: list[float] = field(default_factory=list)
    refused: int = 0
    worked_off: int = 0
    after_s: float = 0.0


async def time_posts(
    settings: Settings, home: Path, name: str, trial: Trial, url: str, seconds: float, per_second: float
) -> Posts:
    """`url`: of whoever plays the vendor."""
    make_home(home)
    open_keys(home)
    own = settings.model_copy(update={"home": home, "database": "", "port": free_port(), "host": "127.0.0.1"})
    await migrate(own.database_url)
    database = open_database(own, SystemClock())
    try:
        await _register(database, name, trial)
        made = _write(Library.load(settings.content), trial, round(seconds * per_second))
        async with _web_door(own, trial.environment(url)), aiohttp.ClientSession() as http:
            posts = Posts(len(made))
            await _post_all(http, f"http://127.0.0.1:{own.port}/hooks/{name}", made, per_second, posts)
            await _until_worked_off(database, posts)
    finally:
        await database.close()
    return posts


async def _register(database: Database, name: str, trial: Trial) -> None:
    """People a nurse has confirmed, who agreed to everything."""
    async with database.work() as work:
        clinic = await add_clinic(work, "Bench", "Asia/Shanghai")
        nurse = await create_staff(work, clinic.id, "bench", "Bench", "nurse")
        for number in range(PEOPLE):
            patient = await register(work, clinic.id, nurse.id, NewPatient("Bench", "zh-Hans", "Asia/Shanghai"))
            await contacts.add_contact(work, patient, contacts.Person(name, trial.address(number)), confirmed=True)
            for purpose in PURPOSES:
                await consent.record(work, patient, purpose, True, "bench", name)


def _write(library: Library, trial: Trial, count: int) -> list[Post]:
    """Questions of every topic, as patients ask them, one after the other."""
    asked = [page.values["questions"][0] for page in library.languages["zh"].topics.values()]
    now = SystemClock().now()
    people = [trial.address(number) for number in range(PEOPLE)]
    written = (Written(people[n % PEOPLE], n, asked[n % len(asked)], now) for n in range(count))
    return [trial.post(each) for each in written]


@asynccontextmanager
async def _web_door(own: Settings, account: dict[str, str]) -> AsyncIterator[None]:
    """Caged: nothing this hospital has set is handed on, so that nothing can reach a real vendor."""
    settings = {"HOME": str(own.home), "PORT": str(own.port), "BOT_PORT": str(free_port()), "LOG_JSON": "true"}
    settings |= {"CONTENT": str(own.content.resolve()), "DEMO": "true", "ABROAD_REASON": "a measurement on one machine"}
    environment = {f"KAREZ_{name}": value for name, value in settings.items()} | account
    address = f"http://127.0.0.1:{own.port}/healthz"
    part = Part("web", [sys.executable, "-m", "api"], ROOT, lambda: answers(address), environment, caged=True)
    supervisor = Supervisor([part], own.home / "logs", lambda _: None)
    try:
        await supervisor.start()
        yield
    finally:
        await supervisor.stop()


async def _post_all(http: aiohttp.ClientSession, url: str, made: list[Post], per_second: float, posts: Posts) -> None:
    begun = stopwatch_s()

    async def post_at(moment: float, post: Post) -> None:
        await asyncio.sleep(moment - stopwatch_s())
        async with http.request(post.method, url, params=post.query, headers=post.headers, data=post.body) as reply:
            await reply.read()
        # Counted from its moment, not from when it was written: a door that is late for one is late for all behind it.
        posts.thanked_ms.append(1000 * (stopwatch_s() - moment))
        posts.refused += reply.status != 200

    await asyncio.gather(*(post_at(begun + number / per_second, post) for number, post in enumerate(made)))


async def _until_worked_off(database: Database, posts: Posts) -> None:
    ended = stopwatch_s()
    posts.worked_off = posts.count - await _left(database)
    for _ in range(round(GIVE_UP_S / LOOK_EVERY_S)):
        if not await _left(database):
            break
        await asyncio.sleep(LOOK_EVERY_S)
    posts.after_s = stopwatch_s() - ended


async def _left(database: Database) -> int:
    async with database.look() as work:
        return await work.session.scalar(select(func.count()).where(Received.state == "new")) or 0
