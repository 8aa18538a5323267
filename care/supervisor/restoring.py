"""`karez restore` and `karez hold`: an archive is put back where nothing is yet, and what had fallen due is not sent again."""

import asyncio
import shutil
import tarfile
import tempfile
from pathlib import Path

from alembic.util import CommandError
from sqlalchemy import inspect
from sqlalchemy.engine import make_url

from care.content.library import Library
from care.kit.clock import Clock, SystemClock
from care.kit.crypto import MasterKey, load_master_key
from care.kit.database import Database, make_engine
from care.kit.settings import Settings
from care.kit.sqlite import leave_no_trace
from care.messages.service import set_aside
from care.people.vault import check_master_key
from care.plans.materialise import materialise_some
from care.studio.serving import serve
from care.supervisor.backup import FOLDERS, POSTGRESQL, SQLITE, Say, check_sqlite, run_libpq, to_disk
from care.supervisor.erasing import bring_newer_marks, erase_again
from care.supervisor.prepare import CannotStart, check_disk, migrate, open_database


async def restore(settings: Settings, archive: Path, say: Say, clock: Clock | None = None) -> None:
    """Put an archive back, and hold back what fell due until now.  `settings` read words that were checked.

    Raises CannotStart and KeyFileBad.
    SQLite's file is put in its place last: what is broken off leaves nothing that could be started.
    """
    check_disk(settings.home)
    key = load_master_key(settings.home / "master.key")
    await _refuse_to_overwrite(settings)
    with tempfile.TemporaryDirectory(dir=settings.home, prefix="restoring-") as name:
        folder = Path(name)
        _unpack(archive, folder)
        bring_newer_marks(archive, folder)
        held = await _make_ready(settings, key, clock or SystemClock(), folder, say)
        if (folder / SQLITE).exists():
            to_disk(folder / SQLITE)
            (folder / SQLITE).replace(_file(settings))
            to_disk(_file(settings).parent)
    say(f"Restored. What came after {archive.name} was made is not known here.")
    say_held(held, say)


def _file(settings: Settings) -> Path:
    return Path(make_url(settings.database_url).database or "")


async def _refuse_to_overwrite(settings: Settings) -> None:
    if settings.database_url.startswith("sqlite"):
        if await asyncio.to_thread(_file(settings).exists):
            raise CannotStart(f"{_file(settings)} exists. Stop Karez and move it away first: nothing is ever overwritten.")
        return
    engine = make_engine(settings.database_url)
    try:
        async with engine.connect() as connection:
            tables = await connection.run_sync(lambda own: inspect(own).get_table_names())
    finally:
        await engine.dispose()
    if tables:
        raise CannotStart("The database has tables already. Make an empty one and name it: nothing is ever overwritten.")


def _unpack(archive: Path, folder: Path) -> None:
    try:
        with tarfile.open(archive) as packed:
            packed.extractall(folder, filter="data")
    except (OSError, tarfile.TarError, EOFError) as wrong:
        raise CannotStart(f"{archive} cannot be read as an archive of `karez backup` ({wrong}).") from wrong


async def _make_ready(settings: Settings, key: MasterKey, clock: Clock, folder: Path, say: Say) -> int:
    """Check, bring up to date, erase again, hold back.  Returns how many messages are held."""
    url = _load(settings, folder)
    database = Database(url, clock, key)
    leave_no_trace(database.engine)
    try:
        async with database.look() as work:
            await check_master_key(work)
        try:
            await migrate(url)
        except CommandError as wrong:
            raise CannotStart(f"The archive was made by a newer Karez: install that one first ({wrong}).") from wrong
        for each in FOLDERS:
            if await asyncio.to_thread((folder / each).is_dir):
                await asyncio.to_thread(shutil.copytree, folder / each, settings.home / each, dirs_exist_ok=True)
        library = (await serve(database, settings)).library
        if again := await erase_again(database, library, settings.home):
            say(f"{again} patients had been erased since. They are erased here too.")
        return await hold(database, library)
    finally:
        await database.close()


def _load(settings: Settings, folder: Path) -> str:
    """The address of what was in the archive, found whole."""
    if settings.database_url.startswith("sqlite"):
        if not (folder / SQLITE).exists():
            raise CannotStart(f"The archive holds no {SQLITE}: it was made from another kind of database.")
        check_sqlite(folder / SQLITE)
        return f"sqlite+aiosqlite:///{folder / SQLITE}"
    if not (folder / POSTGRESQL).exists():
        raise CannotStart(f"The archive holds no {POSTGRESQL}: it was made from another kind of database.")
    quietly = ("--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges")
    run_libpq("pg_restore", settings.database_url, *quietly, str(folder / POSTGRESQL))
    return settings.database_url


async def hold(database: Database, library: Library) -> int:
    """Whatever fell due until now goes to a nurse instead of out, what was not written yet included.  Returns how many."""
    more = True
    while more:
        async with database.work() as work:
            _, more = await materialise_some(work, library)
    async with database.work() as work:
        return await set_aside(work)


async def hold_by_hand(settings: Settings, say: Say) -> None:
    """The same for a database that was put back in another way.  Raises CannotStart."""
    database = open_database(settings, SystemClock())
    try:
        say_held(await hold(database, await asyncio.to_thread(Library.load, settings.content)), say)
    finally:
        await database.close()


def say_held(held: int, say: Say) -> None:
    say(f"{held} messages had fallen due. None of them is sent: they stand on the nurses' list.")
