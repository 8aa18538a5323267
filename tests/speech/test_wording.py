"""Whatever an editor makes of speech.yml is told at its place, or can be spoken: no voice falls over a word that is not there."""

from contextlib import suppress
from copy import deepcopy
from typing import Any

import pytest

from care.content.reading import Page
from care.content.shape import check_shape
from care.content.shapes import SPEECH
from care.content.types import Problems
from care.speech.spelling import Speech
from care.speech.wording import SpeechBroken, Wording
from tests.speech.conftest import RAW

LANGUAGES = pytest.mark.parametrize("language", RAW)
ODD: list[Any] = [
    *(5, 2.5, "", "words", "$", "${more}", None, True),
    *([], [""], ["a"], [3], {}, {"": "a"}, {1: "a"}, {"a": 5}, {"a": "$"}, {"a": {"b": [None]}}),
]
MAY = ("two", "gap", "letters", "ordinals", "ordinal_before", "until", "from", "endings", "digit_years")
# Every kind of number that speech.yml has words for.
SENTENCE = "2片 1005 mg, 38.5 °C. 20:00 8:05 2:30 2026-12-01 打120 120 нөмір 2026年 5-10 ≥5 130/85 PD-L1 5% a/b 8-كۈن 12345"


def speak(language: str, raw: dict[str, Any]) -> str:
    """Say a sentence by the words that are left when all told ones are taken out.  Raises SpeechBroken when those do not do."""
    page = Page(f"content/{language}/speech.yml", raw, frozenset(raw))
    check_shape(page, SPEECH, Problems())
    return Speech.of(page.values).spell(SENTENCE)


@LANGUAGES
def test_a_value_of_another_kind_under_any_key_is_told_or_can_be_spoken(language: str):
    for key in {*RAW[language], *MAY}:
        for odd in ODD:
            with suppress(SpeechBroken):
                assert speak(language, deepcopy(RAW[language] | {key: odd})), f"{key}: {odd}"


@LANGUAGES
def test_the_same_below_a_key(language: str):
    for key in [each for each, value in RAW[language].items() if isinstance(value, dict)]:
        for below in (*list(RAW[language][key])[:2], "more", "", 7):
            for odd in ODD:
                with suppress(SpeechBroken):
                    raw = deepcopy(RAW[language])
                    raw[key][below] = odd
                    assert speak(language, raw), f"{key}.{below}: {odd}"


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("ones", [], "ones has 0 words: give 10"),
        ("ones", ["нөл", "бір"], "ones has 2 words: give 10"),
        ("months", ["қаңтар"], "months has 1 words: give 12"),
        ("phone", {"digits": ["нөл"], "after": [], "before": []}, "phone.digits has 1 words: give 10"),
        ("day_parts", {5: "таңғы"}, "day_parts has no name for midnight: begin with `0:`"),
        ("half", "${clock}", "half has a placeholder that is unknown: use only ${part}, ${hour}, ${minute}"),
        ("units", {"mg": "$ мг"}, "units.mg has a placeholder that is unknown: use only ${number}"),
    ],
)
def test_what_would_fail_while_a_patient_waits_is_named_with_its_mend(key: str, value: object, told: str):
    with pytest.raises(SpeechBroken) as broken:
        Wording.of(RAW["kk"] | {key: value})

    assert broken.value.problems == [told]
