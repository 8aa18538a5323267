"""WeChat posts: what is sealed and signed, what is neither, and what our webhook hears of a patient."""

import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wechatpy import parse_message
from wechatpy.crypto import PrpCrypto, WeChatCrypto

from care.channels.base import Act, Forged, Inbound, NotConfigured, Ports, Post, Unreadable
from care.channels.notes import BriefNotes
from care.channels.wechat import WeChat, make
from care.channels.wechat.crypto import SafeMode
from care.channels.wechat.settings import WeChatSettings
from care.kit.clock import HandClock
from care.kit.settings import ROOT
from tests.channels.wechat_post import GUL, MORNING, Desk, open_desk, open_webhook
from tests.vendors.wechat import SECRET, WeChatServer, post_of
from tests.vendors.wechat_followers import AES_KEY, APP_ID, TOKEN, write_xml

SAMPLES = sorted((ROOT / "care" / "channels" / "wechat" / "samples").glob("*.xml"))
OURS, THEIRS = SafeMode(TOKEN, AES_KEY, APP_ID), WeChatCrypto(TOKEN, AES_KEY, APP_ID)
LETTERS = "abcابتдәй药 <>&]\U0001f48a\n"
VENDOR = WeChatServer(HandClock(MORNING))
LETTER = write_xml({"ToUserName": "gh_1", "FromUserName": GUL, "CreateTime": "1796104800", "MsgType": "text", "Content": "Iya"})
SIGNED = post_of(VENDOR, LETTER)


async def _append(address: str, key: str, content: dict[str, object]) -> None:
    raise NotImplementedError


PORTS = Ports(_append, lambda _: BriefNotes(VENDOR.clock.now), VENDOR.clock.now)
CHANNEL = WeChat(WeChatSettings(app_id=APP_ID, secret=SECRET, token=TOKEN, aes_key=AES_KEY), PORTS)


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with open_desk() as opened, open_webhook(opened):
        yield opened


def hear(post: Post) -> list[Inbound] | None:
    """None: refused, in one of the two ways there are."""
    try:
        CHANNEL.verify(post)
        return CHANNEL.parse(post)
    except (Forged, Unreadable):
        return None


# Sealed and signed


def test_wechatpy_opens_what_we_seal_and_we_open_what_it_seals() -> None:
    dice = random.Random(7)
    for _ in range(500):
        letter = "".join(dice.choices(LETTERS, k=dice.randrange(0, 300)))
        stamp, nonce = str(dice.randrange(10**9)), str(dice.randrange(10**9))
        theirs = PrpCrypto(THEIRS.key).encrypt(letter, APP_ID).decode()
        sealed = OURS.seal(letter.encode())
        outside = {"Encrypt": sealed}

        assert OURS.open(theirs).decode() == letter
        assert THEIRS.decrypt_message(outside, OURS.sign(stamp, nonce, sealed), stamp, nonce) == letter


def test_a_letter_for_another_account_or_of_another_key_is_forged() -> None:
    for stranger in (SafeMode(TOKEN, AES_KEY, "wx-another"), SafeMode(TOKEN, AES_KEY[::-1], APP_ID)):
        with pytest.raises(Forged):
            OURS.open(stranger.seal(LETTER))


@given(st.text(), st.binary(max_size=200))
@settings(max_examples=300, deadline=None)
def test_whatever_is_no_seal_is_forged(words: str, raw: bytes) -> None:
    for sealed in (words, raw.hex(), raw.decode("latin-1")):
        with pytest.raises(Forged):
            OURS.open(sealed)


@given(st.data())
@settings(max_examples=400, deadline=None)
def test_any_flipped_byte_of_the_sealed_part_or_of_its_signature_is_forged(data: st.DataObject) -> None:
    post = SIGNED
    begin, end = post.body.index(b"<Encrypt>"), post.body.index(b"</xml>")
    place, by = data.draw(st.integers(begin, end - 1)), data.draw(st.integers(1, 255))
    body = post.body[:place] + bytes([post.body[place] ^ by]) + post.body[place + 1 :]
    part = data.draw(st.sampled_from(["msg_signature", "signature", "timestamp", "nonce"]))
    spot = data.draw(st.integers(0, len(post.query[part]) - 1))
    letter = data.draw(st.characters(exclude_characters=post.query[part][spot]))
    query = {**post.query, part: post.query[part][:spot] + letter + post.query[part][spot + 1 :]}

    for changed in (Post("POST", post.query, {}, body), Post("POST", query, {}, post.body)):
        with pytest.raises(Forged):
            CHANNEL.verify(changed)


@given(st.integers(0, 2000), st.integers(1, 255))
@settings(max_examples=400, deadline=None)
def test_no_flipped_byte_anywhere_changes_what_is_heard(place: int, by: int) -> None:
    post = post_of(VENDOR, LETTER)
    spot = place % len(post.body)
    changed = post.body[:spot] + bytes([post.body[spot] ^ by]) + post.body[spot + 1 :]

    assert hear(Post("POST", post.query, {}, changed)) in (None, hear(post))


