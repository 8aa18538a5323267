"""A small character n-gram model that tells languages of one script apart (naive Bayes; facts: language, section 4)."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from care.kit.kept import keep, kept

SIZES = (1, 2, 3, 4)
SMOOTHING = 0.1
SELDOM = 2  # n-grams seen fewer times are noise
NOT_LETTERS = re.compile(r"[\W\d_]+")


def grams(text: str) -> Iterator[str]:
    """Character n-grams inside words, each word padded with a space on both sides."""
    for word in NOT_LETTERS.split(text.lower()):
        padded = f" {word} "
        for size in SIZES if word else ():
            for at in range(len(padded) - size + 1):
                yield padded[at : at + size]


@lru_cache(maxsize=65_536)
def _log(count: int) -> float:
    return math.log(count + SMOOTHING)


class Ngrams:
    """How often each n-gram was seen in each class.  Read-only after it is made, so threads may share it."""

    def __init__(self, classes: list[str], totals: list[int], counts: dict[str, list[int]]) -> None:
        """`counts` has a row of numbers an n-gram, one a class; `totals` is their sum."""
        self.classes, self.totals, self.counts = classes, totals, counts
        self._log_totals = [math.log(total + SMOOTHING * max(len(counts), 1)) for total in totals]

    def as_json(self) -> dict[str, Any]:
        """The arguments it is made with."""
        return {"classes": self.classes, "totals": self.totals, "counts": self.counts}

    def rank(self, text: str) -> list[tuple[str, float]]:
        """Classes, best first, with the log-likelihood of the text's known n-grams; empty when none is known."""
        seen = [row for gram in grams(text) if (row := self.counts.get(gram))]
        if not seen:
            return []
        scores = [
            (name, sum(_log(row[at]) for row in seen) - len(seen) * self._log_totals[at]) for at, name in enumerate(self.classes)
        ]
        return sorted(scores, key=lambda score: -score[1])


def train(samples: Mapping[str, Iterable[str]]) -> Ngrams:
    """A model from the sample lines of each class."""
    counted = [Counter(gram for text in texts for gram in grams(text)) for texts in samples.values()]
    known = {gram for each in counted for gram, seen in each.items() if seen >= SELDOM}
    totals = [sum(each[gram] for gram in known) for each in counted]
    return Ngrams(list(samples), totals, {gram: [each[gram] for each in counted] for gram in sorted(known)})


def save(models: Mapping[str, Ngrams], where: Path, made_from: str) -> None:
    """Keep models in a folder, for processes that start later."""
    keep(where, made_from, {name: model.as_json() for name, model in models.items()})


def load(where: Path, made_from: str | None = None) -> dict[str, Ngrams] | None:
    """Kept models, without a name the last ones.  None when there are none or they cannot be read."""
    try:
        return {name: Ngrams(**model) for name, model in (kept(where, made_from) or {}).items()} or None
    except (TypeError, AttributeError):
        return None
