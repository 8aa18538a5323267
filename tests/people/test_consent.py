"""Consent is one purpose at a time, given by the patient, withdrawn as easily, and every act is kept."""

from datetime import timedelta

import pytest

from care.people import consent
from care.people.consent import PURPOSES, UnknownPurpose, allows, current
from care.people.tables import Consent, Patient
from tests.ward import Ward


async def says(ward: Ward, patient: Patient, purpose: str, given: bool) -> None:
    async with ward.database.work() as work:
        await consent.record(work, patient, purpose, given, "wording-1", "web")


async def allowed(ward: Ward, patient: Patient) -> set[str]:
    async with ward.database.look() as work:
        return {purpose for purpose in PURPOSES if await allows(work, patient.id, purpose)}


async def test_nothing_is_given_by_default_and_each_purpose_stands_alone(ward: Ward):
    gul = await ward.patient(consents=False)
    assert await allowed(ward, gul) == set()

    await says(ward, gul, "reminders", True)
    assert await allowed(ward, gul) == {"reminders"}
    async with ward.database.look() as work:
        assert await current(work, gul.id) == dict.fromkeys(PURPOSES) | {"reminders": True}


async def test_the_latest_word_wins_in_both_directions(ward: Ward):
    gul = await ward.patient(consents=False)
    said = []
    for given in (True, False, True, False):
        await says(ward, gul, "voice", given)
        said.append("voice" in await allowed(ward, gul))

    assert said == [True, False, True, False]


async def test_a_yes_and_a_no_of_the_same_moment_are_told_apart_by_their_order(ward: Ward):
    gul = await ward.patient(consents=False)
    async with ward.database.work() as work:
        await consent.record(work, gul, "family", True, "w", "web")
        await consent.record(work, gul, "family", False, "w", "web")

    assert await allowed(ward, gul) == set()


async def test_every_act_is_kept_with_its_wording_form_channel_and_moment(ward: Ward):
    gul = await ward.patient(consents=False)
    first = ward.clock.now()
    await says(ward, gul, "symptoms", True)
    [kept] = [vars(row) for row in await ward.all(Consent)]
    ward.clock.advance(timedelta(days=1))
    await says(ward, gul, "symptoms", False)

    before, after = sorted(await ward.all(Consent), key=lambda act: act.id)
    columns = [column.name for column in Consent.__table__.columns]
    assert {name: getattr(before, name) for name in columns} == {name: kept[name] for name in columns}
    assert (before.wording_hash, before.form, before.channel, before.at) == ("wording-1", "ug-Arab", "web", first)
    assert (after.given, after.at) == (False, first + timedelta(days=1))


async def test_one_patients_yes_is_not_anothers(ward: Ward):
    gul, serik = await ward.patient("Gul", consents=False), await ward.patient("Serik", consents=False)

    await says(ward, gul, "reminders", True)

    assert await allowed(ward, serik) == set()


async def test_a_purpose_nobody_named_cannot_be_given(ward: Ward):
    gul = await ward.patient(consents=False)

    with pytest.raises(UnknownPurpose, match="advertising"):
        await says(ward, gul, "advertising", True)
