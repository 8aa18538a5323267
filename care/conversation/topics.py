"""Shows education topics: one, three to choose from, or all."""

from dataclasses import replace
from string import Template

from care.content.library import Library
from care.content.review import recording_of_topic
from care.content.types import Text
from care.conversation.context import Turn
from care.conversation.notext import no_text
from care.messages.reply import Button, Reply, Wording

SURE = 0.35  # below it three topics are offered instead of one (facts: needs, FAQ match: offer buttons, not one answer)
FIRST_TOPICS = ("nausea-vomiting", "fever-infection", "diarrhea")
HEADINGS = {"emergency": "topic-call-emergency", "same_day": "topic-call-same-day", "next_contact": "topic-call-next"}


def show_topic(turn: Turn, topic_id: str) -> Reply:
    """The whole topic, with a way to a person."""
    if not turn.library.has_topic(turn.form, topic_id):
        return no_text(turn)
    buttons = (turn.button("button-nurse", "nurse"), turn.button("button-menu", "menu"))
    return word_topic(turn.library, turn.form, topic_id, turn.emergency_number).reply("show_topic", topic_id, buttons)


def word_topic(library: Library, tag: str, topic_id: str, emergency_number: str) -> Wording:
    """The words of a topic in one form: title, summary, body, when to call."""
    topic = library.topic(tag, topic_id)
    wording = Wording(tag, recording=recording_of_topic(topic, emergency_number)).add(topic.title, topic.summary, topic.body)
    for when, heading in HEADINGS.items():
        if when in topic.call:
            wording.add(library.phrase(tag, heading), _numbered(topic.call[when], emergency_number))
    return wording


def _numbered(text: Text, number: str) -> Text:
    def fill(words: str) -> str:
        return Template(words).safe_substitute(emergency_number=number)

    return replace(text, text=fill(text.text), spoken=fill(text.spoken))


def choose_topic(turn: Turn, ids: list[str], act: str = "choose_topic", phrase: str = "topic-choose") -> Reply:
    """Topic titles as buttons, and a way to a person."""
    buttons = [Button(turn.library.topic(turn.form, each).title.text, f"topic:{each}") for each in ids]
    return turn.say(phrase, act, (*buttons, turn.button("button-nurse", "nurse")))


def categories(library: Library, tag: str) -> dict[str, list[str]]:
    """The topics of each kind that are written in a form's language, in the order of content/topics.yml."""
    kinds: dict[str, list[str]] = {}
    for topic_id in library.topics_in(tag):
        kinds.setdefault(str(library.topic_list[topic_id]["category"]), []).append(topic_id)
    return kinds


def choose_category(turn: Turn) -> Reply:
    buttons = [turn.button(f"category-{kind}", f"topics:{kind}") for kind in categories(turn.library, turn.form)]
    return turn.say("button-topics", "topics", (*buttons, turn.button("button-nurse", "nurse")))


def ranked(turn: Turn) -> list[str]:
    """Up to three topics the assistant thought of, of those that are written in the patient's language."""
    return [topic for topic, _ in turn.topics if turn.library.has_topic(turn.form, topic)][:3]


def offered(turn: Turn) -> list[str]:
    """What to choose from when it is not clear what is meant."""
    return ranked(turn) or [topic for topic in FIRST_TOPICS if turn.library.has_topic(turn.form, topic)]


def is_sure(turn: Turn) -> bool:
    return bool(turn.topics) and turn.topics[0][1] >= SURE and turn.topics[0][0] in turn.library.topic_list
