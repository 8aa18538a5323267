"""Finds which of several answers a patient gave in their own words; the words stand in content/."""

from collections.abc import Iterator, Mapping
from typing import Any

from care.content.library import LanguagePages
from care.content.shape import META
from care.conversation.context import Turn
from care.languages.fold import fold
from care.languages.table import is_spaced

LONGEST = 60  # characters; whoever writes more tells something new


def pages_of(turn: Turn) -> LanguagePages | None:
    """The words of the language the message is in."""
    return turn.library.languages.get(turn.reading.language)


def answer_in(turn: Turn, words: Mapping[str, Any]) -> str | None:
    """The first answer with one of its words in the message."""
    return next((answer for answer in words if answer not in META and any(found(turn, words[answer]))), None)


def found(turn: Turn, words: list[Any]) -> Iterator[str]:
    """Which of the words stand in the message, folded: pieces of text in Chinese, beginnings of words elsewhere."""
    language, said = turn.reading.language, f" {turn.reading.canonical}"
    for word in words or ():
        stem = fold(str(word), language)
        if stem and (f" {stem}" in said if is_spaced(language) else stem in said):
            yield stem
