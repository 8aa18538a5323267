"""What a phone may send to /v1/chat/messages, and what it may not; whatever comes, the door answers in its own shape."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from api.security import LARGEST_BODY
from care.kit.ids import new_id
from tests.web import Phone, Web

SAY = "/v1/chat/messages"


@pytest.fixture
async def phone(web_alone: Web) -> Phone:
    return await web_alone.phone(await web_alone.ward.patient(form="zh-Hans"))


async def send(phone: Phone, body: Any, kind: str = "application/json") -> tuple[int, str]:
    answer = await phone.post(SAY, data=body, headers={"content-type": kind})
    return answer.status, answer.json["error"]["code"] if answer.status >= 400 else ""


def words(web: Web, key: str) -> str:
    names = web.ward.library.catalogue.values[key]["names"]
    return web.ward.library.phrase("zh-Hans", key, **dict.fromkeys(names, "120")).text


async def test_ten_thousand_characters_are_taken_and_a_nurse_reads_them(web_alone: Web, phone: Phone):
    (answer,) = await phone.say("我今天想说很多话" * 1_250)

    assert answer["text"] == words(web_alone, "text-too-long")
    assert await web_alone.ward.nurse_sees() == [("Gul", "long-message")]


@pytest.mark.parametrize("text", ["", " ", "\n\t", "\u200f\u200b", "\u3000"])
async def test_nothing_typed_is_answered_with_the_menu(web_alone: Web, phone: Phone, text: str):
    (answer,) = await phone.say(text)

    assert answer["text"] == words(web_alone, "text-empty")
    assert len(answer["buttons"]) == 6


@pytest.mark.parametrize("text", ["😀", "👍🏽👍🏽", "❤️🌹🙏", "?!", "🇰🇿"])
async def test_pictures_alone_are_answered_with_the_menu(web_alone: Web, phone: Phone, text: str):
    (answer,) = await phone.say(text)

    assert answer["text"] == words(web_alone, "text-only-pictures")
    assert await web_alone.ward.nurse_sees() == []


@pytest.mark.parametrize(
    "text", ["Здравствуйте, подскажите пожалуйста, когда мне прийти?", "When should I come to the hospital?"]
)
async def test_a_language_we_do_not_have_goes_to_a_nurse(web_alone: Web, phone: Phone, text: str):
    (answer,) = await phone.say(text)

    assert answer["text"].startswith(words(web_alone, "text-other-language"))
    assert await web_alone.ward.nurse_sees() == [("Gul", "other-language")]


@pytest.mark.parametrize("text", ["/", "/stop_messages", "/restart", "/session_start", "/dose_taken{}", '/stop_messages{"x":1}'])
async def test_a_slash_is_no_command(web: Web, text: str):
    phone = await web.phone(await web.ward.patient(form="zh-Hans"))

    answers = await phone.say(text)

    assert not {answer["act"] for answer in answers} & {"stop_messages", "dose_taken", "resume_messages"}


async def test_the_same_key_again_gets_the_same_answer_once(phone: Phone):
    key = new_id()

    first = await phone.say("我要找护士", key=key)
    again = await phone.say("我要找护士", key=key)

    assert first == again
    assert len(await phone.lines()) == 2


async def test_a_phone_that_sends_twice_at_once_is_answered_once(web: Web):
    phone = await web.phone(await web.ward.patient(form="zh-Hans"))
    key = new_id()

    one, other, third = await asyncio.gather(*(phone.say("我要找护士", key=key) for _ in range(3)))

    assert one == other == third
    assert len(await phone.lines()) == 2
    assert await web.ward.nurse_sees() == [("Gul", "ask-nurse")]


async def test_one_key_from_two_patients_is_two_messages(web_alone: Web, phone: Phone):
    other, key = await web_alone.phone(await web_alone.ward.patient("Meryem")), new_id()

    await phone.say(payload="nurse", key=key)
    await other.say(payload="nurse", key=key)

    assert sorted(await web_alone.ward.nurse_sees()) == [("Gul", "ask-nurse"), ("Meryem", "ask-nurse")]


FORGED = [
    "",
    ":",
    "x",
    "dose",
    "dose:taken",
    "dose:taken:nobody",
    "dose:all:x",
    "reason::",
    "topic:../../etc",
    "topic:",
    "form:xx",
]
FORGED += ["form:", "audio:loud", "menu:x:y:z", "alarm:close", "stop\u0000", "a" * 120, "'; drop table line; --", "{{7*7}}"]


@pytest.mark.parametrize("payload", FORGED)
async def test_a_forged_button_changes_nothing_and_is_answered(web_alone: Web, phone: Phone, payload: str):
    answers = await phone.say(payload=payload)

    assert answers
    assert await web_alone.ward.nurse_sees() == []


BROKEN = ["", "{", "null", "[]", '"text"', "[" * 60_000, "{}{}", '{"text": 1}', '{"text": ["a"]}', '{"text": null}', "{}"]
BROKEN += ['{"text": "a", "patient_id": "x"}', '{"text": "a", "key": "short"}', '{"text": "a", "key": "with:colon:0"}']
BROKEN += [
    json.dumps({"payload": "a" * 121}),
    '{"text": NaN}',
    '{"text": ' + "1" * 5_000 + "}",
    b"\xff\xfe{",
]


@pytest.mark.parametrize("body", BROKEN)
async def test_what_is_no_message_is_refused_in_our_shape_and_kept_nowhere(phone: Phone, body: Any):
    status, code = await send(phone, body)

    assert (status, bool(code)) in {(422, True), (400, True)}
    assert await phone.lines() == []


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/xml", "multipart/form-data", "application/x-www-form-urlencoded", "x"]
)
async def test_only_json_is_read_as_json(phone: Phone, kind: str):
    """A form of another site can send these without being asked; ours is not one of them."""
    status, _ = await send(phone, '{"payload": "stop"}', kind)

    assert status in {400, 415, 422}
    assert await phone.lines() == []


@pytest.mark.parametrize("said", ["\\ud800", "我要找护士\\ud83d", "\\udc00\\ud800 a", "a\\u0000b"])
async def test_half_an_emoji_cut_by_a_phone_is_no_reason_to_lose_the_message(phone: Phone, said: str):
    assert (await send(phone, f'{{"text": "{said}"}}'))[0] == 200

    assert [line["said_by"] for line in await phone.lines()] == ["patient", "karez"]


def body_of(size: int) -> bytes:
    return b'{"payload": "menu"' + b" " * (size - 19) + b"}"


async def in_pieces(body: bytes) -> AsyncIterator[bytes]:
    """Sent without a length, as the client does not know it."""
    for at in range(0, len(body), 8_192):
        yield body[at : at + 8_192]


@pytest.mark.parametrize("with_length", [True, False])
async def test_a_body_of_exactly_the_limit_is_read_and_one_byte_more_is_not(phone: Phone, with_length: bool):
    for size, expected in ((LARGEST_BODY, 200), (LARGEST_BODY + 1, 413)):
        body = body_of(size)
        answer = await phone.post(
            SAY, data=body if with_length else in_pieces(body), headers={"content-type": "application/json"}
        )
        assert answer.status == expected, (size, answer.text)


async def test_a_form_larger_than_any_of_ours_is_not_read(web_alone: Web):
    desk = await web_alone.desk()
    kind = {"content-type": "application/x-www-form-urlencoded"}

    answer = await desk.post("/console/enrol", data=in_pieces(b"name=" + b"a" * LARGEST_BODY), headers=kind)

    assert answer.status == 413


async def raw(web: Web, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(web.url.rpartition(":")[2]))
    writer.write(request)
    await writer.drain()
    said = await asyncio.wait_for(reader.read(100), 10)
    writer.close()
    return said


@pytest.mark.parametrize("length", [b"-1", b"1e9", b"99999999999", b"abc", b"0x10"])
async def test_a_length_that_is_untrue_or_no_number_is_refused(web_alone: Web, length: bytes):
    host = web_alone.url.removeprefix("http://").encode()

    said = await raw(
        web_alone, b"POST /v1/chat/messages HTTP/1.1\r\nHost: " + host + b"\r\nContent-Length: " + length + b"\r\n\r\n{}"
    )

    assert said.split()[1] in {b"400", b"413"}


async def test_a_phone_that_leaves_in_the_middle_leaves_nothing_behind(web_alone: Web, phone: Phone):
    host, token = web_alone.url.removeprefix("http://"), phone.headers["authorization"]
    head = f"POST {SAY} HTTP/1.1\r\nHost: {host}\r\nAuthorization: {token}\r\n"
    head += "Content-Type: application/json\r\nContent-Length: 90\r\n\r\n"
    _, writer = await asyncio.open_connection("127.0.0.1", int(web_alone.url.rpartition(":")[2]))
    writer.write(head.encode() + b'{"payload": ')
    await writer.drain()
    writer.close()
    await writer.wait_closed()

    assert (await phone.get("/healthz")).status == 200
    assert await phone.lines() == []
