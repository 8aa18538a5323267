"""What can be said without knowing to whom: its sound is made beforehand, so that nobody waits for it."""

from collections.abc import Iterator

from care.content.library import Library
from care.content.types import Text
from care.conversation.emergencies import word_alarm
from care.conversation.topics import word_topic
from care.languages.table import form
from care.messages.reply import Reply, Wording
from care.speech.speaker import Speaker

NUMBER = "emergency_number"
# Parts of other sentences, labels of buttons, and words of the page: never a line of their own.
PARTS = (
    "activity-",
    "button-",
    "category-",
    "clock-",
    "date-",
    "medicine-",
    "month-",
    "reason-",
    "topic-call-",
    "voice-",
    "web-",
)


def standing_replies(library: Library, region: str) -> Iterator[Reply]:
    """Alarms first, then phrases, then topics, each in every language that is spoken."""
    number = str(library.numbers(region)["ambulance"]["number"])
    spoken_forms = {form(tag).language: tag for tag in reversed(library.forms)}.values()
    for make in (_alarms, _phrases, _topics):
        for tag in spoken_forms:
            yield from (wording.reply("standing") for wording in make(library, tag, number))


def _alarms(library: Library, tag: str, number: str) -> Iterator[Wording]:
    for flag, facts in library.alarms.items():
        yield word_alarm(library, tag, library.alarm(tag, flag, number), facts["tier"], number)


def _phrases(library: Library, tag: str, number: str) -> Iterator[Wording]:
    for key, facts in library.catalogue.values.items():
        if not key.startswith(PARTS) and set(facts["names"]) <= {NUMBER}:
            yield Wording(tag).add(_phrase(library, tag, key, number))


def _phrase(library: Library, tag: str, key: str, number: str) -> Text:
    return library.phrase(tag, key, **dict.fromkeys(library.catalogue.values[key]["names"], number))


def _topics(library: Library, tag: str, number: str) -> Iterator[Wording]:
    for topic_id in library.topics_in(tag):
        yield word_topic(library, tag, topic_id, number)


async def speak_standing(library: Library, speaker: Speaker, region: str) -> int:
    """Store the sound of every standing reply; what is stored already costs nothing.  Returns how many have one."""
    clips = [
        await speaker.say(each.spoken, form(each.form).language, each.recording) for each in standing_replies(library, region)
    ]
    return sum(clip is not None for clip in clips)
