"""The metronome: one APScheduler interval, one tick at a time; each tick makes, reaps, claims and hands over."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from care.content.library import Library
from care.kit.clock import stopwatch_s
from care.kit.database import Database
from care.kit.ids import new_id
from care.kit.logs import get_log
from care.messages import store
from care.messages.service import tell_nurse
from care.messages.tables import Message
from care.plans.occurrences import materialise
from scheduler.dispatch import crash_at
from scheduler.worker import Dispatch

CLAIM = 500
MATERIALISE_EVERY = timedelta(minutes=1)
JUMP = timedelta(minutes=5)
log = get_log("clock")


class Metronome:
    """Ticks until stopped.  Holds no state that a restart would miss."""

    def __init__(self, database: Database, library: Library, dispatch: Dispatch, heartbeat: Path, tick_s: float) -> None:
        self.database, self.library, self.dispatch = database, library, dispatch
        self.heartbeat, self.tick_s = heartbeat, tick_s
        self.name = new_id()
        self.held_because: str | None = None
        self._made_at: datetime | None = None
        self._last: tuple[datetime, float] | None = None
        self._idle = asyncio.Event()
        self._idle.set()
        self._scheduler = AsyncIOScheduler()

    def start(self) -> None:
        self._scheduler.add_job(
            self.tick, "interval", seconds=self.tick_s, max_instances=1, coalesce=True, misfire_grace_time=None
        )
        self._scheduler.start()

    async def stop(self) -> None:
        """No new tick; the one under way is finished."""
        self._scheduler.pause()
        await self._idle.wait()
        self._scheduler.shutdown(wait=False)

    async def tick(self) -> int:
        """Everything that is due now.  Returns how many messages were claimed."""
        self._idle.clear()
        begun = stopwatch_s()
        try:
            claimed = await self._tick()
        finally:
            self._idle.set()
        if claimed:
            log.info("clock.ticked", claimed=claimed, ms=round(1000 * (stopwatch_s() - begun)))
        return claimed

    async def _tick(self) -> int:
        now = self.database.clock.now()
        self._hold_after_jump(now)
        await self._materialise(now)
        claimed = 0
        while self.held_because is None and (batch := await self._claim()):
            crash_at("after_claim")
            await self.dispatch([message_id for message_id, _ in batch], self.name)
            claimed += len(batch)
        self.heartbeat.write_text(now.isoformat())
        return claimed

    async def _materialise(self, now: datetime) -> None:
        if self._made_at and now - self._made_at < MATERIALISE_EVERY and now >= self._made_at:
            return
        async with self.database.work() as work:
            await materialise(work, self.library)
        self._made_at = now

    async def _claim(self) -> list[tuple[str, int]]:
        async with self.database.work() as work:
            for message_id in await store.reap(work):
                await tell_nurse(work, await work.session.get_one(Message, message_id))
            return await store.claim(work, self.name, CLAIM)

    def _hold_after_jump(self, now: datetime) -> None:
        """P12: when the wall clock jumped against a clock that cannot, nothing is sent until an operator restarts us."""
        steady = stopwatch_s()
        if self._last:
            drift = (now - self._last[0]) - timedelta(seconds=steady - self._last[1])
            if abs(drift) > JUMP:
                self.held_because = "clock-jumped"
                log.error(
                    "clock.jumped", seconds=round(drift.total_seconds()), reason="sending is held; check the clock and restart"
                )
        self._last = (now, steady)
