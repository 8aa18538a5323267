"""New sentences, in every language and script: how often the assistant finds the intent and the topic."""

import pytest

from care.languages.reading import read
from care.supervisor.cases import Case
from care.supervisor.gate import Answered, Figure, meaning_figures, mistaken
from care.supervisor.understanding import Meant
from tests.bot.conftest import Ask
from tests.understanding.test_release_gate import CASES

FOUND = ("intent", "topic-first", "topic-in-three")

pytestmark = pytest.mark.rasa


@pytest.fixture(scope="module")
def understood() -> dict[str, list[Answered]]:
    """What the assistant made of each sentence of a form: asked once, judged by several tests."""
    return {}


def understand(ask: Ask, tag: str, known: dict[str, list[Answered]]) -> list[Answered]:
    if tag not in known:
        known[tag] = [_answered(ask, case) for case in CASES[tag] if case.intent]
    return known[tag]


def _answered(ask: Ask, case: Case) -> Answered:
    answer = ask(read(case.text).canonical, case.form.language)[1]
    topics = tuple(each["id"] for each in answer["topics"])
    meant = Meant(answer["intent"]["name"], topics, answer["intent"]["confidence"])
    return Answered(case, meant, answer["acts"][0]["act"])


def fallen(answered: dict[str, list[Answered]], *what: str) -> list[Figure]:
    return [each for each in meaning_figures(answered) if each.what in what and not each.passed]


@pytest.mark.parametrize("tag", CASES)
def test_new_sentences_find_their_intent_and_topic(ask: Ask, understood: dict[str, list[Answered]], tag: str) -> None:
    assert list(map(str, fallen({tag: understand(ask, tag, understood)}, *FOUND))) == []


@pytest.mark.parametrize("tag", CASES)
def test_nothing_is_changed_for_a_patient_by_mistake(ask: Ask, understood: dict[str, list[Answered]], tag: str) -> None:
    assert [(each.act, each.case.text) for each in mistaken(understand(ask, tag, understood))] == []


@pytest.mark.parametrize(("one", "other"), [("kk-Cyrl", "kk-Arab"), ("ug-Arab", "ug-Latn")])
def test_both_scripts_of_a_language_are_understood_alike(
    ask: Ask, understood: dict[str, list[Answered]], one: str, other: str
) -> None:
    assert fallen({tag: understand(ask, tag, understood) for tag in (one, other)}, "alike") == []
