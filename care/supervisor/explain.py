"""`karez understand`: what Karez makes of a line, as JSON (design, section 5)."""

import json
import sys
from typing import Any

from care.alarms.listen import Listener
from care.content.library import Library
from care.conversation.assistant import AssistantDown, RasaAssistant, Understander, Understood
from care.conversation.phrasebook import Phrasebook
from care.conversation.topics import SURE
from care.kit.clock import SystemClock
from care.kit.ids import new_id
from care.kit.settings import Settings
from care.languages.reading import Reading, read
from care.languages.table import FORMS, Form
from care.supervisor.assistant import running_assistant

INTENT_OF_FALLBACK = "out_of_scope"


async def explain_stream(settings: Settings, with_assistant: bool) -> None:
    """Read stdin to its end, one answer a line.  Starts the assistant for the run when it is not up."""
    library = Library.load(settings.content)
    listener, phrasebook = Listener.load(library), Phrasebook.of(library)
    if not with_assistant:
        for line in sys.stdin:
            _print(await explain(line, listener, phrasebook, None))
        return
    async with running_assistant(settings) as (url, secret):
        assistant = RasaAssistant(url, secret, timeout_s=10.0)
        try:
            for line in sys.stdin:
                _print(await explain(line, listener, phrasebook, assistant))
        finally:
            await assistant.close()


async def explain(line: str, listener: Listener, phrasebook: Phrasebook, assistant: Understander | None) -> dict[str, Any] | None:
    """One line of input as a dictionary; None for an empty line."""
    asked = _parse(line)
    if asked is None:
        return None
    text = str(asked.get("text", ""))
    reading = read(text, _form_of(asked))
    flags = [{"id": flag.id, "tier": flag.tier, "evidence": flag.evidence} for flag in listener.hear(text, reading)]
    known = {"id": asked.get("id"), "text": text, "language": reading.language, "script": reading.script}
    answer = {**known, "canonical": reading.canonical, "red_flags": flags}
    if assistant is None:
        return answer
    understood = await _understand(reading, assistant, phrasebook)
    return answer | _meaning(understood)


def _parse(line: str) -> dict[str, Any] | None:
    """A JSON line with `text`, or a plain line."""
    line = line.strip()
    if not line:
        return None
    if line.startswith("{"):
        try:
            asked = json.loads(line)
        except json.JSONDecodeError:
            return {"text": line}
        if isinstance(asked, dict) and "text" in asked:
            return asked
    return {"text": line}


def _form_of(asked: dict[str, Any]) -> Form | None:
    """The form of the line's `language`, as a patient's choice would count; a name we do not know counts for nothing."""
    named = [str(asked.get("language")), str(asked.get("script"))]
    same = [each for each in FORMS.values() if named[0] in (each.language, each.tag)]
    return next((each for each in same if each.script == named[1]), same[0] if same else None)


async def _understand(reading: Reading, assistant: Understander, phrasebook: Phrasebook) -> Understood | None:
    if reading.language == "other":
        return None
    try:
        return await assistant.understand(reading.canonical, reading.language, new_id(), SystemClock().now())
    except AssistantDown:
        return phrasebook.understand(reading.canonical, reading.language)


def _meaning(understood: Understood | None) -> dict[str, Any]:
    if understood is None:
        return {"intent": INTENT_OF_FALLBACK, "topic": None, "topics": [], "confidence": 0.0}
    topics = [topic for topic, _ in understood.topics]
    about = understood.intent in ("ask_topic", "report_symptom") or bool(topics and understood.topics[0][1] >= SURE)
    return {
        "intent": understood.intent,
        "topic": topics[0] if topics and about else None,
        "topics": topics,
        "confidence": round(understood.confidence, 3),
    }


def _print(answer: dict[str, Any] | None) -> None:
    if answer is not None:
        sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
        sys.stdout.flush()
