"""WhatsApp beside its strict stand-in: what goes out, when, and what is made of it when Meta says no."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientTimeout, web

from care.channels.base import Choice, Contact, Said, SendFailed, Sound
from care.channels.whatsapp import graph
from care.channels.whatsapp.causes import PAIR_S
from care.channels.whatsapp.spacing import Spacing
from care.kit.clock import HandClock
from tests.channels.cases import NOON
from tests.vendors.stand import Stand
from tests.vendors.whatsapp import GUL, TOKEN, Cloud, open_channel, open_stand, settings_for
from tests.vendors.whatsapp_hooks import Person, post_of
from tests.vendors.whatsapp_rules import Form

PHONE = "77011234567"
RECORDING = b"OggS" + bytes(36_000)
TAKEN = Choice("Taken", "dose:taken:7f")


@pytest.fixture
def clock() -> HandClock:
    return HandClock(NOON)


@pytest.fixture
async def stand(clock: HandClock, tmp_path: Path) -> AsyncIterator[Stand]:
    async with open_stand(clock, tmp_path) as opened:
        yield opened


def reminder(key: str = "message:1", **other: Any) -> Said:
    sound = Sound("clip-1", 12, lambda: RECORDING)
    said = Said(key, "It is time for your medicine.", "kk-Cyrl", "medicine", "Medicine", (TAKEN,), sound)
    return replace(said, **other)


def gul(now: datetime, **other: Any) -> Contact:
    return replace(Contact(GUL, now, "message"), **other)


async def say(stand: Stand, clock: HandClock, said: Said, contact: Contact | None = None) -> list[str]:
    """Meta's ids of the messages it took."""
    plan = stand.channel.plan(said, contact or gul(clock.now()), clock.now())
    return [(await stand.channel.send(step)).provider_id for step in plan.steps]


async def fail(stand: Stand, clock: HandClock, said: Said, contact: Contact | None = None) -> SendFailed:
    with pytest.raises(SendFailed) as failed:
        await say(stand, clock, said, contact)
    return failed.value


def what(vendor: Cloud) -> list[str]:
    return [each.what for each in vendor.taken]


# Inside the window


async def test_the_voice_note_goes_first_and_its_words_six_seconds_later(stand: Stand, clock: HandClock) -> None:
    await say(stand, clock, reminder())

    voice, words = stand.vendor.taken
    assert (voice.what, words.what) == ("voice", "buttons")
    assert words.at - voice.at == timedelta(seconds=PAIR_S)
    assert voice.body["audio"]["voice"] is True
    assert voice.body["recipient"] == GUL


async def test_only_the_first_step_answers_for_the_message(stand: Stand, clock: HandClock) -> None:
    """Somebody who read the words beside a voice note has not heard it."""
    voice, words = await say(stand, clock, reminder())
    await stand.vendor.reports(words, "read")
    await stand.vendor.reports(voice, "played")

    posts = [stand.sign(event_body, {}) for event_body in bodies(stand.vendor)]
    heard = [one for post in posts for one in stand.channel.parse(post)]
    assert [(one.our_key, one.status) for one in heard] == [("message:1+1", "read"), ("message:1", "read")]


def bodies(vendor: Cloud) -> list[bytes]:
    return [post_of([event]) for event in vendor.pending]


async def test_one_upload_serves_every_patient_until_meta_forgets_it(stand: Stand, clock: HandClock) -> None:
    stand.vendor.people += [Person(f"KZ.{number}", f"7701000000{number}", opened_at=NOON) for number in range(5)]
    plans = [stand.channel.plan(reminder(f"m{n}"), Contact(f"KZ.{n}", NOON, "message"), NOON) for n in range(5)]
    await asyncio.gather(*(stand.channel.send(plan.steps[0]) for plan in plans))

    assert (what(stand.vendor), stand.vendor.uploads) == (["voice"] * 5, 1)
    clock.advance(timedelta(days=29))
    await stand.vendor.says(GUL, "salem")
    await say(stand, clock, reminder())
    assert stand.vendor.uploads == 2


async def test_a_sound_that_meta_has_lost_is_uploaded_again_once(stand: Stand, clock: HandClock) -> None:
    await say(stand, clock, reminder())
    stand.vendor.media.clear()
    clock.advance(timedelta(minutes=1))
    await say(stand, clock, reminder("message:2"))

    assert stand.vendor.uploads == 2
    clock.advance(timedelta(minutes=1))
    for _ in range(2):
        stand.vendor.refuse_next("upload")
    assert (await fail(stand, clock, reminder("message:3"))).cause == "refused"


