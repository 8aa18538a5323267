"""`karez doctor`: looks at this machine and this set-up, and says what to do about what is wrong."""

import asyncio
import sqlite3
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError, ProgrammingError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from care.content.library import Library
from care.content.training import trained_model
from care.content.types import ContentBroken
from care.inbox.store import count_open
from care.kit.clock import SystemClock
from care.kit.crypto import KeyFileBad, load_master_key
from care.kit.database import make_engine
from care.kit.settings import ROOT, Settings
from care.people.vault import check_master_key
from care.speech.choice import VoicesWrong, choose_voices
from care.speech.voices import CannotSpeak
from care.supervisor.content import find_content
from care.supervisor.prepare import CannotStart, check_assistant, check_channels, check_disk, check_port, is_new, open_database
from care.supervisor.processes import answers

LEFT_LYING = timedelta(minutes=5)  # of the inbox: the web door works it off within seconds
SILENT = timedelta(minutes=1)  # a scheduler that lives writes its heartbeat at every tick
# What the zone table must say (facts: clinical, section 10): an old one rings an hour wrong in Kazakhstan.
OFFSETS_H = {"Asia/Shanghai": 8, "Asia/Urumqi": 6, "Asia/Almaty": 5}
DURABLE = ("fsync", "full_page_writes", "synchronous_commit")  # of PostgreSQL; SQLite is told by us at every connection
# house: letters - one word of a language to try its voice with, heard by nobody
TRIED_WITH = {"kk": "сәлем", "ug": "سالام", "zh": "你好"}


class Unwell(Exception):
    """What is wrong and how to mend it, in one sentence."""


@dataclass(frozen=True)
class Finding:
    """What one look found; `trouble` is empty when all is well."""

    what: str
    said: str
    trouble: str = ""


Look = Callable[[Settings], Awaitable[str]]


async def examine(settings: Settings, say: Callable[[str], object]) -> bool:
    """Look at everything and print a line each.  True when nothing is wrong."""
    findings = [await _look(what, look, settings) for what, look in LOOKS.items()]
    for each in findings:
        say(f"{'BAD ' if each.trouble else 'good'}  {each.what:<11} {each.trouble or each.said}")
    return not any(each.trouble for each in findings)


async def _look(what: str, look: Look, settings: Settings) -> Finding:
    try:
        return Finding(what, await look(settings))
    except (Unwell, CannotStart, KeyFileBad, ContentBroken, CannotSpeak, VoicesWrong) as wrong:
        return Finding(what, "", str(wrong))
    except (OSError, SQLAlchemyError) as wrong:
        return Finding(what, "", f"{type(wrong).__name__}: {wrong}")


async def _python(settings: Settings) -> str:
    check_assistant(settings.bot)
    return f"Python {sys.version.split()[0]}, SQLite {sqlite3.sqlite_version}, assistant's environment in place"


async def _disk(settings: Settings) -> str:
    check_disk(settings.home)
    return f"room enough in {settings.home}"


async def _keys(settings: Settings) -> str:
    path, fresh = settings.home / "master.key", is_new(settings)
    if not path.exists() and fresh:
        return "none yet: the first start makes one"
    load_master_key(path)
    if not fresh:
        await _opens(settings)
    return "master key readable by its owner only; keep a copy on paper in the safe"


async def _opens(settings: Settings) -> None:
    """Whether the key is this database's own: after a restore the two may come from different days."""
    database = open_database(settings, SystemClock())
    try:
        async with database.look() as work:
            await check_master_key(work)
    except (OperationalError, ProgrammingError):
        return  # no tables yet, or no answer: the look at the database says it better
    finally:
        await database.close()


async def _database(settings: Settings) -> str:
    if is_new(settings):
        return "none yet: the first start makes one"
    engine = make_engine(settings.database_url)
    try:
        async with engine.connect() as connection:
            now, newest = await connection.run_sync(_revisions)
            unsafe = [name for name in DURABLE if connection.dialect.name == "postgresql" and await _is_off(connection, name)]
    finally:
        await engine.dispose()
    if now != newest:
        raise Unwell(f"stands at migration {now}, the newest is {newest}: run `karez db upgrade`")
    if unsafe:
        raise Unwell(f"would lose in a power cut what it said it kept: switch on {', '.join(unsafe)} in postgresql.conf")
    return f"answers, at migration {now}"


