"""Content in service: what was good at a start is kept as a copy, and speaks on when a file in content/ is broken later."""

import hashlib
import json
import os
import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from care.content.types import Problem
from care.kit.settings import ROOT, Settings
from care.studio.checking import check_content as check_content
from care.supervisor.prepare import CannotStart

PROGRAM = ("care", "api", "scheduler")  # what asks for phrases by their names
SHOWN = 20  # problems; `karez content check` prints them all
TRIES = 3


@dataclass(frozen=True)
class Kept:
    """The note beside the copy: which folder, good since when, for which program."""

    folder: str
    since: str  # ISO, UTC
    program: str


@dataclass(frozen=True)
class InService:
    """The folder to read words from; `warning` is empty unless it is not the one that was written."""

    folder: Path
    warning: str = ""


def take_into_service(written: Path, home: Path, now: datetime) -> InService:
    """Keep a copy of good content and use that, so that no edit reaches a running Karez; else the last good copy.

    Raises CannotStart when the content is broken and no good copy is there.
    """
    for _ in range(TRIES):
        before = fingerprint(written)
        problems = check_content(written)[1]
        if problems:
            return _last_good(written, home, problems)
        copy = _copy(written, home, before)
        if fingerprint(copy) == before:
            _note(home, Kept(before, now.isoformat(), program()))
            return InService(copy)
        shutil.rmtree(copy.parent)
    raise CannotStart(f"Somebody is writing in {written}. Wait until the files are whole and start again.")


def find_content(settings: Settings) -> InService:
    """For commands beside a running Karez: the words as written, or the last good copy.  Keeps nothing.  Raises CannotStart."""
    problems = check_content(settings.content)[1]
    return _last_good(settings.content, settings.home, problems) if problems else InService(settings.content)


def last_good(home: Path) -> tuple[Path, datetime] | None:
    """The kept copy and since when it is in service.  None: none yet, of another version of Karez, or damaged."""
    try:
        kept = Kept(**json.loads((home / "content" / "good.json").read_text(encoding="utf-8")))
        folder = next(path for path in (home / "content" / kept.folder).iterdir() if path.is_dir())
    except (OSError, ValueError, TypeError, StopIteration):
        return None
    whole = kept.program == program() and fingerprint(folder) == kept.folder
    return (folder, datetime.fromisoformat(kept.since)) if whole else None


def fingerprint(folder: Path) -> str:
    """16 hexadecimal digits of every name and byte of a folder."""
    return _digest(folder, folder.rglob("*"))


def program() -> str:
    """The same of our own code: words and program belong together, an older copy may lack a phrase that is now asked for."""
    return _digest(ROOT, (path for part in PROGRAM for path in (ROOT / part).rglob("*.py")))


def _digest(root: Path, paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(path for path in paths if path.is_file()):
        digest.update(str(path.relative_to(root)).encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _copy(written: Path, home: Path, name: str) -> Path:
    """The copy with this fingerprint, made if need be.  Whole or not there: a folder gets its name when it is complete."""
    place = home / "content" / name
    if (place / written.name).is_dir() and fingerprint(place / written.name) == name:
        return place / written.name
    fresh = place.with_name(f"new-{os.getpid()}")
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.copytree(written, fresh / written.name)
    shutil.rmtree(place, ignore_errors=True)
    fresh.replace(place)
    return place / written.name


def _note(home: Path, kept: Kept) -> None:
    """Name the copy in service and remove the others; one that is in service already keeps its date."""
    note = home / "content" / "good.json"
    good = last_good(home)
    if good is None or good[0].parent.name != kept.folder:
        fresh = note.with_suffix(".new")
        fresh.write_text(json.dumps(asdict(kept)), encoding="utf-8")
        fresh.replace(note)
    for old in note.parent.iterdir():
        if old.is_dir() and old.name != kept.folder:
            shutil.rmtree(old, ignore_errors=True)


def _last_good(written: Path, home: Path, problems: list[Problem]) -> InService:
    told = "\n".join(map(str, problems[:SHOWN]))
    told += f"\n... and {len(problems) - SHOWN} more: `karez content check`" if len(problems) > SHOWN else ""
    told += f"\nThe words in {written} cannot be used: mend what is named above, then start again."
    good = last_good(home)
    if good is None:
        raise CannotStart(f"{told} No last good content of this version of Karez is kept, so nothing can be said meanwhile.")
    return InService(good[0], f"{told} The last good content, of {good[1]:%Y-%m-%d %H:%M} UTC, is in service meanwhile.")
