"""Any update at all: heard as the library understands it, or refused as unreadable; never an error of another kind."""

import json
import random
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import Update
from telegram.constants import MessageType
from telegram.ext import filters

from care.channels.base import Act, Forged, Inbound, Post, Unreadable
from care.channels.telegram.channel import HEADER, HEARD
from care.channels.telegram.parse import read_press, read_update
from care.channels.telegram.silent import SILENT
from care.kit.clock import HandClock
from tests.channels.cases import NOON, folder, read_cases
from tests.vendors.telegram import SECRET, TelegramVendor, channel_for

SAMPLES = sorted((folder("telegram") / "samples").glob("*.json"))
CASES = read_cases("telegram")
READABLE = [json.loads(CASES.sample(row)) for row in CASES.hears]
SENT = [update for update, row in zip(READABLE, CASES.hears, strict=True) if "message" in update and row["gets"]]
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


def hear(kind: str = "message", **told: Any) -> list[Inbound]:
    """What Gul is heard to say by a message that holds this."""
    message = {"message_id": 41, "date": 1796104800, "chat": {"id": 77001112233, "type": "private"}, **told}
    return read_update(raw({"update_id": 1, kind: message}))


# What is said, and what is not


@pytest.mark.parametrize("kind", sorted({each.value for each in MessageType} - SILENT - {"text"}))
def test_what_a_patient_sends_is_never_nothing_even_if_all_of_it_is_strange(kind: str) -> None:
    (heard,) = hear(**{kind: {"strange": 1}}, caption="Қызуым 39")

    assert (heard.act, heard.text) == (Act.SEND, "Қызуым 39")


@pytest.mark.parametrize("told", [{"strange": 1}, True])
@pytest.mark.parametrize("kind", sorted(SILENT))
def test_what_telegram_itself_says_is_nothing_even_if_it_is_strange(kind: str, told: Any) -> None:
    assert hear(**{kind: told}) == []


def test_whatever_the_library_knows_as_said_by_nobody_is_silent() -> None:
    named = {name.lower() for name in vars(filters.StatusUpdate) if name.isupper()}

    assert named - SILENT == {"all", "chat_created", "migrate"}  # three of its names stand for several


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("/stop@karez_bot", "/stop"),
        ("/Stop@KAREZ_bot.", "/Stop."),
        ("/help@karez_bot бас ауырады", "/help бас ауырады"),
        ("gul@clinic.example /stop@karez_bot", "gul@clinic.example /stop@karez_bot"),
        ("/start my head aches", "/start my head aches"),
        ("/starting", "/starting"),
    ],
)
def test_a_command_is_words_without_the_bots_name(typed: str, words: str) -> None:
    assert [(each.act, each.text) for each in hear(text=typed)] == [(Act.WRITE, words)]


@pytest.mark.parametrize("typed", ["/START AB23CD45", "/start  AB23\nCD45 ", "/Start@karez_bot AB23 CD45"])
def test_a_code_arrives_however_it_is_typed_after_start(typed: str) -> None:
    assert [(each.act, each.code) for each in hear(text=typed)] == [(Act.ARRIVE, "AB23CD45")]


@pytest.mark.parametrize(
    ("told", "texts"),
    [
        ({"edit_date": 1796104860}, ["39.4"]),
        ({"edit_date": 1796105701}, []),
        ({"edit_date": "now"}, ["39.4"]),
        ({"edit_date": 1796105701, "date": "then"}, ["39.4"]),
        ({}, []),
    ],
)
@pytest.mark.parametrize("place", ["text", "caption"])
def test_a_correction_is_heard_soon_after_and_whenever_nobody_can_tell_how_soon(
    place: str, told: dict[str, Any], texts: list[str]
) -> None:
    assert [each.text for each in hear("edited_message", **told, **{place: "39.4"})] == texts


