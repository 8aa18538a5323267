"""Text the project owns, to learn languages from: every string of content/, in every script it can be written in."""

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from care.languages.fold import fold
from care.languages.ngrams import Ngrams
from care.languages.transliterate import kazakh_arabic, uyghur_latin

CONTENT = Path(__file__).resolve().parents[2] / "content"
SAMPLES = Path(__file__).parent / "samples"
PLACEHOLDER = re.compile(r"\$\{\w+\}")
UYGHUR_WORD = re.compile(r"[\u0621-\u06ff]+")
CYRILLIC_LINE = re.compile(r"[\u0400-\u04ff]")


@lru_cache(maxsize=1)
def model() -> Ngrams:
    """The trained model, made on first use (under a second) and shared by the process."""
    return Ngrams(samples(CONTENT))


def samples(content: Path) -> dict[str, list[str]]:
    """Training lines per class: ug-Arab, ug-Latn, kk-Arab, kk-Cyrl, ru, en."""
    uyghur = [line for line in _lines(content / "ug") if UYGHUR_WORD.search(line)]
    kazakh = [line for line in _lines(content / "kk") if CYRILLIC_LINE.search(line)]
    latin = [uyghur_latin(line) for line in uyghur]
    return {
        "ug-Arab": uyghur,
        # People leave out é ö ü and apostrophes: both spellings are learnt.
        "ug-Latn": latin + [fold(line, "ug") for line in uyghur],
        "kk-Arab": [kazakh_arabic(line) for line in kazakh],
        "kk-Cyrl": kazakh,
        "ru": _own("ru"),
        "en": _own("en"),
    }


def _lines(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".yml", ".md"):
            yield from (PLACEHOLDER.sub(" ", line) for line in path.read_text(encoding="utf-8").splitlines())


def _own(name: str) -> list[str]:
    return (SAMPLES / f"{name}.txt").read_text(encoding="utf-8").splitlines()
