"""Whom WhatsApp knows by its own id has a telephone number too: kept sealed, and used where the id is not taken."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from care.conversation.consenting import ABROAD
from care.people import consent, contacts
from care.people.contacts import Person, aliases_of
from care.people.patients import NewPatient, register
from care.people.tables import Device, DeviceAlias, Patient
from tests.inbox.telephone import Town, open_town
from tests.vendors.whatsapp import GUL, open_stand
from tests.ward import Ward

PHONE = "77011234567"


@pytest.fixture
async def town(ward: Ward, audio: Path, tmp_path: Path) -> AsyncIterator[Town]:
    async with open_stand(ward.clock, tmp_path) as stand, open_town(ward, audio, stand, "KZ") as town:
        stand.vendor.hook = town.hook
        yield town


async def reached(town: Town) -> Patient:
    """Gul, linked under Meta's id of her, who agreed to a service abroad."""
    async with town.ward.database.work() as work:
        gul = await register(work, town.ward.clinic.id, town.ward.nurse_id, NewPatient("Gul", "kk-Cyrl", "Asia/Almaty"))
        gul.audio = False
        await contacts.add_contact(work, gul, Person("whatsapp", GUL), confirmed=True)
        for purpose in ("reminders", "symptoms", ABROAD):
            await consent.record(work, gul, purpose, True, "w", "paper")
    return gul


async def test_where_her_id_is_not_taken_the_number_she_wrote_with_is(town: Town) -> None:
    gul = await reached(town)
    await town.stand.vendor.says(GUL, "Сәлем")
    await town.takes()
    town.stand.vendor.people[0].takes_ids = False
    town.ward.clock.advance(timedelta(minutes=1))
    id_ = await town.ward.due(gul)

    assert {each.body.get("to") for each in await town.takes()} == {PHONE}
    assert await town.ward.state(id_) == ("sent", None)


async def test_without_a_number_the_contact_ends_and_a_nurse_is_told(town: Town) -> None:
    gul = await reached(town)
    person = town.stand.vendor.people[0]
    person.shows_phone = False
    await town.stand.vendor.says(GUL, "Сәлем")
    await town.takes()
    person.takes_ids = False
    town.ward.clock.advance(timedelta(minutes=1))
    id_ = await town.ward.due(gul)

    assert await town.takes() == []
    assert await town.ward.state(id_) == ("failed", "bad-address")
    assert await town.ward.nurse_sees() == [("Gul", "undelivered")]


async def test_a_name_is_kept_once_and_sealed_also_where_only_its_index_was(town: Town) -> None:
    await reached(town)
    [device] = await town.ward.all(Device)
    person = Person("whatsapp", GUL, (PHONE,))
    for _ in range(2):
        async with town.ward.database.work() as work:
            await contacts.keep_aliases(work, [device], person)
    [row] = await town.ward.all(DeviceAlias)
    assert PHONE.encode() not in row.alias_sealed

    async with town.ward.database.work() as work:  # as an older version left it
        (await work.session.get_one(DeviceAlias, (device.id, row.alias_index))).alias_sealed = None
    async with town.ward.database.work() as work:
        assert await aliases_of(work, device) == ()
        await contacts.keep_aliases(work, [device], person)
        assert await aliases_of(work, device) == (PHONE,)
