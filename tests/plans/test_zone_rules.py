"""A country changes its clock by law, and the table that says so arrives while patients are being reminded."""

import zoneinfo
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from care.plans.tables import Occurrence
from scheduler.zones import follow_zones
from tests.plans.course import enrolled, one_tablet
from tests.ward import Message, Ward


@pytest.fixture
def six_hours_ahead(tmp_path: Path) -> Iterator[None]:
    """Almaty as it was before March 2024."""
    (tmp_path / "Asia").mkdir()
    old = files("tzdata.zoneinfo.Asia").joinpath("Omsk").read_bytes()
    (tmp_path / "Asia" / "Almaty").write_bytes(old)
    use_table([tmp_path])
    yield
    use_table([])


def use_table(folders: list[Path]) -> None:
    zoneinfo.reset_tzpath(to=[str(each) for each in folders])
    zoneinfo.ZoneInfo.clear_cache()


@pytest.mark.usefixtures("six_hours_ahead")
async def test_a_dose_keeps_its_hour_on_the_wall_when_the_law_moves_the_clock(ward: Ward):
    gul = await ward.patient(zone="Asia/Almaty")
    await enrolled(ward, gul, one_tablet("14:00"))
    await ward.tick()
    note = ward.home / "zones.txt"
    await follow_zones(ward.database, note, "2024a")
    before = {each.due_at.hour for each in await ward.all(Occurrence) if each.hour == "14:00"}

    use_table([])
    assert await follow_zones(ward.database, note, "2024b") == 1
    await ward.later(minutes=2)
    await ward.tick()

    doses = [each for each in await ward.all(Occurrence) if each.hour == "14:00" and each.dropped is None]
    coming = [each.due_at for each in doses if each.due_at > ward.clock.now()]
    assert before == {8}
    assert {each.hour for each in coming} == {9}
    assert len({each.local_date for each in doses}) == len(doses)
    waiting = [each.due_at for each in await ward.all(Message) if each.state == "due" and each.kind == "medicine"]
    assert {each.hour for each in waiting} == {9}
    assert await follow_zones(ward.database, note, "2024b") == 0


async def test_the_first_start_looks_at_every_plan_once(ward: Ward):
    await enrolled(ward, await ward.patient(), one_tablet("14:00"))

    assert await follow_zones(ward.database, ward.home / "zones.txt") == 1
    assert await follow_zones(ward.database, ward.home / "zones.txt") == 0
