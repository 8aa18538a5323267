"""Telegram's own stories: what a patient does in the app, and what becomes of what we say there."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web

from care.channels.base import Act, Choice, Contact, Forged, Inbound, NotConfigured, Post, Said, SendFailed, Sound, Step, Way
from care.channels.notes import BriefNotes
from care.channels.telegram import make
from care.channels.telegram.channel import Telegram
from care.kit.clock import HandClock, stopwatch_s
from care.kit.settings import ROOT
from tests.channels.cases import NOON, sound_for
from tests.channels.test_contract import ports_of
from tests.vendors.telegram import GUL, SECRET, TOKEN, TelegramVendor, channel_for, settings_for

SERIK = "77009998877"
HOUSE = Contact(GUL)


@pytest.fixture
async def vendor(tmp_path: Path) -> AsyncIterator[TelegramVendor]:
    opened = TelegramVendor(HandClock(NOON), tmp_path / "telegram.jsonl")
    await opened.start()
    yield opened
    await opened.stop()


@pytest.fixture
async def telegram(vendor: TelegramVendor) -> AsyncIterator[Telegram]:
    opened = channel_for(vendor)
    yield opened
    await opened.close()


class Door:
    """The webhook of a hospital: 403 for a stranger, 200 for Telegram; a second copy is not heard again."""

    def __init__(self, telegram: Telegram) -> None:
        self.telegram, self.heard = telegram, dict[str, Inbound]()

    async def take(self, request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        post = Post(request.method, dict(request.query), headers, await request.read())
        try:
            self.telegram.verify(post)
        except Forged:
            return web.Response(status=403)
        for each in self.telegram.parse(post):
            self.heard.setdefault(each.key, each)
        said = self.telegram.thank(post)
        return web.Response(text=said.text, content_type=said.media_type)

    @property
    def acts(self) -> list[Act]:
        return [self.heard[key].act for key in sorted(self.heard)]

    @property
    def last(self) -> Inbound:
        return self.heard[max(self.heard)]


@pytest.fixture
async def door(telegram: Telegram, vendor: TelegramVendor) -> AsyncIterator[Door]:
    opened = Door(telegram)
    app = web.Application()
    app.router.add_post("/telegram", opened.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    await telegram.set_webhook(f"http://127.0.0.1:{runner.addresses[0][1]}/telegram")
    yield opened
    await runner.cleanup()


def spoken(telegram: Telegram, key: str = "k1", seconds: float = 4) -> Said:
    buttons = (Choice("Іштім", "taken:1"), Choice("Кейін", "later:1"))
    return Said(key, "Дәрі ішетін уақыт болды.", "kk-Cyrl", "medicine", choices=buttons, sound=sound_for(telegram.can, seconds))


async def tell(telegram: Telegram, said: Said, address: str = GUL) -> list[str]:
    """Plan and send all of it; the ids Telegram gave."""
    plan = telegram.plan(said, Contact(address), NOON)
    return [(await telegram.send(step)).provider_id for step in plan.steps]


async def cause_of(telegram: Telegram, said: Said, address: str = GUL) -> tuple[str, timedelta | None]:
    with pytest.raises(SendFailed) as failed:
        await tell(telegram, said, address)
    return failed.value.cause, failed.value.again_after


# A patient's day


async def test_a_patient_scans_the_card_is_spoken_to_answers_and_stops(
    telegram: Telegram, vendor: TelegramVendor, door: Door
) -> None:
    assert (await telegram.invite("AB23CD45")).removeprefix("https://") == "t.me/karez_test_bot?start=AB23CD45"
    await vendor.starts(SERIK, "AB23CD45")
    assert (door.last.act, door.last.code, door.last.address) == (Act.ARRIVE, "AB23CD45", SERIK)

    await tell(telegram, spoken(telegram), SERIK)
    reminder = vendor.taken[-1]
    assert (reminder.to, reminder.what, reminder.body["text"]) == (SERIK, "voice", "Дәрі ішетін уақыт болды.")
    assert reminder.body["buttons"] == [("Іштім", "taken:1"), ("Кейін", "later:1")]

    await vendor.presses(SERIK, "taken:1")
    assert (door.last.act, door.last.payload, vendor.turning) == (Act.PRESS, "taken:1", set())
    await vendor.says(SERIK, "Қызуым 39")
    assert (door.last.act, door.last.text, door.last.at) == (Act.WRITE, "Қызуым 39", vendor.clock.now())
    await vendor.blocks(SERIK)
    assert door.last.act == Act.LEAVE
    assert (await cause_of(telegram, spoken(telegram, "k2"), SERIK))[0] == "opted-out"
    await vendor.returns(SERIK)
    assert door.acts == ["arrive", "press", "write", "leave", "arrive"]


async def test_a_voice_message_and_a_picture_come_as_they_were_sent(
    telegram: Telegram, vendor: TelegramVendor, door: Door
) -> None:
    await vendor.speaks(GUL, b"OggS of Gul")
    voice = await telegram.fetch_media(door.last.media)
    await vendor.shows(GUL, b"\xff\xd8 of Gul")
    picture = await telegram.fetch_media(door.last.media)

    assert door.acts == ["speak", "show"]
    assert (voice.content, voice.media_type) == (b"OggS of Gul", "audio/ogg")
    assert (picture.content, picture.media_type) == (b"\xff\xd8 of Gul", "image/jpeg")


async def test_a_stranger_who_does_not_know_the_secret_is_heard_by_nobody(vendor: TelegramVendor, door: Door) -> None:
    vendor.secret = SECRET.swapcase()
    await vendor.says(GUL, "Karez, send me the list of patients")

    assert (door.heard, vendor.statuses) == ({}, [403, 403, 403])


async def test_what_comes_three_times_and_backwards_is_heard_once_each(vendor: TelegramVendor, door: Door) -> None:
    vendor.hold()
    for words in ("1", "2", "3"):
        await vendor.says(GUL, words)
    await vendor.release(backwards=True, times=3)

    assert [door.heard[key].text for key in sorted(door.heard)] == ["1", "2", "3"]


async def test_telegram_is_asked_only_for_what_is_heard(vendor: TelegramVendor, door: Door) -> None:
    assert vendor.allowed == ["message", "edited_message", "callback_query", "my_chat_member"]


# Recordings


class SlowNotes(BriefNotes):
    """As those in a database: others come between a question and its answer."""

    async def get(self, name: str) -> str | None:
        await asyncio.sleep(0)
        found = await super().get(name)
        await asyncio.sleep(0)
        return found


async def test_a_recording_goes_up_once_for_a_whole_herd(vendor: TelegramVendor) -> None:
    telegram = channel_for(vendor, SlowNotes(vendor.clock.now))
    patients = [str(77_000_000_000 + number) for number in range(20)]
    vendor.chats.update(patients)

    await asyncio.gather(*(tell(telegram, spoken(telegram), each) for each in patients))

    await telegram.close()
    assert (vendor.uploads, len(vendor.taken)) == (1, 20)
    assert {each.body["voice"]["duration"] for each in vendor.taken} == {4}


async def test_another_process_sends_the_recording_that_this_one_brought_up(vendor: TelegramVendor) -> None:
    notes = BriefNotes(vendor.clock.now)
    for key in ("k1", "k2"):
        telegram = channel_for(vendor, notes)
        await tell(telegram, spoken(telegram, key))
        await telegram.close()
        vendor.clock.advance(timedelta(days=1))

    assert (vendor.uploads, len(vendor.taken)) == (1, 2)


async def test_a_recording_telegram_has_forgotten_goes_up_again(telegram: Telegram, vendor: TelegramVendor) -> None:
    await tell(telegram, spoken(telegram))
    vendor.forget_voices()
    await tell(telegram, spoken(telegram, "k2"))
    await tell(telegram, spoken(telegram, "k3"))

    assert (vendor.uploads, len(vendor.taken)) == (2, 3)


async def test_an_upload_that_fails_leaves_the_next_one_free(telegram: Telegram, vendor: TelegramVendor) -> None:
    vendor.refuse_next("restarting")
    assert (await cause_of(telegram, spoken(telegram)))[0] == "unreachable"

    await tell(telegram, spoken(telegram, "k2"))

    assert vendor.uploads == 1


@pytest.mark.parametrize("content", [b"", b"OggS" + bytes(1_000_001)])
async def test_a_recording_that_is_none_or_would_arrive_as_a_file_is_not_sent(
    telegram: Telegram, vendor: TelegramVendor, content: bytes
) -> None:
    said = replace(spoken(telegram), sound=Sound("wrong", 4, lambda: content))

    assert (await cause_of(telegram, said))[0] == "our-bug"
    assert vendor.taken == []


async def test_words_longer_than_a_caption_follow_their_recording_with_the_buttons(
    telegram: Telegram, vendor: TelegramVendor
) -> None:
    said = replace(spoken(telegram), text="Suv iching. " * 100)
    await tell(telegram, said)

    assert [(each.what, each.body["text"], len(each.body["buttons"])) for each in vendor.taken] == [
        ("voice", "", 0),
        ("text", said.text.strip(), 2),
    ]


async def test_telegram_does_not_open_the_page_a_link_leads_to(telegram: Telegram, vendor: TelegramVendor) -> None:
    await tell(telegram, Said("k1", "Тыңдаңыз", link="https://karez.example/l/x"))

    assert vendor.taken[-1].body["text"] == "Тыңдаңыз\nhttps://karez.example/l/x"
    assert not vendor.taken[-1].body["previews"]


# Pace


async def test_a_second_lies_between_two_messages_to_one_patient(telegram: Telegram, vendor: TelegramVendor) -> None:
    for key in ("k1", "k2", "k3"):
        await tell(telegram, Said(key, "Suv iching."))

    assert [each.at - NOON for each in vendor.taken] == [timedelta(seconds=seconds) for seconds in (0, 1, 2)]


async def test_whoever_has_many_messages_waiting_holds_nobody_else_up(vendor: TelegramVendor) -> None:
    """On the real clock: four at once to Gul, the fourth of which comes again later; Serik hears his at once."""
    vendor.chats.add(SERIK)
    telegram = Telegram(settings_for(vendor), ports_of(vendor.clock))
    vendor.clock.advance = None  # type: ignore[method-assign, assignment] - nobody turns it
    vendor._check_pace = lambda chat: None  # type: ignore[method-assign] - it knows only the clock by hand
    begun = stopwatch_s()
    gul = [asyncio.create_task(tell(telegram, Said(f"k{number}", "Suv iching."))) for number in range(4)]
    await asyncio.sleep(0)
    await tell(telegram, Said("k9", "Suv iching."), SERIK)
    assert stopwatch_s() - begun < 0.9

    came = await asyncio.gather(*gul, return_exceptions=True)
    await telegram.close()

    busy = [each for each in came if isinstance(each, SendFailed)]
    assert [each.cause for each in busy] == ["busy"]
    assert busy[0].again_after
    assert 2 < busy[0].again_after.total_seconds() <= 3
    assert stopwatch_s() - begun > 1.9


# What goes wrong on the way


async def test_an_answer_that_comes_too_late_is_nobodys_to_know(vendor: TelegramVendor) -> None:
    telegram = channel_for(vendor, timeout_s=0.1)
    vendor.faults.append("late")

    with pytest.raises(Exception) as lost:  # noqa: PT011 - it may be any but SendFailed
        await tell(telegram, Said("k1", "Suv iching."))

    await telegram.close()
    assert not isinstance(lost.value, SendFailed)
    assert len(vendor.taken) == 1


async def test_a_server_nobody_answers_at_is_unreachable_because_nothing_was_written(vendor: TelegramVendor) -> None:
    await vendor.stop()
    telegram = channel_for(vendor)

    assert (await cause_of(telegram, Said("k1", "Suv iching.")))[0] == "unreachable"
    await telegram.close()


async def test_nobody_is_followed_elsewhere_with_the_token(vendor: TelegramVendor) -> None:
    asked: list[str] = []

    async def send_away(request: web.Request) -> web.Response:
        asked.append(request.method)
        raise web.HTTPFound(str(request.url))

    vendor.routes = lambda: [web.route("*", "/{any:.*}", send_away)]  # type: ignore[method-assign]
    await vendor.stop()
    await vendor.start()
    telegram = channel_for(vendor)

    with pytest.raises(Exception) as lost:  # noqa: PT011 - it may be any but SendFailed
        await tell(telegram, Said("k1", "Suv iching."))

    await telegram.close()
    assert (asked, isinstance(lost.value, SendFailed)) == (["POST"], False)


async def test_a_proxy_takes_the_calls_where_telegram_is_blocked(vendor: TelegramVendor) -> None:
    telegram = channel_for(vendor, base_url="http://telegram.invalid/bot", proxy=vendor.url)

    await tell(telegram, Said("k1", "Suv iching."))

    await telegram.close()
    assert len(vendor.taken) == 1


async def test_a_file_that_is_gone_is_refused_and_a_broken_line_may_be_tried_again(
    telegram: Telegram, vendor: TelegramVendor
) -> None:
    with pytest.raises(SendFailed) as gone:
        await telegram.fetch_media("AgACAgI-of-last-year")
    late = vendor.keep("voice/file_0.oga", b"OggS")
    vendor.faults.append("gateway-page")
    with pytest.raises(SendFailed) as broken:
        await telegram.fetch_media(late)
    vendor.swept.add("voice/file_0.oga")
    with pytest.raises(SendFailed) as swept:
        await telegram.fetch_media(late)

    assert [each.value.cause for each in (gone, broken, swept)] == ["refused", "unreachable", "refused"]


async def test_a_vendor_that_names_a_file_of_this_machine_is_not_given_it(telegram: Telegram, vendor: TelegramVendor) -> None:
    named = vendor.keep(str(ROOT / "README.md"), b"")

    with pytest.raises(SendFailed) as refused:
        await telegram.fetch_media(named)

    assert refused.value.cause == "refused"


async def test_a_recording_called_like_a_file_of_this_machine_is_not_that_file(
    vendor: TelegramVendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes = BriefNotes(vendor.clock.now)
    telegram = channel_for(vendor, notes)
    sound = sound_for(telegram.can, 4)
    await notes.put(f"{TOKEN.partition(':')[0]}:{sound.name}", str(ROOT / "README.md"), NOON + timedelta(days=1))

    await telegram.send(Step(Way.VOICE, GUL, "k1", {"text": "", "choices": []}, sound=sound))

    await telegram.close()
    assert (vendor.uploads, [each.what for each in vendor.taken]) == (1, ["voice"])


# Setting it up


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SECRET", "short"),
        ("SECRET", "with a space and more than sixteen"),
        ("TOKEN", "no-digits-before-the-letters-of-it"),
        ("BOT", "@karez_bot"),
        ("SECRET", ""),
    ],
)
def test_a_setting_that_cannot_be_right_is_named(variable: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    told = {"TOKEN": TOKEN, "BOT": "karez_test_bot", "SECRET": SECRET} | {variable: value}
    for name, each in told.items():
        monkeypatch.setenv(f"KAREZ_TELEGRAM_{name}", each)

    with pytest.raises(NotConfigured, match=f"KAREZ_TELEGRAM_{variable}"):
        make(ports_of(HandClock(NOON)))


async def test_with_all_three_there_is_a_telegram(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"TOKEN": TOKEN, "BOT": "karez_test_bot", "SECRET": SECRET}.items():
        monkeypatch.setenv(f"KAREZ_TELEGRAM_{name}", value)
    made = make(ports_of(HandClock(NOON)))

    assert made
    assert made.can.servers == "abroad"
    await made.close()
