"""One word, one spelling; and clean text for storing and showing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care.languages.normalise import isolate, normalise, strip_isolates, tidy


@pytest.mark.parametrize(
    ("typed", "same_as"),
    [
        ("\u0675ا", "ءاا"),  # the hamza stays before its letter
        ("\u0678ل", "ءىل"),
        ("ٴتىلى", "ءتىلى"),
        ("\u0649\u0654", "ئ"),
        ("\ufbe8", "ى"),  # a presentation form
        ("قـــان", "قان"),
        ("\u202bقان\u202c", "قان"),
        ("qan’gha", "qan'gha"),
        ("qan´gha", "qan'gha"),
        ("ＡＢＣ，１２", "abc,12"),
    ],
)
def test_the_same_letters_become_the_same_code_points(typed, same_as):
    assert normalise(typed) == same_as


@pytest.mark.parametrize("typed", ["38.5", "٣٨٫٥", "۳۸٫۵", "３８．５", "38,5", "٣٨،٥", "38½", "38⁵", "38。5"])
def test_a_fever_is_the_same_number_however_it_is_typed(typed):
    assert normalise(typed) == "38.5"


def test_lists_of_numbers_are_not_made_into_temperatures():
    assert normalise("35,36,37 1,2") == "35,36,37 1,2"


@pytest.mark.parametrize(
    ("language", "typed", "meant"),
    [
        ("ug", "یاخشىمۇسىز", "ياخشىمۇسىز"),
        ("ug", "هازىر", "ھازىر"),
        ("ug", "قىزيتما", "قىزىتما"),
        ("ug", "ک", "ك"),
        ("kk", "هكى", "ەكى"),
        ("kk", "əке", "әке"),
        ("kk", "бaсым", "басым"),  # one Latin letter in a Cyrillic word
        (None, "сhat", "chat"),  # one Cyrillic letter in a Latin word
    ],
)
def test_letters_of_other_keyboards_are_read_as_meant(language, typed, meant):
    assert normalise(typed, language) == meant


@pytest.mark.parametrize("language", [None, "ug", "kk", "zh"])
@given(text=st.text())
def test_whatever_is_typed_loses_its_direction_marks(language, text):
    assert not set(normalise(text, language)) & set("\u200e\u200f\u202a\u202b\u2066\u2067\u2068\u2069\ufeff")


def test_tidy_keeps_chinese_punctuation_and_family_emoji_but_no_direction_marks():
    assert tidy(" \u200f你好，👨\u200d👩\u200d👧\u202c ") == "你好，👨\u200d👩\u200d👧"


def test_tidy_takes_out_what_a_database_refuses():
    assert tidy("a\x00b\ud800c").encode() == b"abc"


def test_a_full_stop_after_a_number_stays_outside_its_isolate():
    assert isolate("قىزىتما 38.5.") == "قىزىتما \u206838.5\u2069."


def test_the_groups_of_a_telephone_number_stay_in_order():
    assert isolate("تېلېفون +86 991 120 غا") == "تېلېفون \u2068+86 991 120\u2069 غا"


@given(text=st.text(alphabet="قان 0123.,-AZ"))
def test_isolates_come_off_again_and_never_nest(text):
    assert strip_isolates(isolate(text)) == text
    assert isolate(isolate(text)) == isolate(text)
