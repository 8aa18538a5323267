"""Which language and script a message is in: scripts, decisive letters, n-grams, then the person's own choice.

No library knows Uyghur Latin and Arabic-script Kazakh usably (measured: facts, language, section 4).
"""

import re
from dataclasses import dataclass

from care.languages.corpus import model
from care.languages.fold import TRADITIONAL
from care.languages.normalise import normalise
from care.languages.table import Form

HAN, ARABIC = re.compile(r"[\u3400-\u9fff]"), re.compile(r"[\u0621-\u06ff]")
CYRILLIC, LATIN = re.compile(r"[\u0400-\u04ff]"), re.compile(r"[A-Za-zÀ-ɏ]")
UYGHUR_ONLY = re.compile("[ئېۈغخژھ]")
KAZAKH_ONLY = re.compile(r"[ءعح]|\b[اوۇەى]")
KAZAKH_CYRILLIC = re.compile("[әғқңөұүһі]", re.IGNORECASE)
RUSSIAN_ONLY = re.compile("[ёщъэ]", re.IGNORECASE)
UYGHUR_LATIN = re.compile("[öüé]|gh|ng'|ing|dim", re.IGNORECASE)
# Below this many letters a stored choice is worth more than a guess (facts: language, section 4).
SHORT = 10
MARGIN = 0.05  # difference of mean log-likelihoods under which a guess is not certain


@dataclass(frozen=True)
class Identified:
    """Language `ug`, `kk`, `zh` or `other`; script Arab, Latn, Cyrl, Hans, Hant or "" when there are no letters."""

    language: str
    script: str
    certain: bool


def identify(text: str, stored: Form | None = None) -> Identified:
    """The language of a message.  `stored` is what the person chose: it decides short and doubtful ones."""
    counts = {"Han": len(HAN.findall(text)) * 2, "Arab": len(ARABIC.findall(text))}
    counts |= {"Cyrl": len(CYRILLIC.findall(text)), "Latn": len(LATIN.findall(text))}
    script, letters = max(counts.items(), key=lambda count: count[1])
    if letters == 0:
        return Identified("other", "", certain=False)
    if script == "Han":
        return Identified("zh", "Hant" if any(char in TRADITIONAL for char in text) else "Hans", certain=True)
    judge = {"Arab": _arabic, "Cyrl": _cyrillic, "Latn": _latin}[script]
    return judge(text, letters, stored)


def _arabic(text: str, letters: int, stored: Form | None) -> Identified:
    plain = normalise(text)
    uyghur, kazakh = bool(UYGHUR_ONLY.search(plain)), bool(KAZAKH_ONLY.search(plain))
    if uyghur != kazakh:
        return Identified("ug" if uyghur else "kk", "Arab", certain=True)
    if letters < SHORT and stored and stored.language in ("ug", "kk"):
        return Identified(stored.language, "Arab", certain=False)
    ranked = model().rank(plain, ("ug-Arab", "kk-Arab"))
    if not ranked:
        return Identified(stored.language if stored else "other", "Arab", certain=False)
    return Identified(ranked[0][0][:2], "Arab", certain=ranked[0][1] - ranked[1][1] > MARGIN)


def _cyrillic(text: str, letters: int, stored: Form | None) -> Identified:
    if KAZAKH_CYRILLIC.search(text):
        return Identified("kk", "Cyrl", certain=True)
    ranked = model().rank(normalise(text), ("kk-Cyrl", "ru"))
    russian = (
        bool(ranked) and ranked[0][0] == "ru" and (ranked[0][1] - ranked[1][1] > 2 * MARGIN or bool(RUSSIAN_ONLY.search(text)))
    )
    if russian and not (letters < SHORT and stored and stored.language == "kk"):
        return Identified("other", "Cyrl", certain=letters >= SHORT)
    return Identified("kk", "Cyrl", certain=letters >= SHORT)


def _latin(text: str, letters: int, stored: Form | None) -> Identified:
    plain = normalise(text)
    ranked = model().rank(plain, ("ug-Latn", "en"))
    if letters < SHORT and stored and not (ranked and ranked[0][0] == "ug-Latn"):
        return Identified(stored.language, "Latn", certain=False)
    if ranked and ranked[0][0] == "ug-Latn" and (ranked[0][1] - ranked[1][1] > MARGIN or UYGHUR_LATIN.search(plain)):
        return Identified("ug", "Latn", certain=True)
    return Identified("other", "Latn", certain=letters >= SHORT)