def test_a_plain_post_is_forged_although_its_hour_is_signed() -> None:
    stamp, nonce = "1796104800", "7"
    signed = {"signature": OURS.sign(stamp, nonce), "timestamp": stamp, "nonce": nonce}

    for query in (signed, {**signed, "encrypt_type": "raw"}, {**signed, "encrypt_type": "aes"}):
        with pytest.raises(Forged):
            CHANNEL.verify(Post("POST", query, {}, LETTER))


def test_the_plain_copy_of_compatible_mode_is_left_unread() -> None:
    query, body = VENDOR.seal(LETTER, plain_copy=b"<FromUserName>oStranger</FromUserName><Content>Yaq</Content>")
    (heard,) = hear(Post("POST", query, {}, body)) or []

    assert (heard.address, heard.text) == (GUL, "Iya")


def test_the_first_get_is_echoed_as_it_came_once_its_signature_is_right() -> None:
    query = {"signature": OURS.sign("1", "2"), "timestamp": "1", "nonce": "2", "echostr": "5837471926"}
    post = Post("GET", query)
    CHANNEL.verify(post)

    assert (CHANNEL.greet(post).text, CHANNEL.greet(post).media_type) == ("5837471926", "text/plain")
    with pytest.raises(Forged):
        CHANNEL.verify(Post("GET", {**query, "signature": query["signature"][::-1]}))
    with pytest.raises(Forged):
        CHANNEL.verify(Post("GET", {"echostr": "1"}))


BOMB = b'<?xml version="1.0"?><!DOCTYPE xml [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><xml><Encrypt>&b;</Encrypt></xml>'


@pytest.mark.parametrize(
    "body", [BOMB, b"", b"<xml>", b"{}", b"\xff\xfe", b"<xml/>", b"<?xml version='1.0' encoding='x-none'?><xml/>"]
)
def test_an_envelope_that_cannot_be_read_is_nobodys(body: bytes) -> None:
    query, _ = VENDOR.seal(LETTER)

    with pytest.raises(Forged):
        CHANNEL.verify(Post("POST", query, {}, body))


@given(
    st.one_of(st.binary(max_size=300), st.text(max_size=100).map(lambda words: f"<xml>{words}</xml>".encode("utf-8", "replace")))
)
@settings(max_examples=300, deadline=None)
def test_whatever_the_vendor_seals_is_read_or_unreadable(letter: bytes) -> None:
    post = post_of(VENDOR, letter)
    CHANNEL.verify(post)

    with pytest.raises(Unreadable):
        CHANNEL.parse(post)


# What no XML parser takes, whose hour nobody can read, and what we know to be the vendor's words and not the patient's.
OURS_ALONE = ("cut", "bomb", "nobody", "some-day", "text-with-control-signs", "text-with-an-end", "sticker")


@pytest.mark.parametrize("file", [each for each in SAMPLES if each.stem not in OURS_ALONE], ids=lambda file: file.stem)
def test_a_letter_says_to_us_what_it_says_to_wechatpy(file: Path) -> None:
    theirs = parse_message(file.read_text(encoding="utf-8"))
    for ours in hear(post_of(VENDOR, file.read_bytes())) or []:
        assert (ours.address, ours.at.timestamp()) == (theirs.source, theirs.time)
        assert theirs.type == "event" or ours.key == f"message {theirs.id}"
        if theirs.type == "text":
            assert ours.text == theirs.content


# A patient before our webhook


async def test_a_scanned_card_brings_its_code_and_its_patient(desk: Desk) -> None:
    await desk.vendor.follows("oNew", "AB23CD45")
    await desk.vendor.scans("oNew", "ZZ23CD45")
    await desk.vendor.says("oNew", "Salam")

    assert [(each.act, each.code, each.opens) for each in desk.heard] == [
        (Act.ARRIVE, "AB23CD45", "follow"),
        (Act.ARRIVE, "ZZ23CD45", "scan"),
        (Act.WRITE, "", "message"),
    ]
    assert desk.vendor.answers == [(200, "success")] * 3


async def test_a_pressed_button_brings_its_payload(desk: Desk) -> None:
    await desk.vendor.presses(GUL, "dose:1:taken", "Ichtim")
    await desk.vendor.clicks(GUL, "menu:help")

    assert [(each.act, each.payload, each.opens) for each in desk.heard] == [
        (Act.PRESS, "dose:1:taken", "menu"),
        (Act.PRESS, "menu:help", "menu"),
    ]


