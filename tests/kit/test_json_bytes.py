"""JSON on a wire: in letters, whole or not, and nothing of it is remembered."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care.kit.json_bytes import read_json, write_json

WORDS = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
SAID = st.recursive(WORDS | st.integers() | st.booleans() | st.none(), lambda part: st.lists(part) | st.dictionaries(WORDS, part))


@given(SAID)
def test_what_is_written_is_read(said: Any) -> None:
    assert read_json(write_json(said)) == said


def test_letters_are_not_escaped_and_half_a_letter_becomes_a_question_mark() -> None:
    assert write_json({"text": "سالام"}) == '{"text":"سالام"}'.encode()
    assert read_json(write_json({"text": "\ud83d!"})) == {"text": "?!"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_vendors_encoding_is_found_out(encoding: str) -> None:
    assert read_json('{"error": "қате"}'.encode(encoding)) == {"error": "қате"}


def test_half_a_letter_is_read() -> None:
    assert read_json(rb'{"error": "\ud83d"}') == {"error": "\ud83d"}


@pytest.mark.parametrize("told", [b"", b"{not json", b"<html>", b"\xff\xff", b'{"a": 1} and more'])
def test_what_is_no_json_is_a_value_error(told: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each reader has words of its own
        read_json(told)


def test_no_word_a_vendor_told_is_kept_for_the_next_time() -> None:
    first, second = (read_json('{"name": "Гүл"}'.encode())["name"] for _ in range(2))

    assert first == second
    assert first is not second
