"""Kazakh in Arabic script as we write it, against the names CLDR publishes in both scripts (locales kk and kk_Arab)."""

import re
from difflib import SequenceMatcher
from pathlib import Path

import pytest
import yaml
from babel import Locale

from care.languages.transliterate import kazakh_arabic

LISTS = ("territories", "languages", "scripts")
CYRILLIC, ARABIC = re.compile("[\u0400-\u04ff]+"), re.compile("[\u0621-\u06d5]+")
OF_LOANS, OF_KAZAKH = re.compile("[вфхцчщэёъьюя]"), re.compile("[әөүіқғңұһ]")
EXCEPTIONS = yaml.safe_load(Path("content/kk/arabic.yml").read_text())
SAME_WORD = 0.6  # below, another word stands there: Christmas Island has two names, a German of Switzerland another order


@pytest.fixture(scope="module")
def published() -> set[tuple[str, str]]:
    """Pairs of words, each once, from names that have as many words in one script as in the other."""
    cyrillic, arabic = Locale.parse("kk"), Locale.parse("kk_Arab")
    pairs = set()
    for name in LISTS:
        there = getattr(arabic, name)
        for key, said in getattr(cyrillic, name).items():
            words, written = CYRILLIC.findall(said.lower()), ARABIC.findall(there.get(key, ""))
            pairs |= set(zip(words, written, strict=True)) if len(words) == len(written) else set()
    return pairs


def share(pairs: set[tuple[str, str]]) -> float:
    return sum(kazakh_arabic(word, EXCEPTIONS) == written for word, written in pairs) / len(pairs)


def is_one_word(word: str, written: str) -> bool:
    return SequenceMatcher(None, kazakh_arabic(word, EXCEPTIONS), written).ratio() >= SAME_WORD


def test_all_published_words_count_and_most_are_written_as_published(published):
    assert len(published) > 700
    assert share(published) >= 0.88


def test_of_words_that_are_the_same_in_both_nine_in_ten_are_written_as_published(published):
    same = {pair for pair in published if is_one_word(*pair)}
    assert len(same) >= 0.95 * len(published)
    assert share(same) >= 0.90


def test_words_in_letters_of_kazakh_are_written_as_published(published):
    native = {pair for pair in published if is_one_word(*pair) and OF_KAZAKH.search(pair[0]) and not OF_LOANS.search(pair[0])}
    assert share(native) >= 0.97
