"""The link that lets the first person into a hospital's console."""

import pytest
from sqlalchemy import delete, select

from care.kit.database import Database
from care.people.staff import LinkRefused, use_signin_link
from care.people.tables import Clinic, Staff
from care.supervisor.prepare import first_administrator
from tests.ward import Ward


@pytest.fixture
async def empty(ward: Ward) -> Database:
    """A database in which nobody works yet."""
    async with ward.database.work() as work:
        await work.session.execute(delete(Staff))
        await work.session.execute(delete(Clinic))
    return ward.database


async def begin(database: Database) -> str | None:
    return await first_administrator(database, "Karez", "Asia/Shanghai")


async def test_a_missed_link_is_given_again_at_the_next_start_and_makes_no_second_clinic(ward: Ward, empty: Database):
    missed = await begin(empty)
    await ward.later(minutes=31)

    again = await begin(empty)

    assert missed
    assert again
    async with empty.work() as work:
        with pytest.raises(LinkRefused):
            await use_signin_link(work, missed, "long enough")
    async with empty.work() as work:
        assert await use_signin_link(work, again, "long enough")
        assert len((await work.session.scalars(select(Clinic))).all()) == 1


async def test_once_somebody_is_in_no_start_gives_a_link_away(empty: Database):
    token = await begin(empty)
    async with empty.work() as work:
        await use_signin_link(work, token or "", "long enough")

    assert await begin(empty) is None


async def test_a_hospital_with_staff_of_its_own_gets_no_administrator(ward: Ward):
    assert await begin(ward.database) is None
