"""Cuts a long text into pieces a vendor takes, where a reader would pause."""

import re
import unicodedata
from collections.abc import Callable

# Where to cut, the best place first: between paragraphs, lines, sentences, words.
PAUSES = [re.compile(each) for each in (r"\n\s*\n", r"\n", r"[.!?؟؛]+\s+|[。！？；]+", r"\s+|[，、]")]
LEAST = 0.5  # of a piece must be filled, or the next worse place is taken
JOINERS = "\u200d\ufe0f"  # hold an emoji together
LONGEST_LETTER = 40  # marks and joiners in a row that are followed


def in_utf16(text: str) -> int:
    """How many UTF-16 units a text takes, as Telegram and many telephones count."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def fits_in_utf16(text: str, most: int) -> bool:
    """Whether it takes at most so many units; nothing is counted where it would fit with two a letter."""
    return 2 * len(text) <= most or in_utf16(text) <= most


def in_bytes(text: str) -> int:
    return len(text.encode("utf-8"))


def cut(text: str, most: int, weigh: Callable[[str], int] = len) -> list[str]:
    """Pieces that weigh at most so much each, in order; spaces at their edges are lost.  `weigh` must add up by letters."""
    pieces, rest = [], text.strip()
    while weigh(rest) > most:
        end = _pause(rest, _reach(rest, most, weigh))
        pieces.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return [*pieces, rest] if rest else pieces


def _reach(text: str, most: int, weigh: Callable[[str], int]) -> int:
    """How many letters from the beginning fit; at least one."""
    weight = 0
    for place, letter in enumerate(text):
        weight += weigh(letter)
        if weight > most:
            return max(1, place)
    return len(text)


def _pause(text: str, reach: int) -> int:
    for pause in PAUSES:
        ends = [found.end() for found in pause.finditer(text, 0, reach)]
        if ends and ends[-1] >= reach * LEAST:
            return ends[-1]
    return _whole_letter(text, reach)


def _whole_letter(text: str, reach: int) -> int:
    """Not between a letter and its marks, nor inside an emoji of several."""
    for end in range(reach, max(0, reach - LONGEST_LETTER), -1):
        if end < len(text) and not (_is_mark(text[end]) or text[end - 1] == JOINERS[0]):
            return end
    return reach


def _is_mark(letter: str) -> bool:
    return letter in JOINERS or bool(unicodedata.combining(letter)) or "\U0001f3fb" <= letter <= "\U0001f3ff"
