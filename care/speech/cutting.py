"""Cuts long texts for channels that take a minute of voice at most; the web app plays whole clips."""

import re

LIMIT_S = 55.0  # WeChat and WeCom refuse more than 60 s (facts: language, section 11)
MARGIN = 0.9  # a part may be spoken a little slower than the whole
SENTENCE = re.compile(r".+?(?:[.!?؟](?=\s|$)|[。！？；]+[”’」]?|\n|$)\s*", re.DOTALL)
CLAUSE = re.compile(r".+?(?:[,،؛;:](?=\s)|[，、：]|$)\s*", re.DOTALL)
WORD = re.compile(r"\S+\s*|\s+")


def split_for_channel(text: str, seconds: float, limit_s: float = LIMIT_S) -> list[str]:
    """Parts of a text that lasts `seconds`, each shorter than the limit, cut at sentence ends where possible."""
    if seconds <= limit_s:
        return [text]
    longest = max(1, int(len(text) * limit_s / seconds * MARGIN))
    return [part.strip() for part in _gather(_pieces(text, longest), longest) if part.strip()]


def _pieces(text: str, longest: int) -> list[str]:
    """Sentences; a sentence that is too long falls into clauses, words, letters."""
    pieces = [text]
    for pattern in (SENTENCE, CLAUSE, WORD):
        pieces = [small for piece in pieces for small in (pattern.findall(piece) if len(piece) > longest else [piece])]
    return [piece[at : at + longest] for piece in pieces for at in range(0, len(piece), longest)]


def _gather(pieces: list[str], longest: int) -> list[str]:
    parts = [""]
    for piece in pieces:
        if parts[-1] and len(parts[-1]) + len(piece) > longest:
            parts.append("")
        parts[-1] += piece
    return parts
