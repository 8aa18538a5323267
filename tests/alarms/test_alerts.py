"""An alert stays on the worklist until a person has answered for it, and only that person's clinic sees it."""

from datetime import timedelta

import pytest

from care.alarms.service import OUTCOMES, AlertCard, acknowledge, close, raise_alert, worklist
from care.alarms.tables import Alert
from care.people.patients import NotFound
from care.people.tables import Patient
from tests.ward import NOON, Ward

FEVER, PAIN = "rf-fever-on-treatment", "rf-chest-pain"


async def raised(ward: Ward, patient: Patient, flag: str = FEVER, tier: str = "emergency", said: str | None = None) -> str:
    async with ward.database.work() as work:
        return (await raise_alert(work, patient, flag, tier, "rule", said)).id


async def seen(ward: Ward, alert_id: str, clinic_id: str | None = None) -> None:
    async with ward.database.work() as work:
        await acknowledge(work, clinic_id or ward.clinic.id, alert_id, ward.nurse_id)


async def closed(ward: Ward, alert_id: str, outcome: str = "advised", clinic_id: str | None = None) -> None:
    async with ward.database.work() as work:
        await close(work, clinic_id or ward.clinic.id, alert_id, ward.nurse_id, outcome)


async def cards(ward: Ward) -> list[AlertCard]:
    async with ward.database.look() as work:
        return await worklist(work, ward.clinic.id)


async def test_the_same_danger_of_one_patient_is_one_entry_with_the_last_words(ward: Ward):
    gul, serik = await ward.patient("Gul"), await ward.patient("Serik")

    first = await raised(ward, gul, said="39")
    again = await raised(ward, gul, said="39.5")
    await raised(ward, gul, PAIN)
    await raised(ward, serik)

    assert first == again
    assert [(card.patient_name, card.flag, card.times, card.evidence) for card in await cards(ward)] == [
        ("Gul", FEVER, 2, "39.5"),
        ("Gul", PAIN, 1, ""),
        ("Serik", FEVER, 1, ""),
    ]


async def test_after_a_nurse_has_seen_it_the_same_danger_is_a_new_alert(ward: Ward):
    gul = await ward.patient()
    first = await raised(ward, gul)
    await seen(ward, first)

    assert await raised(ward, gul) != first
    assert [card.acknowledged for card in await cards(ward)] == [True, False]


async def test_what_is_seen_stays_on_the_list_until_it_is_closed_with_what_came_of_it(ward: Ward):
    alert = await raised(ward, await ward.patient())
    await seen(ward, alert)
    assert len(await cards(ward)) == 1
    ward.clock.advance(timedelta(minutes=5))

    await closed(ward, alert, "sent-to-emergency")

    assert await cards(ward) == []
    [row] = await ward.all(Alert)
    assert (row.outcome, row.closed_by, row.closed_at) == ("sent-to-emergency", ward.nurse_id, NOON + timedelta(minutes=5))
    assert row.acknowledged_at == NOON  # the first look stays on record


async def test_closing_at_once_also_says_who_saw_it(ward: Ward):
    alert = await raised(ward, await ward.patient())

    await closed(ward, alert)

    [row] = await ward.all(Alert)
    assert (row.acknowledged_by, row.acknowledged_at) == (ward.nurse_id, NOON)


async def test_an_alert_is_not_closed_without_one_of_the_outcomes(ward: Ward):
    alert = await raised(ward, await ward.patient())

    with pytest.raises(ValueError, match="outcome must be one of"):
        await closed(ward, alert, "ignored")

    assert len(await cards(ward)) == 1
    assert "ignored" not in OUTCOMES


async def test_another_clinic_neither_sees_nor_answers_it(ward: Ward):
    alert = await raised(ward, await ward.patient())

    for answer in (seen(ward, alert, ward.other_clinic.id), closed(ward, alert, clinic_id=ward.other_clinic.id)):
        with pytest.raises(NotFound):
            await answer

    assert await ward.nurse_sees(ward.other_clinic) == []
    [row] = await ward.all(Alert)
    assert (row.acknowledged_at, row.closed_at) == (None, None)


async def test_the_worklist_begins_with_the_most_dangerous_and_in_it_with_the_longest_waiting(ward: Ward):
    gul, serik = await ward.patient("Gul"), await ward.patient("Serik")
    for patient, flag, tier in (
        (gul, "undelivered", "next-working-day"),
        (gul, "ask-nurse", "same-day"),
        (serik, FEVER, "emergency"),
        (gul, PAIN, "emergency"),
    ):
        await raised(ward, patient, flag, tier)
        ward.clock.advance(timedelta(minutes=1))

    assert await ward.nurse_sees() == [("Serik", FEVER), ("Gul", PAIN), ("Gul", "ask-nurse"), ("Gul", "undelivered")]


@pytest.mark.parametrize(
    ("tier", "minutes"), [("emergency", 10), ("urgent-1h", 60), ("same-day", 240), ("next-working-day", 1440)]
)
async def test_an_alert_nobody_has_seen_in_the_time_of_its_tier_is_overdue(ward: Ward, tier: str, minutes: int):
    alert = await raised(ward, await ward.patient(), tier=tier)

    ward.clock.advance(timedelta(minutes=minutes))
    in_time = [card.overdue for card in await cards(ward)]
    ward.clock.advance(timedelta(seconds=1))
    late = [card.overdue for card in await cards(ward)]
    await seen(ward, alert)

    assert (in_time, late, [card.overdue for card in await cards(ward)]) == ([False], [True], [False])


async def test_the_patients_words_lie_sealed(ward: Ward):
    await raised(ward, await ward.patient(), said="a secret word")

    [row] = await ward.all(Alert)
    assert b"secret" not in row.evidence_sealed
