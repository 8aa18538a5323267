"""The ladder after a dose nobody answered: unanswered, a relative with consent, the nurse, a telephone call; each entry once."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from care.alarms.service import close, worklist
from care.people import consent
from care.plans import silence
from care.plans.silence import WAITING
from care.plans.supply import record_supply
from care.supervisor.restoring import hold
from tests.plans.conftest import both
from tests.plans.course import CarePlan, doses, enrolled, one_tablet, until
from tests.ward import NOON, Occurrence, Patient, Ward


async def days(ward: Ward, number: float) -> None:
    """Nobody says anything for so long."""
    await until(ward, ward.clock.now() + timedelta(days=number))


async def flags(ward: Ward) -> list[str]:
    return sorted(flag for _, flag in await ward.nurse_sees())


async def agrees(ward: Ward, patient: Patient, purpose: str) -> None:
    async with ward.database.work() as work:
        await consent.record(work, patient, purpose, True, "w", "web")


async def silent(ward: Ward, *, family: bool = False) -> Patient:
    """A patient with a tablet a day at 13:00."""
    gul = await ward.patient()
    await enrolled(ward, gul, one_tablet("13:00"))
    if family:
        await agrees(ward, gul, "family")
    return gul


@both
async def test_the_end_of_the_window_is_unanswered_neither_taken_nor_missed(ward: Ward):
    await silent(ward)

    await days(ward, 0.5)

    first, *_ = await doses(ward)
    assert (first.answer, first.silence) == (None, "unanswered")
    assert await flags(ward) == []


@both
async def test_windows_of_many_that_end_at_one_moment_are_looked_at_within_seconds(ward: Ward, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(silence, "BATCH", 2)
    for _ in range(5):
        await silent(ward)
    await until(ward, NOON + timedelta(hours=2))

    ward.clock.turn_to(NOON + timedelta(hours=12))
    clock = ward.metronome()
    for _ in range(3):
        await clock.tick()
        ward.clock.advance(timedelta(seconds=1))

    assert [each.silence for each in await doses(ward) if each.due_at < ward.clock.now()] == ["unanswered"] * 5


async def test_a_dose_whose_window_runs_is_not_yet_unanswered(ward: Ward):
    await silent(ward)

    ward.clock.turn_to(NOON + timedelta(hours=2))
    await ward.tick()

    assert (await doses(ward))[0].silence is None


async def test_a_relative_is_named_to_the_nurse_only_with_consent(ward: Ward):
    await silent(ward)
    await silent(ward, family=True)

    await days(ward, 1.4)

    assert await flags(ward) == ["tell-relative"]


async def test_three_in_two_weeks_are_on_the_nurses_list_once(ward: Ward):
    await silent(ward)

    await days(ward, 1.4)
    assert await flags(ward) == []
    await days(ward, 4)

    assert await flags(ward) == ["doses-missed"]


async def test_what_a_nurse_has_dealt_with_does_not_open_again_the_next_day(ward: Ward):
    await silent(ward)
    await days(ward, 3.4)
    async with ward.database.work() as work:
        (card,) = await worklist(work, ward.clinic.id)
        await close(work, ward.clinic.id, card.id, ward.nurse_id, "no-contact")

    await days(ward, 2)
    assert await flags(ward) == []
    await days(ward, 1)

    assert await flags(ward) == ["doses-missed"]


async def test_two_weeks_without_a_word_are_a_telephone_call(ward: Ward):
    await silent(ward)

    await days(ward, 14)
    assert "silent-two-weeks" not in await flags(ward)
    await days(ward, 1.4)

    assert "silent-two-weeks" in await flags(ward)


async def test_nobody_who_stopped_messages_is_called_silent(ward: Ward):
    gul = await silent(ward, family=True)
    await ward.change(Patient, gul.id, stopped_at=ward.clock.now())

    await days(ward, 4)

    assert {each.silence for each in await doses(ward) if each.due_at < ward.clock.now() - timedelta(hours=8)} == {"unasked"}
    assert await flags(ward) == []


@pytest.mark.parametrize(("supply", "told"), [(30, False), (2, True)])
async def test_one_antiviral_is_enough_when_it_is_running_out(ward: Ward, supply: int, told: bool):
    gul = await ward.patient()
    await agrees(ward, gul, "family")
    plan = await antiviral(ward, gul)
    async with ward.database.work() as work:
        await record_supply(work, await work.session.get_one(CarePlan, plan), "antiviral", NOON.date(), supply, ward.nurse_id)

    await days(ward, 0.5)

    assert await flags(ward) == (["tell-relative"] if told else [])


async def antiviral(ward: Ward, gul: Patient) -> str:
    from care.plans.enrol import Enrolment

    anchors = {"surgery-date": "2026-11-01", "antiviral-start": "2026-12-01"}
    choice = Enrolment("hcc-resection-antiviral", anchors, {"antiviral": ["13:00"]}, ordered=("antiviral",))
    return (await enrolled(ward, gul, choice)).id


async def test_a_look_reads_the_index_of_waiting_doses_and_nothing_else(ward: Ward):
    async with ward.database.look() as work:
        ended = select(Occurrence.id).where(WAITING, Occurrence.useful_until <= work.now)
        query = ended.compile(work.session.get_bind(), compile_kwargs={"literal_binds": True})
        plan = [row.detail for row in await work.session.execute(text(f"explain query plan {query}"))]

    assert plan == ["SEARCH occurrence USING INDEX ix_occurrence_silent (useful_until<?)"]


async def test_looking_again_asks_no_rule_twice(ward: Ward):
    await silent(ward)
    await days(ward, 2.4)

    for _ in range(3):
        await ward.tick()

    async with ward.database.look() as work:
        (card,) = await worklist(work, ward.clinic.id)
    assert card.times == 1
    assert len([each for each in await ward.all(Occurrence) if each.silence == "unanswered"]) == 3


@both
async def test_what_a_restore_held_back_is_not_the_patients_silence(ward: Ward):
    await silent(ward)
    await ward.tick()
    ward.clock.advance(timedelta(days=3))  # the machine was lost at once, and is put back three days later

    await hold(ward.database, ward.library)
    await days(ward, 0.03)

    assert {each.silence for each in await doses(ward) if each.useful_until <= ward.clock.now()} == {"unasked"}
    assert await flags(ward) == ["undelivered"]