async def _is_off(connection: AsyncConnection, name: str) -> bool:
    return bool(await connection.scalar(text("select current_setting(:name) = 'off'"), {"name": name}))


def _revisions(connection: Connection) -> tuple[str | None, str | None]:
    """(where the database stands, the newest there is)."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "care" / "migrations"))
    newest = ScriptDirectory.from_config(config).get_current_head()
    return MigrationContext.configure(connection).get_current_revision(), newest


async def _content(settings: Settings) -> str:
    content = await asyncio.to_thread(find_content, settings)
    if content.warning:
        raise Unwell(content.warning)
    library = await asyncio.to_thread(Library.load, settings.content)
    return f"{len(library.topic_list)} topics in {len(library.languages)} languages without a problem"


async def _assistant(settings: Settings) -> str:
    content = await asyncio.to_thread(find_content, settings)
    library = await asyncio.to_thread(Library.load, content.folder)
    if not await asyncio.to_thread(trained_model, library, settings.bot):
        raise Unwell("its sources changed since it was trained: run `karez train`, then start again")
    running = await answers(f"{settings.bot_url}/webhooks/karez/health")
    return "trained from the content in service" + (", running" if running else ", not running")


async def _voice(settings: Settings) -> str:
    chosen = choose_voices(settings)
    for voice, language in {voice.name: (voice, language) for language, voices in chosen.items() for voice in voices}.values():
        await asyncio.to_thread(voice.synthesise, TRIED_WITH.get(language, TRIED_WITH["kk"]), language)
    return "; ".join(f"{language}: {', '.join(voice.name for voice in voices)}" for language, voices in chosen.items())


async def _clocks(settings: Settings) -> str:
    now = SystemClock().now()
    for zone, hours in OFFSETS_H.items():
        if now.astimezone(ZoneInfo(zone)).utcoffset() != timedelta(hours=hours):
            raise Unwell(f"this machine's zone table is wrong for {zone} (it must be {hours:+d} h): renew the tzdata package")
    held = settings.home / "scheduler.held"
    if held.exists():
        raise Unwell(f"sending is held because the clock jumped: check the time, then delete {held}")
    return "zones right, no jump seen"


async def _web(settings: Settings) -> str:
    if await answers(f"http://{settings.host}:{settings.port}/healthz"):
        return f"answers on port {settings.port}"
    check_port(settings.host, settings.port, "KAREZ_PORT")
    return f"not running; port {settings.port} is free"


async def _scheduler(settings: Settings) -> str:
    heartbeat = settings.home / "scheduler.heartbeat"
    if not heartbeat.exists():
        return "not running"
    last = datetime.fromisoformat(heartbeat.read_text())
    if not settings.clock_file and SystemClock().now() - last > SILENT:
        raise Unwell(
            f"last beat {last:%Y-%m-%d %H:%M} UTC: reminders stand still unless Karez is stopped; start it with `karez up`"
        )
    return f"beat at {last:%H:%M:%S} UTC"


async def _channels(settings: Settings) -> str:
    return f"set up: {', '.join(await check_channels(settings))}"


async def _inbox(settings: Settings) -> str:
    if is_new(settings):
        return "none yet: the first start makes one"
    database = open_database(settings, SystemClock())
    try:
        async with database.look() as work:
            counts = await count_open(work)
    except (OperationalError, ProgrammingError):
        return "not there yet: run `karez db upgrade`"
    finally:
        await database.close()
    if counts.dead:
        raise Unwell(f"{counts.dead} of what patients sent could not be worked off: see `karez inbox`, mend it, then `--again`")
    if counts.oldest and not settings.clock_file and SystemClock().now() - counts.oldest > LEFT_LYING:
        raise Unwell(
            f"{counts.new} of what patients sent lie there since {counts.oldest:%Y-%m-%d %H:%M} UTC: is the web door up?"
        )
    return f"{counts.new} to work off, {counts.waiting} waiting for a nurse or an answer, none that nobody could"


LOOKS: dict[str, Look] = {
    "python": _python,
    "disk": _disk,
    "keys": _keys,
    "database": _database,
    "content": _content,
    "assistant": _assistant,
    "voice": _voice,
    "channels": _channels,
    "inbox": _inbox,
    "clocks": _clocks,
    "web door": _web,
    "scheduler": _scheduler,
}
