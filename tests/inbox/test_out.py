"""What goes out through an app: answers at once, reminders as the window allows, and what a vendor says of them later."""

from datetime import timedelta

from care.channels.base import Cause, Contact, SendFailed, Way
from care.messages.tables import Message
from care.messages.windows import Reach, reach
from care.people import consent
from care.people.tables import Patient
from care.plans.tables import Occurrence
from tests.inbox.conftest import App
from tests.ward import NOON


async def spoke(app: App, hours_ago: float = 0.0) -> Patient:
    """A patient who wrote so many hours ago, and was answered."""
    gul = await app.patient()
    await app.says("77", "您好")
    app.ward.clock.advance(timedelta(hours=hours_ago))
    return gul


async def test_an_answer_goes_out_with_the_next_beat_in_the_night_and_without_consent_to_reminders(app: App) -> None:
    await app.patient(yes=("symptoms",))
    app.ward.clock.advance(timedelta(hours=11))  # 23:00 in Beijing
    await app.does("77", "press", payload="menu")

    await app.ward.tick(app.channel)
    [step] = app.channel.got
    assert app.phrase("menu") in step.body["text"]
    assert [payload for _, payload in step.body["choices"] if payload == "topics"] == ["topics"]
    assert (await app.contacts())[0].spent == 1


async def test_a_reminder_inside_the_window_is_written_and_stands_in_the_conversation(app: App) -> None:
    gul = await spoke(app)
    id_ = await app.ward.due(gul)

    await app.ward.tick(app.channel)
    assert [step.way for step in app.channel.got] == [Way.TEXT]
    assert await app.ward.state(id_) == ("sent", None)
    assert (await app.rows_of(gul))[-1].key == f"message:{id_}"


async def test_outside_the_window_it_goes_as_a_notice_with_a_link(app: App) -> None:
    gul = await spoke(app, hours_ago=49)
    await app.ward.due(gul)

    await app.ward.tick(app.channel)
    [step] = app.channel.got
    assert step.way == Way.NOTICE
    assert "/listen/" in step.body["link"]
    assert step.body["title"] == app.phrase("notice-title")


async def test_a_status_climbs_and_a_late_failure_does_not_pull_it_down(app: App) -> None:
    gul = await spoke(app)
    id_ = await app.ward.due(gul)
    await app.ward.tick(app.channel)
    provider_id = (await app.ward.message(id_)).provider_id

    for status in ("delivered", "read", "delivered", "failed"):
        await app.does("", "status", provider_id=provider_id, status=status)
    assert await app.ward.state(id_) == ("read", None)


async def test_a_status_by_our_own_key_closes_a_message_whose_answer_was_lost(app: App) -> None:
    gul = await spoke(app)
    id_ = await app.ward.due(gul)
    app.channel.answers = [TimeoutError()]
    await app.ward.tick(app.channel)
    assert (await app.ward.state(id_))[0] == "unknown"

    await app.does("", "status", our_key=f"message:{id_}", status="delivered")
    assert await app.ward.state(id_) == ("delivered", None)


async def test_whoever_blocks_us_by_report_is_closed_and_a_nurse_told(app: App) -> None:
    gul = await spoke(app)
    id_ = await app.ward.due(gul)
    await app.ward.tick(app.channel)
    await app.does("", "status", our_key=f"message:{id_}", status="failed", cause="opted-out")

    assert (await app.contacts())[0].closed_because == "opted-out"
    assert ("Gul", "undelivered") in await app.ward.nurse_sees()


async def test_all_closed_is_on_the_nurses_list(app: App) -> None:
    gul = await spoke(app)
    id_ = await app.ward.due(gul)
    app.channel.answers = [SendFailed(Cause.WINDOW_CLOSED)]
    await app.ward.tick(app.channel)
    await app.ward.tick(app.channel)

    assert await app.ward.state(id_) == ("failed", "shut")
    assert ("Gul", "undelivered") in await app.ward.nurse_sees()


async def test_nothing_goes_abroad_without_the_patients_word(app: App) -> None:
    app.channel.servers = "abroad"
    gul = await app.patient(yes=("reminders", "symptoms"))
    app.ward.clock.advance(timedelta(minutes=1))
    [asked] = await app.says("77", "您好")
    assert app.phrase("consent-cross-border") in asked
    id_ = await app.ward.due(gul)
    await app.ward.tick(app.channel)
    assert app.channel.got == []

    await app.presses("77", "consent:cross-border:yes")
    said = [line.reply.text for line in await app.ward.lines(gul) if line.said_by == "patient"]
    assert "您好" in said
    assert (await app.ward.state(id_))[0] in ("due", "failed")


async def test_who_declines_a_service_abroad_is_reached_another_way(app: App) -> None:
    app.channel.servers = "abroad"
    gul = await app.patient(yes=())
    await app.says("77", "您好")
    await app.presses("77", "consent:cross-border:no")

    assert (await app.contact(gul)).closed_because == "declined"
    async with app.ward.database.look() as work:
        assert (await consent.current(work, gul.id))["cross-border"] is False


async def test_a_press_that_opens_a_minute_does_not_shut_two_days(app: App) -> None:
    await spoke(app, hours_ago=1)
    await app.does("77", "press", payload="menu", opens="menu")
    assert (await app.contacts())[0].opened_by == "message"

    app.ward.clock.advance(timedelta(hours=60))
    await app.does("77", "press", payload="menu", opens="menu")
    assert (await app.contacts())[0].opened_by == "menu"


async def test_a_nurse_sees_since_when_an_app_is_closed(app: App) -> None:
    contact = Contact("77", NOON, "message")

    closed = reach(app.channel, contact, NOON + timedelta(hours=60))
    assert (closed.way, closed.why) == (Way.NOTICE, "window-closed")
    assert closed.since
    assert abs(closed.since - (NOON + timedelta(hours=48))) <= timedelta(minutes=1)
    assert reach(app.channel, contact, NOON) == Reach(Way.TEXT)


async def test_a_key_pressed_in_a_call_is_the_button_in_that_place(app: App) -> None:
    gul = await spoke(app)
    await app.ward.enrolled(gul)
    app.ward.clock.advance(timedelta(minutes=31))
    await app.ward.tick(app.channel)
    [said] = [each for each in await app.ward.all(Message) if each.state == "sent" and each.kind == "medicine"]
    await app.does("77", "press", text="1", our_key=f"message:{said.id}")

    assert "taken" in {each.answer for each in await app.ward.all(Occurrence)}
