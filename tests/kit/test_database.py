"""One unit of work: all of it or nothing, and no moment without its zone, on both databases."""

import asyncio
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError, StatementError

from care.kit.clock import SystemClock
from care.kit.crypto import MasterKey
from care.kit.database import Database, Work, dbnow, insert_new
from care.kit.ids import new_id
from care.people import audit
from care.people.tables import Clinic
from tests.ward import NOON, Ward

LONG_COUNT = "with recursive n(x) as (select 1 union all select x + 1 from n where x < 3000000) select count(*) from n"


def clinic(name: str, at: datetime = NOON, id_: str = "") -> dict[str, object]:
    return {"id": id_ or new_id(), "name": name, "zone": "Asia/Shanghai", "created_at": at}


async def names(ward: Ward) -> set[str]:
    return {each.name for each in await ward.all(Clinic)} - {"Ward 3", "Ward 9"}


async def test_a_moment_without_its_zone_is_refused_before_it_is_stored(ward: Ward):
    with pytest.raises(StatementError, match="needs its zone"):
        async with ward.database.work() as work:
            work.session.add(Clinic(**clinic("Night ward", NOON.replace(tzinfo=None))))

    assert await names(ward) == set()


async def test_a_moment_comes_back_in_utc_whatever_zone_it_was_given_in(ward: Ward):
    almaty = datetime(2026, 12, 1, 9, 0, 0, 123_456, tzinfo=timezone(timedelta(hours=5)))
    id_ = new_id()
    async with ward.database.work() as work:
        work.session.add(Clinic(**clinic("Almaty", almaty, id_)))

    async with ward.database.look() as work:
        stored = (await work.session.get_one(Clinic, id_)).created_at
    assert (stored, stored.utcoffset()) == (almaty, timedelta())


async def test_the_audit_chain_holds_on_a_server_that_lives_by_beijing_time(ward: Ward, url: str):
    """PostgreSQL gives moments back in the server's zone; a digest must not depend on it."""
    if url.startswith("sqlite"):
        return
    beijing = Database(f"{url}&options=-c%20timezone%3DAsia/Shanghai", ward.clock, ward.database.master)
    async with beijing.work() as work:
        await audit.note(work, ward.clinic.id, ward.nurse_id, "patient.read")

    async with beijing.look() as work:
        assert await audit.verify(work) is None
    await beijing.close()


async def test_an_error_at_the_end_takes_back_everything_the_work_wrote(ward: Ward):
    with suppress(ZeroDivisionError):
        async with ward.database.work() as work:
            work.session.add(Clinic(**clinic("First")))
            await work.session.flush()
            await insert_new(work, Clinic, [clinic("Second")])
            raise ZeroDivisionError

    assert await names(ward) == set()


async def test_a_checkpoint_survives_what_comes_after_it_and_needs_its_reason(ward: Ward):
    with suppress(ZeroDivisionError):
        async with ward.database.work() as work:
            work.session.add(Clinic(**clinic("Kept")))
            await work.checkpoint("the attempt must survive a crash")
            work.session.add(Clinic(**clinic("Lost")))
            raise ZeroDivisionError

    assert await names(ward) == {"Kept"}
    async with ward.database.work() as work:
        with pytest.raises(ValueError, match="reason"):
            await work.checkpoint("")


async def test_looking_writes_nothing(ward: Ward):
    async with ward.database.look() as work:
        work.session.add(Clinic(**clinic("Seen")))
        await work.session.flush()

    assert await names(ward) == set()


async def test_only_new_rows_are_inserted_and_only_they_are_named(ward: Ward):
    first, second = clinic("First"), clinic("Second")
    async with ward.database.work() as work:
        assert len(await insert_new(work, Clinic, [first])) == 1
        new = await insert_new(work, Clinic, [first | {"name": "Changed"}, second], Clinic.name)
        nothing = await insert_new(work, Clinic, [])

    assert ([row.name for row in new], nothing) == (["Second"], [])
    assert await names(ward) == {"First", "Second"}


