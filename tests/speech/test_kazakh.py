"""Kazakh in Arabic letters is spoken from Cyrillic: what a nurse types in one script is heard like the library's own texts."""

import re
from collections import Counter

import pytest

from care.languages.transliterate import kazakh_arabic
from care.speech.kazakh import in_cyrillic
from tests.speech.conftest import CONTENT

WORDS = {
    "سالەم": "сәлем",
    "ءدارى": "дәрі",
    "قىزۋ": "қызу",
    "جۇرەگىم": "жүрегім",
    "مەيىربيكە": "мейірбике",
    "ەمحانا": "емхана",
    "ءۇش": "үш",
    "كوپ": "көп",
    "قويان": "қоян",
    "اۋىرادى": "ауырады",
}


@pytest.mark.parametrize("written", WORDS)
def test_a_word_is_read_back(written: str):
    assert in_cyrillic(written) == WORDS[written]


def test_marks_numbers_and_other_letters_stay():
    assert in_cyrillic("قىزۋ 38,5، CT؟ сәлем") == "қызу 38,5, CT? сәлем"


def test_of_a_hundred_running_words_of_the_library_ninety_four_come_back_as_written():
    words = Counter(
        word.lower()
        for page in (CONTENT / "kk" / "topics").glob("*.md")
        for word in re.findall("[\u0400-\u04ff]+", page.read_text())
    )

    same = sum(count for word, count in words.items() if in_cyrillic(kazakh_arabic(word)) == word)

    assert same / words.total() > 0.94


async def test_both_scripts_are_one_clip(speaker):
    clips = [await speaker.say(text, "kk") for text in ("дәрі ішемін", "ءدارى ىشەمىن")]

    assert clips[0].name == clips[1].name
