"""Keys: all spellings of a word meet, the words of two languages do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care.languages.corpus import CONTENT, RUSSIAN_KEYBOARD, sentences
from care.languages.fold import fold
from care.languages.transliterate import kazakh_arabic, uyghur_latin

KAZAKH = sorted(set(sentences(CONTENT / "kk")))
UYGHUR = sorted(set(sentences(CONTENT / "ug")))


@given(sentence=st.sampled_from(KAZAKH))
def test_kazakh_in_both_scripts_has_one_key(sentence):
    assert fold(kazakh_arabic(sentence), "kk") == fold(sentence, "kk")


@given(sentence=st.sampled_from(UYGHUR))
def test_uyghur_in_both_scripts_has_one_key(sentence):
    assert fold(uyghur_latin(sentence), "ug") == fold(sentence, "ug")


@pytest.mark.parametrize("word", ["қызуым", "жүрегім", "құстым", "ұйықтай", "ауруханаға"])
def test_kazakh_typed_on_a_russian_keyboard_has_the_same_key(word):
    assert fold(word.translate(RUSSIAN_KEYBOARD), "kk") == fold(word, "kk")


def test_kazakh_in_the_alphabet_of_2021_has_the_same_key():
    assert fold("jüregım ainyp tūr", "kk") == fold("жүрегім айнып тұр", "kk")


@pytest.mark.parametrize("typed", ["كۆڭلۈم", "Könglüm", "konglum", "көңлүм", "kongl’um"])
def test_uyghur_in_any_script_has_one_key(typed):
    assert fold(typed, "ug") == "konglum"


def test_traditional_characters_have_the_key_of_simplified_ones():
    assert fold("噁心，想吐 怎麼辦", "zh") == fold("恶心想吐怎么办", "zh") == "恶心想吐怎么办"


@pytest.mark.parametrize("language", ["ug", "kk", "zh", "other"])
def test_a_temperature_stays_one_token(language):
    assert fold("CT: 38.5!", language) == "ct 38.5"


@pytest.mark.parametrize("language", ["ug", "kk", "zh", "other"])
@given(text=st.text())
def test_a_key_has_single_spaces_and_no_marks(language, text):
    key = fold(text, language)
    assert key == " ".join(key.split())
    assert not set(key) & set("،؟!?«»，。")
