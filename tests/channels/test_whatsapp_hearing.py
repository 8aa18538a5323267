"""What Meta posts about WhatsApp, however it is bundled, shuffled, repeated or forged; and read as pywa reads it."""

import json
import re
import secrets
import warnings
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st
from pywa import WhatsApp as Pywa
from pywa import types as theirs
from pywa.errors import AuthorizationError, IntegrityError, SendMessageError, ThrottlingError
from pywa.utils import webhook_updates_validator

from care.channels.base import Act, Forged, Inbound, Post, Unreadable
from care.channels.whatsapp import WhatsApp
from care.channels.whatsapp.causes import CAUSES
from care.channels.whatsapp.hearing import read_post
from care.kit.clock import HandClock
from tests.channels.cases import NOON, folder
from tests.vendors import whatsapp_hooks as hooks
from tests.vendors.stand import Stand
from tests.vendors.whatsapp import GUL, PEOPLE, SECRET, WORD, open_channel, open_stand, settings_for
from tests.vendors.whatsapp_hooks import Event, Json

EMOJI = "Қызуым бар 🤒 38/39"

written = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)
ids = st.integers(10**14, 10**16).map(str)
contents = st.one_of(
    written.map(lambda text: {"type": "text", "text": {"body": text}}),
    ids.map(lambda id_: {"type": "audio", "audio": {"id": id_, "mime_type": "audio/ogg", "sha256": "x", "voice": True}}),
    st.builds(
        lambda id_, text: {"type": "image", "image": {"id": id_, "mime_type": "image/jpeg", "sha256": "x", "caption": text}},
        ids,
        written,
    ),
    ids.map(lambda id_: {"type": "document", "document": {"id": id_, "mime_type": "x/y", "sha256": "x", "filename": "a"}}),
    st.just({"type": "location", "location": {"latitude": 43.2, "longitude": 76.9}}),
    st.just({"type": "contacts", "contacts": [{"name": {"formatted_name": "D", "first_name": "D"}, "phones": []}]}),
)
pressed = st.builds(
    lambda kind, payload, label: {
        "button": {"type": "button", "button": {"payload": payload, "text": label}},
        "button_reply": {"type": "interactive", "interactive": {"type": kind, kind: {"id": payload, "title": label}}},
        "list_reply": {
            "type": "interactive",
            "context": {"id": "wamid.O", "from": "1555"},
            "interactive": {"type": kind, kind: {"id": payload, "title": label}},
        },
    }[kind],
    st.sampled_from(["button", "button_reply", "list_reply"]),
    written,
    written,
)
moments = st.integers(0, 10**8).map(lambda seconds: NOON + timedelta(seconds=seconds))
people = st.sampled_from(PEOPLE)


def _messages(some: Any) -> Any:
    return st.builds(
        lambda person, number, at, content: hooks.message(person, f"wamid.{number}", at, content),
        people,
        st.integers(0, 10**9),
        moments,
        some,
    )


statuses = st.builds(
    lambda person, number, at, came: hooks.status(
        person, f"wamid.o{number}", at, came, f"message:{number}", {"code": 131026, "message": "x"} if came == "failed" else None
    ),
    people,
    st.integers(0, 10**9),
    moments,
    st.sampled_from(["sent", "delivered", "read", "played", "failed"]),
)
events = st.lists(
    st.one_of(_messages(st.one_of(contents, pressed)), statuses),
    max_size=12,
    unique_by=lambda event: (event.item["id"], event.item.get("status")),
)


@pytest.fixture(scope="module")
def channel() -> WhatsApp:
    return open_channel(HandClock(NOON), settings_for("http://127.0.0.1"))


def heard_by_key(posts: list[bytes]) -> dict[str, Inbound]:
    return {one.key: one for post in posts for one in read_post(post)}


# Bundles, order, repeats


