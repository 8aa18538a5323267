"""What our senders are held against: bare POSTs, a job per reminder, and marking before sending."""

import asyncio
from datetime import timedelta
from typing import Any

from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy import Engine, create_engine, event, select, update

from care.kit.database import Database
from care.kit.json_bytes import write_json
from care.messages.tables import Message
from care.messages.types import State
from scheduler.bench.post import SENT, Post

CLAIM = 500


class Rival:
    """One way of sending: made ready first, then sent from a given moment on.  Their words were found beforehand."""

    def __init__(self, database: Database, post: Post, count: int, body: bytes, jobs: str) -> None:
        self.database, self.post, self.count, self.body, self.jobs = database, post, count, body, jobs

    async def prepare(self) -> None: ...

    async def send(self) -> None: ...

    async def each(self, keys: list[str]) -> None:
        """POST to all of them, as many at once as there are sockets."""
        waiting = iter(keys)

        async def one_socket() -> None:
            for key in waiting:
                await self.post.post(key, self.body)

        await asyncio.gather(*(one_socket() for _ in range(self.post.sockets)))


class Raw(Rival):
    """Bare POSTs: nothing is read, re-checked, worded or written."""

    async def send(self) -> None:
        await self.each([f"message:{number}" for number in range(self.count)])


class MarkFirst(Rival):
    """Rows are marked sent in batches, then sent: nothing is re-checked, and what a crash leaves unsent is lost."""

    async def send(self) -> None:
        while ids := await self._mark():
            await self.each([f"message:{each}" for each in ids])

    async def _mark(self) -> list[str]:
        async with self.database.work() as work:
            due = select(Message.id).where(Message.state == State.DUE, Message.next_at <= work.now).limit(CLAIM)
            mark = update(Message).where(Message.id.in_(due)).values(state=State.SENT).returning(Message.id)
            return list(await work.session.scalars(mark.execution_options(synchronize_session=False)))


class JobEach(Rival):
    """An APScheduler date job per reminder in a job store of the same database: it sends, then marks its row."""

    async def prepare(self) -> None:
        """Jobs are added while the scheduler is paused: one by one to a running one would take minutes."""
        JOB["rival"] = self
        async with self.database.look() as work:
            due = select(Message.id).where(Message.state == State.DUE).limit(self.count)
            ids = list(await work.session.scalars(due))
        self.left, self.done, self.turn = len(ids), asyncio.Event(), asyncio.Semaphore(self.post.sockets)
        if self.jobs.startswith("sqlite"):  # its writers take turns, or most of them would give up
            self.turn = asyncio.Semaphore(1)
        self.scheduler = AsyncIOScheduler()
        store = SQLAlchemyJobStore(engine=_unsafe_engine(self.jobs))
        self.scheduler.add_jobstore(store)
        self.scheduler.start(paused=True)
        past = self.database.clock.now() - timedelta(days=365)  # on the scheduler's own clock they are due when it goes on
        for each in ids:
            self.scheduler.add_job(send_one, "date", run_date=past, args=[each], misfire_grace_time=None)
        store.engine.dispose()
        store.engine = create_engine(self.jobs)

    async def send(self) -> None:
        self.scheduler.resume()
        await self.done.wait()


def _unsafe_engine(url: str) -> Engine:
    """Without waiting for the disk: how long adding takes is not measured, and would be minutes."""
    if not url.startswith("sqlite"):
        return create_engine(url, connect_args={"options": "-c synchronous_commit=off"})
    engine = create_engine(url)
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
    return engine


JOB: dict[str, Any] = {}


async def send_one(message_id: str) -> None:
    """What one job does."""
    rival: JobEach = JOB["rival"]
    await rival.post.post(f"message:{message_id}", rival.body)
    async with rival.turn, rival.database.work() as work:
        await work.session.execute(update(Message).where(Message.id == message_id).values(state=State.SENT))
    rival.left -= 1
    if not rival.left:
        rival.done.set()


RIVALS = {"raw": Raw, "mark": MarkFirst, "jobs": JobEach}


def make_rival(kind: str, database: Database, post: Post, settings: dict[str, Any]) -> Rival:
    body = write_json({name: settings["sample"][name] for name in SENT} | {"to": "0" * 26})
    return RIVALS[kind](database, post, settings["count"], body, settings["jobs"])
