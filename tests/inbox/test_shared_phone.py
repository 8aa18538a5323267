"""Two patients, one telephone: asked whom it is about, never guessed; danger and the stop are everybody's."""

from datetime import timedelta

from care.conversation import checkin_rows
from care.conversation.tables import CheckInAnswer
from care.people import consent
from care.people.tables import Patient
from tests.inbox.conftest import App


async def two(app: App) -> tuple[Patient, Patient]:
    return await app.patient("Gul"), await app.patient("Nur")


async def chooses(app: App, patient: Patient) -> list[str]:
    return await app.presses("77", f"whom:{(await app.contact(patient)).id}")


async def test_we_ask_whom_it_is_about_and_then_answer_for_that_one(app: App) -> None:
    gul, nur = await two(app)

    [asked] = await app.says("77", "您好")
    assert app.phrase("contact-whom") in asked
    assert (await app.ward.lines(gul), await app.ward.lines(nur)) == ([], [])
    await chooses(app, nur)

    assert [line.reply.text for line in await app.ward.lines(nur) if line.said_by == "patient"] == ["您好"]
    assert await app.ward.lines(gul) == []


async def test_a_talk_goes_on_with_the_one_who_was_named_for_half_an_hour(app: App) -> None:
    _, nur = await two(app)
    await app.says("77", "您好")
    await chooses(app, nur)
    before = len(await app.ward.lines(nur))

    await app.says("77", "谢谢")
    assert len(await app.ward.lines(nur)) > before
    app.ward.clock.advance(timedelta(minutes=31))
    assert app.phrase("contact-whom") in (await app.says("77", "您好"))[0]


async def test_danger_is_heard_for_both_without_asking(app: App) -> None:
    await two(app)

    assert await app.says("77", "我吐血了，很多")
    assert {name for name, _ in await app.ward.nurse_sees()} == {"Gul", "Nur"}


async def test_stop_ends_the_messages_of_both(app: App) -> None:
    await two(app)
    await app.says("77", "停")

    assert [each.stopped_at is not None for each in await app.ward.all(Patient)] == [True, True]


async def test_what_waited_in_vain_is_told_to_the_nurse(app: App) -> None:
    await two(app)
    await app.says("77", "您好")
    app.ward.clock.advance(timedelta(days=3, minutes=1))
    await app.inbox.tidy()

    assert sorted(await app.ward.nurse_sees()) == [("Gul", "unheard"), ("Nur", "unheard")]
    assert (await app.states())[0][0] == "done"


async def test_what_cannot_be_borne_is_heard_for_the_one_who_was_named(app: App) -> None:
    _, nur = await two(app)
    await app.says("77", "您好")
    await chooses(app, nur)

    await app.presses("77", "bad:severe:nausea-vomiting")

    assert ("Nur", "symptom-severe") in await app.ward.nurse_sees()


async def test_a_yes_is_taken_for_the_one_who_was_named(app: App) -> None:
    await app.patient("Gul", yes=())
    nur = await app.patient("Nur", yes=())
    await app.says("77", "您好")
    await chooses(app, nur)

    await app.presses("77", "consent:reminders:yes")

    async with app.ward.database.look() as work:
        assert await consent.allows(work, nur.id, "reminders")


async def test_an_answer_to_a_check_in_is_its_own_patients(app: App) -> None:
    await app.patient("Gul", yes=("reminders", "symptoms"))
    nur = await app.patient("Nur", yes=("reminders", "symptoms"))
    async with app.ward.database.work() as work:
        row = await checkin_rows.make(work, nur, "q-pain", work.now)

    await app.presses("77", f"answer:pi-pain=9:{row.id}")

    assert [(each.patient_id, each.item) for each in await app.ward.all(CheckInAnswer)] == [(nur.id, "pi-pain")]


async def test_not_mine_said_of_the_one_who_waits_leaves_the_other(app: App) -> None:
    gul, nur = await app.patient("Gul"), await app.patient("Nur", address=None)
    await app.says("77", await app.code(nur))

    await app.presses("77", "not-mine")

    assert (await app.contact(gul)).closed_at is None
    assert "not-mine" in [each.closed_because for each in await app.contacts()]
