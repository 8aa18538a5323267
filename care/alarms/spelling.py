"""Long words found in spite of one slip: a letter left out, doubled, wrong, or two changed about."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

SHORTEST = 7  # folded letters; in shorter words one letter makes another word


class NearMiss:
    """Which stems a word begins with, but for one slip.

    Both sides leave out each of their letters in turn and meet (symmetric deletion): some dozens of look-ups a word, and
    a word of no rule costs nothing more.
    """

    def __init__(self, stems: Iterable[str], denials: Sequence[str] = ()) -> None:
        self._denials = denials
        self._long = {stem for stem in stems if len(stem) >= SHORTEST}
        self._by_variant: dict[str, list[str]] = defaultdict(list)
        for stem in sorted(self._long):
            for variant in {stem, *_one_left_out(stem)}:
                self._by_variant[variant].append(stem)
        self._sizes = sorted({len(stem) + change for stem in self._long for change in (-1, 0, 1)})

    def stems_of(self, word: str) -> dict[str, str]:
        """Stems that nearly begin the word, each with the rest of the word after it."""
        found: dict[str, str] = {}
        for size in self._sizes:
            if size > len(word):
                break
            for stem in self._near(word[:size]):
                found.setdefault(stem, word[size:])
        return found

    def _near(self, begin: str) -> Iterator[str]:
        for variant in (begin, *_one_left_out(begin)):
            for stem in self._by_variant.get(variant, ()):
                if _is_one_slip(stem, begin) and self._denies(stem) == self._denies(begin):
                    yield stem

    def _denies(self, word: str) -> bool:
        """No slip makes or takes a "not": bolmady (was not) is one letter from bolady (is)."""
        return any(denial in word for denial in self._denials)


def _one_left_out(word: str) -> list[str]:
    return [word[:at] + word[at + 1 :] for at in range(len(word))]


def _is_one_slip(stem: str, typed: str) -> bool:
    """Whether one letter is missing, added or wrong, or two neighbours are changed about; never at the end of the stem.

    There stands the "not" of its verb: oyghan-mi (did not wake) is one letter from oyghan-di (woke).
    """
    if stem[-2:] != typed[-2:]:
        return False
    same = next(
        (at for at, (one, other) in enumerate(zip(stem, typed, strict=False)) if one != other), min(len(stem), len(typed))
    )
    left, right = stem[same:], typed[same:]
    if left[1:] == right or left == right[1:] or left[1:] == right[1:]:
        return True
    return len(left) > 1 and left[:2] == right[1::-1] and left[2:] == right[2:]
