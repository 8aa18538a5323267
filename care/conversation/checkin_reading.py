"""Reads what was typed as the answer to the question that stands: a number, or the words content/ knows for it."""

import re
from dataclasses import dataclass

from care.content.checkin_words import CheckInWords
from care.content.library import Library
from care.conversation.answers import LONGEST
from care.conversation.checkin_rules import number
from care.conversation.checkin_steps import Step
from care.conversation.context import Turn
from care.conversation.doses import reason_in
from care.languages.reading import canonical
from care.languages.table import FORMS

NUMBER = re.compile(r"(\d+(?:[.,]\d+)?)(.*)", re.DOTALL)
ENDS = " \t\n.!。！،,~"
BODY = (34.0, 43.0)  # a number like this may be a temperature, whatever was asked


@dataclass(frozen=True)
class Read:
    """An answer.  `is_whole`: nothing else was said.  `odd`: a number this question cannot be answered with."""

    value: str
    is_whole: bool = True
    odd: bool = False


def read_answer(turn: Turn, step: Step) -> Read | None:
    """What their words answer; None when they say something else."""
    if step.asks_reason:
        reason = reason_in(turn)
        return Read(reason, len(turn.text) <= LONGEST) if reason else None
    if len(turn.text) > LONGEST:
        return None
    for words in languages(turn):
        if read := _number(turn, step, words) or _words(turn, step, words):
            return read
    return None


def languages(turn: Turn) -> list[CheckInWords]:
    """The patient's own first, then the one the message is in."""
    tags = dict.fromkeys([turn.form, form_read(turn.library, turn.reading.language)])
    return [CheckInWords(turn.library, tag) for tag in tags if tag]


def form_read(library: Library, language: str) -> str:
    """A form of a language as it is written by people; empty for a language that is not ours."""
    return next((tag for tag in library.forms if FORMS[tag].language == language and FORMS[tag].authored), "")


def _number(turn: Turn, step: Step, words: CheckInWords) -> Read | None:
    """A number in digits with nothing before it and only its unit behind it; a scale of words takes the bare number."""
    item = step.item
    found = NUMBER.fullmatch(turn.reading.normalised.strip(ENDS))
    if found is None or item.limits is None:
        return None
    rest = canonical(found[2].strip(ENDS), words.language)
    if rest and (item.values or not _ends(rest, words.endings(item), begins=item.kind == "number")):
        return None
    value = number(found[1].replace(",", "."))
    low, high = item.limits
    fits = value is not None and low <= value <= high and (item.kind == "number" or isinstance(value, int))
    return Read(f"{value:g}" if fits else found[1], odd=not fits)  # what does not fit is told back as it was written


def _ends(rest: str, endings: frozenset[str], begins: bool) -> bool:
    return any(rest.startswith(ending) for ending in endings) if begins else rest in endings


def _words(turn: Turn, step: Step, words: CheckInWords) -> Read | None:
    meant = words.meant(step.item, turn.text)
    return Read(meant, words.is_whole(step.item, turn.text)) if meant is not None else None


def is_body_heat(value: str) -> bool:
    found = number(value)
    return found is not None and BODY[0] <= found <= BODY[1]
