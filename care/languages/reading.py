"""The one entry for a message: its language, its script, and the canonical text everything else compares."""

from dataclasses import dataclass

from care.languages.fold import fold_normalised
from care.languages.identify import identify
from care.languages.normalise import normalise
from care.languages.numerals import digits_from_words
from care.languages.table import Form


@dataclass(frozen=True)
class Reading:
    """A message as read: `canonical` is the folded key text, `normalised` still has its own letters.

    `language` is ug, kk, zh or other; `script` Arab, Latn, Cyrl, Hans, Hant or "" when there are no letters.
    """

    language: str
    script: str
    certain: bool
    canonical: str
    normalised: str


def read(text: str, stored: Form | None = None) -> Reading:
    """Read a message; `stored` is the form the person chose.  Any text can be read, there are no errors."""
    found = identify(text, stored)
    normalised = with_digits(text, found.language)
    return Reading(found.language, found.script, found.certain, fold_normalised(normalised, found.language), normalised)


def with_digits(text: str, language: str) -> str:
    """Normalised, its numbers in digits; the letters are still its own."""
    return digits_from_words(normalise(text, language), language)


def canonical(text: str, language: str) -> str:
    """A text of a known language as everything compares it: samples, rules and messages alike."""
    return fold_normalised(with_digits(text, language), language)
