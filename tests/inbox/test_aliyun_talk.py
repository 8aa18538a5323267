"""One town through Aliyun's stand-in: approved templates, calls with a reviewed recording, keys, reports, hours without it."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from care.channels.aliyun import Aliyun
from care.people.linking import link, make_code
from care.people.tables import Device, Patient
from tests.inbox.telephone import Town, open_town
from tests.vendors import aliyun
from tests.vendors.base import Taken
from tests.vendors.smsc import ports_of
from tests.vendors.stand import Stand
from tests.ward import Ward

VOICES = {"medicine/ug-Arab": "medicine-ug.wav", "thanks/ug-Arab": "thanks-ug.wav"}
WORTH_A_CALL = {"calls": "medicine", "calls_a_day": 3, "voices": json.dumps(VOICES)}
NOBODY_ANSWERED, OFF, NO_SUCH_NUMBER = "200003", "200010", "200004"


@pytest.fixture
def url(sqlite: str) -> str:
    return sqlite


@pytest.fixture
async def stand(ward: Ward, tmp_path: Path) -> AsyncIterator[Stand]:
    """The account of the tests, whose recordings of medicines are reviewed too."""
    vendor = aliyun.AliyunVendor(ward.clock, tmp_path / "aliyun.jsonl", voices=frozenset(VOICES.values()))
    base = await vendor.start()
    settings = {**aliyun.SETTINGS.model_dump(), **WORTH_A_CALL, "sms_url": base, "voice_url": base}
    channel = Aliyun(aliyun.AliyunSettings(**settings), ports_of(ward.clock))
    yield Stand(channel, vendor, vendor.sign, "+8613800001111", signs_body=False)
    await channel.close()
    await vendor.stop()


@pytest.fixture
async def town(ward: Ward, audio: Path, stand: Stand) -> AsyncIterator[Town]:
    async with open_town(ward, audio, stand, "CN") as town:
        yield town


async def reminded(town: Town, form: str, phone: str = "138 0000 1111") -> tuple[Patient, list[Taken]]:
    """Gul has a dose at 12:30."""
    gul = await town.patient("Gul", phone, form)
    await town.ward.enrolled(gul)
    await town.settles()
    town.ward.clock.advance(timedelta(minutes=31))
    return gul, await town.takes()


async def call_reported(town: Town, code: str, number: int = 1) -> None:
    told = {"call_id": f"{number}^1", "status_code": code, "end_time": "2026-12-01 12:31:30", "callee": "13800001111"}
    assert [status for status, _ in await town.stand.vendor.reports(town.hook, [told], times=2)] == [200, 200]
    await town.settles()


async def text_reported(town: Town, text: Taken, code: str, number: int = 1) -> None:
    at = {"send_time": "2026-12-01 12:31:00", "report_time": "2026-12-01 12:31:08"}
    arrived = code == "DELIVERED"
    told = {"phone_number": text.to, "success": arrived, "err_code": code, "biz_id": f"{number}^0", **at}
    await town.stand.vendor.reports(town.hook, [told | {"out_id": text.body["OutId"]}])
    await town.settles()


async def test_a_reminder_is_an_approved_template_whose_token_opens_the_listening_page(town: Town) -> None:
    _, [text] = await reminded(town, "zh-Hans")
    filled = json.loads(text.body["TemplateParam"])
    assert (text.what, text.to, text.body["TemplateCode"]) == ("text", "13800001111", "SMS_1")
    page = await town.web.stranger().get(f"/listen/{filled['token']}")
    assert page.status == 200

    await text_reported(town, text, "DELIVERED")
    assert ("medicine", "delivered", None) in await town.states()


async def test_a_call_plays_the_reviewed_recording_and_1_means_taken(town: Town) -> None:
    _, [call, text] = await reminded(town, "ug-Arab")
    assert (call.what, call.body["StartCode"], call.body["MenuKeyMap.1.Code"]) == ("call", "medicine-ug.wav", "thanks-ug.wav")
    assert text.what == "text"

    await town.stand.vendor.presses(town.hook, "1^1", call.body["OutId"], call.to, "1")
    assert await town.takes() == []  # the call itself has thanked
    assert "taken" in await town.answers()
    assert ("medicine", "read", None) in await town.states()
    assert await town.ward.nurse_sees() == []


async def test_a_language_without_a_recording_gets_the_template_and_never_another_languages_call(town: Town) -> None:
    _, taken = await reminded(town, "kk-Arab")

    assert [each.what for each in taken] == ["text"]


async def test_a_number_nobody_has_closes_the_contact_and_a_nurse_is_told(town: Town) -> None:
    await reminded(town, "ug-Arab")
    await call_reported(town, NO_SUCH_NUMBER)

    assert await town.contacts() == [("aliyun", "bad-address")]
    assert ("medicine", "failed", "bad-address") in await town.states()
    assert await town.ward.nurse_sees() == [("Gul", "undelivered")]


async def test_whoever_refuses_us_at_the_operator_is_not_written_to_again(town: Town) -> None:
    _, [text] = await reminded(town, "zh-Hans")
    await text_reported(town, text, "USER_REJECT")

    assert await town.contacts() == [("aliyun", "opted-out")]
    assert await town.ward.nurse_sees() == [("Gul", "undelivered")]


async def test_a_phone_that_is_off_when_it_is_written_to_is_told_to_a_nurse_and_stays(town: Town) -> None:
    _, [text] = await reminded(town, "zh-Hans")
    await text_reported(town, text, "MOBILE_NOT_ON_SERVICE")

    assert await town.contacts() == [("aliyun", None)]
    assert ("medicine", "failed", "unreachable") in await town.states()
    assert await town.ward.nurse_sees() == [("Gul", "undelivered")]


async def test_a_call_nobody_answered_had_words_beside_it_so_the_plan_asks_once_more_and_nothing_else_does(town: Town) -> None:
    await reminded(town, "ug-Arab")
    await call_reported(town, NOBODY_ANSWERED)
    assert await town.takes() == []
    assert ("medicine", "failed", "busy") in await town.states()

    town.ward.clock.advance(timedelta(minutes=45))
    assert [each.what for each in await town.takes()] == ["call", "text"]


async def test_a_call_without_words_that_reached_a_phone_that_is_off_goes_to_our_own_app(town: Town) -> None:
    gul = await town.patient("Gul", "13800001111", "ug-Arab")
    async with town.ward.database.work() as work:
        await link(work, await make_code(work, gul, town.ward.nurse_id), "test")
    town.stand.channel._settings.templates.clear()  # type: ignore[attr-defined]
    town.ward.clock.advance(timedelta(minutes=1))
    await used_last(town, gul)
    id_ = await town.ward.due(gul)
    assert [each.what for each in await town.takes()] == ["call"]

    await call_reported(town, OFF)
    assert (await town.ward.message(id_)).channel == "web"
    assert await town.ward.state(id_) == ("sent", None)


async def used_last(town: Town, patient: Patient) -> None:
    """Of all their ways the telephone was used last."""
    for device in await town.ward.all(Device):
        if device.channel == "aliyun" and device.patient_id == patient.id:
            await town.ward.change(Device, device.id, seen_at=town.ward.clock.now())


async def test_hours_without_the_vendor_hold_up_nobody_else(town: Town) -> None:
    gul = await town.patient("Gul", "13800001111", "ug-Arab")
    other = await town.ward.patient("Serik", "web", "kk-Cyrl")
    await town.goes_down()
    stale, fresh = await town.ward.due(gul), await town.ward.due(gul, **until(town, 8))
    theirs = await town.ward.due(other)
    await town.settles()
    assert await town.ward.state(theirs) == ("sent", None)
    for _ in range(16):  # four hours
        town.ward.clock.advance(timedelta(minutes=15))
        await town.settles()
    assert await town.ward.state(stale) == ("missed", "too-late")
    assert await town.ward.nurse_sees() == [("Gul", "undelivered")]

    await town.comes_back()
    town.ward.clock.advance(timedelta(minutes=19))  # a quarter of an hour and a fifth: the longest wait between two tries
    assert [each.what for each in await town.takes()] == ["call", "text"]
    assert await town.ward.state(fresh) == ("sent", None)


def until(town: Town, hours: int) -> dict[str, Any]:
    return {"useful_until": town.ward.clock.now() + timedelta(hours=hours)}
