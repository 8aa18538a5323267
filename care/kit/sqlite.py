"""SQLite as one hospital server runs it: durable first, writers in a queue, and one trip to the driver's thread a statement."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from threading import Thread
from typing import Any
from weakref import WeakSet

import aiosqlite
from sqlalchemy import event
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.util import await_only

READING = "BEGIN DEFERRED"
CACHE_KB = 32 * 1024  # of a connection; SQLite's own 2 MB are read anew for every part of a herd
WAIT_S = 10.0  # for another process that is writing
Row = tuple[Any, ...]


class OneTripCursor:
    """Runs a statement and fetches its rows in one trip.

    The driver's own cursor takes four (make, run, fetch, close), and a turn of conversation has a dozen statements: they
    were half of its time.  Our results fit into memory; nothing here streams.
    """

    def __init__(self, connection: "OneTripConnection") -> None:
        self._connection = connection
        self._rows: list[Row] = []
        self.description: Any = None
        self.rowcount, self.lastrowid, self.arraysize = -1, None, 1

    async def __aenter__(self) -> "OneTripCursor":
        return self

    async def execute(self, statement: str, parameters: Any = ()) -> "OneTripCursor":
        return await self._run(lambda cursor: cursor.execute(statement, parameters))

    async def executemany(self, statement: str, parameters: Any) -> "OneTripCursor":
        return await self._run(lambda cursor: cursor.executemany(statement, parameters))

    async def _run(self, do: Callable[[sqlite3.Cursor], object]) -> "OneTripCursor":
        done = await self._connection.in_thread(do)
        self._rows, self.description, self.rowcount, self.lastrowid = done
        return self

    async def fetchall(self) -> list[Row]:
        return self._rows

    async def close(self) -> None:
        """Nothing is open: the rows were fetched."""


class OneTripConnection(aiosqlite.Connection):
    """The driver's connection with our cursor.  Its thread is among `ending` once it was told to end."""

    begin = ""  # how the next statement opens its transaction: BEGIN travels with it
    ends = False  # the next statement is the last of its transaction: COMMIT travels with it
    ended = False  # it did
    only_reads = False  # nobody needs to wait for the end of what wrote nothing

    def __init__(self, open_file: Callable[[], sqlite3.Connection], ending: WeakSet[Thread]) -> None:
        super().__init__(open_file, 64)
        self._thread.daemon = True
        self._ending = ending
        self._stopped: asyncio.Future[Any] | None = None

    def cursor(self) -> Any:
        return OneTripCursor(self)

    def stop(self) -> asyncio.Future[Any] | None:
        """Said twice it would wait for good: the thread that has ended hears no second word."""
        self._ending.add(self._thread)
        self._stopped = self._stopped or super().stop()
        return self._stopped

    async def in_thread(self, do: Callable[[sqlite3.Cursor], object]) -> tuple[list[Row], Any, int, Any]:
        """Run a statement on the connection's thread: (rows, description, rowcount, lastrowid)."""
        begin, self.begin = self.begin, ""
        if self.ended and not begin:
            raise RuntimeError("a statement came after the one that was said to be the last of its unit of work")
        ends, self.ends, self.ended = self.ends, False, False
        done = await self._execute(self._run, do, begin, ends)  # type: ignore[no-untyped-call]  # the driver has no types
        self.ended = ends
        return done  # type: ignore[no-any-return]  # the driver's own queue knows no types

    async def commit(self) -> None:
        await self._end(super().commit)

    async def rollback(self) -> None:
        await self._end(self._let_go if self.only_reads else super().rollback)

    async def _let_go(self) -> None:
        """Roll back before whatever comes next on this connection, without waiting for it."""
        self._tx.put_nowait((asyncio.get_running_loop().create_future(), self._conn.rollback))

    async def _end(self, end: Callable[[], Awaitable[None]]) -> None:
        """A transaction no statement came to was never begun, and one may have ended with its last statement."""
        is_open = not self.begin and not self.ended
        self.begin, self.ends, self.ended = "", False, False
        if is_open:
            await end()

    def _run(self, do: Callable[[sqlite3.Cursor], object], begin: str, ends: bool) -> tuple[list[Row], Any, int, Any]:
        cursor = self._conn.cursor()
        try:
            if begin:
                cursor.execute(begin)
            do(cursor)
            done = cursor.fetchall(), cursor.description, cursor.rowcount, cursor.lastrowid
            if ends:
                cursor.execute("COMMIT")
            return done
        finally:
            cursor.close()


