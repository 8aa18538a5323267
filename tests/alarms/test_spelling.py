"""A slip of the finger does not hide danger, and the ending that denies a verb is heard."""

from typing import Any

import pytest

from care.alarms.match import find_flags
from care.alarms.rules import LanguageRules, read_rules
from care.content.reading import Page
from care.content.types import Problems
from care.languages.fold import fold


def rules_of(language: str, **written: Any) -> LanguageRules:
    problems = Problems()
    page = Page("alarms.yml", {"flags": {"rf": {"rules": [{"all": written.pop("all")}]}}, **written})
    rules = read_rules(language, page, {"rf"}, problems)
    assert not problems.found
    return rules


def is_heard(rules: LanguageRules, said: str) -> bool:
    return bool(find_flags(rules, [(fold(said, rules.language), said)]))


@pytest.mark.parametrize(
    "typed", ["كۆكرىكىم ئاغرىدى", "كۆكركىم ئاغرىدى", "كۆكرىككىم ئاغرىدى", "كۆكىركىم ئاغرىدى", "كۆكرېكىم ئاغرىدى"]
)
def test_a_long_word_is_known_with_one_slip(typed: str):
    assert is_heard(rules_of("ug", all=[["كۆكرىكىم"], ["ئاغر"]]), typed)


@pytest.mark.parametrize("typed", ["كۆكرىم ئاغرىدى", "كىركىم ئاغرىدى"])
def test_two_slips_are_another_word(typed: str):
    assert not is_heard(rules_of("ug", all=[["كۆكرىكىم"], ["ئاغر"]]), typed)


def test_short_words_are_taken_as_they_are():
    assert not is_heard(rules_of("ug", all=[["قان"], ["قۇست"]]), "نان قۇستۇم")


def test_did_not_wake_is_one_letter_from_woke_and_still_another_word():
    rules = rules_of("ug", all=[["ئويغانمى"]])

    assert is_heard(rules, "دادام ئويغانمىدى")
    assert not is_heard(rules, "دادام ئويغاندى")


def test_no_slip_makes_or_takes_a_denial():
    rules = rules_of("kk", all=[["болмады"]], negative_endings=["мады"])

    assert is_heard(rules, "нәжісім болмады")
    assert not is_heard(rules, "нәжісім болады")


@pytest.mark.parametrize(
    ("language", "stem", "endings", "hurts", "does_not"),
    [
        ("ug", "ئاغر", ["مايدۇ", "مىدى"], "كۆكرىكىم ئاغرىيدۇ", "كۆكرىكىم ئاغرىمايدۇ"),
        ("kk", "ауыр", ["майды", "мады"], "кеудем ауырады", "кеудем ауырмайды"),
    ],
)
def test_a_verb_that_goes_on_as_its_own_denial_is_none(language: str, stem: str, endings: list[str], hurts: str, does_not: str):
    rules = rules_of(language, all=[[stem]], negative_endings=endings)

    assert is_heard(rules, hurts)
    assert not is_heard(rules, does_not)


def test_a_stem_that_holds_the_denial_is_danger_itself():
    assert is_heard(rules_of("ug", all=[["توختىما"]], negative_endings=["مايدۇ"]), "قان توختىمايدۇ")
