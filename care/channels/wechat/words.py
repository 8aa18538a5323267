"""Words as WeChat takes them: without what it refuses, and in pieces of so many bytes or letters."""

import re
import unicodedata

ENDS = ("\n", ". ", "! ", "? ", "\u3002", "\u061f ", " ")  # a full stop of Chinese, a question mark of Uyghur
JOINER, LOOKS = "\u200d", "\ufe0f"  # what makes one picture of several
# WeChat refuses escaped JSON (40033), and these cannot be written in any other way.
UNSENDABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")


def clean(words: str) -> str:
    # Nothing printable is unsendable, and to look is quicker than to search.
    return (words if words.isprintable() else UNSENDABLE.sub("", words)).strip()


def shorten(words: str, most: int) -> str:
    """At most so many letters; what is left out shows as three points."""
    return words if len(words) <= most else words[: _apart(words, most - 1)].rstrip() + "\u2026"


def split(words: str, most: int) -> list[str]:
    """Pieces of at most so many bytes, cut where a paragraph, a sentence or a word ends if one does."""
    pieces, rest = [], words.strip()
    while len(rest.encode()) > most:
        cut = _find_cut(rest, most)
        pieces.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*pieces, rest] if rest else pieces


def _find_cut(words: str, most: int) -> int:
    fits = words.encode()[:most].decode(errors="ignore")
    for end in ENDS:
        if (at := fits.rfind(end)) >= len(fits) // 2:
            return at + len(end)
    return _apart(words, len(fits))


def _apart(words: str, at: int) -> int:
    """The last place up to `at` that tears no letter from its marks."""
    cut = at
    while cut > 1 and (unicodedata.combining(words[cut]) or words[cut] in JOINER + LOOKS or words[cut - 1] == JOINER):
        cut -= 1
    return cut if cut > 1 else at
