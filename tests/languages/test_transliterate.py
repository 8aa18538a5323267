"""Between the scripts of one language."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from umsc import UgMultiScriptConverter

from care.languages.corpus import CONTENT, known_words, sentences
from care.languages.transliterate import UYGHUR_WORD, kazakh_arabic, uyghur_arabic, uyghur_latin

SAID = [word for sentence in sentences(CONTENT / "ug") for word in UYGHUR_WORD.findall(sentence)]
WORDS = sorted(set(SAID))
# Chinese names, cries and typing errors put vowels together or begin without hamza, which Latin letters cannot tell.
LOST = {word for word in WORDS if uyghur_arabic(uyghur_latin(word)) != word}


@pytest.mark.parametrize(
    ("cyrillic", "arabic"),
    [
        *[("дәрі", "ءدارى"), ("дәрігер", "دارىگەر"), ("түн", "ءتۇن"), ("сөз", "ءسوز"), ("ішіңіз", "ءىشىڭىز"), ("күн", "كۇن")],
        *[("әке", "اكە"), ("тәуір", "ءتاۋىر"), ("қазір", "قازىر"), ("ауру", "اۋرۋ"), ("қаріпті", "قارىپتى")],
        *[("бірыңғай", "بىرىڭعاي"), ("өсіп-өрбуін", "ءوسىپ-ءوربۋىن"), ("магний", "ماگني"), ("кальций", "كالتسي")],
        *[("ушуайя", "ۋشۋايا"), ("қияр", "قيار"), ("тч", "چ"), ("джем", "جەم"), ("Иә, 38,5?", "ءيا، 38,5؟")],
        *[("стресс", "سترەس"), ("жетті", "جەتتى"), ("комиссия", "كوميسسيا"), ("скрининг", "سكرينيڭ"), ("конго", "كونگو")],
        *[("мм", "مم"), ("валлий", "ۆاللي"), ("форинті", "فورينتى"), ("витаминін", "ۆيتامينىن"), ("тәуірі", "ءتاۋىرى")],
    ],
)
def test_kazakh_is_written_in_arabic_script_by_rule(cyrillic, arabic):
    assert kazakh_arabic(cyrillic) == arabic


def test_exceptions_win_over_the_rule_and_the_longest_stem_first():
    known = {"words": {"кт": "كت"}, "stems": {"сол": "س", "солі": "سولى"}}
    assert kazakh_arabic("КТ солінің", known) == "كت سولىنىڭ"


def test_an_empty_list_of_exceptions_is_no_exception():
    assert kazakh_arabic("сөз", {"words": None, "stems": None}) == "ءسوز"


@pytest.mark.parametrize("latin", ["ten'ge", "déngiz", "mes'ul", "sa'et", "öyümde", "es'hab", "ana", "qan'gha"])
def test_uyghur_latin_comes_back_as_it_was(latin):
    assert uyghur_latin(uyghur_arabic(latin)) == latin


def test_uyghur_words_survive_the_way_there_and_back():
    assert sum(word in LOST for word in SAID) / len(SAID) <= 0.002, sorted(LOST)


@given(words=st.lists(st.sampled_from([word for word in WORDS if word not in LOST]), max_size=8))
def test_a_sentence_survives_where_its_words_do(words):
    sentence = "، ".join(words)
    assert uyghur_arabic(uyghur_latin(sentence)) == sentence


def test_our_uyghur_latin_agrees_with_an_independent_converter():
    theirs = UgMultiScriptConverter("UAS", "ULS")
    assert [word for word in WORDS if uyghur_latin(word) != theirs(word)] == []


def test_medical_abbreviations_stay_readable():
    assert uyghur_latin("CT قاچان، PICC نىڭ 38.5℃") == "CT qachan, PICC ning 38.5℃"
    assert uyghur_arabic("CT qachan") == "CT قاچان"


def test_typing_without_marks_finds_the_word_the_content_knows():
    known = known_words(Path(CONTENT))
    assert uyghur_arabic("nepes", known) == "نەپەس"
    assert uyghur_arabic("konglum", known) == "كۆڭلۈم"