async def test_a_spoken_message_is_fetched_as_the_wide_recording(desk: Desk) -> None:
    await desk.vendor.speaks(GUL, b"#!AMR-WB\nwide")
    await desk.vendor.shows(GUL, b"\xff\xd8picture")
    voice, picture = desk.heard

    assert (voice.act, (await desk.channel.fetch_media(voice.media)).content) == (Act.SPEAK, b"#!AMR-WB\nwide")
    assert (picture.act, (await desk.channel.fetch_media(picture.media)).media_type) == (Act.SHOW, "image/jpeg")


@pytest.mark.parametrize("wide", [b"#!SILK\nspeex", None])
async def test_a_wide_recording_that_cannot_be_had_or_played_is_fetched_as_the_narrow_one(desk: Desk, wide: bytes | None) -> None:
    await desk.vendor.speaks(GUL, b"#!AMR\nnarrow")
    best, narrow = desk.heard[0].media.split(" ")
    if wide:
        desk.vendor.media[best] = (wide, "voice/speex", desk.vendor.media[best][2])
    else:
        del desk.vendor.media[best]

    assert (await desk.channel.fetch_media(f"{best} {narrow}")).content == b"#!AMR\nnarrow"


async def test_two_notices_of_one_second_have_fates_of_their_own(desk: Desk) -> None:
    def fate(number: int, code: str) -> bytes:
        told = f"<List><MsgID>{number}</MsgID><ErrorCode>{code}</ErrorCode></List>"
        about = {"FromUserName": GUL, "CreateTime": "1796104800", "MsgType": "event", "Event": "subscribe_msg_sent_event"}
        return write_xml(about).replace(b"</xml>", f"<E>{told}<List><ErrorCode>0</ErrorCode></List></E></xml>".encode())

    letters = [fate(1001, "0"), fate(1002, "9" * 5000)]
    heard = [each for letter in letters for each in hear(post_of(VENDOR, letter)) or []]

    assert [(each.provider_id, each.cause) for each in heard] == [("1001", ""), ("1002", "unknown")]
    assert len({each.key for each in heard}) == 2


async def test_what_comes_twice_or_in_another_order_has_the_same_keys(desk: Desk) -> None:
    desk.vendor.copies = 2
    desk.vendor.held = []
    await desk.vendor.says(GUL, "one")
    await desk.vendor.clicks(GUL, "menu:help")
    await desk.vendor.tells_fate(GUL, 1)
    await desk.vendor.tells_fate(GUL, 2, "failed:user block")
    await desk.vendor.release(backwards=True)
    desk.vendor.copies = 1

    assert [each.provider_id or each.act for each in desk.heard[::-2]] == ["write", "press", "1", "2"]
    await desk.vendor.clicks(GUL, "menu:help")
    assert len({each.key for each in desk.heard}) == 4


async def test_a_post_that_is_not_thanked_comes_three_times(desk: Desk) -> None:
    desk.vendor.mode = SafeMode("another token", AES_KEY, APP_ID)
    await desk.vendor.says(GUL, "Salam")

    assert (desk.heard, [status for status, _ in desk.vendor.answers]) == ([], [403, 403, 403])


async def test_who_unfollows_has_left_and_cannot_be_reached(desk: Desk) -> None:
    await desk.vendor.unfollows(GUL)

    assert [each.act for each in desk.heard] == [Act.LEAVE]
    assert not desk.vendor.people[GUL].follows


# How it is set up


def set_up(monkeypatch: pytest.MonkeyPatch, **told: str) -> WeChat | None:
    account = {"app_id": APP_ID, "secret": SECRET, "token": TOKEN, "aes_key": AES_KEY}
    for name, value in {**account, **told}.items():
        monkeypatch.setenv(f"{WeChatSettings.model_config['env_prefix']}{name}".upper(), value)
    return make(PORTS)


def test_a_whole_configuration_makes_a_channel(monkeypatch: pytest.MonkeyPatch) -> None:
    made = set_up(monkeypatch, forms='{"medicine": {"template": "t", "fields": {"thing1": "title"}}}')

    assert made
    assert made.can.servers == "CN"


@pytest.mark.parametrize(
    ("told", "named"),
    [
        ({"secret": "", "token": ""}, "_SECRET, KAREZ_WECHAT_TOKEN"),
        ({"aes_key": "too short"}, "_AES_KEY"),
        ({"forms": "{medicine"}, "_FORMS"),
        ({"forms": '{"medicine": {"template": "t", "by": "pigeon", "fields": {"a": "title"}}}'}, "_FORMS"),
    ],
)
def test_half_a_configuration_is_refused_by_the_names_of_what_is_wrong(
    monkeypatch: pytest.MonkeyPatch, told: dict[str, str], named: str
) -> None:
    with pytest.raises(NotConfigured, match=named) as half:
        set_up(monkeypatch, **told)

    assert not any(value in str(half.value) for value in (SECRET, TOKEN, AES_KEY, "pigeon", "too short"))
