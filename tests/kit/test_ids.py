"""Names nobody can guess, and a code that survives being read aloud and typed on any keyboard."""

import string
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care.kit.ids import CODE_LETTERS, fingerprint, new_code, new_id, new_id_at, new_token, tidy_code

codes = st.text(alphabet=CODE_LETTERS, min_size=8, max_size=8)


def test_an_id_is_128_random_bits():
    made = {new_id() for _ in range(1000)}

    assert len(made) == 1000
    assert all(len(each) == 32 and set(each) <= set(string.hexdigits.lower()) for each in made)


def test_ids_of_rows_sort_by_when_they_were_made_and_are_each_others_neighbours_only_by_chance():
    moments = [datetime(2026, 12, 1, tzinfo=UTC) + timedelta(milliseconds=each) for each in range(1000)]
    made = [new_id_at(each) for each in moments]

    assert made == sorted(made)
    assert all(len(each) == 32 and set(each) <= set(string.hexdigits.lower()) for each in made)
    assert len({new_id_at(moments[0])[12:] for _ in range(1000)}) == 1000


def test_a_token_is_256_random_bits_and_fits_a_cookie():
    made = {new_token() for _ in range(1000)}

    assert len(made) == 1000
    assert all(len(each) == 43 and set(each) <= set(string.ascii_letters + string.digits + "-_") for each in made)


def test_a_code_has_forty_bits_and_no_letter_that_looks_like_another():
    assert len(set(CODE_LETTERS)) ** 8 == 2**40
    assert not set("0O1I") & set(CODE_LETTERS)
    assert {letter for _ in range(500) for letter in new_code()} == set(CODE_LETTERS)


@given(codes)
def test_spaces_dashes_and_small_letters_do_not_matter(code: str):
    typed = f" {code[:4].lower()} - {code[4:].lower()}\u200f "

    assert tidy_code(typed) == code


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("АВСЕНКМТ", "ABCEHKMT"),  # a Cyrillic keyboard: the same shapes
        ("хурх", "XYPX"),
        ("ＡＢＣ２３", "ABC23"),  # a Chinese keyboard: full width
        ("AB٢٣٤CD", "AB234CD"),  # an Arabic keyboard: its own digits
        ("AB۲۳۴CD", "AB234CD"),
    ],
)
def test_a_code_typed_on_the_patients_own_keyboard_is_the_same_code(typed: str, meant: str):
    assert tidy_code(typed) == meant


@given(st.text(max_size=60))
def test_whatever_is_typed_only_shortens_to_letters_and_digits(typed: str):
    assert tidy_code(tidy_code(typed)) == tidy_code(typed)
    assert all(each.isalnum() for each in tidy_code(typed))


def test_the_database_keeps_a_fingerprint_and_not_the_secret():
    token = new_token()

    assert fingerprint(token) == fingerprint(token) != fingerprint(token + "x")
    assert token not in fingerprint(token)
