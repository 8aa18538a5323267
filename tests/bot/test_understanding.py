"""New sentences, in every language and script: how often the assistant finds the intent and the topic."""

import pytest

from care.languages.reading import read
from care.supervisor.cases import Case
from care.supervisor.understanding import Meant, macro_f1, share
from tests.bot.conftest import Ask
from tests.understanding.test_release_gate import CASES

CHANGES_SOMETHING = {"stop_messages", "dose_taken", "dose_missed", "resume_messages"}

pytestmark = pytest.mark.rasa


@pytest.fixture(scope="module")
def understood() -> dict[str, list[tuple[Case, Meant, str]]]:
    """What the assistant made of each sentence of a form: asked once, judged by several tests."""
    return {}


def understand(ask: Ask, tag: str, known: dict[str, list[tuple[Case, Meant, str]]]) -> list[tuple[Case, Meant, str]]:
    if tag not in known:
        known[tag] = [(case, *_meant(ask, case)) for case in CASES[tag] if case.intent]
    return known[tag]


def _meant(ask: Ask, case: Case) -> tuple[Meant, str]:
    answer = ask(read(case.text).canonical, case.form.language)[1]
    topics = tuple(each["id"] for each in answer["topics"])
    return Meant(answer["intent"]["name"], topics, answer["intent"]["confidence"]), answer["acts"][0]["act"]


@pytest.mark.parametrize("tag", CASES)
def test_new_sentences_find_their_intent_and_topic(
    ask: Ask, understood: dict[str, list[tuple[Case, Meant, str]]], tag: str
) -> None:
    asked = understand(ask, tag, understood)
    about = [(case.topic, meant.topics) for case, meant, _ in asked if case.topic]

    right = macro_f1([(case.intent or "", meant.intent) for case, meant, _ in asked])
    first, among_three = (share(sum(topic in topics[:n] for topic, topics in about), len(about)) for n in (1, 3))

    assert (right >= 0.88, first >= 0.85, among_three >= 0.95) == (True, True, True), (right, first, among_three)


@pytest.mark.parametrize("tag", CASES)
def test_nothing_is_changed_for_a_patient_by_mistake(
    ask: Ask, understood: dict[str, list[tuple[Case, Meant, str]]], tag: str
) -> None:
    asked = understand(ask, tag, understood)

    assert [(act, case.text) for case, _, act in asked if act in CHANGES_SOMETHING and act != case.intent] == []


@pytest.mark.parametrize(("one", "other"), [("kk-Cyrl", "kk-Arab"), ("ug-Arab", "ug-Latn")])
def test_both_scripts_of_a_language_are_understood_alike(
    ask: Ask, understood: dict[str, list[tuple[Case, Meant, str]]], one: str, other: str
) -> None:
    pairs = [[(case.intent or "", meant.intent) for case, meant, _ in understand(ask, tag, understood)] for tag in (one, other)]

    assert abs(macro_f1(pairs[0]) - macro_f1(pairs[1])) <= 0.01
