"""Shows education topics: one, three to choose from, or all."""

from string import Template

from care.content.types import Text
from care.conversation.context import Turn
from care.messages.reply import Button, Reply, Wording

SURE = 0.35  # below it three topics are offered instead of one (facts: needs, FAQ match: offer buttons, not one answer)
HEADINGS = {"emergency": "topic-call-emergency", "same_day": "topic-call-same-day", "next_contact": "topic-call-next"}


def show_topic(turn: Turn, topic_id: str) -> Reply:
    """The whole topic: title, summary, body, when to call, source."""
    topic = turn.library.topic(turn.form, topic_id)
    wording = Wording(turn.form).add(topic.title, topic.summary, topic.body)
    for when, heading in HEADINGS.items():
        if when in topic.call:
            wording.add(turn.phrase(heading), _numbered(topic.call[when], turn.emergency_number))
    return wording.reply(
        "show_topic", topic=topic_id, buttons=(turn.button("button-nurse", "nurse"), turn.button("button-menu", "menu"))
    )


def _numbered(text: Text, number: str) -> Text:
    def fill(words: str) -> str:
        return Template(words).safe_substitute(emergency_number=number)

    return Text(text.key, text.form, fill(text.text), fill(text.spoken), text.revision, text.reviewed, text.generated)


def choose_topic(turn: Turn, ids: list[str], act: str = "choose_topic", phrase: str = "topic-choose") -> Reply:
    """Topic titles as buttons, and a way to a person."""
    buttons = [Button(turn.library.topic(turn.form, each).title.text, f"topic:{each}") for each in ids]
    return turn.say(phrase, act, (*buttons, turn.button("button-nurse", "nurse")))


def ranked(turn: Turn) -> list[str]:
    """Up to three topics the assistant thought of, known ones only."""
    return [topic for topic, _ in turn.topics if topic in turn.library.topic_list][:3]


def is_sure(turn: Turn) -> bool:
    return bool(turn.topics) and turn.topics[0][1] >= SURE and turn.topics[0][0] in turn.library.topic_list
