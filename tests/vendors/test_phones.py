"""The page of the stand-ins: whoever rehearses is a patient in each app, over the real door, inbox and sender."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
from aiohttp import web

from care.channels.base import Channel, Ports
from care.channels.notes import BriefNotes
from care.channels.registry import make_channels
from care.channels.whatsapp.spacing import Spacing
from care.inbox.tables import Attachment
from care.kit.clock import FileClock, HandClock, SystemClock, stopwatch_s
from care.messages.tables import Attempt, Message
from care.people import consent
from care.people.linking import make_code
from care.people.patients import NewPatient, register
from care.people.tables import Device, Patient
from care.plans.tables import Occurrence
from scheduler.clock import Metronome
from scheduler.places import Places
from tests.ports import free_port
from tests.vendors.phones.hand import PATIENCE_S, Hand
from tests.vendors.phones.pages import make_app
from tests.vendors.phones.street import KINDS, Street, write_accounts
from tests.ward import NOON, Ward
from tests.web import Web, open_web

PURPOSES = ("reminders", "symptoms", "voice", "family")
PACE = 10  # WhatsApp lets one message through in six seconds
MP3 = (b"ID3", b"\xff\xf3", b"\xff\xfb")
NAMES = [each.name for each in KINDS]


@pytest.fixture
def url(sqlite: str) -> str:
    return sqlite


class GoingClock(HandClock):
    """Goes on by itself, as in a rehearsal but faster, and can be turned besides."""

    def __init__(self) -> None:
        super().__init__(NOON)
        self._begun_s = stopwatch_s()

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=PACE * (stopwatch_s() - self._begun_s))


@dataclass
class Town:
    """The page, the door, and the clock of both."""

    web: Web
    street: Street
    channels: dict[str, Channel]
    http: aiohttp.ClientSession
    page: str

    @property
    def ward(self) -> Ward:
        return self.web.ward

    def hand(self, app: str, number: int = 1) -> Hand:
        return Hand(self.http, self.page, f"{app}/{number}")

    async def patient(self, form: str = "zh-Hans", phone: str = "") -> Patient:
        async with self.ward.database.work() as work:
            new = NewPatient("Gul", form, "Asia/Shanghai", phone=phone or None)
            return await register(work, self.ward.clinic.id, self.ward.nurse_id, new)

    async def code(self, patient: Patient) -> str:
        async with self.ward.database.work() as work:
            return await make_code(work, patient, self.ward.nurse_id)

    async def reached_by_number(self, app: str, phone: str) -> Hand:
        """A patient in treatment, whose number the nurse took down, and who agreed to everything."""
        gul = await self.patient(phone=phone)
        await self.agree(gul)
        desk, path = await self.web.desk(), f"/console/patients/{gul.id}"
        await desk.submit(f"{path}/contacts", path, channel=app)
        await self.ward.enrolled(gul)
        return self.hand(app)

    async def confirms(self, patient: Patient) -> None:
        desk, path = await self.web.desk(), f"/console/patients/{patient.id}"
        [device] = [each for each in await self.ward.all(Device) if each.patient_id == patient.id]
        await desk.submit(f"{path}/contacts/{device.id}/confirm", path)

    async def agree(self, patient: Patient) -> None:
        async with self.ward.database.work() as work:
            for purpose in ("cross-border", *PURPOSES):
                await consent.record(work, patient, purpose, True, "w", "web")

    async def until(self, what: Callable[[], Awaitable[bool]]) -> None:
        """Wait until the hospital has done it."""
        begun_s = stopwatch_s()
        while not await what():
            assert stopwatch_s() - begun_s < PATIENCE_S, "it never came to that"
            await asyncio.sleep(0.2)

    async def closed_because(self, why: str) -> bool:
        return why in [each.closed_because for each in await self.ward.all(Device)]

    async def has(self, state: str) -> bool:
        """A reminder of a dose is in this state."""
        return state in [each.state for each in await self.ward.all(Message) if each.kind == "medicine"]

    async def is_taken(self) -> bool:
        return "taken" in [each.answer for each in await self.ward.all(Occurrence)]

    async def has_failed_to(self, channel: str) -> bool:
        return channel in [each.channel for each in await self.ward.all(Attempt) if each.cause]

    async def was_tried(self, message_id: str) -> bool:
        return message_id in [each.message_id for each in await self.ward.all(Attempt) if each.outcome]

    def phrase(self, key: str, **names: str) -> str:
        return self.ward.library.phrase("zh-Hans", key, **names).text


def be_set_up(monkeypatch: pytest.MonkeyPatch, folder: Path, door: str, ports: dict[str, int]) -> None:
    """As the supervisor sets the product up: every file of the folder is a setting."""
    write_accounts(folder, door, ports)
    for file in (folder / "settings").iterdir():
        monkeypatch.setenv(f"{file.name}_FILE", str(file))


@pytest.fixture
async def town(ward: Ward, audio: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Town]:
    ward.clock = ward.database.clock = GoingClock()
    door_port, ports = free_port(), {name: free_port() for name in NAMES}
    url = f"http://127.0.0.1:{door_port}"
    be_set_up(monkeypatch, tmp_path, url, ports)
    notes = {name: BriefNotes(ward.clock.now) for name in [*NAMES, "web"]}
    channels = make_channels(Ports(_append, notes.__getitem__, ward.clock.now))
    channels["whatsapp"]._spacing = Spacing(lambda: PACE * stopwatch_s())
    channels["whatsapp"]._sleep = lambda wait_s: asyncio.sleep(wait_s / PACE)
    async with open_web(ward, audio, channels=channels, port=door_port) as door, aiohttp.ClientSession() as http:
        ward.speaker, ward.places = door.door.speaker, Places(url)
        street = Street(tmp_path, url, ports, clock=ward.clock)
        await street.open()
        runner = web.AppRunner(make_app(street), access_log=None)
        await runner.setup()
        port = free_port()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        ticking = asyncio.create_task(tick(ward.metronome(*channels.values())))
        carrying = asyncio.create_task(street.carry())
        yield Town(door, street, channels, http, f"http://127.0.0.1:{port}")
        for task in (ticking, carrying):
            task.cancel()
        await asyncio.gather(ticking, carrying, return_exceptions=True)
        await runner.cleanup()
        await street.close()
        for each in channels.values():
            await each.close()


async def _append(address: str, key: str, content: dict[str, Any]) -> None:
    raise AssertionError("nobody here uses the web app")


async def tick(metronome: Metronome) -> None:
    while True:
        await metronome.tick()
        await asyncio.sleep(0.3)


async def linked(town: Town, app: str) -> Hand:
    """Who has agreed to everything scans the card, and the nurse confirms."""
    gul, hand = await town.patient(), town.hand(app)
    await town.agree(gul)
    await hand.does("scan", text=await town.code(gul))
    await hand.until(town.phrase("contact-waits"))
    await town.confirms(gul)
    await hand.until("<audio")  # they are welcomed, aloud
    return hand


@pytest.mark.parametrize("app", ["telegram", "wechat", "whatsapp"])
async def test_a_voice_message_reaches_the_nurse_and_danger_is_answered(app: str, town: Town) -> None:
    hand = await linked(town, app)
    await hand.does("speak")
    await hand.until(town.phrase("media-voice", emergency_number="120"))
    assert [each.kind for each in await town.ward.all(Attachment)] == ["sound"]

    before = len(await hand.bubbles())
    await hand.does("write", text="我吐血了，很多")
    await town.until(lambda: said_since(hand, before, "120"))
    assert ("Gul", "rf-vomiting-blood-black-stool") in await town.ward.nurse_sees()


async def said_since(hand: Hand, before: int, words: str) -> bool:
    return words in "".join((await hand.bubbles())[before:])


async def test_consent_is_given_by_the_buttons_of_the_messages_and_whoever_blocks_has_left(town: Town) -> None:
    gul, hand = await town.patient(), town.hand("telegram")
    await hand.does("scan", text=await town.code(gul))
    await hand.until(town.phrase("contact-waits"))
    await town.confirms(gul)
    for purpose in ("cross-border", *PURPOSES):
        await hand.presses(f"consent:{purpose}:yes")
    await hand.until(town.phrase("consent-thanks"))
    assert (await hand.hears()).startswith(b"OggS")

    await hand.does("leave")
    await town.until(lambda: town.closed_because("left"))
    assert "blocked by this patient" in await hand.screen()


async def test_a_telephone_rings_its_recording_is_heard_and_1_means_taken(town: Town) -> None:
    hand = await town.reached_by_number("aliyun", "13800001101")
    town.ward.clock.advance(timedelta(minutes=31))
    await hand.until("Press 1")
    assert (await hand.hears()).startswith(MP3)

    await hand.presses("1", "call")
    await town.until(town.is_taken)
    await town.until(lambda: town.has("read"))


async def test_a_call_that_nobody_takes_is_known_to_have_failed(town: Town) -> None:
    hand = await town.reached_by_number("smsc", "+77011234501")
    town.ward.clock.advance(timedelta(minutes=31))
    await hand.until("Let it ring")
    assert (await hand.hears()).startswith(MP3)

    await hand.presses("miss", "call")
    await town.until(lambda: town.has_failed_to("smsc"))


async def test_after_49_hours_a_form_comes_whose_tap_opens_the_page(town: Town) -> None:
    hand = await linked(town, "wechat")
    await hand.does("write", text="您好")
    await hand.until("left, until")
    [gul] = await town.ward.all(Patient)
    town.ward.clock.advance(timedelta(hours=49))
    assert "closed: only forms can go" in await hand.screen()

    await town.ward.due(gul)
    await hand.until("/listen/")
    [link] = re.findall(r'href="([^"]+/listen/[^"]+)"', (await hand.bubbles())[-1])
    async with town.http.get(link) as answer:
        assert answer.status == 200


async def test_a_vendor_that_is_down_gets_its_messages_when_it_is_back(town: Town) -> None:
    hand = await linked(town, "telegram")
    [gul] = await town.ward.all(Patient)
    await hand.does("switch")
    id_ = await town.ward.due(gul)
    await town.until(lambda: town.was_tried(id_))
    assert (await town.ward.state(id_))[0] == "due"
    assert "The vendor is down" in await hand.screen()

    await hand.does("switch")
    await town.ward.later(minutes=30)
    await town.until(lambda: town.has("sent"))


async def test_whoever_the_vendor_says_has_blocked_us_is_closed(town: Town) -> None:
    hand = await linked(town, "telegram")
    [gul] = await town.ward.all(Patient)
    await hand.does("inject", fault="blocked")
    await town.ward.due(gul)

    await town.until(lambda: town.closed_because("opted-out"))


async def test_a_new_process_goes_on_where_the_old_one_ended(town: Town) -> None:
    hand = await linked(town, "whatsapp")
    before = await hand.bubbles()
    town.street.keep()
    again = Street(town.street.folder, town.street.door, {name: free_port() for name in NAMES}, clock=town.ward.clock)
    await again.open()

    shown = [each.text for each in again.bubbles(("whatsapp", 0)) if not each.is_mine]
    assert len(shown) == len(before)
    assert again.apps["whatsapp"].window(again.apps["whatsapp"].addresses[0]).words == "open"
    await again.close()


async def test_another_page_of_the_browser_can_do_nothing_here(town: Town) -> None:
    asked = {"data": {"hours": "12"}, "headers": {"Origin": "https://elsewhere.example"}}
    async with town.http.post(f"{town.page}/telegram/1/turn", **asked) as answer:
        assert answer.status == 403
    async with town.http.get(f"{town.page}/telegram/1", headers={"Host": "elsewhere.example"}) as answer:
        assert answer.status == 403


async def test_the_clock_of_all_processes_goes_on_and_never_back(town: Town) -> None:
    hand, clock = town.hand("telegram"), FileClock(town.street.folder / "offset")
    for hours in ("1", "12", "-3"):
        await hand.does("turn", hours=hours)

    assert abs(clock.now() - SystemClock().now() - timedelta(hours=13)) < timedelta(seconds=5)


@pytest.mark.parametrize("app", NAMES)
async def test_no_address_of_a_rehearsal_leads_away_from_this_machine(app: str, town: Town) -> None:
    """Also where a channel has a second one, which is asked when the first is down."""
    module = import_module(f"care.channels.{app}.settings")
    [kind] = [each for each in vars(module).values() if isinstance(each, type) and each.__module__ == module.__name__]
    told = kind().model_dump()
    addresses = [name for name, field in kind.model_fields.items() if "://" in str(field.default)]

    assert addresses
    assert {urlsplit(told[each]).hostname for each in addresses} <= {"127.0.0.1", None}