@settings(max_examples=150, deadline=None)
@given(events, st.integers(1, 5), st.randoms(use_true_random=False))
def test_the_same_is_heard_however_it_is_bundled_shuffled_and_repeated(some: list[Event], size: int, order: Random) -> None:
    alone = heard_by_key([hooks.post_of([event]) for event in some])
    again = [*some, *order.sample(some, len(some) // 2)]
    order.shuffle(again)
    together = heard_by_key([hooks.post_of(again[at : at + size]) for at in range(0, len(again), size)])

    assert together.keys() == alone.keys()
    assert len(alone) == len(some)
    for key, one in together.items():
        assert (one.address, one.text, one.payload, one.media, one.at) == (
            *(alone[key].address, alone[key].text, alone[key].payload, alone[key].media, alone[key].at),
        )


@settings(max_examples=80, deadline=None)
@given(events)
def test_in_one_post_everything_is_heard_in_its_order(some: list[Event]) -> None:
    """Within one change; messages and statuses of one entry are two."""
    for kind in ("messages", "statuses"):
        of_kind = [event for event in some if event.kind == kind]
        ids_heard = [one.provider_id or one.key for one in read_post(hooks.post_of(of_kind))]

        assert ids_heard == [event.item["id"] for event in of_kind]


def test_metas_first_call_is_answered_with_its_challenge_and_needs_no_signature(channel: WhatsApp) -> None:
    post = Post("GET", {"hub.mode": "subscribe", "hub.verify_token": WORD, "hub.challenge": "1158201444"})
    channel.verify(post)

    assert channel.greet(post).text == "1158201444"
    assert channel.greet(post).media_type == "text/plain"


@pytest.mark.parametrize("query", [{}, {"hub.mode": "subscribe"}, {"hub.mode": "subscribe", "hub.verify_token": "слово"}])
def test_a_first_call_without_our_word_is_forged(query: dict[str, str], channel: WhatsApp) -> None:
    with pytest.raises(Forged):
        channel.verify(Post("GET", query))


def test_the_signature_covers_the_bytes_as_they_came(channel: WhatsApp) -> None:
    body = hooks.post_of([hooks.message(PEOPLE[0], "m", NOON, {"type": "text", "text": {"body": EMOJI}})])
    channel.verify(signed(body))

    assert b"\\ud83e\\udd12 38\\/39" in body
    assert channel.parse(signed(body))[0].text == EMOJI
    with pytest.raises(Forged):
        channel.verify(Post("POST", {}, signed(body).headers, json.dumps(json.loads(body)).encode()))


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_any_flipped_byte_is_forged_as_pywa_says(data: st.DataObject, channel: WhatsApp) -> None:
    post = signed(hooks.post_of([hooks.message(PEOPLE[0], "m", NOON, {"type": "text", "text": {"body": EMOJI}})]))
    place, bit = data.draw(st.integers(0, len(post.body) - 1)), data.draw(st.integers(0, 7))
    flipped = post.body[:place] + bytes([post.body[place] ^ 1 << bit]) + post.body[place + 1 :]
    header = post.headers["x-hub-signature-256"]

    assert webhook_updates_validator(SECRET, post.body, header)
    assert not webhook_updates_validator(SECRET, flipped, header)
    with pytest.raises(Forged):
        channel.verify(Post("POST", {}, post.headers, flipped))


@given(said=st.text(max_size=80))
def test_any_other_signature_is_forged(said: str, channel: WhatsApp) -> None:
    with pytest.raises(Forged):
        channel.verify(Post("POST", {}, {"x-hub-signature-256": said}, b"{}"))


def signed(body: bytes) -> Post:
    return Post("POST", {}, {"x-hub-signature-256": hooks.sign(SECRET, body)}, body)


# What cannot be read


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=6,
)
SAMPLES = [
    json.loads(file.read_bytes()) for file in sorted((folder("whatsapp") / "samples").glob("*.json")) if file.stem != "cut"
]


def places(node: Any) -> Iterator[tuple[Any, Any]]:
    """Every (container, key) of a document."""
    for key, value in list(node.items()) if isinstance(node, dict) else list(enumerate(node)):
        yield node, key
        if isinstance(value, dict | list):
            yield from places(value)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(SAMPLES), st.integers(0, 10**6), json_values)
def test_a_post_with_anything_in_any_place_is_read_or_unreadable(sample: Json, where: int, value: Any) -> None:
    broken = json.loads(json.dumps(sample))
    holder, key = list(places(broken))[where % len(list(places(broken)))]
    holder[key] = value
    try:
        heard = read_post(json.dumps(broken).encode())
    except Unreadable:
        return

    assert all(one.key and (one.address or one.act == Act.STATUS) for one in heard)
    assert not re.search("[\ud800-\udfff]", "".join(one.text + one.address + one.payload for one in heard))


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"7", b"\xff\xfe", b"[" * 100_000, b'{"entry": null}', b'{"entry": [{"changes": [{}]}]}']
)
def test_what_is_no_post_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        read_post(body)


def test_half_a_letter_does_not_get_as_far_as_the_database() -> None:
    body = rb'{"entry":[{"changes":[{"value":{"messages":[{"from":"7701","id":"m","type":"text","text":{"body":"a\ud83e"}}]}}]}]}'

    assert read_post(body)[0].text == "a?"


# Read as pywa reads it: one message a post is all it reads


