"""Accounts made by the operator: a link that works once, and a clear sentence for what cannot be."""

from pathlib import Path

import pytest
from sqlalchemy import select

from care.kit.clock import SystemClock
from care.kit.settings import Settings
from care.people.staff import use_signin_link
from care.people.tables import Staff
from care.supervisor.prepare import CannotStart, open_database
from care.supervisor.staff import add_staff
from tests.ward import Ward


@pytest.fixture
def url(sqlite: str) -> str:
    return sqlite


async def test_a_reviewer_gets_a_link_that_works_once_and_a_lost_one_is_made_again(ward: Ward) -> None:
    settings = Settings(home=ward.home)

    await add_staff(settings, "Rena", "Rena", "reviewer", "Ward 9")
    again = await add_staff(settings, "rena", "Rena", "reviewer", "Ward 9")

    database = open_database(settings, SystemClock())  # the link's half hour runs on the real clock
    async with database.work() as work:
        await use_signin_link(work, again.partition("token=")[2], "a short sentence works well")
        rows = list(await work.session.scalars(select(Staff).where(Staff.login == "rena")))
    await database.close()
    assert [(row.role, row.clinic_id) for row in rows] == [("reviewer", ward.other_clinic.id)]


@pytest.mark.parametrize(
    ("login", "role", "clinic", "told"),
    [
        ("rena", "doctor", "", "There is no role doctor"),
        ("rena", "editor", "Ward 4", "There is no clinic Ward 4: use one of Ward 3, Ward 9"),
        ("aynur", "editor", "", "aynur is nurse already"),
    ],
)
async def test_what_cannot_be_is_told_in_a_sentence(ward: Ward, login: str, role: str, clinic: str, told: str) -> None:
    with pytest.raises(CannotStart, match=told):
        await add_staff(Settings(home=ward.home), login, "Somebody", role, clinic)


async def test_before_the_first_start_there_is_no_clinic(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="start Karez once"):
        await add_staff(Settings(home=tmp_path), "rena", "Rena", "reviewer")
