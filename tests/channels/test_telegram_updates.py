"""Any update at all: heard as the library understands it, or refused as unreadable; never an error of another kind."""

import json
import random
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import Update
from telegram.ext import filters

from care.channels.base import Act, Forged, Inbound, Post, Unreadable
from care.channels.telegram.channel import HEADER
from care.channels.telegram.parse import read_update
from care.kit.clock import HandClock
from tests.channels.cases import NOON, folder, read_cases
from tests.vendors.telegram import SECRET, TelegramVendor, channel_for

SAMPLES = sorted((folder("telegram") / "samples").glob("*.json"))
READABLE = [json.loads(read_cases("telegram").sample(row)) for row in read_cases("telegram").hears]
WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)
IDS = st.text(alphabet="AgBQ_-", min_size=1, max_size=20)
PEOPLE = st.integers(1, 2**52)
# Telegram's kinds of message, as far as a patient sends them.
KINDS = st.one_of(
    st.fixed_dictionaries({"text": WORDS}),
    st.fixed_dictionaries({"text": st.from_regex(r"/start [A-HJ-NP-Z2-9]{8}", fullmatch=True)}),
    st.fixed_dictionaries(
        {"voice": st.fixed_dictionaries({"file_id": IDS, "file_unique_id": IDS, "duration": st.integers(0, 60)})}
    ),
    st.fixed_dictionaries(
        {
            "photo": st.lists(
                st.fixed_dictionaries(
                    {"file_id": IDS, "file_unique_id": IDS, "width": st.integers(1, 99), "height": st.integers(1, 99)}
                ),
                min_size=1,
                max_size=4,
            )
        },
        optional={"caption": WORDS},
    ),
    st.fixed_dictionaries(
        {"location": st.fixed_dictionaries({"latitude": st.floats(-90, 90), "longitude": st.floats(-180, 180)})}
    ),
    st.fixed_dictionaries({"contact": st.fixed_dictionaries({"phone_number": st.just("7700"), "first_name": WORDS})}),
)
BY_FILTER = [
    (Act.WRITE, filters.TEXT),
    (Act.SPEAK, filters.VOICE),
    (Act.SHOW, filters.PHOTO),
    (Act.SEND, filters.LOCATION | filters.CONTACT),
]


@st.composite
def updates(draw: st.DrawFn) -> dict[str, Any]:
    person = draw(PEOPLE)
    kind = draw(st.sampled_from(["private", "private", "private", "group", "supergroup"]))
    chat = {"id": person if kind == "private" else -person, "type": kind, "title": "Oila"}
    sender = {"id": person, "is_bot": False, "first_name": "Gul"}
    message = {"message_id": draw(st.integers(1, 10**6)), "date": draw(st.integers(1, 2**31)), "chat": chat, "from": sender}
    return {"update_id": draw(st.integers(1, 2**40)), "message": message | draw(KINDS)}


def raw(update: dict[str, Any]) -> bytes:
    return json.dumps(update).encode()


@given(updates())
def test_an_update_is_heard_as_the_librarys_own_filters_understand_it(update: dict[str, Any]) -> None:
    theirs = Update.de_json(update)
    assert theirs.effective_chat
    assert theirs.effective_message
    heard = read_update(raw(update))
    if theirs.effective_chat.type != "private":
        assert heard == []
        return
    (ours,) = heard

    assert (ours.key, ours.address, ours.at) == (
        str(theirs.update_id),
        str(theirs.effective_chat.id),
        theirs.effective_message.date,
    )
    assert ours.media == _file_of(theirs)
    if ours.act == Act.ARRIVE:
        assert theirs.effective_message.text == f"/start {ours.code}".strip()
    else:
        assert [act for act, one in BY_FILTER if one.check_update(theirs)] == [ours.act]
        assert ours.text == (theirs.effective_message.text or theirs.effective_message.caption or "")


def _file_of(update: Update) -> str:
    message = update.effective_message
    assert message
    if message.voice:
        return message.voice.file_id
    return max(message.photo, key=lambda size: size.width * size.height).file_id if message.photo else ""


@given(st.lists(updates(), max_size=6, unique_by=lambda update: update["update_id"]), st.randoms(use_true_random=False))
def test_in_any_order_and_any_number_of_times_the_same_is_heard(sent: list[dict[str, Any]], chance: random.Random) -> None:
    def hear(bodies: list[bytes]) -> dict[str, Inbound]:
        heard: dict[str, Inbound] = {}
        for each in (one for body in bodies for one in read_update(body)):
            heard.setdefault(each.key, each)
        return heard

    bodies = [raw(update) for update in sent]
    repeated = bodies + [chance.choice(bodies) for _ in bodies]
    chance.shuffle(repeated)

    assert hear(repeated) == hear(bodies)
    assert len(hear(bodies)) == sum(update["message"]["chat"]["type"] == "private" for update in sent)


STRANGE = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.just([]), st.just({}), st.just("\ud83d")
)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every key of a payload with what holds it."""
    if isinstance(value, dict | list):
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        return [(value, key) for key in keys] + [place for key in keys for place in places(value[key])]
    return []


@given(st.sampled_from(READABLE), st.data())
def test_a_payload_with_something_strange_in_it_is_heard_or_refused(sample: dict[str, Any], data: st.DataObject) -> None:
    update = json.loads(json.dumps(sample))
    holder, key = data.draw(st.sampled_from(places(update)))
    holder[key] = data.draw(STRANGE)
    try:
        heard = read_update(raw(update))
    except Unreadable:
        return

    for each in heard:
        told = [each.key, each.address, each.text, each.payload, each.code, each.media]
        assert all(isinstance(one, str) for one in told)
        assert "".join(told).encode()


@given(st.binary(max_size=200) | st.sampled_from([b"[" * 100_000, b"9" * 5000, b'{"update_id": 1' + b"0" * 400 + b"}"]))
def test_bytes_that_are_no_update_are_unreadable_or_nothing(body: bytes) -> None:
    with suppress(Unreadable):
        assert read_update(body) == []


NEAR = st.integers(0, len(SECRET) - 1).map(lambda place: SECRET[:place] + "~" + SECRET[place + 1 :])


@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_no_other_secret_opens_the_door(method: str) -> None:
    telegram = channel_for(TelegramVendor(HandClock(NOON), url="http://127.0.0.1:9"))

    @given(st.text(max_size=40) | NEAR | st.just(SECRET))
    def knock(told: str) -> None:
        if (method, told) == ("POST", SECRET):
            return telegram.verify(Post(method, {}, {HEADER: told}, b"{}"))
        with pytest.raises(Forged):
            telegram.verify(Post(method, {}, {HEADER: told}, b"{}"))
        return None

    knock()
    await telegram.close()
