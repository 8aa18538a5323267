"""A small character n-gram model that tells languages of one script apart (naive Bayes; facts: language, section 4)."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

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


class Ngrams:
    """Log-likelihoods of n-grams per class.  Read-only after training, so threads may share it."""

    def __init__(self, samples: Mapping[str, Iterable[str]]) -> None:
        counts = {name: Counter(gram for text in texts for gram in grams(text)) for name, texts in samples.items()}
        known = {gram for each in counts.values() for gram, seen in each.items() if seen >= SELDOM}
        self._weights: dict[str, dict[str, float]] = {}
        self._unseen: dict[str, float] = {}
        for name, each in counts.items():
            total = sum(each[gram] for gram in known) + SMOOTHING * len(known)
            self._weights[name] = {gram: math.log((each[gram] + SMOOTHING) / total) for gram in known if each[gram]}
            self._unseen[name] = math.log(SMOOTHING / total)
        self._known = known

    def rank(self, text: str, among: Iterable[str]) -> list[tuple[str, float]]:
        """Classes, best first, with the mean log-likelihood a gram; empty when no gram is known."""
        seen = [gram for gram in grams(text) if gram in self._known]
        if not seen:
            return []
        scores = [(name, sum(self._weights[name].get(gram, self._unseen[name]) for gram in seen) / len(seen)) for name in among]
        return sorted(scores, key=lambda score: -score[1])
