"""Things that take seconds to make are kept in a folder, each file named after what it was made from."""

import json
import os
import tempfile
from pathlib import Path
from typing import Any

LEFT = 3  # files of before that stay: who starts while something newer is being made has something to use


def keep(folder: Path, made_from: str, made: Any) -> None:
    """Write as JSON, whole or not at all: a reader never sees half of it."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=folder, suffix=".new", delete=False) as file:
        json.dump(made, file, ensure_ascii=False, separators=(",", ":"))
    os.replace(file.name, _file(folder, made_from))
    for old in _newest_first(folder)[LEFT:]:
        old.unlink(missing_ok=True)


def kept(folder: Path, made_from: str | None = None) -> Any:
    """What was made from that; without a name what was made last.  None when there is nothing that can be read."""
    files = [_file(folder, made_from)] if made_from else _newest_first(folder)
    return next(filter(None, map(_read, files)), None)


def newest(folder: Path) -> str:
    """What was made last was made from this; empty when nothing was."""
    return next(iter(names(folder)), "")


def names(folder: Path) -> list[str]:
    """What is kept was made from these, the newest first."""
    return [file.stem for file in _newest_first(folder)]


def _file(folder: Path, made_from: str) -> Path:
    return folder / f"{made_from}.json"


def _newest_first(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.json"), key=_age, reverse=True)


def _age(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except FileNotFoundError:  # somebody else made something newer at this moment
        return 0.0


def _read(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
