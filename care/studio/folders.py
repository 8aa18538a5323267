"""Folders of words in the home, each named after what it was made from: whole or not there, and never changed unnoticed."""

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

NOTE = "made.json"


@dataclass(frozen=True)
class Made:
    """The note beside a folder."""

    content: str  # fingerprint of its bytes
    written: str  # content/ as people write it, which it comes from
    release: int  # the newest one when the files were read: what was exported later is not in them


def fingerprint(folder: Path) -> str:
    """16 hexadecimal digits of every name and byte of a folder."""
    return digest_files(folder, folder.rglob("*"))


def digest_files(root: Path, paths: Iterable[Path]) -> str:
    """16 hexadecimal digits of the names and bytes of some files."""
    digest = hashlib.sha256()
    for path in sorted(path for path in paths if path.is_file()):
        digest.update(str(path.relative_to(root)).encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def note_of(folder: Path) -> Made | None:
    """How a folder was made; None for one that people write in."""
    try:
        return Made(**json.loads((folder.parent / NOTE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def written_of(folder: Path) -> Path:
    """Where people write the words of a folder: of a copy, the folder it was copied from."""
    note = note_of(folder)
    return Path(note.written) if note else folder


def whole(home: Path, name: str) -> Path | None:
    """The folder with a name, if every byte is as it was made."""
    place = home / "content" / name
    try:
        folder = next(path for path in place.iterdir() if path.is_dir())
    except (OSError, StopIteration):
        return None
    note = note_of(folder)
    return folder if note and note.content == fingerprint(folder) else None


def make(home: Path, name: str, written: Path, release: int, fill: Callable[[Path], object]) -> Path:
    """The folder with a name, filled if need be.  Raises OSError, and then nothing is left of it."""
    found = whole(home, name)
    if found:
        return found
    place = home / "content" / name
    fresh = place.with_name(f"new-{os.getpid()}-{secrets.token_hex(4)}")
    try:
        fill(fresh / written.name)
        _note(fresh, Made(fingerprint(fresh / written.name), str(written.resolve()), release))
        _name(fresh, place)
    except OSError:
        found = whole(home, name)  # another process may have been faster
        if not found:
            raise
        return found
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return place / written.name


def renew(folder: Path, release: int) -> None:
    """The same bytes were read again later: what was exported until then is in them, or was taken back by hand."""
    note = note_of(folder)
    if note and note.release != release:
        _note(folder.parent, replace(note, release=release))


def _note(place: Path, made: Made) -> None:
    fresh = place / f"{NOTE}.new"
    fresh.write_text(json.dumps(asdict(made)), encoding="utf-8")
    fresh.replace(place / NOTE)


def _name(fresh: Path, place: Path) -> None:
    """Give a complete folder its name; a damaged one that has it goes."""
    if place.exists():
        place.replace(fresh.with_name(f"old-{fresh.name}"))
        shutil.rmtree(fresh.with_name(f"old-{fresh.name}"), ignore_errors=True)
    fresh.replace(place)


def remove(folder: Path) -> None:
    """A folder that shall not be found again."""
    shutil.rmtree(folder.parent, ignore_errors=True)
