"""Runs migrations on the database of the settings, or on a connection handed in by `karez db upgrade` and the tests."""

import asyncio
from typing import Any, Literal

from alembic import context
from sqlalchemy.engine import Connection

from care.alarms import tables as alarms
from care.conversation import tables as conversation
from care.inbox import tables as inbox
from care.kit.database import Base, Moment, make_engine
from care.kit.settings import get_settings
from care.messages import tables as messages
from care.people import tables as people
from care.plans import tables as plans
from care.studio import tables as studio

ALL_TABLES = (alarms, conversation, inbox, messages, people, plans, studio)  # importing them fills Base.metadata


def render_item(kind: str, item: Any, context: Any) -> str | Literal[False]:
    """Migrations stand alone: a Moment is written down as the plain column type it is."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, Moment) else False


def run_on(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True, render_item=render_item)
    with context.begin_transaction():
        context.run_migrations()


async def run_alone() -> None:
    engine = make_engine(context.config.get_main_option("sqlalchemy.url") or get_settings().database_url)
    async with engine.connect() as connection:
        await connection.run_sync(run_on)
        await connection.commit()  # house: commit - Alembic began this connection, no unit of work did
    await engine.dispose()


handed_in = context.config.attributes.get("connection")
if handed_in is None:
    asyncio.run(run_alone())
else:
    run_on(handed_in)
