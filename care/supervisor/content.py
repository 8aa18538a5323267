"""Content in service: what was good at a start is kept as a copy, and speaks on when a file in content/ is broken later."""

import asyncio
import json
import shutil
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import OperationalError, ProgrammingError

from care.content.types import Problem
from care.kit.clock import SystemClock
from care.kit.database import Database
from care.kit.settings import ROOT, Settings
from care.studio.checking import check_content as check_content
from care.studio.folders import digest_files, fingerprint, make, remove, renew, whole
from care.studio.overlay import Overlay, build, newest_release, read_overlay
from care.studio.serving import serve
from care.supervisor.prepare import CannotStart, is_new, open_database

PROGRAM = ("care", "api", "scheduler")  # what asks for phrases by their names
SHOWN = 20  # problems; `karez content check` prints them all
TRIES = 3


@dataclass(frozen=True)
class Kept:
    """The note beside the copies: which one the files are in, good since when, for which program."""

    folder: str
    since: str  # ISO, UTC
    program: str


@dataclass(frozen=True)
class InService:
    """The folder the files are read from; `warning` is empty unless it is not the one that was written."""

    folder: Path
    warning: str = ""


def take_into_service(written: Path, home: Path, now: datetime, overlay: Overlay = Overlay(), release: int = 0) -> InService:
    """Keep a copy of good content and use that, so that no edit reaches a running Karez; else the last good copy.

    `overlay`: what the studio published, up to `release`; the files must be good together with it.  Raises CannotStart when
    they are not and no good copy is there.
    """
    for _ in range(TRIES):
        before = fingerprint(written)
        problems = check_content(written)[1]
        if problems:
            return _last_good(written, home, problems)
        copy = make(home, before, written, release, lambda folder: shutil.copytree(written, folder))
        renew(copy, release)
        if fingerprint(copy) != before:
            remove(copy)
            continue
        together = build(home, copy, overlay)
        problems = check_content(together)[1] if overlay else []
        if problems:
            return _last_good(written, home, problems)
        _note(home, Kept(before, now.isoformat(), program()), together)
        return InService(copy)
    raise CannotStart(f"Somebody is writing in {written}. Wait until the files are whole and start again.")


async def take_all_into_service(database: Database, settings: Settings) -> InService:
    """The same with what the studio published, as a start does it.  Raises CannotStart."""
    async with database.look() as work:
        overlay, release, now = await read_overlay(work), await newest_release(work), work.now
    return await asyncio.to_thread(take_into_service, settings.content, settings.home, now, overlay, release)


def find_content(settings: Settings) -> InService:
    """For commands beside a running Karez: the words as written, or the last good copy.  Keeps nothing.  Raises CannotStart."""
    problems = check_content(settings.content)[1]
    return _last_good(settings.content, settings.home, problems) if problems else InService(settings.content)


async def find_spoken(settings: Settings) -> InService:
    """The same with what the studio published: what Karez speaks, or will from its next start.  Raises CannotStart."""
    found = await asyncio.to_thread(find_content, settings)
    if is_new(settings):
        return found
    database = open_database(settings, SystemClock())
    try:
        served = await serve(database, settings.model_copy(update={"content": found.folder}))
    except (OperationalError, ProgrammingError):
        return found  # the database has no studio yet: the next start brings it up to date
    finally:
        await database.close()
    return InService(served.folder, found.warning)


def last_good(home: Path) -> tuple[Path, datetime] | None:
    """The kept copy and since when it is in service.  None: none yet, of another version of Karez, or damaged."""
    try:
        kept = Kept(**json.loads((home / "content" / "good.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    folder = whole(home, kept.folder) if kept.program == program() else None
    return (folder, datetime.fromisoformat(kept.since)) if folder else None


def program() -> str:
    """A fingerprint of our own code: words and program belong together, an older copy may lack a phrase that is now asked for."""
    return digest_files(ROOT, (path for part in PROGRAM for path in (ROOT / part).rglob("*.py")))


def _note(home: Path, kept: Kept, together: Path) -> None:
    """Name the copy in service and remove the others; one that is in service already keeps its date."""
    note = home / "content" / "good.json"
    good = last_good(home)
    if good is None or good[0].parent.name != kept.folder:
        fresh = note.with_suffix(".new")
        fresh.write_text(json.dumps(asdict(kept)), encoding="utf-8")
        fresh.replace(note)
    for old in note.parent.iterdir():
        if old.is_dir() and old.name not in (kept.folder, together.parent.name):
            shutil.rmtree(old, ignore_errors=True)


def _last_good(written: Path, home: Path, problems: list[Problem]) -> InService:
    told = "\n".join(map(str, problems[:SHOWN]))
    told += f"\n... and {len(problems) - SHOWN} more: `karez content check`" if len(problems) > SHOWN else ""
    told += f"\nThe words in {written} cannot be used: mend what is named above, then start again."
    good = last_good(home)
    if good is None:
        raise CannotStart(f"{told} No last good content of this version of Karez is kept, so nothing can be said meanwhile.")
    return InService(good[0], f"{told} The last good content, of {good[1]:%Y-%m-%d %H:%M} UTC, is in service meanwhile.")
