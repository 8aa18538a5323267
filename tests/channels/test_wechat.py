"""WeChat sends: one token for all, sounds that are uploaded once, a window that shuts, and the forms beyond it."""

import asyncio
import json
import unicodedata
from collections.abc import AsyncIterator
from dataclasses import replace

import aiohttp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from care.channels.base import Cause, SendFailed, Sound, Way
from care.channels.wechat import client
from care.channels.wechat.client import Client, Unclear
from care.channels.wechat.words import shorten, split
from tests.channels.wechat_post import GUL, LINK, Desk, later, medicine, open_desk, visit
from tests.vendors.wechat import make_mp3


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with open_desk() as opened:
        yield opened


@pytest.fixture
def spoken(desk: Desk) -> Desk:
    """Gul has just written."""
    desk.vendor.people.clear()
    desk.she_did("message")
    return desk


async def cause_of(sending: object) -> str:
    with pytest.raises(SendFailed) as failed:
        await sending  # type: ignore[misc]
    return failed.value.cause


# The token


async def test_a_token_is_asked_for_once_in_two_hours(spoken: Desk) -> None:
    await spoken.say(medicine())
    await spoken.say(visit())
    later(spoken, minutes=114)
    await spoken.say(visit("v2"))

    assert spoken.vendor.token_calls == 1
    later(spoken, minutes=2)
    await spoken.say(replace(visit("v3"), text="x"))
    assert spoken.vendor.token_calls == 2


async def test_two_processes_share_a_token(spoken: Desk) -> None:
    second = spoken.second_process()
    plan = spoken.plan(medicine())
    await spoken.channel.send(plan.steps[1])
    await second.send(plan.steps[1])
    spoken.vendor.revoke_token()
    await asyncio.gather(spoken.channel.send(plan.steps[1]), second.send(plan.steps[1]))
    await second.close()

    assert len(spoken.vendor.taken) == 4
    assert spoken.vendor.token_calls <= 3  # both may ask at once; the vendor gives both the same


async def test_a_refused_token_is_renewed_by_one_of_many(spoken: Desk) -> None:
    spoken.vendor.people[GUL].left = 100
    step = spoken.plan(medicine(seconds=None)).steps[0]
    await spoken.channel.send(step)
    spoken.vendor.revoke_token()
    await asyncio.gather(*(spoken.channel.send(step) for _ in range(20)))

    assert spoken.vendor.token_calls == 2
    assert len(spoken.vendor.taken) == 21


async def test_a_token_that_stays_refused_breaks_the_channel_and_asks_no_third_time(spoken: Desk) -> None:
    spoken.vendor.refuse_next("token")

    assert await cause_of(spoken.say(medicine(seconds=None))) == Cause.BROKEN
    assert spoken.vendor.token_calls == 2


async def test_a_token_that_ends_during_an_upload_uploads_the_same_bytes_again(spoken: Desk) -> None:
    await spoken.say(visit())
    spoken.vendor.revoke_token()
    spoken.contact = replace(spoken.contact, spent=0)
    spoken.vendor.people[GUL].left = 5
    await spoken.say(medicine())

    assert spoken.said[1:] == ["voice", "text"]
    assert spoken.vendor.uploads == [make_mp3(12), make_mp3(12)]


async def test_an_address_that_is_not_whitelisted_breaks_the_channel(spoken: Desk) -> None:
    spoken.vendor.whitelisted = False

    assert await cause_of(spoken.say(medicine())) == Cause.BROKEN
    assert spoken.vendor.taken == []


# What is known not to have been taken, and what nobody knows


@pytest.mark.parametrize("fault", ["reset", "gateway-page", "garbage", "500", "lose-answer"])
async def test_a_fault_before_the_message_is_known_to_have_taken_nothing(spoken: Desk, fault: str) -> None:
    spoken.vendor.faults_before.append(fault)

    assert await cause_of(spoken.say(medicine())) == Cause.UNREACHABLE
    assert spoken.vendor.taken == []


async def test_a_vendor_that_is_down_took_nothing(spoken: Desk) -> None:
    await spoken.say(visit())
    await spoken.vendor.stop()

    assert await cause_of(spoken.say(medicine())) == Cause.UNREACHABLE


async def test_an_answer_that_comes_too_late_leaves_it_open(spoken: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "SAY", aiohttp.ClientTimeout(total=0.1))
    spoken.vendor.faults.append("late")

    with pytest.raises(TimeoutError) as late:
        await spoken.say(medicine(seconds=None))
    assert not isinstance(late.value, SendFailed)
    assert spoken.said == ["text"]


