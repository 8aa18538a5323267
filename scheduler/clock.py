"""The metronome: one APScheduler interval, one tick at a time; each tick reaps, claims, hands over, and looks ahead."""

import asyncio
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from apscheduler.events import EVENT_JOB_ERROR, JobExecutionEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from care.alarms.rota import pass_on
from care.content.library import Library
from care.conversation.checkin_watch import watch
from care.kit.clock import stopwatch_s
from care.kit.database import Database
from care.kit.ids import new_id
from care.kit.logs import get_log
from care.messages import store
from care.messages.service import tell_nurse
from care.messages.tables import Message
from care.messages.types import State
from care.plans.materialise import materialise_some
from care.plans.silence import watch_silence
from scheduler.crash import crash_at
from scheduler.guard import JumpGuard
from scheduler.worker import Dispatch

CLAIM = 500
BATCHES_AT_ONCE = 2  # one is looked at while the other is on the wire
AHEAD = 4  # batches that may wait for a worker
WHOLE_SECOND = datetime(2026, 1, 1, tzinfo=UTC)  # hours fall on whole seconds, and so do ticks
HANDS_LOOK_S, HANDS_LOOKS = 0.02, 100
MATERIALISE_EVERY = timedelta(minutes=1)
STOP_WITHIN_S = 15.0  # the supervisor ends us by force after 20 s
log = get_log("clock")


