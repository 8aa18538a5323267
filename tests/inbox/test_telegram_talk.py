"""One talk through Telegram's stand-in, from the QR code to the stop: the door, the nurse, the sender, all as they run."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from care.people.tables import Device
from care.plans.tables import Occurrence
from tests.inbox.talk import Talk, open_talk
from tests.vendors.telegram import open_stand
from tests.ward import Ward

GUL = "77001112233"


class TelegramTalk(Talk):
    """What stands in Telegram."""

    app = "telegram"

    async def presses(self, payload: str) -> str:
        return await self.does(self.stand.vendor.presses(GUL, payload))

    async def says(self, text: str) -> str:
        return await self.does(self.stand.vendor.says(GUL, text))


@pytest.fixture
async def talk(ward: Ward, audio: Path, tmp_path: Path) -> AsyncIterator[TelegramTalk]:
    async with open_stand(ward.clock, tmp_path) as stand, open_talk(TelegramTalk, stand, ward, audio) as talk:
        yield talk


async def linked(talk: TelegramTalk) -> None:
    """By the card's QR code, confirmed by the nurse, and every purpose agreed to."""
    code = await talk.card()
    assert talk.phrase("contact-waits") in await talk.does(talk.stand.vendor.starts(GUL, code))
    said = await talk.nurse_confirms()
    assert talk.phrase("consent-cross-border") in said
    assert talk.phrase("contact-linked") not in said
    await talk.agrees(await talk.presses("consent:cross-border:yes"))


async def test_a_talk_from_the_card_to_the_stop(talk: TelegramTalk) -> None:
    await linked(talk)
    ward = talk.web.ward
    await ward.enrolled(talk.patient)
    ward.clock.advance(timedelta(minutes=31))

    assert "12:30" in await talk.does(asyncio.sleep(0))
    dose = min(await ward.all(Occurrence), key=lambda each: each.due_at)
    assert await talk.presses(f"dose:taken:{dose.id}")
    assert min(await ward.all(Occurrence), key=lambda each: each.due_at).answer == "taken"
    assert talk.stand.vendor.turning == set(), "a button still turns on the patient's telephone"
    assert "120" in await talk.says("我吐血了，很多")
    assert ("Gul", "rf-vomiting-blood-black-stool") in await ward.nurse_sees()
    assert talk.phrase("stop-done") in await talk.says("停")
    ward.clock.advance(timedelta(hours=12))
    assert await talk.does(asyncio.sleep(0)) == ""


async def test_whoever_blocks_the_bot_has_left(talk: TelegramTalk) -> None:
    await linked(talk)
    await talk.does(talk.stand.vendor.blocks(GUL))

    assert [each.closed_because for each in await talk.web.ward.all(Device)] == ["left"]
    assert await talk.web.ward.nurse_sees() == [("Gul", "contact-left")]
