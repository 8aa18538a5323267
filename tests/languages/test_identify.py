"""Which language a message is in."""

import pytest

from care.languages.identify import identify
from care.languages.table import form


def found(text, stored=None):
    who = identify(text, form(stored) if stored else None)
    return who.language, who.script


@pytest.mark.parametrize(
    ("text", "language", "script"),
    [
        ("恶心想吐怎么办", "zh", "Hans"),
        ("噁心想吐怎麼辦", "zh", "Hant"),
        ("көңілім айнып тұр", "kk", "Cyrl"),
        ("калай журесиз", "kk", "Cyrl"),  # a Russian keyboard
        ("басым ауырып тур", "kk", "Cyrl"),
        ("جۇرەگىم اينىپ تۇر", "kk", "Arab"),
        ("كۆڭلۈم ئاينىۋاتىدۇ", "ug", "Arab"),
        ("konglum ayniwatidu", "ug", "Latn"),
        ("PICC نىڭ يېنى قىچىشىۋاتىدۇ", "ug", "Arab"),
        ("мениң җүригим ағрийду", "ug", "Cyrl"),
        ("jüregım ainyp tūr", "kk", "Latn"),
    ],
)
def test_our_languages_are_known_in_every_script(text, language, script):
    assert found(text) == (language, script)


@pytest.mark.parametrize(
    "text",
    [
        *["У меня болит голова и температура", "I have a fever today", "Мама Айгүл не может дышать, приезжайте скорее к нам"],
        *[
            "سلام من تب دارم چه کار کنم",
            "عندي حرارة اليوم ماذا أفعل",
            "頭が痛いです",
            "머리가 너무 아파요",
            "wo tou teng zen me ban",
        ],
    ],
)
@pytest.mark.parametrize("stored", [None, "ug-Arab", "kk-Cyrl"])
def test_other_languages_are_other_whatever_was_chosen(text, stored):
    assert found(text, stored)[0] == "other"


@pytest.mark.parametrize("text", ["", "   ", "😀👍", "?!"])
def test_nothing_to_read_is_no_language_and_no_script(text):
    assert found(text, "ug-Arab") == ("other", "")


def test_a_bare_number_is_in_the_language_of_who_sent_it():
    assert found("38.5", "kk-Cyrl") == ("kk", "")
    assert found("38.5") == ("other", "")


@pytest.mark.parametrize("stored", ["ug-Arab", "kk-Arab"])
def test_a_word_both_languages_have_is_in_the_chosen_one(stored):
    assert found("بولدى", stored)[0] == form(stored).language
    assert not identify("بولدى", form(stored)).certain


def test_a_short_word_in_latin_letters_does_not_change_the_language():
    assert [found("ok", stored)[0] for stored in ("ug-Latn", "kk-Cyrl", "zh-Hans")] == ["ug", "kk", "zh"]


def test_decisive_letters_outrank_the_choice():
    assert found("ئۈچ", "kk-Arab") == ("ug", "Arab")
    assert found("ءۇش", "ug-Arab") == ("kk", "Arab")
    assert found("үш", "ug-Arab")[0] == "kk"


def test_a_choice_says_nothing_about_a_script_it_is_not_written_in():
    assert found("калай", "zh-Hans") == ("kk", "Cyrl")
    assert found("头疼", "ug-Arab") == ("zh", "Hans")


def test_a_fever_told_in_a_loan_word_is_kazakh():
    assert found("температурам 38.2", "kk-Cyrl")[0] == "kk"


def test_an_address_says_nothing_about_the_language():
    assert found("https://example.org/some/long/address қараңыз") == ("kk", "Cyrl")
