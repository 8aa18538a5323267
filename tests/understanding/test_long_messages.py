"""No message, however strange, keeps Karez busy: work grows with its length and no faster."""

from time import process_time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from care.alarms.listen import Listener
from care.content.library import Library
from care.kit.settings import ROOT
from care.languages.reading import read

CAP = 2_000  # characters
# Not a speed to reach but a sign of a pattern that runs away: a message takes some milliseconds, a runaway minutes.
RUNAWAY_S = 5.0
# house: letters 40 - pieces of numbers, words and marks that patterns stumble over, no sentences
PIECES = [
    *(
        "38",
        "38.",
        "3",
        "4十",
        "三十",
        "八",
        "度",
        "点",
        "半",
        "°",
        ",",
        "،",
        ".",
        "。",
        "…",
        "'",
        "ʼ",
        "-",
        "_",
        " ",
        "\n",
        "$",
        "%",
    ),
    *("ا", "ە", "ئ", "ء", "ۇ", "й", "и", "ий", "тч", "дж", "ә", "ng", "n'g", "zh", "a", "ö", "ü", "é", "İ", "ß", "ﷺ"),
    *("\u0675", "\u0640", "\u200d", "\u202e", "\u2068", "\ud800", "é", "½", "⁵", "١", "۹", "９", "①", "😀"),
    *("отыз", "сегіз", "ئوتتۇز", "قان", "قىز", "发烧", "没有", "血"),
]


@pytest.fixture(scope="module")
def listener() -> Listener:
    read("سالام")  # what is made at the first message is made
    return Listener.load(Library.load(ROOT / "content"))


def busy_s(listener: Listener, text: str) -> float:
    begun = process_time()
    listener.hear(text, read(text))
    return process_time() - begun


@pytest.mark.parametrize("piece", PIECES, ids=ascii)
def test_a_piece_said_over_and_over_does_not_run_away(listener: Listener, piece: str):
    assert busy_s(listener, (piece * CAP)[:CAP]) < RUNAWAY_S


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(pieces=st.lists(st.sampled_from(PIECES), min_size=1, max_size=12))
def test_no_mixture_runs_away(listener: Listener, pieces: list[str]):
    text = "".join(pieces)

    assert busy_s(listener, (text * CAP)[:CAP]) < RUNAWAY_S


@settings(max_examples=100, deadline=None)
@given(text=st.text(max_size=300))
def test_whatever_is_typed_can_be_read_and_listened_to(listener: Listener, text: str):
    reading = read(text)

    assert listener.hear(text, reading) is not None
    assert reading.canonical == read(reading.canonical).canonical or reading.language != read(reading.canonical).language
