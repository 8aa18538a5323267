"""The database: engine, one unit of work, and times that never lose their zone."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    DateTime,
    FromClause,
    Insert,
    MetaData,
    Text,
    bindparam,
    cast,
    column,
    func,
    inspect,
    select,
    text,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

from care.kit.clock import Clock
from care.kit.crypto import MasterKey
from care.kit.json_bytes import read_json, write_json
from care.kit.sqlite import READING, WriterQueue, end_with_next, make_sqlite_engine

NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMES)


class Moment(TypeDecorator[datetime]):
    """A UTC moment.  Refuses a datetime without zone; gives one with zone back on SQLite too."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("a moment needs its zone: pass a datetime in UTC")
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        # SQLite gives no zone back, PostgreSQL the server's: a digest over a moment must not depend on either.
        return None if value is None else value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


class dbnow(FunctionElement[datetime]):
    """The database's own clock: leases of several processes are compared on one clock (facts: trust, section 3)."""

    type = Moment()
    inherit_cache = True


@compiles(dbnow, "sqlite")
def _sqlite_now(element: Any, compiler: Any, **kw: Any) -> str:
    return "strftime('%Y-%m-%d %H:%M:%f000', 'now')"


@compiles(dbnow, "postgresql")
def _postgresql_now(element: Any, compiler: Any, **kw: Any) -> str:
    # now() stands still inside a transaction; clock_timestamp() does not.
    return "clock_timestamp()"


@dataclass
class Work:
    """One unit of work: everything a service needs and nothing it may commit."""

    session: AsyncSession
    now: datetime
    master: MasterKey
    opened_keys: dict[str, bytes] = field(default_factory=dict)  # patients' keys already unwrapped; forgotten with the work

    async def checkpoint(self, reason: str) -> None:
        """Commit in the middle of the work.  The reason says what must survive a crash at this point."""
        if not reason:
            raise ValueError("a checkpoint needs its reason")
        await self.session.commit()


class Database:
    """Opens units of work.  SQLite writers queue at BEGIN, so two processes never deadlock half-way."""

    def __init__(self, url: str, clock: Clock, master: MasterKey) -> None:
        self.engine = make_engine(url)
        self.clock = clock
        self.master = master
        reading = self.engine.execution_options(karez_begin=READING)
        self._writers = async_sessionmaker(self.engine, expire_on_commit=False)
        self._readers = async_sessionmaker(reading, expire_on_commit=False)
        self._queue = WriterQueue() if self.engine.dialect.name == "sqlite" else nullcontext()

    @asynccontextmanager
    async def work(self) -> AsyncIterator[Work]:
        """The edge: commits when the block ends well, rolls back when it does not."""
        async with self._queue, self._writers() as session:
            yield Work(session, self.clock.now(), self.master)
            await session.commit()

    @asynccontextmanager
    async def look(self) -> AsyncIterator[Work]:
        """A unit of work that only reads: never waits for writers, never commits."""
        async with self._readers() as session:
            yield Work(session, self.clock.now(), self.master)

    async def ping(self) -> None:
        async with self.engine.connect() as connection:
            await connection.execute(text("select 1"))

    async def close(self) -> None:
        await self.engine.dispose()


def make_engine(url: str) -> AsyncEngine:
    """The async engine for SQLite or PostgreSQL, set for durability first."""
    if url.startswith("sqlite"):
        return make_sqlite_engine(url)
    # Errors quote the values of their statement, and tracebacks end up in logs: hidden here, as for SQLite.
    return create_async_engine(url, pool_pre_ping=True, hide_parameters=True)


async def insert_new(work: Work, table: type[Base], rows: list[dict[str, Any]], *give_back: Any, ends: bool = False) -> list[Any]:
    """Insert the rows that are not there yet, by whatever unique key they meet.  Returns the new ones' `give_back` columns.

    Without `give_back` the primary key is given, one row each.  `ends`: nothing is written after this in the unit of work.
    """
    if not rows:
        return []
    await work.session.flush()  # what the rows point to
    connection = await work.session.connection()  # the table itself, not its class: loading objects would double the time
    statement = _insert_new(connection.dialect.name, table, give_back)
    if ends:
        await ends_with_next(work)
    return list((await connection.execute(statement, rows)).all())


async def ends_with_next(work: Work) -> None:
    """The next statement is the last of the unit of work: its COMMIT need not travel alone."""
    connection = await work.session.connection()
    if connection.sync_connection:
        end_with_next(connection.sync_connection)


@cache
def _insert_new(dialect: str, table: type[Base], give_back: tuple[Any, ...]) -> Insert:
    """Made once: building a statement takes as long as running it."""
    insert = postgresql_insert if dialect == "postgresql" else sqlite_insert
    stored: Any = inspect(table).local_table
    columns = [stored.c[each.key] for each in give_back] or stored.primary_key
    return insert(stored).on_conflict_do_nothing().returning(*columns)


@cache
def given_rows(dialect: str, *columns: tuple[str, type[TypeEngine[Any]]]) -> FromClause:
    """Rows handed to a statement as its parameter `given` (made by `give`): one statement for many rows on both databases."""
    sent = bindparam("given", type_=Text)
    if dialect == "postgresql":
        rows = func.json_to_recordset(cast(sent, JSON))
        return rows.table_valued(*(column(name, kind) for name, kind in columns), name="given").render_derived(with_types=True)
    each = func.json_each(sent).table_valued("value", name="each")
    read = (type_coerce(func.json_extract(each.c.value, f"$.{name}"), kind).label(name) for name, kind in columns)
    return select(*read).subquery("given")


def give(rows: list[dict[str, Any]]) -> dict[str, str]:
    """The parameter of a statement that reads `given_rows`."""
    return {"given": write_json(rows).decode()}


def in_one(dialect: str, *columns: Any) -> ColumnElement[str]:
    """All rows of a statement as one value, read by `read_rows`; in no order.  Moments become text (`read_moment`).

    Many rows cost many hand-overs: SQLite's driver lets go of the interpreter and waits for it again at each.
    """
    if dialect == "postgresql":
        return cast(func.json_agg(func.json_build_array(*columns)), Text)
    return func.json_group_array(func.json_array(*columns))


def read_rows(document: str | None) -> list[list[Any]]:
    """What `in_one` gave."""
    return read_json(document) if document else []


@lru_cache(4_096)
def read_moment(written: str) -> datetime:
    """A moment inside a document: UTC without a zone from SQLite, with the server's from PostgreSQL."""
    at = datetime.fromisoformat(written)
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def write_moment(dialect: str, at: datetime) -> str:
    """A moment inside a document for `given_rows`, as the database itself writes it."""
    utc = at.astimezone(UTC)
    return utc.isoformat() if dialect == "postgresql" else utc.strftime("%Y-%m-%d %H:%M:%S.%f")


def dialect_of(work: Work) -> str:
    return work.session.get_bind().dialect.name
