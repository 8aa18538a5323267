"""Who understands a message: word for word what the assistant was not taught yet, then the assistant, then what it was taught."""

from enum import StrEnum

from care.conversation.assistant import AssistantDown, Understander, Understood
from care.conversation.phrasebook import Phrasebook
from care.conversation.stopping import STOP
from care.kit.clock import Clock
from care.kit.ids import new_id
from care.kit.logs import get_log
from care.languages.reading import Reading

log = get_log("conversation")


class By(StrEnum):
    """Who it was."""

    STOP = "stop"  # the one word that is never lost
    NEWER = "newer"  # a sample sentence that came after the last teaching
    ASSISTANT = "assistant"
    PHRASEBOOK = "phrasebook"  # the assistant is down
    NOBODY = "nobody"


async def ask(assistant: Understander, phrasebook: Phrasebook, reading: Reading, clock: Clock) -> tuple[Understood | None, By]:
    """What a message means; None when nobody can tell now.  The talk gets a new name each time: nothing links two."""
    canonical, language = reading.canonical, reading.language
    if newer := phrasebook.newer(canonical, language):
        return newer, By.NEWER
    try:
        return await assistant.understand(canonical, language, new_id(), clock.now()), By.ASSISTANT
    except AssistantDown as down:
        log.warning("assistant.unavailable", reason=str(down))
        known = phrasebook.understand(canonical, language)
        return known, By.PHRASEBOOK if known else By.NOBODY


async def ask_or_stop(
    assistant: Understander, phrasebook: Phrasebook, text: str, reading: Reading, clock: Clock
) -> tuple[Understood | None, By]:
    """The same with the stop that nobody is asked about, and without what no assistant of ours can read."""
    if phrasebook.is_stop(text):
        return STOP, By.STOP
    if reading.language == "other" or not reading.canonical:
        return None, By.NOBODY
    return await ask(assistant, phrasebook, reading, clock)
