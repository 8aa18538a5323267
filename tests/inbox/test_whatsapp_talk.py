"""One talk through WhatsApp's stand-in, from the QR code to the stop: spoken while a day lasts, then a template's "Listen"."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from care.messages.tables import Message
from care.people.tables import Device
from care.plans.tables import Occurrence
from tests.inbox.talk import Talk, open_talk
from tests.vendors.base import Taken
from tests.vendors.whatsapp import GUL, open_stand
from tests.ward import Ward


class WhatsAppTalk(Talk):
    """What stands in WhatsApp."""

    app = "whatsapp"
    form = "kk-Cyrl"
    zone = "Asia/Almaty"

    def words(self, each: Taken) -> str:
        body = each.body
        return str(body.get("interactive", body.get("text", body.get("template", {}))))

    async def presses(self, payload: str, of_template: bool = False) -> str:
        return await self.does(self.stand.vendor.taps(GUL, payload, of_template=of_template))

    async def says(self, text: str) -> str:
        return await self.does(self.stand.vendor.says(GUL, text))


@pytest.fixture
async def talk(ward: Ward, audio: Path, tmp_path: Path) -> AsyncIterator[WhatsAppTalk]:
    async with open_stand(ward.clock, tmp_path) as stand, open_talk(WhatsAppTalk, stand, ward, audio, region="KZ") as talk:
        stand.vendor.people[0].opened_at = None
        yield talk


async def linked(talk: WhatsAppTalk) -> None:
    """By the card's QR code, in which the code is written already; confirmed by the nurse, and every purpose agreed to."""
    address = await talk.stand.channel.invite(await talk.card())
    [written] = parse_qs(urlsplit(address).query)["text"]
    assert talk.phrase("contact-waits") in await talk.says(written)
    assert talk.phrase("consent-cross-border") in await talk.nurse_confirms()
    await talk.agrees(await talk.presses("consent:cross-border:yes"))


async def dose(talk: WhatsAppTalk) -> Occurrence:
    """The one that fell due last."""
    now = talk.ward.clock.now()
    return max((each for each in await talk.ward.all(Occurrence) if each.due_at <= now), key=lambda each: each.due_at)


async def reminders(talk: WhatsAppTalk) -> list[Message]:
    """That have come so far."""
    now = talk.ward.clock.now()
    return [each for each in await talk.ward.all(Message) if each.kind == "medicine" and each.due_at <= now]


async def test_a_talk_from_the_card_to_the_stop(talk: WhatsAppTalk) -> None:
    await linked(talk)
    await talk.ward.enrolled(talk.patient, ("09:30", "21:30"))
    talk.ward.clock.advance(timedelta(minutes=31))

    voice, words = await talk.waits()
    assert (voice.what, words.what) == ("voice", "buttons")
    assert "09:30" in talk.words(words)
    assert await talk.presses(f"dose:taken:{(await dose(talk)).id}")
    assert (await dose(talk)).answer == "taken"

    talk.ward.clock.advance(timedelta(hours=36))
    [notice] = [each for each in await talk.waits() if each.what == "notice"]
    listen, taken = [each["parameters"][0]["payload"] for each in notice.body["template"]["components"][1:]]
    assert taken == f"dose:taken:{(await dose(talk)).id}"
    voice, words = await talk.takes(talk.stand.vendor.taps(GUL, listen, of_template=True))
    assert (voice.what, words.what) == ("voice", "buttons")
    assert "21:30" in talk.words(words)
    assert await talk.presses(taken, of_template=True)
    assert (await dose(talk)).answer == "taken"

    assert "103" in await talk.says("қызуым 39 градус")
    assert ("Gul", "rf-fever-on-treatment") in await talk.ward.nurse_sees()
    assert talk.phrase("stop-done") in await talk.says("тоқта")
    talk.ward.clock.advance(timedelta(hours=12))
    assert await talk.waits() == []


async def test_a_day_that_ended_earlier_for_meta_is_over_and_the_template_goes(talk: WhatsAppTalk) -> None:
    await linked(talk)
    await talk.ward.enrolled(talk.patient, ("09:30", "21:30"))
    talk.ward.clock.advance(timedelta(minutes=31))
    talk.stand.vendor.people[0].opened_at -= timedelta(hours=24)
    sent = await talk.waits()

    assert [each.what for each in sent] == ["notice"]
    assert [each.state for each in await reminders(talk)] == ["sent"]
    assert (await talk.ward.all(Device))[0].opened_at is None


async def test_a_message_that_met_a_shut_window_is_told_of_later_and_the_template_follows(talk: WhatsAppTalk) -> None:
    await linked(talk)
    await talk.ward.enrolled(talk.patient, ("09:30", "21:30"))
    talk.ward.clock.advance(timedelta(minutes=31))
    await talk.waits()
    [reminder] = await reminders(talk)
    sent = await talk.takes(talk.stand.vendor.reports(reminder.provider_id, "failed", code=131047))

    assert [each.what for each in sent] == ["notice"]
    assert [each.state for each in await reminders(talk)] == ["sent"]
