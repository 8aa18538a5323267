"""Chinese characters: traditional to simplified for matching, and which of the two a text is written in."""

from functools import lru_cache
from pathlib import Path

# Pairs of daily and medical characters; rarer ones stay as they are and only cost a match.
PAIRS = Path(__file__).parent / "traditional.txt"


def simplified(text: str) -> str:
    """The text in simplified characters, as far as the table goes."""
    return text.translate(_table())


@lru_cache(maxsize=1)
def _table() -> dict[int, str]:
    return {ord(pair[0]): pair[1] for pair in PAIRS.read_text(encoding="utf-8").split()}


def han_script(text: str) -> str:
    """`Hans` or `Hant`, by the characters only one of them has; text they share counts as Hans."""
    leaning = sum(_leaning(char) for char in text)
    return "Hant" if leaning < 0 else "Hans"


@lru_cache(maxsize=8192)
def _leaning(char: str) -> int:
    """1: only in the mainland's character set (GB 2312), -1: only in Taiwan's (Big5), 0: in both or in neither."""
    return _has("gb2312", char) - _has("big5", char)


def _has(charset: str, char: str) -> int:
    try:
        char.encode(charset)
    except UnicodeEncodeError:
        return 0
    return 1