async def test_a_token_that_ends_during_an_upload_costs_nothing_but_time(stand: Stand, clock: HandClock) -> None:
    stand.vendor.token = "another"
    failure = await fail(stand, clock, reminder())
    stand.vendor.token = TOKEN
    await say(stand, clock, reminder())

    assert failure.cause == "broken"
    assert [each.content for each in stand.vendor.media.values()] == [RECORDING]


@pytest.mark.parametrize("fault", ["gateway-page", "reset", "500", "garbage", "lose-answer"])
async def test_an_upload_that_fails_has_sent_no_message(fault: str, stand: Stand, clock: HandClock) -> None:
    stand.vendor.faults.append(fault)

    assert (await fail(stand, clock, reminder())).cause == "unreachable"
    assert stand.vendor.taken == []


async def test_four_choices_or_a_long_one_are_a_list(stand: Stand, clock: HandClock) -> None:
    many = tuple(Choice(f"Choice {number}", f"topic:{number}") for number in range(12))
    long = (Choice("I would like to speak with a nurse", "nurse"),)
    await say(stand, clock, reminder(sound=None, choices=many))
    clock.advance(timedelta(minutes=1))
    await say(stand, clock, reminder(sound=None, choices=long))

    assert what(stand.vendor) == ["list", "list", "list"]
    rows = stand.vendor.taken[2].body["interactive"]["action"]["sections"][0]["rows"]
    assert rows[0]["description"] == "I would like to speak with a nurse"


async def test_the_secret_link_is_not_previewed(stand: Stand, clock: HandClock) -> None:
    await say(stand, clock, reminder(sound=None, choices=(), link="https://karez.example/l/x"))

    text = stand.vendor.taken[0].body["text"]
    assert text["body"].endswith("\n\nhttps://karez.example/l/x")
    assert text["preview_url"] is False


# Whom it goes to


@pytest.mark.parametrize("address", [PHONE, f"+{PHONE}", "+7 (701) 123-45-67"])
async def test_a_number_is_written_to_as_a_number(address: str, stand: Stand, clock: HandClock) -> None:
    await say(stand, clock, reminder(sound=None), gul(clock.now(), address=address))

    assert stand.vendor.taken[0].body["to"] == PHONE


async def test_where_metas_id_is_not_taken_the_telephone_number_is(stand: Stand, clock: HandClock) -> None:
    stand.vendor.people[0].takes_ids = False
    await say(stand, clock, reminder(), gul(clock.now(), aliases=("not-a-number", PHONE)))

    assert [each.body.get("to") for each in stand.vendor.taken] == [PHONE, PHONE]
    clock.advance(timedelta(minutes=1))
    assert (await fail(stand, clock, reminder("message:2"))).cause == "bad-address"


# After the window


async def test_the_tap_on_listen_opens_the_window_for_the_voice_note(stand: Stand, clock: HandClock) -> None:
    clock.advance(timedelta(hours=25))
    late = gul(NOON)
    await say(stand, clock, reminder(), late)
    template = stand.vendor.taken[0].body["template"]
    payloads = [each["parameters"][0].get("payload") for each in template["components"] if each["type"] == "button"]
    await stand.vendor.taps(GUL, payloads[0], of_template=True)
    (tap,) = stand.channel.parse(stand.sign(bodies(stand.vendor)[0], {}))
    clock.advance(timedelta(seconds=PAIR_S))
    await say(stand, clock, reminder(), Contact(tap.address, tap.at, tap.opens))

    assert payloads == ["listen:message:1", "dose:taken:7f"]
    assert (tap.payload, tap.opens) == ("listen:message:1", "message")
    assert what(stand.vendor) == ["notice", "voice", "buttons"]


async def test_a_window_that_closed_on_the_way_is_said_to_be_closed(stand: Stand, clock: HandClock) -> None:
    plan = stand.channel.plan(reminder(sound=None), gul(NOON), NOON)
    clock.advance(timedelta(hours=24))

    with pytest.raises(SendFailed, match="window-closed"):
        await stand.channel.send(plan.steps[0])


