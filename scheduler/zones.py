"""The rules of a zone change with a newer table: what is written for the next two days is then looked at again at once."""

import os
from importlib.metadata import version
from pathlib import Path

from care.kit.database import Database
from care.kit.logs import get_log
from care.plans.materialise import look_at_all_again

log = get_log("clock")


async def follow_zones(database: Database, note: Path, table: str = "") -> int:
    """Once at the start of a clock.  `note`: a file with the table that was in use last.  Returns how many plans are looked at.

    Without it the hour on the wall would be kept only from the next look of each plan on, up to twelve hours later.
    """
    table = table or version("tzdata")
    if _read(note) == table:
        return 0
    async with database.work() as work:
        plans = await look_at_all_again(work)
    _write(note, table)
    log.info("zones.taken", count=plans, revision=table)
    return plans


def _read(note: Path) -> str:
    return note.read_text(encoding="utf-8").strip() if note.exists() else ""


def _write(note: Path, table: str) -> None:
    fresh = note.with_suffix(".new")
    fresh.write_text(table + "\n", encoding="utf-8")
    os.replace(fresh, note)
