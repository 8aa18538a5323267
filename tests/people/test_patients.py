"""A clinic sees its own patients and nobody else's; an erased patient is unreadable to everybody."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from care.alarms.service import find_alert, raise_alert
from care.people.patients import NewPatient, NotFound, card, find, list_for, register
from care.people.tables import Patient, PatientKey
from care.people.vault import Erased, Vault
from tests.ward import Ward


@contextmanager
def refused_like_a_missing_one(missing: str) -> Iterator[None]:
    """Another clinic's record must look exactly as one that does not exist: same error, same words."""
    with pytest.raises(NotFound) as refused:
        yield
    assert refused.value.args == (missing,)


async def test_a_nurse_finds_her_own_patients_newest_first(ward: Ward):
    for name in ("Gul", "Serik"):
        await ward.patient(name)
        ward.clock.advance(timedelta(minutes=1))

    async with ward.database.look() as work:
        assert [each.name for each in await list_for(work, ward.clinic.id)] == ["Serik", "Gul"]
        assert await list_for(work, ward.other_clinic.id) == []


async def test_another_clinics_patient_looks_like_nobody(ward: Ward):
    gul = await ward.patient()
    async with ward.database.look() as work:
        assert (await find(work, ward.clinic.id, gul.id)).id == gul.id
        with refused_like_a_missing_one(gul.id):
            await find(work, ward.other_clinic.id, gul.id)
        with refused_like_a_missing_one("nobody"):
            await find(work, ward.clinic.id, "nobody")


async def test_another_clinics_alert_looks_like_none(ward: Ward):
    gul = await ward.patient()
    async with ward.database.work() as work:
        alert = await raise_alert(work, gul, "ask-nurse", "same-day", "assistant")
        with refused_like_a_missing_one(alert.id):
            await find_alert(work, ward.other_clinic.id, alert.id)


async def test_only_what_was_asked_for_is_kept(ward: Ward):
    async with ward.database.work() as work:
        serik = await register(work, ward.clinic.id, ward.nurse_id, NewPatient("Serik", "kk-Cyrl", "Asia/Almaty"))
        shown = await card(work, serik)

    assert (shown.phone, shown.birth_year, serik.phone_index) == (None, None, None)
    forbidden = {"ethnicity", "nationality", "religion", "party", "hukou", "id_number", "address"}
    assert forbidden.isdisjoint(column.name for column in Patient.__table__.columns)


async def test_deleting_the_key_makes_everything_of_the_patient_unreadable_and_of_nobody_else(ward: Ward):
    gul, serik = await ward.patient("Gul"), await ward.patient("Serik")
    async with ward.database.work() as work:
        await raise_alert(work, gul, "rf-chest-pain", "emergency", "rule", "كۆكسۈم ئاغرىيدۇ")
        await work.session.delete(await work.session.get_one(PatientKey, gul.id))

    async with ward.database.look() as work:
        assert (await card(work, serik)).name == "Serik"
        for reads in (lambda: card(work, gul), lambda: Vault(work).seal(gul.id, "patient.name", "again")):
            with pytest.raises(Erased):
                await reads()