@pytest.mark.parametrize(
    ("form", "cause"),
    [
        (Form(1, ("quick_reply", "quick_reply"), "paused"), "broken"),
        (Form(1, ("quick_reply", "quick_reply"), "disabled"), "broken"),
        (Form(2, ("quick_reply", "quick_reply")), "refused"),
        (Form(1, ("quick_reply",)), "refused"),
        (None, "refused"),
    ],
)
async def test_a_template_that_is_not_as_we_think_says_so(form: Form | None, cause: str, stand: Stand, clock: HandClock) -> None:
    stand.vendor.templates = {("medicine_kk", "kk"): form} if form else {}

    assert (await fail(stand, clock, reminder(), Contact(GUL))).cause == cause


async def test_a_title_with_a_line_break_still_fits_a_template(stand: Stand, clock: HandClock) -> None:
    await say(stand, clock, reminder(title="Medicine\n\tat      eight"), Contact(GUL))

    component = stand.vendor.taken[0].body["template"]["components"][0]
    assert component["parameters"] == [{"type": "text", "text": "Medicine at eight"}]


# Pace


def test_who_waits_for_their_turn_holds_nobody_else_up() -> None:
    spacing = Spacing(lambda: 0.0)

    assert (spacing.take("gul"), spacing.take("gul"), spacing.take("serik")) == (0.0, PAIR_S, 0.0)
    with pytest.raises(SendFailed) as third:
        spacing.take("gul")
    assert (third.value.cause, third.value.again_after, third.value.of_one) == ("busy", timedelta(seconds=12), True)


def test_the_next_turn_comes_six_seconds_after_meta_took_the_message_however_long_that_was() -> None:
    now_s = [0.0]
    spacing = Spacing(lambda: now_s[0])
    spacing.take("gul")
    now_s[0] = 2.5
    spacing.is_through("gul")

    assert spacing.take("gul") == PAIR_S


async def test_metas_own_pace_is_one_persons_and_no_second_message_goes(stand: Stand, clock: HandClock) -> None:
    stand.vendor.refuse_next("pair")
    failure = await fail(stand, clock, reminder(sound=None))

    assert (failure.cause, failure.of_one, failure.again_after) == ("busy", True, timedelta(seconds=6))
    assert stand.vendor.taken == []


# Nobody knows


async def test_nothing_listens_there_so_nothing_was_sent(clock: HandClock) -> None:
    channel = open_channel(clock, settings_for("http://127.0.0.1:9"))
    step = channel.plan(reminder(sound=None), gul(NOON), NOON).steps[0]

    with pytest.raises(SendFailed, match="unreachable"):
        await channel.send(step)
    await channel.close()


async def test_an_answer_that_comes_too_late_is_unknown(stand: Stand, clock: HandClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph, "limit", lambda _: ClientTimeout(total=0.2))
    stand.vendor.faults.append("late")

    with pytest.raises(TimeoutError):
        await say(stand, clock, reminder(sound=None))
    assert len(stand.vendor.taken) == 1


# What patients send


async def test_a_voice_message_is_fetched_with_the_token(stand: Stand) -> None:
    ref = await stand.vendor.speaks(GUL, RECORDING)
    media = await stand.channel.fetch_media(ref)

    assert (media.content, media.media_type) == (RECORDING, "audio/ogg; codecs=opus")


async def test_media_come_through_a_relay_where_there_is_one(stand: Stand, clock: HandClock) -> None:
    passed = []

    async def pass_on(request: web.Request) -> web.Response:
        passed.append(request.path_qs)
        return web.Response(body=RECORDING)

    app = web.Application()
    app.add_routes([web.get("/relay/{path:.*}", pass_on)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    ref = await stand.vendor.speaks(GUL, b"OggS elsewhere")
    relay = f"http://127.0.0.1:{runner.addresses[0][1]}/relay"
    channel = open_channel(clock, settings_for(stand.vendor.url, media_url=relay))

    assert (await channel.fetch_media(ref)).content == RECORDING
    assert passed[0].startswith(f"/relay/download/{ref}?until=")
    await channel.close()
    await runner.cleanup()


async def test_media_that_are_too_large_are_not_taken(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    ref = await stand.vendor.speaks(GUL, RECORDING)
    monkeypatch.setattr(graph, "MEDIA_MOST", 1000)

    with pytest.raises(SendFailed, match="refused"):
        await stand.channel.fetch_media(ref)


@pytest.mark.parametrize("ref", ["1", "../103/messages", ""])
async def test_media_that_are_not_there_are_said_to_be_refused_or_out_of_reach(ref: str, stand: Stand) -> None:
    with pytest.raises(SendFailed) as failed:
        await stand.channel.fetch_media(ref)

    assert failed.value.cause in ("refused", "unreachable")
