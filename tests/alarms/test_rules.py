"""Red flags by the real rules: every sentence the rules' writers gave, in every script, and what must stay silent."""

from collections.abc import Callable

import pytest

from care.alarms.listen import Listener
from care.alarms.match import find_flags
from care.alarms.rules import LanguageRules, read_rules
from care.content.library import Library
from care.content.reading import Page
from care.content.types import Problems
from care.languages.fold import fold
from care.languages.reading import read
from care.languages.table import FORMS, form
from care.languages.transliterate import kazakh_arabic, uyghur_latin

FORM_OF = {"zh": "zh-Hans", "ug": "ug-Arab", "kk": "kk-Cyrl"}
OFFERED = [tag for tag, each in FORMS.items() if each.offered]


@pytest.fixture(scope="session")
def listener(library: Library) -> Listener:
    return Listener.load(library)


def hear(listener: Listener, said: str, tag: str | None) -> set[str]:
    """The flags heard in a sentence of somebody who chose a form, or of whom nothing is known."""
    return {flag.id for flag in listener.hear(said, read(said, form(tag) if tag else None))}


def as_typed(library: Library, tag: str) -> Callable[[str], str]:
    """How a sentence of the content is typed in a form."""
    typed = {"kk-Arab": lambda said: kazakh_arabic(said, library.languages["kk"].exceptions), "ug-Latn": uyghur_latin}
    return typed.get(tag, str)


@pytest.mark.parametrize("tag", OFFERED)
def test_every_example_is_heard_and_every_counterexample_is_not(library: Library, listener: Listener, tag: str):
    write, wrong = as_typed(library, tag), []
    for flag, entry in library.languages[form(tag).language].alarms.values["flags"].items():
        for said in map(str, entry["examples"]):
            wrong += [(flag, "missed", said) for known in (tag, None) if flag not in hear(listener, write(said), known)]
        wrong += [(flag, "false", said) for said in map(str, entry["not"]) if flag in hear(listener, write(said), tag)]

    assert wrong == []


@pytest.mark.parametrize("language", FORM_OF)
def test_every_emergency_has_examples_and_counterexamples_in_every_language(library: Library, language: str):
    emergencies = {flag for flag, entry in library.alarms.items() if entry["tier"] == "emergency"}
    flags = library.languages[language].alarms.values["flags"]

    assert len(emergencies) > 20
    assert all(len(flags[flag]["examples"]) >= 4 and flags[flag]["not"] for flag in emergencies)


# Beside the examples: sentences of our own, by what they must do.
HEARD = {
    "rf-fever-on-treatment": [
        ("zh-Hans", "体温38.8"),
        ("ug-Arab", "قىزىتمام 38.9"),
        ("ug-Arab", "قىزىتمام ٣٨٫٩"),
        ("ug-Latn", "qizitmam 39.1"),
        ("kk-Cyrl", "қызуым 39,1"),
        ("kk-Arab", "قىزۋىم 39.1"),
    ],
    "rf-chest-pain": [("zh-Hans", "胸口很痛"), ("ug-Arab", "كۆكرىكىم بەك ئاغرىۋاتىدۇ"), ("kk-Cyrl", "кеудем қатты ауырып тұр")],
    "rf-breathlessness-severe": [
        ("zh-Hans", "喘不上气"),
        ("ug-Arab", "نەپەس ئالالمايۋاتىمەن"),
        ("kk-Cyrl", "дем ала алмай жатырмын"),
    ],
    "rf-suicidal-thoughts": [("zh-Hans", "我不想活了"), ("ug-Arab", "ئۆلۈۋالغۇم كېلىۋاتىدۇ"), ("kk-Cyrl", "өлгім келеді")],
}
SILENT = {
    "a normal reading": [
        ("zh-Hans", "体温37.2度"),
        ("zh-Hans", "今天36.5度"),
        ("ug-Arab", "قىزىتمام 37.2"),
        ("ug-Latn", "qizitmam 37.2"),
        ("kk-Cyrl", "қызуым 37.2"),
        ("kk-Arab", "قىزۋىم 37.2"),
    ],
    "no fever": [("zh-Hans", "没有发烧"), ("ug-Arab", "بۈگۈن قىزىتمام يوق"), ("kk-Cyrl", "бүгін қызуым жоқ")],
    "past and over": [
        ("zh-Hans", "去年发烧39度"),
        ("ug-Arab", "بۇلتۇر 39 گرادۇس قىزىپ كەتكەن"),
        ("kk-Cyrl", "былтыр қызуым 39 болған"),
    ],
    "a question": [
        ("zh-Hans", "如果发烧怎么办"),
        ("ug-Arab", "ئەگەر قىزىپ كەتسەم قانداق قىلىمەن"),
        ("kk-Cyrl", "егер қызуым көтерілсе не істеймін"),
    ],
    "a dose taken": [("zh-Hans", "药吃过了"), ("ug-Arab", "دورىنى ئىچتىم"), ("kk-Cyrl", "дәріні іштім")],
    "a number that is no temperature": [
        ("zh-Hans", "我39岁"),
        ("ug-Arab", "يېشىم 39 دا"),
        ("kk-Cyrl", "жасым 39-да"),
    ],
}


