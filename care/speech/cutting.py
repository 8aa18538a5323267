"""Cuts long texts for channels that take a minute of voice at most; the web app plays whole clips."""

import array
import math
import re
from itertools import pairwise

from care.speech.voices import Pcm

LIMIT_S = 55.0  # WeChat and WeCom refuse more than 60 s (facts: language, section 11)
MARGIN = 0.9  # a part may be spoken a little slower than the whole
WINDOW_S = 0.02  # in which the quiet of a recording is measured
PAUSE = 15  # windows: a breath between two sentences
EARLIEST = 0.6  # of the limit: before it no pause is looked for, so that parts are few
SENTENCE = re.compile(r".+?(?:[.!?؟](?=\s|$)|[。！？；]+[”’」]?|\n|$)\s*", re.DOTALL)
CLAUSE = re.compile(r".+?(?:[,،؛;:](?=\s)|[，、：]|$)\s*", re.DOTALL)
WORD = re.compile(r"\S+\s*|\s+")


def split_for_channel(text: str, seconds: float, limit_s: float = LIMIT_S) -> list[str]:
    """Parts of a text that lasts `seconds`, each shorter than the limit, cut at sentence ends where possible."""
    if seconds <= limit_s:
        return [text]
    longest = max(1, int(len(text) * limit_s / seconds * MARGIN))
    parts = (part.strip() for part in _gather(_pieces(text, longest), longest))
    return [part for part in parts if any(char.isalnum() for char in part)]


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


def cut_at_pauses(pcm: Pcm, limit_s: float = LIMIT_S) -> list[Pcm]:
    """A recording in parts, each shorter than the limit, cut in the quietest moment before it."""
    size = int(WINDOW_S * pcm.rate)
    samples = array.array("h", pcm.samples)
    powers = [_power(samples[at : at + size]) for at in range(0, len(samples), size)]
    cuts = [0, *_quietest(powers, int(limit_s / WINDOW_S)), len(powers)]
    return [Pcm(samples[size * begin : size * end].tobytes(), pcm.rate) for begin, end in pairwise(cuts)]


def _power(samples: "array.array[int]") -> float:
    return math.sumprod(samples, samples) / len(samples)


def _quietest(powers: list[float], longest: int) -> list[int]:
    """Where to cut, in windows: the middle of the quietest breath of each part's last stretch."""
    cuts = [0]
    while len(powers) - cuts[-1] > longest:
        first, last = cuts[-1] + int(EARLIEST * longest), cuts[-1] + longest - PAUSE
        best = min(range(first, last), key=lambda at: sum(powers[at : at + PAUSE]))
        cuts.append(best + PAUSE // 2)
    return cuts[1:]
