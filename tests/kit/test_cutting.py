"""A long text is cut where a reader pauses, loses nothing but spaces, and no piece is too long."""

import re

from hypothesis import given
from hypothesis import strategies as st

from care.kit.cutting import cut, in_bytes, in_utf16

FAMILY = "👨‍👩‍👧"
LETTERS = st.text(alphabet="ab .\n药。سۆز، әң👩‍\u0301", max_size=200)


@given(LETTERS, st.integers(4, 60), st.sampled_from([len, in_utf16, in_bytes]))
def test_pieces_fit_and_hold_every_letter_in_order(text, most, weigh) -> None:
    pieces = cut(text, most, weigh)

    assert all(weigh(piece) <= most for piece in pieces)
    assert re.sub(r"\s", "", "".join(pieces)) == re.sub(r"\s", "", text)


def test_a_paragraph_is_a_better_pause_than_a_sentence_and_that_than_a_word() -> None:
    assert cut("One two.\n\nThree four. Five", 24) == ["One two.\n\nThree four.", "Five"]
    assert cut("One two three.\n\nFour. Five six", 24) == ["One two three.", "Four. Five six"]
    assert cut("دورىنى ئىچىڭ. كېيىن ئۇخلاڭ", 20) == ["دورىنى ئىچىڭ.", "كېيىن ئۇخلاڭ"]
    assert cut("按时吃药。多喝温水。好好休息。", 8) == ["按时吃药。", "多喝温水。", "好好休息。"]


def test_a_picture_of_several_signs_stays_whole() -> None:
    assert cut(FAMILY * 3, 8, in_utf16) == [FAMILY] * 3
    assert cut("a" * 7 + "e\u0301" + "b", 8) == ["a" * 7, "e\u0301b"]
