"""`karez content status`: where every topic stands in every language, as a table a person reads or an object a program does."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from care.content.counting import FEWEST_QUESTIONS, recordings
from care.content.library import Library
from care.content.standing import Standing
from care.content.survey import Cell, Survey, survey
from care.conversation.topics import word_topic
from care.kit.clock import SystemClock
from care.kit.settings import Settings
from care.languages.table import authored_form
from care.speech.recorded import Recordings
from care.speech.speaker import Speaker
from care.speech.voices import CannotSpeak

WIDE = {"text": 4, "review": 18, "sound": 8, "questions": 9}


def look(settings: Settings, library: Library) -> Survey:
    """The survey of a folder as it is today, with the sound that is stored in this home."""
    speaker = Speaker.of(settings, library.speeches)
    number = str(library.numbers(settings.region)["ambulance"]["number"])

    def sound(language: str, topic: str) -> str:
        reply = word_topic(library, authored_form(language).tag, topic, number).reply("standing")
        try:
            clip = speaker.stored(reply.spoken, language, reply.recording)
        except CannotSpeak:
            return ""
        return clip.kind if clip else ""

    heard = {language: _heard(settings, library, language) for language in library.languages}
    return survey(library, SystemClock().now().date(), sound, heard)


def _heard(settings: Settings, library: Library, language: str) -> int:
    """Recordings by people that some patient hears: each of words that are said now."""
    found = Recordings(settings.content)
    names = {name for each in recordings(library, language).values() for name in each}
    return sum(found.find(language, name) is not None for name in names)


def as_table(found: Survey, only_behind: bool) -> list[str]:
    """A line a topic, then what it comes to."""
    widest = max(map(len, (*found.topics, "topic")))
    names = "  ".join(f"{language:<{sum(WIDE.values()) + 3}}" for language in found.languages)
    heads = "  ".join(" ".join(f"{name:<{width}}" for name, width in WIDE.items()) for _ in found.languages)
    rows = [f"{topic:<{widest}}  {'  '.join(map(_cell, _row(found, topic)))}" for topic in _shown(found, only_behind)]
    table = [f"{'':<{widest}}  {names}", f"{'topic':<{widest}}  {heads}", *rows]
    files = [f"{file}: {_review(review, behind)}" for file, (review, behind) in found.files.items() if behind or not only_behind]
    return [line.rstrip() for line in (*(table if rows else ["No topic is behind."]), "", *files, "", *_sums(found))]


def _shown(found: Survey, only_behind: bool) -> list[str]:
    return [topic for topic in found.topics if not only_behind or any(map(_lags, _row(found, topic)))]


def _lags(cell: Cell) -> bool:
    return cell.is_behind or not cell.is_written


def _row(found: Survey, topic: str) -> list[Cell]:
    return [found.cells[topic, language] for language in found.languages]


def _cell(cell: Cell) -> str:
    parts = ("yes" if cell.is_written else "-", _review(cell.review, cell.is_behind), cell.audio or "-", str(cell.questions))
    return " ".join(f"{part:<{width}}" for part, width in zip(parts, WIDE.values(), strict=True))


def _review(review: Standing | None, behind: bool) -> str:
    if review is None:
        return "-"
    return f"{review}, behind" if behind and review != Standing.BEHIND else str(review)


def _sums(found: Survey) -> Iterator[str]:
    for language in found.languages:
        cells = found.of(language)
        reviews = Counter(cell.review for cell in cells)
        sounds = Counter(cell.audio for cell in cells)
        few = sum(cell.questions < FEWEST_QUESTIONS for cell in cells)
        yield (
            f"{language}: {sum(cell.is_written for cell in cells)} of {len(cells)} written; "
            f"{reviews[Standing.SIGNED]} signed and fresh, {reviews[Standing.EXPIRED]} expired, "
            f"{reviews[Standing.UNREVIEWED]} unreviewed, {sum(cell.is_behind for cell in cells)} behind; "
            f"sound: {sounds['recorded']} by a person, {sounds['machine']} by a machine, {sounds['']} not made yet; "
            f"{sum(cell.questions for cell in cells)} questions, {few} topics with fewer than {FEWEST_QUESTIONS}"
        )
    yield f"Recordings by people that patients hear, phrases included: {sum(found.recordings.values())}."


def as_object(found: Survey, only_behind: bool) -> dict[str, Any]:
    """The same for a program."""
    return {
        "topics": {topic: {cell.language: _object(cell) for cell in _row(found, topic)} for topic in _shown(found, only_behind)},
        "files": {file: {"review": review, "behind": behind} for file, (review, behind) in found.files.items()},
        "human_recordings": dict(found.recordings),
    }


def _object(cell: Cell) -> dict[str, Any]:
    return {
        "text": cell.is_written,
        "review": cell.review,
        "behind": cell.is_behind,
        "audio": cell.audio or None,
        "questions": cell.questions,
    }
