"""The statistical net beside the rules: danger told in words no rule was written for ("black like tar since yesterday").

Two small models a language, over pieces of folded words: how likely a sentence is danger at all (logistic regression), and which
red flag it is then (naive Bayes).  No library: it must answer in any process, without the assistant, in a millisecond.
"""

import math
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from care.languages.ngrams import Ngrams
from care.languages.ngrams import train as train_ngrams
from care.languages.table import is_spaced

ROUNDS = 16
RATE, FADE = 1.0, 0.02  # the first step, and how soon steps shrink
SHRINK = 2e-5  # keeps a weight small that few samples ask for
SELDOM = 2  # pieces in fewer samples are accidents
SEED = 20260101  # the same content makes the same net
SIZES, SIZES_WITHOUT_SPACES = (2, 3, 4, 5), (1, 2, 3)  # of pieces; a Chinese character says as much as two letters


@dataclass(frozen=True)
class Suspicion:
    """What the net makes of a sentence: a red flag and how likely it is danger at all, 0 to 1."""

    flag: str
    likelihood: float


def pieces(folded: str, language: str, marks: Sequence[str] = ()) -> set[str]:
    """What a sentence is known by: pieces of words, neighbours, and `marks` of what the rules know (denied, past, asked)."""
    words = folded.split()
    found = {f"#{mark}" for mark in marks}
    spaced = is_spaced(language)
    sizes = SIZES if spaced else SIZES_WITHOUT_SPACES
    for word in words if spaced else ["".join(words)]:
        padded = f" {word} "
        found.update(padded[at : at + size] for size in sizes for at in range(len(padded) - size + 1))
    if spaced:
        found.update(f"{one[:5]}_{other[:5]}" for one, other in pairwise(words))
    return found


class Net:
    """The models of one language.  Read-only after it is made."""

    def __init__(self, language: str, weights: dict[str, float], bias: float, kinds: Ngrams, taught: int) -> None:
        self.language, self.weights, self.bias, self.kinds = language, weights, bias, kinds
        self.taught = taught  # sentences it was made from

    def suspect(self, folded: str, marks: Sequence[str] = (), least: float = 0.0) -> Suspicion | None:
        """The likeliest red flag of a folded sentence; None when it is less likely danger than `least`."""
        known = [weight for piece in pieces(folded, self.language, marks) if (weight := self.weights.get(piece))]
        likely = likelihood(self.bias + sum(known) / norm(len(known)))
        kinds = self.kinds.rank(_for_kinds(folded, self.language)) if known and likely >= least else []
        return Suspicion(kinds[0][0], likely) if kinds else None


def likelihood(score: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))


def norm(count: int) -> float:
    """Long sentences have more pieces: without this they would all be sure of something."""
    return math.sqrt(count) or 1.0


def _for_kinds(folded: str, language: str) -> str:
    # The n-gram model pads and joins words; characters of Chinese are its letters.
    return folded if is_spaced(language) else "".join(folded.split())


def train(language: str, danger: list[tuple[str, str, list[str]]], harmless: list[tuple[str, list[str]]]) -> Net:
    """A net from (flag, folded sentence, marks) and (folded sentence, marks)."""
    samples = [(pieces(folded, language, marks), 1.0) for _, folded, marks in danger]
    samples += [(pieces(folded, language, marks), 0.0) for folded, marks in harmless]
    seen = Counter(piece for found, _ in samples for piece in found)
    index = {piece: at for at, piece in enumerate(sorted(piece for piece, times in seen.items() if times >= SELDOM))}
    rows = [([index[piece] for piece in found if piece in index], is_danger) for found, is_danger in samples]
    weights, bias = _descend(rows, len(index), len(harmless) / max(len(danger), 1))
    by_flag: dict[str, list[str]] = {}
    for flag, folded, _ in danger:
        by_flag.setdefault(flag, []).append(_for_kinds(folded, language))
    kept = {piece: round(weights[at], 4) for piece, at in index.items() if abs(weights[at]) > 1e-3}
    return Net(language, kept, bias, train_ngrams(by_flag), len(samples))


def _descend(rows: list[tuple[list[int], float]], size: int, balance: float) -> tuple[list[float], float]:
    """Stochastic gradient descent; `balance` gives the few dangerous sentences the weight of the many harmless ones."""
    weights, bias = [0.0] * size, 0.0
    weight_of = {1.0: math.sqrt(max(balance, 1.0)), 0.0: 1.0}
    for steps, (row, is_danger) in enumerate(_shuffled(rows)):
        scale = norm(len(row))
        score = bias + sum([weights[at] for at in row]) / scale
        step = RATE / (1 + FADE * steps / len(rows)) * weight_of[is_danger] * (is_danger - likelihood(score))
        bias += 0.1 * step
        gain = step / scale
        for at in row:
            weights[at] += gain - SHRINK * weights[at]
    return weights, bias


def _shuffled(rows: list[tuple[list[int], float]]) -> Iterator[tuple[list[int], float]]:
    order, chance = list(rows), random.Random(SEED)  # noqa: S311 - an order, no secret
    for _ in range(ROUNDS):
        chance.shuffle(order)
        yield from order
