"""What would be understood now?  For whoever writes: the same way a patient's message goes, without a patient."""

from dataclasses import dataclass

from care.alarms.listen import RedFlag
from care.conversation.asking import By, ask_or_stop
from care.conversation.assistant import NOTHING
from care.conversation.turn import HEARD, LONGEST, Conversation
from care.languages.normalise import tidy
from care.languages.reading import read
from care.languages.table import Form


@dataclass(frozen=True)
class Meaning:
    """One sentence: `by` says who understood it, `act` what would be done; topics with their certainty, likeliest first."""

    text: str
    language: str  # ug, kk, zh or other
    script: str
    is_certain: bool  # of language and script
    canonical: str
    flags: list[RedFlag]  # with any of them nothing else counts: danger is answered first
    by: By
    intent: str
    confidence: float
    topics: tuple[tuple[str, float], ...]
    act: str


async def what_is_understood(conversation: Conversation, text: str, stored: Form | None = None) -> Meaning:
    """By the running assistant, or by whoever answers while it is down.  `stored`: the form a patient chose."""
    typed, clock = tidy(text)[:HEARD], conversation.database.clock
    reading = read(typed[:LONGEST], stored)
    found, by = await ask_or_stop(conversation.assistant, conversation.phrasebook, typed, reading, clock)
    understood = found or NOTHING
    return Meaning(
        text=typed,
        language=reading.language,
        script=reading.script,
        is_certain=reading.certain,
        canonical=reading.canonical,
        flags=conversation.listener.hear(typed, reading) if typed else [],
        by=by,
        intent=understood.intent,
        confidence=understood.confidence,
        topics=understood.topics,
        act=understood.acts[0],
    )
