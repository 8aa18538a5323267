"""`karez inbox`: what came in through the apps, and what of it nobody could work off."""

from collections.abc import Callable

from care.inbox.store import bring_back, count_open
from care.kit.clock import SystemClock
from care.kit.settings import Settings
from care.supervisor.prepare import open_database


async def tell(settings: Settings, again: bool, say: Callable[..., object]) -> None:
    """Counts only: what was said is for nurses, and stands in the console."""
    database = open_database(settings, SystemClock())
    try:
        if again:
            async with database.work() as work:
                say(f"{await bring_back(work)} to be tried once more.")
        async with database.look() as work:
            counts = await count_open(work)
    finally:
        await database.close()
    say(f"To work off: {counts.new}.  Waiting for a nurse or for an answer: {counts.waiting}.  Nobody could: {counts.dead}.")
