"""Reminders that belong to a dose: what the plan and the patient's own answer do to them."""

from datetime import timedelta

from care.plans.materialise import materialise_some
from care.plans.occurrences import answer, snooze
from care.plans.tables import CarePlan
from tests.ward import NOON, Message, Occurrence, Ward


async def first_dose(ward: Ward) -> tuple[Occurrence, list[Message]]:
    doses = [each for each in await ward.all(Occurrence) if each.kind == "medicine"]
    dose = min(doses, key=lambda each: each.due_at)
    said = [each for each in await ward.all(Message) if each.occurrence_id == dose.id]
    return dose, sorted(said, key=lambda each: each.due_at)


async def answered(ward: Ward, dose: Occurrence, said: str) -> None:
    async with ward.database.work() as work:
        await answer(work, await work.session.get_one(Occurrence, dose.id), said)


async def test_materialising_twice_makes_no_second_row(ward: Ward):
    await ward.enrolled(await ward.patient())
    before = {each.key for each in await ward.all(Message)}

    async with ward.database.work() as work:
        assert await materialise_some(work, ward.library) == (0, False)

    assert {each.key for each in await ward.all(Message)} == before


async def test_a_reminder_answered_before_it_is_due_is_cleared(ward: Ward):
    gul = await ward.patient()
    await ward.enrolled(gul)
    dose, said = await first_dose(ward)

    await answered(ward, dose, "taken")
    ward.clock.turn_to(NOON + timedelta(hours=1))
    await ward.tick()

    reminders = [each for each in said if each.kind == "medicine"]  # the question of tomorrow names the other dose too
    assert {(await ward.state(each.id)) for each in reminders} == {("cleared", "answered")}
    assert await ward.lines(gul) == []


async def test_an_answer_written_past_the_messages_still_stops_the_reminder(ward: Ward):
    """The re-check reads the dose itself and does not trust that somebody cleared its messages."""
    await ward.enrolled(await ward.patient())
    dose, said = await first_dose(ward)
    await ward.change(Occurrence, dose.id, answer="taken", answered_at=NOON)
    ward.clock.turn_to(NOON + timedelta(minutes=30))

    await ward.tick()

    assert await ward.state(said[0].id) == ("cleared", "answered")


async def test_missed_and_then_later_brings_the_later_reminder(ward: Ward):
    gul = await ward.patient()
    await ward.enrolled(gul)
    ward.clock.turn_to(NOON + timedelta(minutes=30))
    await ward.tick()
    dose, _ = await first_dose(ward)
    await answered(ward, dose, "missed")
    ward.clock.advance(timedelta(minutes=1))
    async with ward.database.work() as work:
        again_at = await snooze(work, await work.session.get_one(Occurrence, dose.id))
    assert again_at is not None

    ward.clock.turn_to(again_at)
    await ward.tick()

    assert len(await ward.lines(gul)) == 2


async def test_a_paused_plan_is_muted_and_an_ended_one_cleared(ward: Ward):
    paused, ended = await ward.enrolled(await ward.patient("Gul")), await ward.enrolled(await ward.patient("Ana"))
    await ward.change(CarePlan, paused, paused_at=NOON)
    await ward.change(CarePlan, ended, ended_at=NOON)
    ward.clock.turn_to(NOON + timedelta(minutes=30))

    await ward.tick()

    states = {(each.state, each.why) for each in await ward.all(Message) if each.due_at <= ward.clock.now()}
    assert states == {("muted", "paused"), ("cleared", "plan-ended")}


async def test_an_unanswered_dose_is_said_once_more_and_then_no_more(ward: Ward):
    gul = await ward.patient()
    await ward.enrolled(gul)
    for minutes in (30, 75, 120, 180):
        ward.clock.turn_to(NOON + timedelta(minutes=minutes))
        await ward.tick()

    assert len(await ward.lines(gul)) == 2


async def test_reminders_that_fell_into_an_outage_are_missed_not_poured_out(ward: Ward):
    gul = await ward.patient()
    await ward.enrolled(gul)
    ward.clock.turn_to(NOON + timedelta(hours=30))

    await ward.tick()

    payloads = [button.payload for line in await ward.lines(gul) for button in line.reply.buttons]
    asked = {each.rsplit(":", 1)[0] for each in payloads if each.startswith("dose:")}
    assert asked == {"dose:taken-all", "dose:taken-some", "dose:taken-none"}  # one question of the morning after
    doses = [each for each in await ward.all(Message) if each.kind == "medicine" and each.due_at < ward.clock.now()]
    assert {each.state for each in doses} == {"missed"}
