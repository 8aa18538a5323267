"""One commit for what many tasks want written at the same moment: the disk is asked once, not a hundred times."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from care.kit.database import Database, Work
from care.kit.logs import get_log

Told = Callable[[BaseException | None], object]
log = get_log("together")


class Together[Item]:
    """Writes items in batches.  An item that cannot be written fails alone, not with its neighbours.

    `within_s`: how long an item may wait for others, unless `enough` are there or nobody else is coming (`hurry`).
    """

    def __init__(
        self, database: Database, write: Callable[[Work, list[Item]], Awaitable[None]], enough: int = 1, within_s: float = 0.0
    ) -> None:
        self._database, self._write, self._enough, self._within_s = database, write, enough, within_s
        self._waiting: list[tuple[Item, Told]] = []
        self._writer: asyncio.Task[None] | None = None
        self._go = asyncio.Event()

    async def add(self, item: Item) -> None:
        """Comes back when the item is committed."""
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def told(wrong: BaseException | None) -> None:
            if not written.done():
                written.set_exception(wrong) if wrong else written.set_result(None)

        self.put(item, told)
        await written

    def put(self, item: Item, told: Told) -> None:
        """`told` is called when the item is committed, or with what went wrong."""
        self._waiting.append((item, told))
        if len(self._waiting) >= self._enough:
            self._go.set()
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._drain())

    def hurry(self) -> None:
        """Nobody else is coming: write what is there."""
        if self._waiting:
            self._go.set()

    async def _drain(self) -> None:
        while self._waiting:
            if self._within_s:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._go.wait(), self._within_s)
            self._go.clear()
            batch, self._waiting = self._waiting, []
            await self._commit(batch)

    async def _commit(self, batch: list[tuple[Item, Told]]) -> None:
        try:
            async with self._database.work() as work:
                await self._write(work, [item for item, _ in batch])
        except Exception as wrong:  # handed on to whoever waits for the item
            if len(batch) > 1:
                log.warning("batch.split", count=len(batch), error=type(wrong).__name__)
                for each in batch:
                    await self._commit([each])
            else:
                batch[0][1](wrong)
            return
        for _, told in batch:
            told(None)
