"""A recording belongs to words: it is heard with them, and silent for any others and while they are behind their source."""

import pytest

from care.content.library import Library
from care.content.review import digest_of, recording_of, recording_of_topic, words
from care.conversation.topics import word_topic
from care.messages.reply import Wording
from tests.content.signing import Reviewer

NAUSEA, FEVER = "nausea-vomiting", "fever-infection"


@pytest.fixture
def reviewer(library: Library, monkeypatch: pytest.MonkeyPatch) -> Reviewer:
    reviewer = Reviewer(library, monkeypatch)
    reviewer.sign_all("ug")
    return reviewer


def heard(library: Library, topic_id: str = NAUSEA, number: str = "120") -> str:
    """The recording the bubble of a topic asks for."""
    return word_topic(library, "ug-Arab", topic_id, number).reply("show_topic", topic_id).recording


def test_the_bubble_of_a_topic_asks_for_the_recording_of_its_words(library: Library, reviewer: Reviewer):
    page = library.languages["ug"].topics["hair-loss"]

    assert "emergency" not in page.values["call"]
    assert heard(library, "hair-loss") == f"hair-loss@{digest_of(words(page))}"
    assert word_topic(library, "ug-Latn", "hair-loss", "120").reply("x").recording == heard(library, "hair-loss")


@pytest.mark.parametrize("key", ["title", "summary"])
def test_one_other_word_and_the_recording_is_silent(library: Library, reviewer: Reviewer, key: str):
    before, page = heard(library), library.languages["ug"].topics[NAUSEA]
    reviewer.set(page, key, f"{page.values[key]} x")

    assert heard(library) != before


def test_a_voice_that_says_one_countrys_number_is_not_heard_in_another(library: Library, reviewer: Reviewer):
    assert heard(library, FEVER, "120") != heard(library, FEVER, "103")


def test_a_text_behind_its_source_has_no_recording(library: Library, reviewer: Reviewer):
    reviewer.set(library.languages["zh"].topics[NAUSEA], "revision", 9)

    assert heard(library) == recording_of_topic(library.topic("ug-Arab", NAUSEA), "120") == ""


def test_a_recorded_reminder_never_says_its_hour_to_somebody_else(library: Library, reviewer: Reviewer):
    eight, nine = (library.phrase("ug-Arab", "dose-taken-thanks", hour=hour) for hour in ("08:00", "09:00"))

    assert recording_of(eight).startswith("dose-taken-thanks@")
    assert recording_of(eight) != recording_of(nine)
    assert Wording("ug-Arab").add(eight).reply("dose_taken").recording == recording_of(eight)
    assert Wording("ug-Arab").add(eight, nine).reply("dose_taken").recording == ""
