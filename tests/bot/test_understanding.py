"""New sentences, in every language and script: how often the assistant finds the intent and the topic."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from care.languages.reading import read
from care.languages.transliterate import kazakh_arabic, uyghur_latin
from tests.bot.conftest import Ask

SENTENCES = yaml.safe_load((Path(__file__).parent / "sentences.yml").read_text(encoding="utf-8"))
AS_TYPED = {"zh": str, "ug": str, "kk": str, "ug in Latin": uyghur_latin, "kk in Arabic": kazakh_arabic}
CHANGES_SOMETHING = {"stop_messages", "dose_taken", "dose_missed", "resume_messages"}

pytestmark = pytest.mark.rasa


@dataclass(frozen=True)
class Asked:
    """What was meant, and what was made of it."""

    intent: str
    topic: str | None
    guess: str
    act: str
    topics: list[str]


def understand_all(ask: Ask, form: str) -> Iterator[Asked]:
    language = form[:2]
    for intent, samples in SENTENCES[language].items():
        for topic, sentences in samples.items() if isinstance(samples, dict) else [(None, samples)]:
            for sentence in sentences:
                answer = ask(read(AS_TYPED[form](sentence)).canonical, language)[1]
                topics = [each["id"] for each in answer["topics"]]
                yield Asked(intent, topic, answer["intent"]["name"], answer["acts"][0]["act"], topics)


@pytest.mark.parametrize("form", AS_TYPED)
def test_new_sentences_find_their_intent_and_topic(ask: Ask, form: str) -> None:
    asked = list(understand_all(ask, form))
    about = [each for each in asked if each.topic]
    right = sum(each.guess == each.intent for each in asked) / len(asked)
    first = sum(each.topics[0] == each.topic for each in about) / len(about)
    among_three = sum(each.topic in each.topics for each in about) / len(about)

    # Floors, not aims: about 60 sentences a language swing by four points.
    assert (right >= 0.8, first >= 0.85, among_three >= 0.95) == (True, True, True), (right, first, among_three)


@pytest.mark.parametrize("form", AS_TYPED)
def test_nothing_is_changed_for_a_patient_by_mistake(ask: Ask, form: str) -> None:
    mistaken = [each for each in understand_all(ask, form) if each.act in CHANGES_SOMETHING and each.act != each.intent]

    assert mistaken == []
