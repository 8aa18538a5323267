"""Things that take seconds to make are kept in a file, with what they were made from: when that changes they are made anew."""

import json
import os
import tempfile
from pathlib import Path
from typing import Any


def keep(where: Path, made_from: str, made: Any) -> None:
    """Write as JSON, whole or not at all: a reader never sees half of it."""
    where.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=where.parent, suffix=".new", delete=False) as file:
        json.dump({"made_from": made_from, "made": made}, file, ensure_ascii=False, separators=(",", ":"))
    os.replace(file.name, where)


def kept(where: Path, made_from: str) -> Any:
    """What was kept; None when there is no file, it cannot be read, or it was made from something else."""
    try:
        read = json.loads(where.read_text(encoding="utf-8"))
        return read["made"] if read["made_from"] == made_from else None
    except (OSError, ValueError, KeyError, TypeError):
        return None
