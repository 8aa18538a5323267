"""An erased patient is nobody: here, on every phone, and when an older copy is put back."""

import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from care.conversation.tables import Line
from care.inbox.shelf import Ready, Shelf
from care.inbox.tables import Attachment
from care.kit.settings import Settings
from care.people import audit
from care.people.contacts import Person
from care.people.linking import link_contact, make_code
from care.people.patients import NewPatient, NotFound, card, find, list_for, register
from care.people.tables import Device, DeviceAlias, LinkingCode, PatientKey
from care.supervisor.erasing import erase_patient
from care.supervisor.prepare import CannotStart
from care.supervisor.restoring import restore
from tests.supervisor.test_backup import archive_of, elsewhere, open_again
from tests.ward import Patient, Ward

PHONE = "+77011234567"


def settings_of(ward: Ward, url: str) -> Settings:
    return Settings(home=ward.home, database=url)


async def erased(ward: Ward, url: str, patient: Patient, by: str = "aynur", agrees: bool = True) -> list[str]:
    """Erase a patient by command.  Returns whom it asked about."""
    asked: list[str] = []

    def answer(who: str) -> bool:
        asked.append(who)
        return agrees

    await erase_patient(settings_of(ward, url), patient.id, by, answer, print)
    return asked


async def reached_in_an_app(ward: Ward, patient: Patient) -> None:
    async with ward.database.work() as work:
        person = Person("telegram", "4711", (PHONE,))
        await link_contact(work, await make_code(work, patient, ward.nurse_id), person)
        await make_code(work, patient, ward.nurse_id)


async def test_whoever_is_asked_about_is_the_patient_who_is_erased(ward: Ward, url: str) -> None:
    gul, serik = await ward.patient("Gul"), await ward.patient("Serik")

    assert await erased(ward, url, gul) == ["Gul, of Ward 3, enrolled on 2026-12-01"]

    async with ward.database.look() as work:
        assert [each.name for each in await list_for(work, ward.clinic.id)] == ["Serik"]
        assert (await card(work, serik)).name == "Serik"
        with pytest.raises(NotFound):
            await find(work, ward.clinic.id, gul.id)
        assert await audit.verify(work) is None
        assert (await audit.acts_on(work, gul.id))[-1].action == "patient.erased"


async def test_nothing_is_sent_any_more_and_no_address_is_left(ward: Ward, url: str) -> None:
    gul = await ward.patient()
    await ward.enrolled(gul)
    await reached_in_an_app(ward, gul)
    reminder = await ward.due(gul)

    await erased(ward, url, gul)

    await ward.tick()
    assert await ward.state(reminder) == ("cleared", "ended")
    assert await ward.all(Line) == []
    assert {(each.closed_because, each.address_index, each.address_sealed) for each in await ward.all(Device)} == {
        ("erased", None, None)
    }
    assert await ward.all(DeviceAlias) == await ward.all(LinkingCode) == []


async def test_the_same_telephone_may_enrol_again_as_somebody_new(ward: Ward, url: str) -> None:
    async with ward.database.work() as work:
        gul = await register(work, ward.clinic.id, ward.nurse_id, NewPatient("Gul", "kk-Cyrl", "Asia/Almaty", PHONE, 1960))
    await erased(ward, url, gul)

    async with ward.database.work() as work:
        again = await register(work, ward.clinic.id, ward.nurse_id, NewPatient("Gul", "kk-Cyrl", "Asia/Almaty", PHONE, 1960))
        assert (await card(work, again)).phone == PHONE


async def test_what_they_sent_is_removed_from_the_disk(ward: Ward, url: str) -> None:
    gul, serik = await ward.patient("Gul"), await ward.patient("Serik")
    shelf = Shelf(ward.home / "attachments")
    async with ward.database.work() as work:
        for each in (gul, serik):
            await shelf.put(work, each, "line-1", Ready("picture", b"GIF8", "image/gif"))

    await erased(ward, url, gul)

    async with ward.database.look() as work:
        kept = await work.session.scalar(select(Attachment.id).where(Attachment.patient_id == serik.id))
    assert [file.name for file in shelf.folder.iterdir()] == [f"{kept}.sealed"]


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_the_key_stands_nowhere_in_the_file_any_more(ward: Ward, url: str) -> None:
    gul = await ward.patient()
    [key] = [each.wrapped for each in await ward.all(PatientKey)]
    file = ward.home / "karez.db"
    assert key in file.read_bytes()

    await erased(ward, url, gul)

    left = [each.name for each in ward.home.glob("karez.db*") if key in each.read_bytes()]
    assert left == []
    assert sqlite3.connect(file).execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.parametrize(
    ("by", "agrees", "told"),
    [("aynur", False, "Nothing was erased"), ("nobody", True, "Nobody called nobody works at Ward 3")],
)
async def test_nothing_is_erased_without_a_yes_and_somebody_who_answers_for_it(
    ward: Ward, url: str, by: str, agrees: bool, told: str
) -> None:
    gul = await ward.patient()

    with pytest.raises(CannotStart, match=told):
        await erased(ward, url, gul, by, agrees)

    async with ward.database.look() as work:
        assert (await card(work, gul)).name == "Gul"
    assert not (ward.home / "erased").exists()


async def test_a_patient_there_is_not_is_told_so_also_the_second_time(ward: Ward, url: str) -> None:
    gul = await ward.patient()
    await erased(ward, url, gul)

    with pytest.raises(CannotStart, match=re.escape(f"There is no patient {gul.id}, or not any more")):
        await erased(ward, url, gul)


@pytest.mark.parametrize("knows", ["the home", "a newer copy"])
async def test_an_older_copy_that_is_put_back_is_erased_in_again(
    ward: Ward, url: str, tmp_path: Path, request: pytest.FixtureRequest, knows: str
) -> None:
    gul, _ = await ward.patient("Gul"), await ward.patient("Serik")
    await ward.enrolled(gul)
    old = archive_of(ward, url, tmp_path / "backup")
    await erased(ward, url, gul)
    settings = elsewhere(ward, tmp_path, request, url)
    if knows == "the home":
        (ward.home / "erased").rename(settings.home / "erased")
    else:
        archive_of(ward, url, tmp_path / "backup")
    said: list[Any] = []

    await restore(settings, old, said.append, ward.clock)

    again = await open_again(ward, settings)
    async with again.database.look() as work:
        assert [each.name for each in await list_for(work, ward.clinic.id)] == ["Serik"]
        assert await audit.verify(work) is None
    assert said[0] == "1 patients had been erased since. They are erased here too."
    assert (settings.home / "erased" / gul.id).exists()
    await again.database.close()
