"""What happens to a reminder between its hour and the patient's phone."""

from datetime import timedelta

from care.kit.database import Database
from care.messages.service import clear_messages, mark_delivered
from care.people import consent
from tests.ward import NOON, Attempt, Device, Patient, Ward


async def test_a_due_reminder_is_said_once_with_its_buttons(ward: Ward):
    gul = await ward.patient()
    await ward.enrolled(gul)
    ward.clock.turn_to(NOON + timedelta(minutes=30))

    await ward.tick()
    await ward.tick()

    [line] = await ward.lines(gul)
    assert "12:30" in line.reply.text
    assert [button.payload.rsplit(":", 1)[0] for button in line.reply.buttons] == ["dose:taken", "dose:later", "dose:missed"]


async def test_every_try_is_written_down_with_the_wording_that_was_said(ward: Ward):
    await ward.due(await ward.patient())

    await ward.tick()

    [tried] = await ward.all(Attempt)
    assert (tried.number, tried.channel, tried.outcome) == (1, "web", "accepted")
    assert tried.wording.startswith("reminder-medicine@")


async def test_nothing_is_due_before_its_hour(ward: Ward):
    reminder = await ward.due(await ward.patient(), next_at=NOON + timedelta(seconds=1))

    assert await ward.tick() == 0
    assert await ward.state(reminder) == ("due", None)


async def test_an_expired_reminder_is_missed_and_the_nurse_sees_it(ward: Ward):
    reminder = await ward.due(await ward.patient(), useful_until=NOON)

    await ward.tick()

    assert await ward.state(reminder) == ("missed", "too-late")
    assert await ward.nurse_sees() == [("Gul", "undelivered")]
    assert [each.message_id for each in await ward.undelivered()] == [reminder]
    assert await ward.nurse_sees(ward.other_clinic) == []
    assert await ward.undelivered(ward.other_clinic) == []


async def test_stop_before_the_intent_sends_nothing(ward: Ward):
    gul = await ward.patient()
    reminder = await ward.due(gul)
    await ward.change(Patient, gul.id, stopped_at=NOON)

    await ward.tick()

    assert await ward.state(reminder) == ("muted", "stopped")
    assert await ward.lines(gul) == []


async def test_death_or_discharge_ends_reminders_without_bothering_the_nurse(ward: Ward):
    gul = await ward.patient()
    reminder = await ward.due(gul, useful_until=NOON)
    await ward.change(Patient, gul.id, ended_at=NOON)

    await ward.tick()

    assert await ward.state(reminder) == ("cleared", "ended")
    assert await ward.nurse_sees() == []


async def test_a_withdrawn_consent_wins_over_an_earlier_yes(ward: Ward):
    gul = await ward.patient()
    reminder = await ward.due(gul)
    async with ward.database.work() as work:
        await consent.record(work, gul, "reminders", False, "w", "web")

    await ward.tick()

    assert await ward.state(reminder) == ("cleared", "no-consent")


async def test_a_patient_who_was_never_asked_gets_nothing(ward: Ward):
    gul = await ward.patient(consents=False)
    reminder = await ward.due(gul)

    await ward.tick()

    assert await ward.state(reminder) == ("cleared", "no-consent")


async def test_a_patient_without_an_open_phone_is_the_nurses_work(ward: Ward):
    gul = await ward.patient()
    reminder = await ward.due(gul)
    [phone] = await ward.all(Device)
    await ward.change(Device, phone.id, closed_at=NOON)

    await ward.tick()

    assert await ward.state(reminder) == ("failed", "no-channel")
    assert await ward.nurse_sees() == [("Gul", "undelivered")]


async def test_two_lost_reminders_of_one_patient_are_one_entry_on_the_worklist(ward: Ward):
    gul = await ward.patient()
    await ward.due(gul, useful_until=NOON)
    await ward.due(gul, useful_until=NOON)

    await ward.tick()

    assert await ward.nurse_sees() == [("Gul", "undelivered")]
    assert len(await ward.undelivered()) == 2


async def test_a_notice_waits_for_the_morning_but_a_dose_comes_at_the_hour_the_patient_chose(ward: Ward):
    gul = await ward.patient()
    ward.clock.turn_to(NOON + timedelta(hours=11))  # 23:00 in Beijing
    notice, dose = await ward.due(gul, kind="education", useful_until=NOON + timedelta(days=2)), await ward.due(gul)

    await ward.tick()
    assert (await ward.state(notice), await ward.state(dose)) == (("due", "quiet-hours"), ("sent", None))
    assert await ward.undelivered() == []

    ward.clock.turn_to(NOON + timedelta(hours=19, minutes=29))  # 07:29
    assert await ward.tick() == 0
    ward.clock.turn_to(NOON + timedelta(hours=19, minutes=30))  # 07:30
    await ward.tick()
    assert await ward.state(notice) == ("sent", None)


async def test_what_a_nurse_marked_urgent_does_not_wait_for_the_morning(ward: Ward):
    ward.clock.turn_to(NOON + timedelta(hours=14))  # 02:00 in Beijing
    notice = await ward.due(await ward.patient(), kind="education", urgent=True)

    await ward.tick()

    assert await ward.state(notice) == ("sent", None)


async def test_a_fetched_reminder_is_delivered_whatever_we_thought_of_it(ward: Ward):
    gul = await ward.patient()
    sent, orphan = await ward.due(gul), await ward.due(gul, state="intent", attempt=1)
    await ward.tick()

    async with ward.database.work() as work:
        await mark_delivered(work, [sent, orphan])

    assert (await ward.state(sent), await ward.state(orphan)) == (("delivered", None), ("delivered", None))


async def test_a_reminder_cleared_after_it_was_claimed_is_not_sent(ward: Ward):
    gul = await ward.patient()
    await ward.enrolled(gul)
    ward.clock.turn_to(NOON + timedelta(minutes=30))
    metronome = ward.metronome()
    ids = await metronome._claim()
    async with ward.database.work() as work:
        dose = (await ward.message(ids[0])).occurrence_id
        await clear_messages(work, [dose], "answered")

    await metronome.dispatch(ids, metronome.name)

    assert await ward.state(ids[0]) == ("cleared", "answered")
    assert await ward.lines(gul) == []


async def test_an_idle_tick_reads_one_index_and_takes_no_lock(ward: Ward):
    metronome = ward.metronome()
    await metronome.tick()
    async with ward.database.work() as somebody_writing:
        await somebody_writing.session.connection()

        assert await metronome.tick() == 0


async def test_the_open_index_answers_the_tick_however_long_the_history(ward: Ward, url: str):
    if not url.startswith("sqlite"):
        return
    plan = await _plan_of(ward.database, "select id from message where {open} and next_at <= ?")
    assert "ix_message_open" in plan


async def _plan_of(database: Database, sql: str) -> str:
    from care.messages.store import OPEN

    async with database.look() as work:
        connection = await work.session.connection()
        rows = await connection.exec_driver_sql("explain query plan " + sql.format(open=OPEN.text), ("2026-12-01",))
        return " ".join(str(row) for row in rows)