class Metronome:
    """Ticks until stopped.  Holds no state that a restart would miss.

    `keyed`: names of the channels that drop a second copy themselves.  `guard` None: the clock is turned by hand, in a
    rehearsal, and its jumps are meant.
    """

    def __init__(
        self,
        database: Database,
        library: Library,
        dispatch: Dispatch,
        heartbeat: Path,
        tick_s: float = 1.0,
        keyed: frozenset[str] = frozenset({"web"}),
        guard: JumpGuard | None = None,
    ) -> None:
        self.database, self.library, self.dispatch = database, library, dispatch
        self.heartbeat, self.tick_s, self.keyed, self.guard = heartbeat, tick_s, keyed, guard
        self.name = new_id()
        self._looked_ahead_at: datetime | None = None
        self._after: store.Place | None = None
        self._handed: list[str] = []  # one id of each batch that may be waiting for a worker
        self._under_way: set[asyncio.Task[None]] = set()
        self._stopping = False
        self._idle = asyncio.Event()
        self._idle.set()
        self._scheduler = AsyncIOScheduler()

    def start(self) -> None:
        every = IntervalTrigger(seconds=self.tick_s, start_date=WHOLE_SECOND)
        self._scheduler.add_job(self.tick, every, max_instances=1, coalesce=True, misfire_grace_time=None)
        self._scheduler.add_listener(report_broken_tick, EVENT_JOB_ERROR)
        self._scheduler.start()

    async def stop(self) -> bool:
        """No new tick, no new batch; the batch under way is finished.  False: it took too long, leases will free its rows."""
        self._stopping = True
        self._scheduler.pause()
        try:
            await asyncio.wait_for(self._idle.wait(), STOP_WITHIN_S)
        except TimeoutError:
            log.error("clock.stopped", reason="batch still under way")
            return False
        finally:
            self._scheduler.shutdown(wait=False)
        return True

    async def tick(self) -> int:
        """Everything that is due now.  Returns how many messages were claimed."""
        if self._stopping:  # begun by the timer while we were stopping: the database may be closed already
            return 0
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
        if self.guard and not self.guard.may_send(now, stopwatch_s()):
            self._beat()
            return 0
        claimed = await self._send_due()
        # Sending comes first: a plan that cannot be read must never hold up reminders that are already rows.
        if await self._look_ahead(now):
            claimed += await self._send_due()
        self._beat()
        return claimed

    async def _send_due(self) -> int:
        """Everything due at this moment.  What falls due meanwhile, or is put off, is the next tick's."""
        claimed, due_by = 0, self.database.clock.now()
        if await self._is_work_waiting():
            await self._reap()
            while some := await self._send_round(due_by):
                claimed += some
        return claimed

    async def _send_round(self, due_by: datetime) -> int:
        """Claim from the longest due to the last, each claim beginning where the one before ended."""
        claimed, self._after = 0, None
        while not self._stopping and await self._has_free_hands() and (ids := await self._claim(due_by)):
            crash_at("after_claim")
            await self._hand_over(ids)
            claimed += len(ids)
            self._beat()
        await self._all_sent()
        return claimed

    async def _hand_over(self, ids: list[str]) -> None:
        """To the engine: embedded, so many batches are sent at once; through a server this takes no time."""
        self._handed.append(ids[0])
        task = asyncio.create_task(self.dispatch(ids, self.name))
        self._under_way.add(task)
        while len(self._under_way) >= BATCHES_AT_ONCE:
            await self._finish_some(asyncio.FIRST_COMPLETED)

    async def _all_sent(self) -> None:
        if self._under_way:
            await self._finish_some(asyncio.ALL_COMPLETED)

    async def _finish_some(self, until: str) -> None:
        done, self._under_way = await asyncio.wait(self._under_way, return_when=until)
        for each in done:
            each.result()

    async def _has_free_hands(self) -> bool:
        """No more is claimed than workers will take soon: a lease must not run out while its row waits in a queue."""
        for _ in range(HANDS_LOOKS):
            if len(self._handed) < AHEAD:
                return True
            async with self.database.look() as work:
                waiting = await store.count_waiting(work, self.name, self._handed)
            self._handed = self._handed[len(self._handed) - waiting :] if waiting else []
            if waiting >= AHEAD:
                await asyncio.sleep(HANDS_LOOK_S)
        return len(self._handed) < AHEAD

    async def _is_work_waiting(self) -> bool:
        async with self.database.look() as work:
            return await store.is_work_waiting(work)

    async def _reap(self) -> None:
        """Some at a time, each time for good: whoever dies meanwhile has not reaped in vain, and others write in between."""
        while await self._reap_some():
            pass

    async def _reap_some(self) -> int:
        async with self.database.work() as work:
            reaped = await store.reap(work, self.keyed)
            for each in reaped:
                log.warning("message.reaped", message_id=each.message_id, state=each.state)
            given_up = [await work.session.get_one(Message, each.message_id) for each in reaped if each.state == State.UNKNOWN]
            for patient_id in dict.fromkeys(each.patient_id for each in given_up):  # one entry a patient, whatever the count
                await tell_nurse(work, patient_id)
            return len(reaped)

    async def _claim(self, due_by: datetime | None = None) -> list[str]:
        async with self.database.work() as work:
            claimed = await store.claim(work, self.name, CLAIM, due_by or work.now, self._after)
        self._after = claimed.last
        return claimed.ids

    async def _look_ahead(self, now: datetime) -> int:
        """Alerts and check-ins whose time has come, and the next 48 hours, once a minute.  Returns how many messages are new."""
        last = self._looked_ahead_at
        if last and last <= now < last + MATERIALISE_EVERY:
            return 0
        self._looked_ahead_at = now  # before the work: what fails is tried again in a minute, not every second
        await self._pass_on()
        async with self.database.work() as work:
            made, more = await materialise_some(work, self.library)
        if more:  # after an outage, or in the evening of thousands: sending goes on in between
            self._looked_ahead_at = None
        async with self.database.work() as work:
            await watch(work, self.library)
        async with self.database.work() as work:
            if await watch_silence(work, self.library):  # thousands end at one moment too
                self._looked_ahead_at = None
        return made

    async def _pass_on(self) -> None:
        """Alerts whose time is over go to the next person on the rota, at last to the call list."""
        async with self.database.work() as work:
            for alert in await pass_on(work):
                log.warning("alarm.passed", flag=alert.flag, state="call list" if alert.on_call_list else "next")

    def _beat(self) -> None:
        fresh = self.heartbeat.with_suffix(".new")
        fresh.write_text(self.database.clock.now().isoformat())
        os.replace(fresh, self.heartbeat)


def report_broken_tick(event: JobExecutionEvent) -> None:
    """A tick that fails is logged and its heartbeat is missing; the next tick tries again."""
    log.error("clock.failed", error=type(event.exception).__name__)
