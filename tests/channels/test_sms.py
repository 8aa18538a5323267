"""Text messages and calls: what is paid for, what was approved, who signed it, and how often a telephone may ring."""

import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from aiohttp import web
from pydantic import SecretStr

from care.channels.aliyun import Aliyun, make
from care.channels.aliyun.settings import AliyunSettings
from care.channels.base import (
    Act,
    Cause,
    Channel,
    Choice,
    Contact,
    Forged,
    Inbound,
    NotConfigured,
    Post,
    Receipt,
    Said,
    SendFailed,
    Sound,
    Way,
)
from care.channels.smsc import Smsc, id_for
from care.kit.clock import HandClock
from tests.channels.cases import BEGINS, NOON
from tests.vendors import aliyun, smsc
from tests.vendors.stand import Stand

GUL, GUL_IN_CHINA = "+77011234567", "+8613800001111"
KEY = "5f2b1c0a9d8e47f6a1b2c3d4e5f60718"
LINK = "https://karez.example/l/3q2-7wABCDEFGHIJKLMNOP"
SOUND = Sound("sound-1", 9, lambda: BEGINS["mp3"] + bytes(3000))
REPLY = Said(KEY, "Hello", kind="reply", title="Reply", link=LINK)
MEDICINE = Said(KEY, "Take it", kind="medicine", title="Medicine", link=LINK, sound=SOUND)
VISIT = Said(KEY, "Come", form="ug-Arab", kind="visit", title="Visit", link=LINK, choices=(Choice("I will", "taken"),))


@pytest.fixture
def clock() -> HandClock:
    return HandClock(NOON)


@pytest.fixture
async def kz(clock: HandClock, tmp_path: Path) -> AsyncIterator[Stand]:
    async with smsc.open_stand(clock, tmp_path) as stand:
        stand.vendor.minds_repeats = True
        yield stand


@pytest.fixture
async def cn(clock: HandClock, tmp_path: Path) -> AsyncIterator[Stand]:
    async with aliyun.open_stand(clock, tmp_path) as stand:
        yield stand


async def say(stand: Stand, said: Said, only: int | None = None) -> list[Receipt]:
    plan = stand.channel.plan(said, Contact(stand.address), NOON)
    return [await stand.channel.send(step) for step in plan.steps[:only]]


async def refusal(stand: Stand, said: Said) -> SendFailed:
    with pytest.raises(SendFailed) as failed:
        await say(stand, said)
    return failed.value