async def test_the_same_row_from_two_workers_at_once_is_new_for_one_of_them(ward: Ward):
    row = clinic("Both")

    async def insert() -> int:
        async with ward.database.work() as work:
            return len(await insert_new(work, Clinic, [row]))

    assert sorted(await asyncio.gather(*(insert() for _ in range(8)))) == [0] * 7 + [1]


async def test_a_reader_is_not_held_up_by_somebody_writing(ward: Ward):
    async with ward.database.work() as writing:
        writing.session.add(Clinic(**clinic("Unfinished")))
        await writing.session.flush()

        async with asyncio.timeout(2), ward.database.look() as work:
            assert await count(work) == 2


async def count(work: Work) -> int:
    return await work.session.scalar(select(func.count()).select_from(Clinic)) or 0


async def test_two_writers_wait_for_each_other_and_both_are_kept(ward: Ward):
    async def add(name: str) -> None:
        async with ward.database.work() as work:
            await count(work)  # reading first is what makes half-way deadlocks
            await asyncio.sleep(0.01)
            work.session.add(Clinic(**clinic(name)))

    await asyncio.gather(*(add(f"Ward {number}") for number in range(20, 25)))

    assert len(await names(ward)) == 5


async def test_the_databases_own_clock_is_close_to_ours_and_moves_inside_a_transaction(ward: Ward):
    async with ward.database.work() as work:
        before = await work.session.scalar(select(dbnow()))
        await asyncio.sleep(0.01)
        after = await work.session.scalar(select(dbnow()))

    assert abs(before - datetime.now(UTC)) < timedelta(seconds=5)
    assert after > before


async def test_a_value_is_never_quoted_in_an_error_of_the_database(sqlite: str):
    database = Database(sqlite, SystemClock(), MasterKey(bytes(32)))
    with pytest.raises(Exception, match="UNIQUE") as wrong:
        async with database.work() as work:
            work.session.add_all([Clinic(**clinic("Gulnar", id_="same")), Clinic(**clinic("Gulnar", id_="same"))])
    await database.close()

    assert "Gulnar" not in str(wrong.value)


async def test_what_ends_its_unit_of_work_is_committed_at_once_and_whole(ward: Ward):
    async with ward.database.work() as work:
        work.session.add(Clinic(**clinic("Before")))
        assert await insert_new(work, Clinic, [clinic("Last")], Clinic.name, ends=True) == [("Last",)]

    assert await names(ward) == {"Before", "Last"}


async def test_an_error_of_the_last_statement_takes_everything_back(ward: Ward):
    with suppress(IntegrityError):
        async with ward.database.work() as work:
            work.session.add(Clinic(**clinic("Before")))
            await insert_new(work, Clinic, [clinic("Last") | {"name": None}], ends=True)

    assert await names(ward) == set()
    async with ward.database.work() as work:
        work.session.add(Clinic(**clinic("After")))
    assert await names(ward) == {"After"}


async def test_on_sqlite_a_statement_after_the_last_is_an_error_of_ours_not_a_lost_one(ward: Ward, url: str):
    if not url.startswith("sqlite"):
        return

    async def write_on() -> None:
        async with ward.database.work() as work:
            await insert_new(work, Clinic, [clinic("Last")], ends=True)
            work.session.add(Clinic(**clinic("Too late")))

    with pytest.raises(RuntimeError, match="said to be the last"):
        await write_on()

    assert await names(ward) == {"Last"}


@pytest.mark.parametrize("times", [1, 2])
async def test_nothing_is_at_work_in_the_file_after_its_database_was_closed(sqlite: str, times: int):
    """Whoever is cancelled again while a cancelled statement is wound up waits for it no more; the closing does."""
    before = set(threading.enumerate())
    database = Database(sqlite, SystemClock(), MasterKey(bytes(32)))

    async def count_long() -> None:
        async with database.look() as work:
            await work.session.execute(text(LONG_COUNT))

    counting = asyncio.create_task(count_long())
    for _ in range(times):
        await asyncio.sleep(0.05)
        counting.cancel()
    await asyncio.wait([counting])
    await database.close()

    assert [each for each in set(threading.enumerate()) - before if "_connection_worker_thread" in each.name] == []
