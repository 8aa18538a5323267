"""What is committed has to survive a power cut.  No test can cut it: what can be asked is whether the disk is waited for."""

from pathlib import Path

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import OperationalError

from care.kit.database import make_engine
from care.kit.settings import Settings
from care.supervisor.doctor import _database, _look
from care.supervisor.prepare import migrate, upgrade
from tests.ward import Message, Ward


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_sqlite_waits_for_the_disk_at_every_commit_and_keeps_a_journal(ward: Ward):
    async with ward.database.engine.connect() as connection:
        asked = [await connection.scalar(text(f"pragma {name}")) for name in ("synchronous", "journal_mode")]

    assert asked == [2, "persist"]  # FULL


@pytest.mark.parametrize("url", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True)
async def test_a_server_that_does_not_wait_for_the_disk_is_named(ward: Ward, url: str):
    settings = Settings(home=ward.home, database=url)
    assert not (await _look("database", _database, settings)).trouble

    hasty = Settings(home=ward.home, database=f"{url}&options=-csynchronous_commit%3Doff")

    assert "switch on synchronous_commit" in (await _look("database", _database, hasty)).trouble


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_a_full_disk_spoils_nothing_and_writing_goes_on_when_there_is_room(ward: Ward):
    """SQLite stops at a number of pages as it stops at the end of a disk."""
    gul = await ward.patient()
    async with ward.database.engine.connect() as connection:
        pages = await connection.scalar(text("pragma page_count"))
        await connection.execute(text(f"pragma max_page_count = {pages + 3}"))
    written = 0
    with pytest.raises(OperationalError, match="database or disk is full"):  # noqa: PT012 - nobody knows which one it is
        while True:
            await ward.due(gul)
            written += 1

    async with ward.database.engine.connect() as connection:
        assert await connection.scalar(text("pragma integrity_check")) == "ok"
        await connection.execute(text("pragma max_page_count = 1000000"))
    assert len(await ward.all(Message)) == written > 0
    await ward.tick()
    assert {each.state for each in await ward.all(Message)} == {"sent"}


async def test_a_migration_that_was_broken_off_leaves_nothing_and_can_be_run_again(tmp_path: Path):
    url = f"sqlite+aiosqlite:///{tmp_path / 'new.db'}"
    engine = make_engine(url)
    with pytest.raises(KeyboardInterrupt):  # noqa: PT012 - broken off before the commit
        async with engine.begin() as connection:
            await connection.run_sync(upgrade)
            raise KeyboardInterrupt

    async with engine.connect() as connection:
        assert await connection.run_sync(lambda own: inspect(own).get_table_names()) == []
    await engine.dispose()
    await migrate(url)