async def test_a_page_of_a_gateway_is_nobodys_word(spoken: Desk) -> None:
    spoken.vendor.faults.append("gateway-page")

    with pytest.raises(Unclear):
        await spoken.say(medicine(seconds=None))


# Sounds


async def test_a_sound_is_uploaded_once_for_everybody_and_again_after_three_days(spoken: Desk) -> None:
    spoken.vendor.people[GUL].left = 100
    step = spoken.plan(medicine()).steps[0]
    await asyncio.gather(*(spoken.channel.send(step) for _ in range(10)))
    later(spoken, days=1)
    await spoken.channel.send(step)

    assert len(spoken.vendor.uploads) == 1
    later(spoken, days=2)
    spoken.vendor.did(GUL, "message")
    await spoken.channel.send(step)
    assert len(spoken.vendor.uploads) == 2


async def test_a_sound_the_vendor_lost_is_uploaded_again(spoken: Desk) -> None:
    await spoken.say(medicine())
    spoken.vendor.media.clear()
    await spoken.say(medicine("m2"))

    assert spoken.said == ["voice", "text"] * 2
    assert len(spoken.vendor.uploads) == 2


async def test_a_sound_that_is_lost_at_every_try_is_refused_and_not_uploaded_for_ever(spoken: Desk) -> None:
    for _ in range(4):
        spoken.vendor.refuse_next("media")

    assert await cause_of(spoken.say(medicine())) == Cause.REFUSED
    assert len(spoken.vendor.uploads) == 2


@pytest.mark.parametrize(("content", "uploads"), [(b"<html>not found</html>", 1), (b"", 0), (make_mp3(600), 0)])
async def test_a_voice_file_that_is_none_is_refused(spoken: Desk, content: bytes, uploads: int) -> None:
    said = replace(medicine(), sound=Sound("x", 12, lambda: content))

    assert await cause_of(spoken.say(said)) == Cause.REFUSED
    assert len(spoken.vendor.uploads) == uploads


async def test_a_recording_longer_than_it_says_is_refused_by_the_vendor(spoken: Desk) -> None:
    said = replace(medicine(), sound=Sound("x", 60, lambda: make_mp3(75)))

    assert await cause_of(spoken.say(said)) == Cause.REFUSED


# The window


async def test_a_reminder_inside_the_window_is_spoken_with_its_buttons_beside_it(spoken: Desk) -> None:
    await spoken.say(medicine())

    voice, menu = (each.body for each in spoken.vendor.taken)
    assert voice["voice"] == {"media_id": "media-1"}
    assert menu["msgmenu"]["head_content"] == "Dora waqti boldi."
    assert menu["msgmenu"]["list"][0] == {"id": "dose:1:taken", "content": "Ichtim"}
    assert spoken.contact.spent == 2


async def test_the_window_shuts_between_plan_and_send(spoken: Desk) -> None:
    later(spoken, hours=47, minutes=59)
    plan = spoken.plan(medicine())
    later(spoken, minutes=2)

    assert plan.way == Way.VOICE
    assert await cause_of(spoken.channel.send(plan.steps[0])) == Cause.WINDOW_CLOSED
    assert spoken.plan(medicine()).way == Way.NOTICE


async def test_five_messages_go_and_the_next_is_a_form(spoken: Desk) -> None:
    for number in range(4):
        await spoken.say(medicine(f"m{number}"))

    # Two spoken reminders, then the last one that is left as text with its link, then the form.
    assert spoken.said == ["voice", "text", "voice", "text", "text", "notice"]
    assert LINK in json.dumps(spoken.vendor.taken[4].body)
    assert spoken.plan(medicine()).why == "quota-used"


async def test_a_sixth_message_that_was_not_foreseen_is_told_as_a_closed_window(spoken: Desk) -> None:
    step = spoken.plan(medicine(seconds=None)).steps[0]
    for _ in range(5):
        await spoken.channel.send(step)

    assert await cause_of(spoken.channel.send(step)) == Cause.WINDOW_CLOSED


# Forms


async def test_a_notice_outside_the_window_says_what_it_is_and_opens_our_page(desk: Desk) -> None:
    receipts = await desk.say(medicine())

    assert desk.vendor.taken[0].body == {
        "touser": GUL,
        "template_id": "notice-medicine",
        "page": LINK,
        "data": {"thing1": {"value": "Dora"}, "thing2": {"value": "Karez"}},
    }
    assert receipts[0].provider_id == "1"


