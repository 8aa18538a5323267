"""What goes out through an app: answers at once, reminders as the window allows, and what a vendor says of them later."""

from datetime import timedelta

from care.channels.base import Cause, Contact, SendFailed, Way
from care.messages.tables import Listening, Message
from care.messages.windows import Reach, reach, reminder
from care.people import consent
from care.people.tables import Device, Patient
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


async def test_a_window_that_is_shut_before_its_time_is_known_as_shut_and_the_notice_goes_at_once(app: App) -> None:
    gul = await spoke(app)
    id_ = await app.ward.due(gul)
    app.channel.answers = [SendFailed(Cause.WINDOW_CLOSED)]
    await app.ward.tick(app.channel)

    assert [step.way for step in app.channel.got] == [Way.NOTICE]
    assert await app.ward.state(id_) == ("sent", None)
    assert (await app.contact(gul)).opened_at is None
    app.channel.got.clear()
    await app.ward.due(gul)
    await app.ward.tick(app.channel)
    assert [step.way for step in app.channel.got] == [Way.NOTICE]


async def test_a_window_that_was_shut_is_told_of_later_and_the_notice_follows(app: App) -> None:
    gul = await spoke(app)
    id_ = await app.ward.due(gul)
    await app.ward.tick(app.channel)
    await app.does("", "status", our_key=f"message:{id_}", status="failed", cause="window-closed")
    await app.ward.tick(app.channel)

    assert [step.way for step in app.channel.got] == [Way.TEXT, Way.NOTICE]
    assert await app.ward.state(id_) == ("sent", None)


async def test_who_writes_while_a_window_is_told_shut_has_opened_it_again(app: App) -> None:
    gul = await spoke(app)
    id_ = await app.ward.due(gul)
    await app.ward.tick(app.channel)
    app.ward.clock.advance(timedelta(minutes=1))
    await app.says("77", "您好")
    await app.does("", "status", our_key=f"message:{id_}", status="failed", cause="window-closed")

    assert (await app.contact(gul)).opened_at == app.ward.clock.now()


async def test_an_answer_that_no_window_takes_is_a_nurses_at_once(app: App) -> None:
    await app.patient()
    await app.does("77", "press", payload="menu")
    closed = SendFailed(Cause.WINDOW_CLOSED)
    app.channel.answers = [closed, closed]
    for _ in range(3):
        await app.ward.tick(app.channel)

    [answer] = [each for each in await app.ward.all(Message) if each.kind == "reply"]
    assert (answer.state, answer.why) == ("failed", "no-channel")
    assert ("Gul", "undelivered") in await app.ward.nurse_sees()


async def test_one_person_who_has_to_wait_stops_nobody_else(app: App) -> None:
    gul, other = await spoke(app), await app.patient("Other", "78")
    id_ = await app.ward.due(gul)
    app.channel.answers = [SendFailed(Cause.BUSY, again_after=timedelta(days=1), of_one=True)]
    clock = app.ward.metronome(app.channel)
    await clock.tick()
    later = await app.ward.due(other)
    await clock.tick()

    assert await app.ward.state(id_) == ("due", "busy")
    assert await app.ward.state(later) == ("sent", None)


async def test_what_vendors_forms_have_places_for_is_said_on_the_patients_clock(app: App) -> None:
    gul = await spoke(app, hours_ago=49)
    await app.ward.due(gul)
    await app.ward.due(gul, kind="education")
    await app.ward.tick(app.channel)

    clock = app.phrase("clock-beijing")
    filled = sorted((step.body["fills"] for step in app.channel.got), key=len)
    assert filled == [{}, {"hour": "12:00", "day": "2026-12-03", "clock": clock}]


async def test_a_link_is_kept_only_where_it_is_said(app: App) -> None:
    gul = await spoke(app)
    await app.ward.due(gul)
    await app.ward.tick(app.channel)
    assert await app.ward.all(Listening) == []

    app.ward.clock.advance(timedelta(hours=49))
    id_ = await app.ward.due(gul)
    await app.ward.tick(app.channel)
    assert [each.line_key for each in await app.ward.all(Listening)] == [f"message:{id_}"]


async def test_all_closed_is_on_the_nurses_list(app: App) -> None:
    gul = await spoke(app)
    id_ = await app.ward.due(gul)
    app.channel.answers = [SendFailed(Cause.WINDOW_CLOSED), SendFailed(Cause.WINDOW_CLOSED)]
    await app.ward.tick(app.channel)
    await app.ward.tick(app.channel)

    assert await app.ward.state(id_) == ("failed", "no-channel")
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


