"""The page of the stand-ins: whoever rehearses is a patient in each app, over the real door, inbox and sender."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from care.channels.base import Channel, Ports
from care.channels.notes import BriefNotes
from care.channels.registry import make_channels
from care.inbox.tables import Attachment, Received
from care.kit.clock import stopwatch_s
from care.people.linking import make_code
from care.people.patients import NewPatient, register
from care.people.tables import Device, Patient
from care.speech.speaker import Speaker
from tests.vendors.__main__ import free_ports
from tests.vendors.phones.hand import Hand
from tests.vendors.phones.pages import make_app
from tests.vendors.phones.street import KINDS, Street, write_accounts
from tests.ward import Ward
from tests.web import Web, open_web

PURPOSES = ("reminders", "symptoms", "voice", "family")
NAMES = [each.name for each in KINDS]


@pytest.fixture
def url(sqlite: str) -> str:
    return sqlite


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

    async def settles(self) -> None:
        """Everything that came in is worked off, and what is due has gone out."""
        begun_s = stopwatch_s()
        while any(each.state == "new" for each in await self.ward.all(Received)):
            assert stopwatch_s() - begun_s < 20, "it is not worked off"
            await asyncio.sleep(0.05)
        self.ward.clock.advance(timedelta(seconds=7))  # WhatsApp lets one message through in six seconds
        await self.ward.tick(*self.channels.values())

    async def patient(self, form: str = "zh-Hans", phone: str = "") -> Patient:
        async with self.ward.database.work() as work:
            new = NewPatient("Gul", form, "Asia/Shanghai", phone=phone or None)
            return await register(work, self.ward.clinic.id, self.ward.nurse_id, new)

    async def code(self, patient: Patient) -> str:
        async with self.ward.database.work() as work:
            return await make_code(work, patient, self.ward.nurse_id)

    async def confirms(self, patient: Patient) -> None:
        desk, path = await self.web.desk(), f"/console/patients/{patient.id}"
        [device] = [each for each in await self.ward.all(Device) if each.patient_id == patient.id]
        await desk.submit(f"{path}/contacts/{device.id}/confirm", path)
        await self.settles()

    def phrase(self, key: str) -> str:
        return self.ward.library.phrase("zh-Hans", key).text


def be_set_up(monkeypatch: pytest.MonkeyPatch, folder: Path, door: str, ports: dict[str, int]) -> None:
    """As the supervisor sets the product up: every file of the folder is a setting."""
    write_accounts(folder, door, ports)
    for file in (folder / "settings").iterdir():
        monkeypatch.setenv(f"{file.name}_FILE", str(file))


@pytest.fixture
async def town(ward: Ward, audio: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Town]:
    door_port, *of_vendors = free_ports(1 + len(NAMES))
    url, ports = f"http://127.0.0.1:{door_port}", dict(zip(NAMES, of_vendors, strict=True))
    be_set_up(monkeypatch, tmp_path, url, ports)
    notes = {name: BriefNotes(ward.clock.now) for name in [*NAMES, "web"]}
    channels = make_channels(Ports(_append, notes.__getitem__, ward.clock.now))
    async with open_web(ward, audio, channels=channels, port=door_port) as door, aiohttp.ClientSession() as http:
        ward.speaker = Speaker(door.door.settings.content, audio, ward.library.speeches)
        street = Street(tmp_path, url, ports, clock=ward.clock)
        await street.open()
        runner = web.AppRunner(make_app(street), access_log=None)
        await runner.setup()
        [port] = free_ports(1)
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield Town(door, street, channels, http, f"http://127.0.0.1:{port}")
        await runner.cleanup()
        await street.close()
        for each in channels.values():
            await each.close()


async def _append(address: str, key: str, content: dict[str, Any]) -> None:
    raise AssertionError("nobody here uses the web app")


async def linked(town: Town, app: str) -> Hand:
    """Scan, wait for the nurse, agree to everything that is asked."""
    gul, hand = await town.patient(), town.hand(app)
    await hand.does("scan", text=await town.code(gul))
    await town.settles()
    await hand.until(town.phrase("contact-waits"))
    await town.confirms(gul)
    abroad = ("cross-border",) if app in ("telegram", "whatsapp") else ()
    if not abroad:
        await hand.does("write", text="您好")
        await town.settles()
    for purpose in (*abroad, *PURPOSES):
        await hand.presses(f"consent:{purpose}:yes")
        await town.settles()
    await hand.until(town.phrase("consent-thanks"))
    return hand


@pytest.mark.parametrize("app", ["telegram", "wechat", "whatsapp"])
async def test_a_card_is_scanned_buttons_are_pressed_and_a_voice_message_reaches_the_nurse(app: str, town: Town) -> None:
    hand = await linked(town, app)

    await hand.does("speak")
    await town.settles()
    assert [each.kind for each in await town.ward.all(Attachment)] == ["sound"]
    await hand.does("write", text="我吐血了，很多")
    await town.settles()
    await hand.until("120")
    assert ("Gul", "rf-vomiting-blood-black-stool") in await town.ward.nurse_sees()
    await hand.does("leave")
    await town.settles()
    assert ("left" in [each.closed_because for each in await town.ward.all(Device)]) == (app != "whatsapp")
