"""The words a process speaks now: the files in service with what the studio published laid over them, renewed while it runs."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from care.content.library import Library
from care.content.types import ContentBroken
from care.kit.clock import stopwatch_s
from care.kit.collecting import settle_memory
from care.kit.database import Database
from care.kit.logs import get_log
from care.kit.settings import Settings
from care.studio.checking import check_content
from care.studio.overlay import build, newest_release, read_overlay
from care.studio.tables import Release

LOOK_EVERY_S = 2.0
TRY_AGAIN_S = 60.0  # after words that could not be taken: looking at them again costs seconds of everybody's time
log = get_log("studio")


@dataclass(frozen=True)
class Served:
    """Words that were checked as a whole."""

    folder: Path
    library: Library
    release: int  # the newest one in them; 0 before the first


async def serve(database: Database, settings: Settings) -> Served:
    """The words as they are to be spoken now.  Raises ContentBroken and OSError."""
    async with database.look() as work:
        release = await newest_release(work)
        overlay = await read_overlay(work, settings.content)
        checked = await work.session.scalar(select(Release.content).where(Release.id == release))
    folder = await asyncio.to_thread(build, settings.home, settings.content, overlay)
    is_checked = folder == settings.content or folder.parent.name == checked
    return Served(folder, await asyncio.to_thread(_load, folder, is_checked), release)


def _load(folder: Path, is_checked: bool) -> Library:
    if is_checked:  # when it was published, or by whoever put the files into service
        return Library.load(folder)
    library, problems = check_content(folder)
    if problems:
        raise ContentBroken(problems)
    return library


class Follower:
    """Takes newer words while a process runs.  What cannot be taken is logged, and the old words stay."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        served: Served,
        take: Callable[[Served], Awaitable[object]],
        learnt: Callable[[], str] = lambda: "",
    ) -> None:
        """`take` swaps the words in; `learnt` names what a teaching made: when it changes, the same words are taken anew."""
        self.database, self.settings, self.served = database, settings, served
        self._take, self._learnt = take, learnt
        self._knows = learnt()
        self._rest_until = 0.0

    async def run(self) -> None:
        """Look every few seconds until cancelled."""
        settle_memory()
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            try:
                await self.look()
            except Exception as wrong:  # whatever it was, the old words speak on and a later look may do better
                log.error("content.refused", error=type(wrong).__name__)
                self._rest_until = stopwatch_s() + TRY_AGAIN_S

    async def look(self) -> bool:
        """Take what is newer, if anything is.  Raises what keeps it from being taken."""
        if stopwatch_s() < self._rest_until:
            return False
        learnt = self._learnt()
        async with self.database.look() as work:
            newest = await newest_release(work)
        if (newest, learnt) == (self.served.release, self._knows):
            return False
        served = await serve(self.database, self.settings)
        if served.folder != self.served.folder or learnt != self._knows:
            await self._take(served)
        self.served, self._knows = served, learnt
        settle_memory()
        log.info("content.taken", revision=served.release)
        return True