class WriterQueue:
    """Writers of one process wait here in order.

    SQLite itself makes whoever waits sleep, up to a tenth of a second at a time, and lets whoever comes at the right moment
    go first: a hundred small commits took seconds.  Other processes are still met at BEGIN.
    """

    def __init__(self) -> None:
        self._lock = asyncio.Lock()

    async def __aenter__(self) -> None:
        # As at BEGIN: whoever asks for a second unit of work inside the first gets an error, not an eternity.
        async with asyncio.timeout(WAIT_S):
            await self._lock.acquire()

    async def __aexit__(self, *wrong: object) -> None:
        self._lock.release()


def end_with_next(connection: Connection) -> None:
    """The next statement is the last of its transaction.  On PostgreSQL this says nothing."""
    driver = connection.connection.driver_connection
    if isinstance(driver, OneTripConnection):
        driver.ends = True


def make_sqlite_engine(url: str) -> AsyncEngine:
    """The engine of a database file.  Once it is disposed of, nothing it was told to end is at work in the file any more."""
    file = make_url(url).database or ":memory:"
    ending = WeakSet[Thread]()

    async def connect() -> aiosqlite.Connection:
        return await OneTripConnection(lambda: sqlite3.connect(file, timeout=WAIT_S), ending)

    # Last in, first out: what another connection wrote empties a connection's cache, so one that is used again keeps its own.
    pooled = {"pool_reset_on_return": None, "pool_use_lifo": True}
    engine = create_async_engine(url, async_creator=connect, hide_parameters=True, **pooled)
    event.listen(engine.sync_engine, "connect", _prepare)
    event.listen(engine.sync_engine, "begin", _begin)
    event.listen(engine.sync_engine, "engine_disposed", lambda _: await_only(asyncio.to_thread(_join, list(ending))))
    return engine


def leave_no_trace(engine: AsyncEngine) -> None:
    """What is deleted from now on is written over, and the journal that still holds it goes.  Says nothing to PostgreSQL."""
    if engine.dialect.name == "sqlite":
        event.listen(engine.sync_engine, "connect", _write_over)


def _write_over(connection: Any, record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA secure_delete=ON")
    cursor.execute("PRAGMA journal_mode=DELETE")
    cursor.close()


def _join(threads: list[Thread]) -> None:
    """Whoever is cancelled in the middle of a statement lets its connection go without waiting for it."""
    for thread in threads:
        thread.join(WAIT_S)


def _prepare(connection: Any, record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    # A rollback journal, not WAL: with several processes WAL can corrupt before SQLite 3.51.3, and hospitals run older ones.
    # PERSIST keeps the journal's file and wipes its head: as safe as DELETE, a commit costs two thirds (0.8 ms, not 1.4).
    for pragma in ("journal_mode=PERSIST", "synchronous=FULL", "foreign_keys=ON", f"cache_size={-CACHE_KB}"):
        cursor.execute(f"PRAGMA {pragma}")  # house: sql - settings of our own, which take no parameters
    cursor.close()


def _begin(connection: Connection) -> None:
    # Two processes never deadlock half-way: writers queue at BEGIN.
    driver: Any = connection.connection.driver_connection
    driver.begin = connection.get_execution_options().get("karez_begin", "BEGIN IMMEDIATE")
    driver.only_reads = driver.begin == READING
