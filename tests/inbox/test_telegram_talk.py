"""One talk through Telegram's stand-in, from the QR code to the stop: the door, the nurse, the sender, all as they run."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from care.inbox.tables import Received
from care.kit.clock import stopwatch_s
from care.people.linking import make_code
from care.people.patients import NewPatient, register
from care.people.tables import Device, Patient
from care.plans.tables import Occurrence
from tests.vendors.stand import Stand
from tests.vendors.telegram import open_stand
from tests.ward import Ward
from tests.web import Web, open_web

GUL = "77001112233"


@dataclass
class Talk:
    """What one person and their nurse do, and what stands in the app."""

    web: Web
    stand: Stand
    patient: Patient

    async def settles(self) -> None:
        """Everything that came in is worked off, and what is due has gone out."""
        begun_s = stopwatch_s()
        while any(each.state == "new" for each in await self.web.ward.all(Received)):
            assert stopwatch_s() - begun_s < 20, "it is not worked off"
            await asyncio.sleep(0.05)
        await self.web.ward.tick(self.stand.channel)

    async def does(self, act: Any) -> str:
        """Returns all that was said because of it."""
        self.stand.vendor.taken.clear()
        await act
        await self.settles()
        return " | ".join(str(each.body.get("text")) for each in self.stand.vendor.taken)

    async def presses(self, payload: str) -> str:
        return await self.does(self.stand.vendor.presses(GUL, payload))

    async def says(self, text: str) -> str:
        return await self.does(self.stand.vendor.says(GUL, text))

    def phrase(self, key: str, **names: str) -> str:
        return self.web.ward.library.phrase("zh-Hans", key, **names).text


@pytest.fixture
async def talk(ward: Ward, audio: Path, tmp_path: Path) -> AsyncIterator[Talk]:
    async with open_stand(ward.clock, tmp_path) as stand, open_web(ward, audio, channels={"telegram": stand.channel}) as web:
        async with ward.database.work() as work:
            patient = await register(work, ward.clinic.id, ward.nurse_id, NewPatient("Gul", "zh-Hans", "Asia/Shanghai"))
        stand.vendor.hook = f"{web.url}/hooks/telegram"
        yield Talk(web, stand, patient)


async def linked(talk: Talk) -> None:
    """By the card's QR code, confirmed by the nurse, and every purpose agreed to."""
    async with talk.web.ward.database.work() as work:
        code = await make_code(work, talk.patient, talk.web.ward.nurse_id)
    assert talk.phrase("contact-waits") in await talk.does(talk.stand.vendor.starts(GUL, code))
    desk, [device] = await talk.web.desk(), await talk.web.ward.all(Device)
    path = f"/console/patients/{talk.patient.id}"
    said = await talk.does(desk.submit(f"{path}/contacts/{device.id}/confirm", path))
    assert talk.phrase("consent-cross-border") in said
    assert talk.phrase("contact-linked") not in said
    said = await talk.presses("consent:cross-border:yes")
    assert talk.phrase("contact-linked") in said
    assert said.count(talk.phrase("consent-reminders")) == 1
    for purpose in ("reminders", "symptoms", "voice", "family"):
        assert talk.phrase(f"consent-{purpose}") in said
        said = await talk.presses(f"consent:{purpose}:yes")
    assert talk.phrase("consent-thanks") in said


async def test_a_talk_from_the_card_to_the_stop(talk: Talk) -> None:
    await linked(talk)
    ward = talk.web.ward
    await ward.enrolled(talk.patient)
    ward.clock.advance(timedelta(minutes=31))

    assert "12:30" in await talk.does(asyncio.sleep(0))
    dose = min(await ward.all(Occurrence), key=lambda each: each.due_at)
    assert await talk.presses(f"dose:taken:{dose.id}")
    assert min(await ward.all(Occurrence), key=lambda each: each.due_at).answer == "taken"
    assert "120" in await talk.says("我吐血了，很多")
    assert ("Gul", "rf-vomiting-blood-black-stool") in await ward.nurse_sees()
    assert talk.phrase("stop-done") in await talk.says("停")
    ward.clock.advance(timedelta(hours=12))
    assert await talk.does(asyncio.sleep(0)) == ""


async def test_whoever_blocks_the_bot_has_left(talk: Talk) -> None:
    await linked(talk)
    await talk.does(talk.stand.vendor.blocks(GUL))

    assert [each.closed_because for each in await talk.web.ward.all(Device)] == ["left"]
    assert await talk.web.ward.nurse_sees() == [("Gul", "contact-left")]