async def test_a_press_that_gives_more_than_is_left_shuts_the_two_days_with_its_minute(app: App) -> None:
    gul = await spoke(app, hours_ago=1)
    await app.ward.change(Device, (await app.contact(gul)).id, spent=4)
    await app.does("77", "press", payload="menu", opens="menu")
    assert ((await app.contact(gul)).opened_by, (await app.contact(gul)).spent) == ("menu", 0)

    app.ward.clock.advance(timedelta(minutes=2))
    await app.ward.due(gul)
    await app.ward.tick(app.channel)
    assert app.channel.got[-1].way == Way.NOTICE


async def test_a_press_that_opens_a_minute_after_two_days_is_one(app: App) -> None:
    await spoke(app)

    app.ward.clock.advance(timedelta(hours=60))
    await app.does("77", "press", payload="menu", opens="menu")
    assert (await app.contacts())[0].opened_by == "menu"


async def test_a_nurse_sees_since_when_an_app_is_closed(app: App) -> None:
    contact = Contact("77", NOON, "message")

    said = reminder("zh-Hans")
    closed = reach(app.channel, contact, NOON + timedelta(hours=60), said)
    assert (closed.way, closed.why) == (Way.NOTICE, "window-closed")
    assert closed.since
    assert abs(closed.since - (NOON + timedelta(hours=48))) <= timedelta(minutes=1)
    assert reach(app.channel, contact, NOON, said) == Reach(Way.TEXT)


async def test_a_key_pressed_in_a_call_is_the_button_in_that_place(app: App) -> None:
    gul = await spoke(app)
    await app.ward.enrolled(gul)
    app.ward.clock.advance(timedelta(minutes=31))
    await app.ward.tick(app.channel)
    [said] = [each for each in await app.ward.all(Message) if each.state == "sent" and each.kind == "medicine"]
    await app.does("77", "press", text="1", our_key=f"message:{said.id}")

    assert "taken" in {each.answer for each in await app.ward.all(Occurrence)}


async def test_listen_says_a_message_again_with_its_buttons_and_its_sound_is_wanted(app: App) -> None:
    gul = await spoke(app)
    await app.ward.enrolled(gul)
    app.ward.clock.advance(timedelta(minutes=31))
    await app.ward.tick(app.channel)
    [said] = [each for each in await app.ward.all(Message) if each.state == "sent" and each.kind == "medicine"]
    words = app.channel.got[-1].body
    app.channel.got.clear()
    await app.does("77", "press", payload=f"listen:message:{said.id}")
    await app.ward.tick(app.channel)

    assert [step.body for step in app.channel.got] == [words]
    assert (await app.ward.lines(gul))[-1].reply.act == "listen"


async def test_listen_to_an_answer_says_that_answer_again(app: App) -> None:
    await spoke(app)
    app.ward.clock.advance(timedelta(minutes=1))
    [menu] = await app.presses("77", "menu")
    answer = max((each for each in await app.ward.all(Message) if each.kind == "reply"), key=lambda each: each.created_at)

    assert await app.presses("77", f"listen:message:{answer.id}") == [menu]


async def test_nobody_listens_to_a_message_of_somebody_else(app: App) -> None:
    gul, other = await spoke(app), await app.patient("Other", "78")
    id_ = await app.ward.due(gul)
    await app.ward.tick(app.channel)
    app.channel.got.clear()

    assert await app.presses("78", f"listen:message:{id_}") == [app.phrase("menu")]
    assert await app.presses("78", "listen:message:nothing") == [app.phrase("menu")]
    assert [each.act for each in (line.reply for line in await app.ward.lines(other)) if each.act == "listen"] == []


async def test_on_a_shared_telephone_listen_is_about_whose_message_it_is(app: App) -> None:
    gul, aygul = await app.patient("Gul", "77"), await app.patient("Aygul", "77")
    await app.ward.change(Device, (await app.contact(aygul)).id, opened_at=app.ward.clock.now(), opened_by="message")
    id_ = await app.ward.due(aygul)
    await app.ward.tick(app.channel)
    await app.does("77", "press", payload=f"listen:message:{id_}")

    assert (await app.ward.lines(aygul))[-1].reply.act == "listen"
    assert await app.ward.lines(gul) == []
