"""One commit for what many tasks want written at the same moment: the disk is asked once, not a hundred times."""

import asyncio
from collections.abc import Awaitable, Callable

from care.kit.database import Database, Work
from care.kit.logs import get_log

log = get_log("together")


class Together[Item]:
    """`add` comes back when the item is committed.  An item that cannot be written fails alone, not with its neighbours."""

    def __init__(self, database: Database, write: Callable[[Work, list[Item]], Awaitable[None]]) -> None:
        self._database, self._write = database, write
        self._waiting: list[tuple[Item, asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None

    async def add(self, item: Item) -> None:
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, written))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._drain())
        await written

    async def _drain(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            await self._commit(batch)

    async def _commit(self, batch: list[tuple[Item, asyncio.Future[None]]]) -> None:
        try:
            async with self._database.work() as work:
                await self._write(work, [item for item, _ in batch])
        except Exception as wrong:  # handed on to whoever waits for the item
            if len(batch) > 1:
                log.warning("batch.split", count=len(batch), error=type(wrong).__name__)
                for each in batch:
                    await self._commit([each])
            elif not batch[0][1].done():
                batch[0][1].set_exception(wrong)
            return
        for _, written in batch:
            if not written.done():
                written.set_result(None)
