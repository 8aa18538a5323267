"""What a check-in says: its questions with their buttons, and everything around them."""

from care.alarms.rota import is_anybody_on_duty
from care.content.checkin_types import Item
from care.content.checkin_words import CheckInWords
from care.content.types import Text
from care.conversation.checkin_asking import Asking
from care.conversation.checkin_rules import SELF_CARE, History, number, winners
from care.conversation.checkin_steps import Step
from care.conversation.context import Turn
from care.conversation.topics import show_topic
from care.messages.compose import SHOWN_REASONS
from care.messages.reply import Button, Reply, Wording
from care.people.tables import Clinic

PRIVATE = "check_in", "check_in_private"  # what is marked private is never played by itself
SHOWN = "shown"  # the private question they asked to see, until they talk of something else
TOPICS = 3


def plain(turn: Turn, key: str, buttons: tuple[Button, ...]) -> Reply:
    """What is said where no check-in is begun."""
    return Wording(turn.form).add(CheckInWords(turn.library, turn.form).reply(key)).reply("check_in", buttons=buttons)


def reply_text(asking: Asking, key: str, **names: str) -> Text:
    """Words of content/checkins/replies.yml; the emergency number fills itself in."""
    if "emergency_number" in asking.checkins.replies[key]:
        names["emergency_number"] = asking.turn.emergency_number
    return asking.words.reply(key, **names)


def bubble(asking: Asking, key: str, buttons: tuple[Button, ...] = (), **names: str) -> Reply:
    return Wording(asking.turn.form).add(reply_text(asking, key, **names)).reply("check_in", buttons=buttons)


def way(asking: Asking, name: str) -> Button:
    return Button(asking.words.way(name).text, f"checkin:{name}:{asking.row.id}")


def ask(asking: Asking, step: Step) -> Reply:
    """The question, with its answers, what is no answer, and the way out."""
    item = step.item
    if step.asks_reason:
        return bubble(asking, "reason", _reasons(asking, step))
    if is_hidden(asking, step):
        return bubble(asking, "private", (way(asking, "show"), _skip(asking, item), way(asking, "stop")))
    wording = Wording(asking.turn.form)
    if item.who == "relative":
        wording.add(reply_text(asking, "relative"))
    wording.add(asking.words.ask(item, asking.questionnaire))
    # By its act a private question is known to whatever would play it by itself.
    buttons = (*_answers(asking, item), way(asking, "stop"))
    return wording.reply("check_in_private" if item.is_private else "check_in", buttons=buttons)


def is_hidden(asking: Asking, step: Step) -> bool:
    """A private question is shown only when they say that nobody looks on."""
    return step.item.is_private and asking.turn.dialog.about.get(SHOWN) != step.item.id


def _answers(asking: Asking, item: Item) -> list[Button]:
    return [_answer(asking, item.id, each.value, each.text) for each in asking.words.buttons(item)]


def _answer(asking: Asking, name: str, value: str, text: Text) -> Button:
    return Button(text.text, f"answer:{name}={value}:{asking.row.id}")


def _skip(asking: Asking, item: Item, name: str = "") -> Button:
    skip = next(each for each in asking.words.buttons(item) if each.value == "skip")
    return _answer(asking, name or item.id, skip.value, skip.text)


def _reasons(asking: Asking, step: Step) -> tuple[Button, ...]:
    shown = [_answer(asking, step.name, each, asking.turn.phrase(f"reason-{each}")) for each in SHOWN_REASONS]
    return (*shown, _skip(asking, step.item, step.name), way(asking, "stop"))


async def hello(asking: Asking) -> Reply:
    """What is coming; before it that nobody reads it now, if so; after it that a relative may answer, if so."""
    turn, wording = asking.turn, Wording(asking.turn.form)
    clinic = await turn.work.session.get_one(Clinic, turn.patient.clinic_id)
    if not await is_anybody_on_duty(turn.work, clinic):
        wording.add(reply_text(asking, "nobody-on-duty"))
    title = asking.words.title(asking.questionnaire).spoken
    wording.add(reply_text(asking, "hello", title=title, count=str(asking.count)))
    if asking.questionnaire.proxy:
        wording.add(reply_text(asking, "hello-proxy"))
    return wording.reply("check_in", buttons=who_else(asking))


def who_else(asking: Asking) -> tuple[Button, ...]:
    """The way to say that somebody else answers now than did so far."""
    return (way(asking, "myself" if asking.row.by_relative else "relative"),) if asking.questionnaire.proxy else ()


def close(asking: Asking, key: str) -> list[Reply]:
    """The last words, and what helps with what was mild."""
    topics = mild_topics(asking)
    if not topics:
        return [bubble(asking, key)]
    if len(topics) == 1:
        return [bubble(asking, key), bubble(asking, "self-care"), show_topic(asking.turn, topics[0])]
    titles = [Button(asking.turn.library.topic(asking.turn.form, each).title.text, f"topic:{each}") for each in topics]
    return [bubble(asking, key), bubble(asking, "self-care", tuple(titles))]


def mild_topics(asking: Asking) -> list[str]:
    """Topics of answers that are mild, and not nothing at all; the worse ones first."""
    met = winners(asking.checkins, asking.values, History())
    mild = [item for each in met if each.rule.tier == SELF_CARE for item in each.items]
    felt = [(number(asking.values[item]) or 0, item) for item in mild]
    topics = [asking.checkins.items[item].topic for degree, item in sorted(felt, key=lambda each: (-each[0], each[1])) if degree]
    return [each for each in dict.fromkeys(topics) if asking.turn.library.has_topic(asking.turn.form, each)][:TOPICS]
