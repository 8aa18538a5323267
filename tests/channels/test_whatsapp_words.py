"""WhatsApp before anything is sent: how words are cut, which templates are known, and when it refuses to start."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from care.channels.base import Choice, Contact, NotConfigured, Ports, Way
from care.channels.notes import BriefNotes
from care.channels.whatsapp import WhatsApp, make
from care.channels.whatsapp.cutting import split
from care.channels.whatsapp.saying import write
from care.kit.clock import HandClock
from care.kit.cutting import in_utf16
from tests.channels.cases import NOON
from tests.channels.test_whatsapp import gul, reminder
from tests.vendors.whatsapp import GUL, open_channel, settings_for
from tests.vendors.whatsapp_hooks import METADATA
from tests.vendors.whatsapp_rules import check_content


@pytest.fixture
def clock() -> HandClock:
    return HandClock(NOON)


# Words and buttons of any length


words = st.text(st.sampled_from("aб ۆ药。\n😀"), max_size=3000).filter(str.strip)


@given(words, st.integers(10, 400))
def test_nothing_of_a_text_is_lost_in_the_cutting(text: str, most: int) -> None:
    pieces = split(text, most)

    assert "".join("".join(pieces).split()) == "".join(text.split())
    assert all(0 < in_utf16(piece) <= most for piece in pieces)


@settings(max_examples=60, deadline=None)
@given(words, st.lists(st.text("aб😀", min_size=1, max_size=80), max_size=25), st.text("b ", max_size=30).map(str.strip))
def test_meta_takes_whatever_has_to_be_said(text: str, labels: list[str], title: str) -> None:
    choices = [Choice(label, f"answer:{number}") for number, label in enumerate(labels)]
    messages = list(write(text, choices, title))

    frame = {"messaging_product": "whatsapp", "recipient_type": "individual"}
    kinds = [check_content({**frame, **message}, {}) for message in messages]
    assert (kinds[-1] == "text") == (not choices)
    assert told(messages) == "".join(text.split()) + (title or "☰").replace(" ", "") * (max(0, len(choices) - 1) // 10)


def told(messages: list[dict[str, Any]]) -> str:
    said = [each["text"]["body"] if each["type"] == "text" else each["interactive"]["body"]["text"] for each in messages]
    return "".join("".join(said).split())


# How it is set up


async def test_the_card_opens_a_chat_in_which_the_code_is_already_written(clock: HandClock) -> None:
    address = await open_channel(clock, settings_for("http://127.0.0.1")).invite("K7QM2XRT")

    assert address.endswith(".me/15550783881?text=K7QM2XRT")


@pytest.mark.parametrize(
    ("templates", "place"),
    [
        ("{", "the whole"),
        ('{"medicine": {"kk": {"name": "x"}}}', "medicine.kk.language"),
        ('{"medicine": {"ug": {"name": "x", "language": "ug"}}}', "Uyghur"),
        ('{"medicine": {"kk": {"name": "x", "language": "kk", "buttons": ["ring"]}}}', "medicine.kk.buttons"),
    ],
)
def test_templates_that_cannot_be_read_stop_the_start(templates: str, place: str, clock: HandClock) -> None:
    with pytest.raises(NotConfigured, match=place):
        open_channel(clock, settings_for("http://127.0.0.1", templates=templates))


def test_half_a_configuration_names_all_that_is_missing(clock: HandClock, monkeypatch: pytest.MonkeyPatch) -> None:
    async def append(address: str, key: str, content: dict[str, Any]) -> None:
        return None

    ports = Ports(append, lambda _: BriefNotes(clock.now), clock.now)
    variables = {"TOKEN": "t", "PHONE_ID": METADATA["phone_number_id"], "NUMBER": "1555", "VERIFY_TOKEN": "v"}
    for name, value in variables.items():
        monkeypatch.setenv(f"KAREZ_WHATSAPP_{name}", value)
    with pytest.raises(NotConfigured, match=r"KAREZ_WHATSAPP_APP_SECRET is missing\.$"):
        make(ports)
    monkeypatch.setenv("KAREZ_WHATSAPP_APP_SECRET", "s")

    assert isinstance(make(ports), WhatsApp)


def test_a_window_is_open_for_almost_24_hours(clock: HandClock) -> None:
    channel = open_channel(clock, settings_for("http://127.0.0.1"))
    ways = {hours: channel.plan(reminder(), gul(NOON), NOON + timedelta(hours=hours)).way for hours in (0, 23.9, 24, 24.1)}

    assert ways == {0: Way.VOICE, 23.9: Way.VOICE, 24: Way.NOTICE, 24.1: Way.NOTICE}
    assert channel.plan(reminder(), Contact(GUL), datetime(2026, 1, 1, tzinfo=UTC)).way == Way.NOTICE