@dataclass
class Oracle:
    """pywa 4.5.0, without a server of its own."""

    client: Any = field(default_factory=lambda: Pywa(phone_id="1", token="x"))

    def read(self, kind: type[Any], body: bytes) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return kind.from_update(self.client, json.loads(body))


@pytest.fixture(scope="module")
def oracle() -> Oracle:
    return Oracle()


@settings(max_examples=150, deadline=None)
@given(event=_messages(contents))
def test_a_message_is_read_as_pywa_reads_it(event: Event, oracle: Oracle) -> None:
    body = hooks.post_of([event])
    (ours,), read = read_post(body), oracle.read(theirs.Message, body)

    assert (ours.key, ours.address, ours.at) == (read.id, read.from_user.bsuid, read.timestamp)
    assert ours.aliases == ((read.from_user.wa_id,) if read.from_user.wa_id else ())
    assert ours.text == (read.text or read.caption or "")
    assert ours.media == (read.media.id if read.media else "")
    acts = {"text": Act.WRITE, "audio": Act.SPEAK, "image": Act.SHOW}
    assert ours.act == acts.get(str(read.type), Act.SEND)


@settings(max_examples=100, deadline=None)
@given(event=_messages(pressed))
def test_a_button_is_read_as_pywa_reads_it(event: Event, oracle: Oracle) -> None:
    body = hooks.post_of([event])
    is_list = event.item.get("interactive", {}).get("type") == "list_reply"
    (ours,), read = read_post(body), oracle.read(theirs.CallbackSelection if is_list else theirs.CallbackButton, body)

    assert (ours.act, ours.key, ours.payload, ours.text) == (Act.PRESS, read.id, read.data, read.title)


@settings(max_examples=100, deadline=None)
@given(event=statuses.filter(lambda event: event.contact is not None))
def test_a_status_is_read_as_pywa_reads_it(event: Event, oracle: Oracle) -> None:
    """Without a contact pywa does not read it at all."""
    body = hooks.post_of([event])
    (ours,), read = read_post(body), oracle.read(theirs.MessageStatus, body)

    assert (ours.provider_id, ours.address, ours.at) == (read.id, read.from_user.bsuid, read.timestamp)
    assert ours.our_key == read.tracker
    assert ours.status == {"played": "read"}.get(str(read.status), str(read.status))


def test_pywa_knows_no_error_of_sending_that_we_lack() -> None:
    groups = (AuthorizationError, IntegrityError, SendMessageError, ThrottlingError)
    known = {code for group in groups for each in group.__subclasses__() for code in each.__error_codes__}

    # Registering a number, marketing, forms, and an identity that is only checked on request: we do none of these.
    assert known - CAUSES.keys() == {133016, 131063, 132068, 132069, 137000}


# Through a real door


@pytest.fixture
async def stand(tmp_path: Path) -> AsyncIterator[Stand]:
    async with open_stand(HandClock(NOON), tmp_path) as opened:
        yield opened


@pytest.fixture
async def door(stand: Stand) -> AsyncIterator[list[Inbound]]:
    """What came in through a server that does what ours does: verify, parse, keep each key once, 200."""
    kept: dict[str, Inbound] = {}

    async def hear(request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        post = Post(request.method, dict(request.query), headers, await request.read())
        try:
            stand.channel.verify(post)
        except Forged:
            return web.Response(status=403)
        for one in stand.channel.parse(post):
            if one.key not in kept:
                kept[one.key] = one
                heard.append(one)
        return web.Response(text=stand.channel.thank(post).text)

    heard: list[Inbound] = []
    app = web.Application()
    app.add_routes([web.route("*", "/in", hear)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    stand.vendor.hook = f"http://127.0.0.1:{runner.addresses[0][1]}/in"
    yield heard
    await runner.cleanup()


async def test_what_a_patient_writes_comes_in_once(stand: Stand, door: list[Inbound]) -> None:
    await stand.vendor.says(GUL, EMOJI)

    assert [(one.text, one.address, one.opens) for one in door] == [(EMOJI, GUL, "message")]


async def test_bundled_repeated_and_shuffled_posts_are_heard_once_each(stand: Stand, door: list[Inbound]) -> None:
    stand.vendor.holds = True
    for number in range(7):
        await stand.vendor.says(GUL, f"word {number}")
    await stand.vendor.speaks(GUL, b"OggS")
    answers = await stand.vendor.deliver(batch=3, copies=3, order=Random(secrets.randbelow(1000)))

    assert set(answers) == {200}
    assert sorted(one.text for one in door) == ["", *(f"word {number}" for number in range(7))]
