"""One talk through WeChat's stand-in, from the QR code to the stop: as much as the window allows, a notice beyond it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from care.messages.tables import Message
from care.people.tables import Device
from care.plans.tables import Occurrence
from tests.inbox.talk import Talk, open_talk
from tests.vendors.base import Taken
from tests.vendors.wechat import open_stand
from tests.vendors.wechat_followers import GUL
from tests.ward import Ward


class WeChatTalk(Talk):
    """What stands in WeChat."""

    app = "wechat"

    def words(self, each: Taken) -> str:
        body = each.body
        return str(body.get("text", body.get("msgmenu", body.get("data", {}))))

    async def presses(self, payload: str) -> str:
        return await self.does(self.stand.vendor.presses(GUL, payload, "x"))

    async def says(self, text: str) -> str:
        return await self.does(self.stand.vendor.says(GUL, text))


@pytest.fixture
async def talk(ward: Ward, audio: Path, tmp_path: Path) -> AsyncIterator[WeChatTalk]:
    async with open_stand(ward.clock, tmp_path) as stand, open_talk(WeChatTalk, stand, ward, audio) as talk:
        stand.vendor.people.clear()  # nobody follows yet
        yield talk


async def linked(talk: WeChatTalk) -> None:
    """By the card's QR code, which WeChat itself makes; confirmed by the nurse, and every purpose agreed to."""
    code = await talk.card()
    scene = talk.stand.vendor.tickets[-1]["action_info"]["scene"]["scene_str"]
    assert scene == code
    assert talk.phrase("contact-waits") in await talk.does(talk.stand.vendor.follows(GUL, scene))
    await talk.agrees(await talk.nurse_confirms())


async def test_a_talk_from_the_card_to_the_stop(talk: WeChatTalk) -> None:
    await linked(talk)
    await talk.ward.enrolled(talk.patient)
    assert await talk.says("您好")
    talk.ward.clock.advance(timedelta(minutes=31))

    voice, words = await talk.waits()
    assert (voice.what, words.what) == ("voice", "text")
    assert "12:30" in talk.words(words)
    dose = min(await talk.ward.all(Occurrence), key=lambda each: each.due_at)
    assert {"id": f"dose:taken:{dose.id}", "content": talk.phrase("button-taken")} in words.body["msgmenu"]["list"]
    assert await talk.presses(f"dose:taken:{dose.id}")
    assert min(await talk.ward.all(Occurrence), key=lambda each: each.due_at).answer == "taken"

    # The press gave three messages for a minute in place of the two that were left: now all is shut.
    talk.ward.clock.advance(timedelta(hours=11))
    [notice] = await talk.waits()
    assert (notice.what, notice.body["template_id"]) == ("notice", "notice-medicine")
    path = notice.body["page"].removeprefix(talk.web.url)
    assert (await talk.web.stranger().get(path)).status == 200

    assert "120" in await talk.says("我吐血了，很多")
    assert ("Gul", "rf-vomiting-blood-black-stool") in await talk.ward.nurse_sees()
    assert talk.phrase("stop-done") in await talk.says("停")
    talk.ward.clock.advance(timedelta(hours=13))
    assert await talk.waits() == []


async def test_whoever_is_confirmed_when_the_window_has_shut_is_asked_for_consent_as_soon_as_they_write(talk: WeChatTalk) -> None:
    await talk.does(talk.stand.vendor.follows(GUL, await talk.card()))
    talk.ward.clock.advance(timedelta(minutes=10))
    assert talk.phrase("consent-reminders") not in await talk.nurse_confirms()

    said = await talk.says("您好")
    assert said.count(talk.phrase("consent-reminders")) == 1
    assert talk.phrase("consent-reminders") not in await talk.says("您好")
    assert talk.phrase("consent-symptoms") in await talk.presses("consent:reminders:yes")


async def test_the_last_message_of_a_window_is_words_with_a_link_to_what_they_sound_like(talk: WeChatTalk) -> None:
    await linked(talk)
    await talk.says("您好")
    await talk.ward.change(Device, (await talk.ward.all(Device))[0].id, spent=4)
    await talk.ward.due(talk.patient)
    [text] = await talk.waits()
    assert text.what == "text"
    assert f"{talk.web.url}/listen/" in talk.words(text)


@pytest.mark.parametrize("what", ["left", "until"])
async def test_a_vendor_that_counts_otherwise_is_believed(talk: WeChatTalk, what: str) -> None:
    await linked(talk)
    await talk.says("您好")
    her = talk.stand.vendor.people[GUL]
    her.left, her.until = (0, her.until) if what == "left" else (her.left, talk.ward.clock.now())
    id_ = await talk.ward.due(talk.patient)
    sent = await talk.waits()

    assert [each.what for each in sent] == ["notice"]
    assert await talk.ward.state(id_) == ("sent", None)
    assert (await talk.ward.all(Device))[0].opened_at is None
    await talk.says("您好")
    assert (await talk.ward.all(Device))[0].opened_by == "message"


async def test_a_visits_form_says_its_day_and_hour(talk: WeChatTalk) -> None:
    await linked(talk)
    talk.ward.clock.advance(timedelta(minutes=2))
    about = {"subject": "activity-blood-test", "hour": "09:30", "date": "2026-12-02", "zone": "Asia/Shanghai"}
    await talk.ward.change(
        Message, await talk.ward.due(talk.patient, phrase="reminder-visit-tomorrow", arguments=about), kind="appointment"
    )
    await talk.ward.change(
        Message, await talk.ward.due(talk.patient, phrase="reminder-visit", arguments=about), kind="appointment"
    )
    booked, unbooked = sorted(await talk.waits(), key=lambda each: -len(each.body["data"]))

    assert {name: field["value"] for name, field in booked.body["data"].items()} == {
        "thing1": talk.phrase("notice-title"),
        "date2": "2026-12-02",
        "time3": "09:30",
        "thing4": talk.phrase("clock-beijing"),
    }
    assert unbooked.body["template_id"] == "template-any"


async def test_whoever_unfollows_has_left(talk: WeChatTalk) -> None:
    await linked(talk)
    await talk.does(talk.stand.vendor.unfollows(GUL))

    assert [each.closed_because for each in await talk.ward.all(Device)] == ["left"]
    assert await talk.ward.nurse_sees() == [("Gul", "contact-left")]