# Any update at all


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
    def take(bodies: list[bytes]) -> dict[str, Inbound]:
        heard: dict[str, Inbound] = {}
        for each in (one for body in bodies for one in read_update(body)):
            heard.setdefault(each.key, each)
        return heard

    bodies = [raw(update) for update in sent]
    repeated = bodies + [chance.choice(bodies) for _ in bodies]
    chance.shuffle(repeated)

    assert take(repeated) == take(bodies)
    assert len(take(bodies)) == sum(update["message"]["chat"]["type"] == "private" for update in sent)


STRANGE = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.just([]), st.just({}), st.just("\ud83d")
)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every key of a payload with what holds it."""
    if isinstance(value, dict | list):
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        return [(value, key) for key in keys] + [place for key in keys for place in places(value[key])]
    return []


def check_can_be_kept(heard: list[Inbound]) -> None:
    """Nothing in it but text a database takes."""
    for each in heard:
        told = [each.key, each.address, each.text, each.payload, each.code, each.media]
        assert all(isinstance(one, str) for one in told)
        assert "".join(told).encode()


def spoil(sample: dict[str, Any], data: st.DataObject, beside: tuple[str, ...] = ()) -> dict[str, Any]:
    """One place of it made strange; what stands `beside` is left as it is."""
    update: dict[str, Any] = json.loads(json.dumps(sample))
    spared = [update] if beside else []
    spared += [update["message"][name] for name in beside if name in update.get("message", {})]
    free = [(holder, key) for holder, key in places(update) if key not in beside and not any(holder is each for each in spared)]
    holder, key = data.draw(st.sampled_from(free))
    holder[key] = data.draw(STRANGE)
    return update


@given(st.sampled_from(READABLE), st.data())
def test_a_payload_with_something_strange_in_it_is_heard_or_refused(sample: dict[str, Any], data: st.DataObject) -> None:
    with suppress(Unreadable):
        check_can_be_kept(read_update(raw(spoil(sample, data))))


@given(st.sampled_from(SENT), st.data())
def test_whatever_is_strange_beside_the_chat_the_patient_is_heard(sample: dict[str, Any], data: st.DataObject) -> None:
    heard = read_update(raw(spoil(sample, data, beside=("chat",))))

    assert [each.address for each in heard] == ["77001112233"]
    check_can_be_kept(heard)


NAMES = sorted({place for sample in READABLE for _, place in places(sample) if isinstance(place, str)})
ANY = st.recursive(
    STRANGE | st.just({"id": 77001112233, "type": "private"}),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=8),
)


@given(st.sampled_from(HEARD), ANY)
def test_any_json_at_all_is_heard_or_refused(kind: str, told: Any) -> None:
    with suppress(Unreadable):
        check_can_be_kept(read_update(raw({"update_id": 1, kind: told})))
    assert isinstance(read_press(raw({"update_id": 1, kind: told})), str)


@given(st.binary(max_size=200) | st.sampled_from([b"[" * 100_000, b"9" * 5000, b'{"update_id": 1' + b"0" * 400 + b"}"]))
def test_bytes_that_are_no_update_are_unreadable_or_nothing(body: bytes) -> None:
    with suppress(Unreadable):
        assert read_update(body) == []
    assert read_press(body) == ""


NEAR = st.integers(0, len(SECRET) - 1).map(lambda place: SECRET[:place] + "~" + SECRET[place + 1 :])


@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_no_other_secret_opens_the_door(method: str) -> None:
    telegram = channel_for(TelegramVendor(HandClock(NOON), url="http://127.0.0.1:9"))

    @given(st.text(st.characters(), max_size=40) | NEAR | st.just(SECRET))
    def knock(told: str) -> None:
        if (method, told) == ("POST", SECRET):
            return telegram.verify(Post(method, {}, {HEADER: told}, b"{}"))
        with pytest.raises(Forged):
            telegram.verify(Post(method, {}, {HEADER: told}, b"{}"))
        return None

    knock()
    await telegram.close()