@asynccontextmanager
async def door(channel: Channel) -> AsyncIterator[tuple[str, list[Inbound]]]:
    """An address that verifies and parses as ours does, and what it heard."""
    heard: list[Inbound] = []

    async def open_door(request: web.Request) -> web.Response:
        post = Post(request.method, dict(request.query), {}, await request.read())
        channel.verify(post)
        heard.extend(channel.parse(post))
        thanks = channel.thank(post)
        return web.Response(text=thanks.text, content_type=thanks.media_type)

    app = web.Application()
    app.add_routes([web.post("/hook", open_door)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    yield f"http://{host}:{port}/hook", heard
    await runner.cleanup()


# SMSC.kz


def test_the_longest_text_is_six_parts_with_its_link(kz: Stand) -> None:
    room = 6 * 67 - len(f"\n{LINK}")

    fits = kz.channel.plan(replace(REPLY, text="ә" * room), Contact(GUL), NOON)
    too_long = kz.channel.plan(replace(REPLY, text="ә" * (room + 1)), Contact(GUL), NOON)

    assert (fits.why, fits.steps[0].body["mes"]) == ("", "ә" * room + f"\n{LINK}")
    assert (too_long.why, too_long.steps[0].body["mes"]) == ("too-long", f"Reply\n{LINK}")


def test_a_text_too_long_without_a_link_goes_another_way(kz: Stand) -> None:
    with pytest.raises(SendFailed) as failed:
        kz.channel.plan(replace(REPLY, text="ә" * 403, link=""), Contact(GUL), NOON)

    assert failed.value.cause == Cause.WINDOW_CLOSED


async def test_a_text_carries_our_key_and_the_report_brings_it_back(kz: Stand) -> None:
    [receipt] = await say(kz, REPLY)
    told = {"id": receipt.provider_id, "phone": "77011234567", "status": "1", "err": "0", "ts": "1796104809"}
    async with door(kz.channel) as (hook, heard):
        await kz.vendor.reports(hook, told, times=2)
        await kz.vendor.reports(hook, told, as_form=True)

    assert kz.vendor.taken[0].body["mes"] == f"Hello\n{LINK}"
    assert {each.our_key for each in heard} == {KEY} == {receipt.provider_id}
    assert len({each.key for each in heard}) == 1


@pytest.mark.parametrize("key", [KEY, "a", "message 7", "ә", "x" * 41])
def test_every_key_becomes_an_id_that_smsc_takes_always_the_same(key: str) -> None:
    assert smsc.OF_AN_ID.fullmatch(id_for(key))
    assert id_for(key) == id_for(key)
    assert (id_for(key) == key) == (smsc.OF_AN_ID.fullmatch(key) is not None)


async def test_the_same_request_within_a_minute_waits_for_a_minute(kz: Stand, clock: HandClock) -> None:
    await say(kz, REPLY)
    failed = await refusal(kz, REPLY)
    clock.advance(timedelta(minutes=1))
    await say(kz, REPLY)

    assert (failed.cause, failed.again_after) == (Cause.BUSY, timedelta(minutes=1))


async def test_an_empty_account_stops_the_channel(kz: Stand) -> None:
    kz.vendor.money = 1

    assert (await refusal(kz, replace(REPLY, text="ә" * 100))).cause == Cause.BROKEN
    assert kz.vendor.taken == []


async def test_the_reserve_is_asked_only_when_nobody_took_the_first_connection(kz: Stand, clock: HandClock) -> None:
    beside = smsc.SETTINGS.model_copy(update={"base_url": "http://127.0.0.1:1", "reserve_url": kz.vendor.url})
    channel = Smsc(beside, smsc.ports_of(clock))
    stand = replace(kz, channel=channel)
    await say(stand, REPLY)
    kz.vendor.faults.append("reset")
    with pytest.raises(Exception, match="disconnected"):
        await say(stand, replace(REPLY, key="k2"))
    await channel.close()

    assert [each.body["id"] for each in kz.vendor.taken] == [KEY]


async def test_when_neither_address_answers_nothing_was_sent(clock: HandClock, kz: Stand) -> None:
    nowhere = smsc.SETTINGS.model_copy(update={"base_url": "http://127.0.0.1:1", "reserve_url": "http://127.0.0.1:1"})
    channel = Smsc(nowhere, smsc.ports_of(clock))

    assert (await refusal(replace(kz, channel=channel), REPLY)).cause == Cause.UNREACHABLE
    await channel.close()


async def test_a_call_plays_our_recording_and_its_text_is_another_message(kz: Stand) -> None:
    call, text = await say(kz, MEDICINE)

    assert [each.what for each in kz.vendor.taken] == ["call", "text"]
    assert (call.provider_id, text.provider_id) == (KEY, f"{KEY}-text")


async def test_a_recording_that_is_none_is_refused(kz: Stand) -> None:
    failed = await refusal(kz, replace(MEDICINE, sound=replace(SOUND, read=lambda: b"<html>")))

    assert failed.cause == Cause.OUR_BUG


async def test_a_telephone_rings_three_times_a_day_and_again_the_next(kz: Stand, clock: HandClock) -> None:
    channel = Smsc(smsc.SETTINGS.model_copy(update={"base_url": kz.vendor.url, "calls_a_day": 3}), smsc.ports_of(clock))
    stand = replace(kz, channel=channel)
    for _ in range(3):
        await say(stand, MEDICINE, only=1)
        clock.advance(timedelta(hours=1))
    failed = await refusal(stand, MEDICINE)
    clock.advance(timedelta(hours=21))
    await say(stand, MEDICINE, only=1)
    await channel.close()

    assert (failed.cause, failed.again_after) == (Cause.BUSY, timedelta(hours=21))


def told(**changed: str) -> dict[str, str]:
    return {"id": KEY, "phone": "77011234567", "status": "1", "err": "0", **changed}


def posted(fields: dict[str, str], digest: str, word: str = smsc.SIGNING_WORD, as_form: bool = True) -> Post:
    signed = f"{fields['id']}:{fields['phone']}:{fields['status']}:{word}".encode()
    proof = {digest: hashlib.new(digest, signed).hexdigest()} if digest else {}
    body = urlencode(fields | proof) if as_form else json.dumps(fields | proof)
    return Post("POST", {"secret": smsc.SECRET}, {}, body.encode())


@pytest.mark.parametrize("as_form", [True, False])
@pytest.mark.parametrize("digest", ["md5", "sha1"])
def test_a_report_is_signed_with_the_word_of_the_cabinet(kz: Stand, digest: str, as_form: bool) -> None:
    post = posted(told(), digest, as_form=as_form)

    kz.channel.verify(post)

    assert [each.status for each in kz.channel.parse(post)] == ["delivered"]


@pytest.mark.parametrize(
    "post",
    [
        posted(told(), ""),
        posted(told(), "sha1", word="guessed"),
        posted(told() | {"md5": "0" * 32}, "sha1"),
        replace(posted(told(), "sha1"), query={}),
        replace(posted(told(), "sha1"), query={"secret": "guessed"}),
        replace(posted(told(), "sha1"), query={"secret": "ә"}),
        replace(posted(told(), "sha1"), body=posted(told(), "sha1").body.replace(b"status=1", b"status=2")),
    ],
)
def test_a_report_without_both_words_is_forged(kz: Stand, post: Post) -> None:
    with pytest.raises(Forged):
        kz.channel.verify(post)


async def test_what_comes_to_a_number_of_ours_is_heard(kz: Stand) -> None:
    async with door(kz.channel) as (hook, heard):
        await kz.vendor.says(hook, GUL, "toqta")

    assert [(each.act, each.address, each.text) for each in heard] == [(Act.WRITE, GUL, "toqta")]


# Aliyun


async def test_a_template_is_filled_with_title_and_token(cn: Stand) -> None:
    await say(cn, replace(MEDICINE, title="药" * 30))

    sent = cn.vendor.taken[0].body
    assert (sent["TemplateCode"], sent["OutId"], sent["PhoneNumbers"]) == ("SMS_1", KEY, "13800001111")
    assert json.loads(sent["TemplateParam"]) == {"what": "药" * 20, "token": LINK.rpartition("/")[2]}


def test_a_template_of_the_patients_language_comes_first(clock: HandClock) -> None:
    texts = json.dumps({"visit": {"code": "SMS_2"}, "visit/kk-Cyrl": {"code": "SMS_3"}})
    channel = Aliyun(AliyunSettings(templates=texts, sign_name="Karez"), smsc.ports_of(clock))
    forms = [replace(VISIT, form=form) for form in ("kk-Cyrl", "ug-Arab")]

    plans = [channel.plan(said, Contact(GUL_IN_CHINA), NOON) for said in forms]

    assert [plan.steps[0].body["TemplateCode"] for plan in plans] == ["SMS_3", "SMS_2"]


async def test_one_number_gets_fifty_texts_of_a_template_a_day(cn: Stand, clock: HandClock) -> None:
    for number in range(50):
        await say(cn, replace(MEDICINE, key=f"k{number}"))
    failed = await refusal(cn, MEDICINE)
    clock.advance(timedelta(hours=24))
    await say(cn, MEDICINE)

    assert (failed.cause, failed.again_after) == (Cause.BUSY, timedelta(hours=24))


async def test_the_patient_presses_1_and_both_reports_tell_it_once(cn: Stand) -> None:
    call, _ = await say(cn, VISIT)
    sent = cn.vendor.taken[0].body
    async with door(cn.channel) as (hook, heard):
        answers = await cn.vendor.presses(hook, call.provider_id, sent["OutId"], "13800001111", "1")

    presses = [each for each in heard if each.act == Act.PRESS]
    assert (sent["StartCode"], sent["MenuKeyMap.1.Key"], sent["MenuKeyMap.1.Code"]) == ("visit-ug.wav", "1", "thanks-ug.wav")
    assert {(each.key, each.text, each.payload, each.provider_id) for each in presses} == {
        (f"{call.provider_id}/key/1", "1", "", call.provider_id)
    }
    assert {each.our_key for each in presses} == {KEY[:15]}
    assert [json.loads(text)["code"] for [(_, text)] in answers] == [0, 0]


async def test_a_call_without_an_answer_to_give_only_plays(cn: Stand) -> None:
    await say(cn, replace(VISIT, choices=()), only=1)

    assert cn.vendor.taken[0].body.get("VoiceCode") == "visit-ug.wav"


async def test_a_second_call_within_a_minute_waits_for_a_minute(cn: Stand, clock: HandClock) -> None:
    await say(cn, VISIT, only=1)
    soon = await refusal(cn, VISIT)
    for _ in range(4):
        clock.advance(timedelta(minutes=1))
        await say(cn, VISIT, only=1)
    clock.advance(timedelta(minutes=1))
    later = await refusal(cn, VISIT)

    assert (soon.cause, soon.again_after) == (Cause.BUSY, timedelta(minutes=1))
    assert (later.cause, later.again_after) == (Cause.BUSY, timedelta(hours=1))


async def test_a_number_of_another_country_is_no_address_here(cn: Stand) -> None:
    assert (await refusal(replace(cn, address=GUL), MEDICINE)).cause == Cause.BAD_ADDRESS


async def test_a_wrong_secret_and_a_wrong_clock_stop_the_channel(cn: Stand, clock: HandClock) -> None:
    urls = {"sms_url": cn.vendor.url, "voice_url": cn.vendor.url}
    wrong = Aliyun(aliyun.SETTINGS.model_copy(update={**urls, "access_key_secret": SecretStr("guessed")}), smsc.ports_of(clock))
    late = smsc.ports_of(HandClock(NOON - timedelta(minutes=16)))
    slow = Aliyun(aliyun.SETTINGS.model_copy(update=urls), late)

    causes = [(await refusal(replace(cn, channel=channel), MEDICINE)).cause for channel in (wrong, slow)]
    await wrong.close()
    await slow.close()

    assert causes == [Cause.BROKEN, Cause.BROKEN]


async def test_a_batch_is_heard_whole_and_in_order(cn: Stand) -> None:
    at = "2026-12-01 14:00:00"
    rows = [
        {"biz_id": str(n), "phone_number": "13800001111", "report_time": at, "success": True, "err_code": "DELIVERED"}
        for n in range(100)
    ]
    async with door(cn.channel) as (hook, heard):
        await cn.vendor.reports(hook, rows)
        await cn.vendor.reports(hook, rows[::-1])

    assert [each.provider_id for each in heard[:100]] == [str(n) for n in range(100)]
    assert len({each.key for each in heard}) == 100


async def test_stop_by_text_is_heard(cn: Stand) -> None:
    async with door(cn.channel) as (hook, heard):
        await cn.vendor.says(hook, GUL_IN_CHINA, "TD")

    assert [(each.act, each.address, each.text) for each in heard] == [(Act.WRITE, GUL_IN_CHINA, "TD")]


def test_templates_may_stand_in_a_file_and_want_their_signature(
    clock: HandClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "templates.json").write_text('{"visit": {"code": "SMS_2"}}')
    monkeypatch.setenv("KAREZ_ALIYUN_TEMPLATES_FILE", str(tmp_path / "templates.json"))
    for name in ("ACCESS_KEY_ID", "ACCESS_KEY_SECRET", "SECRET"):
        monkeypatch.setenv(f"KAREZ_ALIYUN_{name}", "x")
    with pytest.raises(NotConfigured, match="KAREZ_ALIYUN_SIGN_NAME"):
        make(smsc.ports_of(clock))
    monkeypatch.setenv("KAREZ_ALIYUN_SIGN_NAME", "Karez")

    made = make(smsc.ports_of(clock))

    assert made
    assert made.plan(VISIT, Contact(GUL_IN_CHINA), NOON).steps[0].body["TemplateCode"] == "SMS_2"


def test_nothing_rings_unless_the_hospital_says_what_is_worth_it(clock: HandClock) -> None:
    quiet = Smsc(smsc.SETTINGS.model_copy(update={"calls": ""}), smsc.ports_of(clock))

    assert quiet.plan(MEDICINE, Contact(GUL), NOON).way == Way.TEXT
    assert not quiet.can.voice