async def test_a_template_whose_answer_was_lost_is_shown_once_for_ten_minutes(desk: Desk) -> None:
    desk.vendor.faults.append("lose-answer")
    with pytest.raises(aiohttp.ClientError):
        await desk.say(visit())
    later(desk, minutes=5)
    receipts = await desk.say(visit())

    assert (desk.said, receipts[0].provider_id) == (["notice"], "1")
    assert desk.vendor.taken[0].body["url"] == LINK
    assert desk.vendor.taken[0].body["data"]["time2"] == {"value": "09:30"}


async def test_a_patient_who_refused_one_form_has_not_refused_us(desk: Desk) -> None:
    """The reminder goes another way, and what they write here still opens the window."""
    desk.vendor.people[GUL].refuses.add("notice-medicine")

    assert await cause_of(desk.say(medicine())) == Cause.WINDOW_CLOSED


async def test_long_words_are_shortened_to_a_field(desk: Desk) -> None:
    said = replace(visit(), kind="other", text="Ete chüshtin burun\nsaet toqquzda doxturgha béring")
    await desk.say(said)

    value = desk.vendor.taken[0].body["data"]["thing1"]["value"]
    assert value == "Ete chüshtin burun\u2026"
    assert len(value) <= 20


# Words


async def test_words_of_every_script_go_as_they_are(spoken: Desk) -> None:
    words = "دورا ۋاقتى\nДәрі ішетін уақыт\n该吃药了 \U0001f48a \x0b\x1f\ud800"
    await spoken.say(medicine(seconds=None, text=words, choices=False))

    assert spoken.vendor.taken[0].body["text"]["content"] == f"{words[:-3].strip()}\n{LINK}"


async def test_more_than_the_window_carries_becomes_a_card(spoken: Desk) -> None:
    await spoken.say(medicine(seconds=None, text="Bir jümle. " * 2000))

    card = spoken.vendor.taken[0].body["news"]["articles"][0]
    assert (spoken.said, card["title"], card["url"]) == (["text"], "Dora", LINK)
    assert len(card["description"]) <= 120


@given(st.text(st.sampled_from("aبдә药\u0301\u200d\ufe0f\U0001f469 .\n"), max_size=400), st.integers(40, 300))
@settings(max_examples=300, deadline=None)
def test_a_split_text_loses_nothing_and_tears_nothing(words: str, most: int) -> None:
    pieces = split(words, most)

    assert "".join("".join(pieces).split()) == "".join(words.split())
    assert all(len(each.encode()) <= most for each in pieces)


def test_a_letter_stays_with_its_marks() -> None:
    family = "\U0001f469\u200d\U0001f469\u200d\U0001f467"
    pieces = split("e\u0301" * 40 + family * 8, 50)

    assert not any(unicodedata.combining(each[0]) or each[0] == "\u200d" or each[-1] == "\u200d" for each in pieces)
    assert shorten("e\u0301" * 12, 20)[-2:] == "\u0301\u2026"


# Enrolment and what patients sent


async def test_a_card_asks_wechat_for_its_address(desk: Desk) -> None:
    address = await desk.channel.invite("AB23CD45")

    assert address == "http://weixin.example/q/ticket-1"
    assert desk.vendor.tickets[0]["expire_seconds"] == 2_592_000
    assert desk.vendor.tickets[0]["action_info"] == {"scene": {"scene_str": "AB23CD45"}}


async def test_a_voice_a_picture_and_a_film_are_fetched_for_three_days(desk: Desk) -> None:
    voice, film = desk.vendor.keep(b"#!AMR-WB\nabc", "audio/amr"), desk.vendor.keep(b"film", "video")
    fetched = await desk.channel.fetch_media(voice)

    assert (fetched.content, fetched.media_type) == (b"#!AMR-WB\nabc", "audio/amr")
    assert (await desk.channel.fetch_media(film)).content == b"film"
    later(desk, days=3)
    assert await cause_of(desk.channel.fetch_media(voice)) == Cause.REFUSED


async def test_a_picture_bigger_than_the_vendor_allows_is_not_swallowed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "BIGGEST_MEDIA", 1000)

    assert await cause_of(desk.channel.fetch_media(desk.vendor.keep(bytes(1001), "image/jpeg"))) == Cause.REFUSED


async def test_a_relay_may_stand_between_us_and_wechat(desk: Desk) -> None:
    through = desk.channel._client._settings.model_copy(update={"base": "http://weixin.example", "proxy": desk.vendor.url})
    relayed = Client(through, desk.notes, desk.clock.now)
    reply = await relayed.ask("/cgi-bin/qrcode/create", _ticket("AB23CD45"))
    await relayed.close()

    assert reply["ticket"] == "ticket-1"


def _ticket(code: str) -> dict[str, object]:
    return {"expire_seconds": 60, "action_name": "QR_STR_SCENE", "action_info": {"scene": {"scene_str": code}}}