@pytest.mark.parametrize(("flag", "tag", "said"), [(flag, *each) for flag, said in HEARD.items() for each in said])
def test_danger_in_other_words_is_heard(listener: Listener, flag: str, tag: str, said: str):
    assert flag in hear(listener, said, tag)


@pytest.mark.parametrize(("why", "tag", "said"), [(why, *each) for why, said in SILENT.items() for each in said])
def test_what_is_no_danger_is_not(listener: Listener, why: str, tag: str, said: str):
    assert hear(listener, said, tag) == set()


def test_a_fever_after_one_that_is_over_is_still_heard(listener: Listener):
    assert "rf-fever-on-treatment" in hear(listener, "去年发烧39度。今天又发烧39度", "zh-Hans")


def test_danger_denied_in_one_place_and_said_in_another_is_heard(listener: Listener):
    assert "rf-fever-on-treatment" in hear(listener, "таңертең қызуым жоқ еді кешке қызуым 39 болды", "kk-Cyrl")


@pytest.mark.parametrize(
    ("tag", "said"),
    [
        ("zh-Hans", "以前住院的事我都记不清了护士你好我发烧39度"),
        ("ug-Arab", "بۇلتۇر ئوپېراتسىيە قىلدۇرغان ئىدىم ئۆيدە بالىلار بار ھازىر قىزىتمام 39 گرادۇس"),
        ("kk-Cyrl", "былтыр ота жасаттым үйде балалар бар қазір қызуым 39 градус"),
    ],
)
def test_words_far_from_the_danger_do_not_silence_it(listener: Listener, tag: str, said: str):
    assert "rf-fever-on-treatment" in hear(listener, said, tag)


def rules_with(*terms: str) -> LanguageRules:
    problems = Problems()
    page = Page("alarms.yml", {"flags": {"rf-coughing-blood": {"rules": [{"all": [list(terms)]}]}}})
    rules = read_rules("kk", page, {"rf-coughing-blood"}, problems)
    assert problems.found == []
    return rules


@pytest.mark.parametrize(("said", "is_heard"), [("қан", True), ("ауыздан қан", True), ("қандай", False), ("қан келді", True)])
def test_a_word_marked_whole_is_not_the_beginning_of_another(said: str, is_heard: bool):
    assert bool(find_flags(rules_with("қан$"), [(fold(said, "kk"), said)])) is is_heard


def test_a_whole_word_may_stand_in_a_row(listener: Listener):
    rules = rules_with("қан$ кел")

    assert find_flags(rules, [(fold("аузынан қан келді", "kk"), "")])
    assert not find_flags(rules, [(fold("қандай келді", "kk"), "")])


def test_the_most_dangerous_tier_comes_first_whatever_was_said_first(listener: Listener):
    softer = Listener(listener.tiers | {"rf-chest-pain": "same-day", "rf-breathlessness-severe": "urgent-1h"}, listener.rules)
    said = "胸口很痛。喘不上气。我发烧39度"

    assert [flag.tier for flag in softer.hear(said, read(said))] == ["emergency", "urgent-1h", "same-day"]


def test_the_words_it_was_heard_in_are_quoted_as_typed(listener: Listener):
    [flag] = listener.hear("护士您好。我发烧39度！谢谢", read("护士您好。我发烧39度！谢谢"))

    assert flag.evidence == "我发烧39度"
