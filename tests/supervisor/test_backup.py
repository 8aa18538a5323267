"""A copy is taken while Karez writes, and put back so that nothing is overwritten and nothing of the past is sent again."""

import asyncio
import secrets
import stat
import tarfile
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from care.content.library import Library
from care.kit.crypto import KeyFileBad
from care.kit.database import Database
from care.kit.settings import Settings
from care.messages.service import set_aside
from care.supervisor.backup import back_up
from care.supervisor.prepare import CannotStart
from care.supervisor.restoring import restore
from tests.postgresql import make_database
from tests.supervisor.test_doctor_and_the_key import put_key
from tests.ward import NOON, Patient, Ward, open_ward

HOUR = timedelta(hours=1)


def elsewhere(ward: Ward, tmp_path: Path, request: pytest.FixtureRequest, url: str) -> Settings:
    """Another machine: an empty home with the key from the safe, and an empty database of the same kind."""
    home = tmp_path / "another machine"
    home.mkdir()
    put_key(home / "master.key", (ward.home / "master.key").read_bytes())
    if url.startswith("sqlite"):
        return Settings(home=home)
    return Settings(home=home, database=make_database(request.getfixturevalue("postgresql"), f"r{secrets.token_hex(8)}"))


def archive_of(ward: Ward, url: str, to: Path, keep: int = 9) -> Path:
    said: list[Any] = []
    back_up(Settings(home=ward.home, database=url), to, keep, said.append)
    return Path(said[0])


async def open_again(ward: Ward, settings: Settings) -> Ward:
    """The restored ward, on the same clock."""
    database = Database(settings.database_url, ward.clock, ward.database.master)
    return replace(ward, database=database, home=settings.home, made=[])


async def test_a_restored_database_knows_everybody_and_sends_nothing_of_the_past(
    ward: Ward, url: str, tmp_path: Path, request: pytest.FixtureRequest
):
    gul, ana = await ward.patient(), await ward.patient("Ana")
    past = {await ward.due(gul), await ward.due(ana, state="intent", attempt=1)}
    later = await ward.due(gul, due_at=NOON + HOUR, next_at=NOON + HOUR)
    settings = elsewhere(ward, tmp_path, request, url)
    archive = archive_of(ward, url, tmp_path / "backup")
    await ward.tick()  # said before the machine was lost, and the copy does not know it

    await restore(settings, archive, print, ward.clock)

    again = await open_again(ward, settings)
    assert await again.tick() == 0
    assert {(each.message_id, each.state, each.why) for each in await again.undelivered()} == {
        (each, "unknown", "restored") for each in past
    }
    assert sorted(await again.nurse_sees()) == [("Ana", "undelivered"), ("Gul", "undelivered")]
    ward.clock.advance(HOUR)
    await again.tick()
    assert await again.state(later) == ("sent", None)
    await again.database.close()


async def test_what_fell_due_after_an_old_copy_is_held_back_too(
    ward: Ward, url: str, tmp_path: Path, request: pytest.FixtureRequest
):
    gul = await ward.patient()
    await ward.enrolled(gul)
    archive = archive_of(ward, url, tmp_path / "backup")
    ward.clock.turn_to(NOON + timedelta(days=3, minutes=40))  # the dose of 12:30 is still of use, and no row of the copy
    settings = elsewhere(ward, tmp_path, request, url)

    await restore(settings, archive, print, ward.clock)

    again = await open_again(ward, settings)
    assert await again.tick() == 0
    assert {each.why for each in await again.undelivered()} == {"restored"}
    assert NOON + timedelta(days=3, minutes=30) in {each.due_at for each in await again.undelivered()}
    await again.database.close()


async def test_who_said_stop_before_the_copy_is_nobodys_work(sqlite_ward: Ward, sqlite: str, tmp_path: Path, request):
    gul = await sqlite_ward.patient()
    await sqlite_ward.due(gul)
    await sqlite_ward.change(Patient, gul.id, stopped_at=NOON)

    async with sqlite_ward.database.work() as work:
        assert await set_aside(work) == 0


@pytest.fixture
async def sqlite_ward(sqlite: str, home: Path, library: Library):
    opened = await open_ward(sqlite, home, library)
    yield opened
    await opened.database.close()


async def test_nothing_is_ever_overwritten(sqlite_ward: Ward, sqlite: str, tmp_path: Path):
    archive = archive_of(sqlite_ward, sqlite, tmp_path / "backup")

    with pytest.raises(CannotStart, match="Stop Karez and move it away"):
        await restore(Settings(home=sqlite_ward.home), archive, print)


async def test_without_its_own_key_nothing_is_restored(sqlite_ward: Ward, sqlite: str, tmp_path: Path, request):
    await sqlite_ward.patient()
    archive, settings = archive_of(sqlite_ward, sqlite, tmp_path / "backup"), elsewhere(sqlite_ward, tmp_path, request, sqlite)
    put_key(settings.home / "master.key", secrets.token_bytes(32))

    with pytest.raises(KeyFileBad, match="not the key of this database"):
        await restore(settings, archive, print)

    assert [each.name for each in settings.home.iterdir()] == ["master.key"]


@pytest.mark.parametrize("keep_bytes", [0, 100, 5_000])
async def test_half_an_archive_is_refused_and_leaves_nothing(
    sqlite_ward: Ward, sqlite: str, tmp_path: Path, request, keep_bytes: int
):
    archive, settings = archive_of(sqlite_ward, sqlite, tmp_path / "backup"), elsewhere(sqlite_ward, tmp_path, request, sqlite)
    archive.write_bytes(archive.read_bytes()[:keep_bytes])

    with pytest.raises(CannotStart):
        await restore(settings, archive, print)

    assert [each.name for each in settings.home.iterdir()] == ["master.key"]


async def test_a_copy_is_taken_while_somebody_writes_and_old_ones_go(sqlite_ward: Ward, sqlite: str, tmp_path: Path):
    to = tmp_path / "backup"
    gul = await sqlite_ward.patient()
    writing = asyncio.create_task(write_on(sqlite_ward, gul))

    archives = [await asyncio.to_thread(archive_of, sqlite_ward, sqlite, to, 2) for _ in range(4)]
    writing.cancel()
    with suppress(asyncio.CancelledError):
        await writing

    assert sorted(to.iterdir()) == archives[2:]
    assert stat.S_IMODE(archives[3].stat().st_mode) == 0o600
    with tarfile.open(archives[3]) as packed:
        assert packed.getnames() == ["karez.db"]  # no key, no sound, no logs


async def write_on(ward: Ward, patient: Patient) -> None:
    while True:
        await ward.due(patient)
