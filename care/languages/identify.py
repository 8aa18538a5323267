"""Which language and script a message is in: scripts, decisive letters, n-grams, then the person's own choice.

No library knows Uyghur Latin and Arabic-script Kazakh usably (measured: facts, language, section 4).
"""

import re
from dataclasses import dataclass

from care.languages.corpus import models
from care.languages.hanzi import han_script
from care.languages.normalise import normalise
from care.languages.table import FORMS, Form, languages_in

SCRIPTS = {
    "Han": re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]"),
    "Arab": re.compile(r"[\u0621-\u064a\u0671-\u06d5\ufb50-\ufdff\ufe70-\ufefc]"),
    "Cyrl": re.compile(r"[\u0400-\u052f]"),
    "Latn": re.compile(r"[A-Za-zÀ-ɏəɵⱪⱨＡ-Ｚａ-ｚ]"),
}
LETTER = re.compile(r"[^\W\d_]")
KANA = re.compile(r"[\u3040-\u30ff]")
ADDRESS = re.compile(r"https?://\S+|\S+@\S+\.\S+")
HAN_WEIGHT = 2  # one character says about as much as two letters

# house: letters 7 - the decisive letters of each alphabet, no words
UYGHUR_ONLY = re.compile("[ئېۈغخژھ]")
KAZAKH_ONLY = re.compile(r"[ءعح]|\b[اوۇەى]")
NEITHER_ARABIC_NOR_PERSIAN = re.compile("[ۇۆۈۋېڭە]")
NEITHER_UYGHUR_NOR_KAZAKH = re.compile("[ثذصضطظأإؤةٹڈڑںےێڵڕ]")
KAZAKH_CYRILLIC = re.compile("[әғқңөұүһі]")
KAZAKH_NOT_UYGHUR = re.compile("[ұі]")
UKRAINIAN = re.compile("[їєґў]")
FEW = 0.04  # Kazakh runs to 15-20 % own letters; a Russian sentence may hold a Kazakh name

# Below this many letters a stored choice is worth more than a guess (facts: language, section 4).
SHORT = 10
CLEAR = 8.0  # difference of log-likelihoods above which a guess is certain
# Kazakh shows its own letters in most words, so Arabic script without them is rather Uyghur; Kazakh in Latin letters is
# seldom; and a lone loan word (`температурам 38.2`) is a patient of ours speaking, not a Russian.
LEANING = {("Arab", "ug"): 1.0, ("Latn", "ug"): 3.0, ("Cyrl", "kk"): 4.0}
# The scripts somebody may type a language in; a choice says nothing about text in another.  A language that is not here came
# later, with a line of the language table: it is typed in the scripts of its forms, and told by its n-grams and by the choice.
TYPED_IN = {"ug": ("Arab", "Latn", "Cyrl"), "kk": ("Cyrl", "Arab", "Latn"), "zh": ("Han", "Latn")}


@dataclass(frozen=True)
class Identified:
    """Language `ug`, `kk`, `zh` or `other`; script Arab, Latn, Cyrl, Hans, Hant or "" when none of these.

    `certain` is True when letters or a clear lead say so, False for a guess or for the person's own choice.
    """

    language: str
    script: str
    certain: bool


@dataclass(frozen=True)
class Typed:
    """A message under judgement: its comparable text, its letters of the leading script, and who typed it."""

    text: str
    raw: str
    script: str
    letters: int
    stored: str | None  # the language they chose, when it can be typed in this script

    @property
    def is_short(self) -> bool:
        return self.letters < SHORT


def identify(text: str, stored: Form | None = None) -> Identified:
    """The language of a message.  `stored` is what the person chose: it decides short and doubtful ones."""
    text = ADDRESS.sub(" ", text)
    counts = {script: len(pattern.findall(text)) for script, pattern in SCRIPTS.items()}
    counts["Han"] *= HAN_WEIGHT
    script, letters = max(counts.items(), key=lambda count: count[1])
    unknown = len(LETTER.findall(text)) - sum(counts.values()) + counts["Han"] // HAN_WEIGHT
    if letters == 0 or unknown > letters:
        return _no_script(text, unknown, stored)
    if script == "Han":
        return _han(text, letters)
    choice = stored.language if stored and script in typed_in(stored.language) else None
    typed = Typed(normalise(text), text, script, letters, choice)
    return _came_later(typed) or {"Arab": _arabic, "Cyrl": _cyrillic, "Latn": _latin}[script](typed)


def typed_in(language: str) -> tuple[str, ...]:
    """The scripts somebody may type a language in."""
    return TYPED_IN.get(language) or tuple(each.script for each in FORMS.values() if each.language == language)


def _came_later(typed: Typed) -> Identified | None:
    """A language this file knows no letters of.  One nobody has taught yet is what the person chose."""
    later = [language for language in languages_in(typed.script) if language not in TYPED_IN]
    if not later:
        return None
    best, lead = _best(typed)
    is_clear = lead > CLEAR and not typed.is_short
    if best in later and (is_clear or typed.stored == best):
        return Identified(best, typed.script, certain=is_clear)
    is_taught = typed.stored in models()[typed.script].classes
    if typed.stored in later and not (is_taught and is_clear):
        return Identified(str(typed.stored), typed.script, certain=False)
    return None


def _no_script(text: str, unknown: int, stored: Form | None) -> Identified:
    """Nothing, pictures, or a script we do not have; a bare number is in the language of whoever sent it."""
    if unknown == 0 and stored and any(char.isdigit() for char in text):
        return Identified(stored.language, "", certain=False)
    return Identified("other", "", certain=unknown >= SHORT)


def _han(text: str, letters: int) -> Identified:
    kana = len(KANA.findall(text))
    if kana > 1 and 2 * kana >= letters // HAN_WEIGHT:
        return Identified("other", "", certain=True)
    return Identified("zh", han_script("".join(SCRIPTS["Han"].findall(text))), certain=True)


def _arabic(typed: Typed) -> Identified:
    if not typed.is_short and _is_arabic_or_persian(typed):
        return Identified("other", "Arab", certain=True)
    uyghur, kazakh = bool(UYGHUR_ONLY.search(typed.text)), bool(KAZAKH_ONLY.search(typed.text))
    if uyghur != kazakh:
        language = "ug" if uyghur else "kk"
        return Identified(language, "Arab", certain=typed.stored in (None, language))  # one letter may be the keyboard's
    return _guess(typed, ("ug", "kk"))


def _is_arabic_or_persian(typed: Typed) -> bool:
    if NEITHER_ARABIC_NOR_PERSIAN.search(typed.raw):
        return False
    best, lead = _best(typed)
    return best in ("ar", "fa") and (lead > CLEAR or bool(NEITHER_UYGHUR_NOR_KAZAKH.search(typed.raw)))


def _cyrillic(typed: Typed) -> Identified:
    if UKRAINIAN.search(typed.text):
        return Identified("other", "Cyrl", certain=not typed.is_short)
    own = len(KAZAKH_CYRILLIC.findall(typed.text))
    if own == 0:
        return _guess(typed, ("kk", "ru"))
    is_sparse = own < FEW * typed.letters
    if not (is_sparse or typed.stored == "ug" or "җ" in typed.text):
        return Identified("kk", "Cyrl", certain=True)  # whatever else it looks like, and most texts need not be compared
    best, lead = _best(typed)
    if "җ" in typed.text or (typed.stored == "ug" and best == "ug"):
        return Identified("ug", "Cyrl", certain=not KAZAKH_NOT_UYGHUR.search(typed.text))
    if best == "ru" and lead > CLEAR and is_sparse:
        return Identified("other", "Cyrl", certain=True)
    return Identified("kk", "Cyrl", certain=True)


def _latin(typed: Typed) -> Identified:
    return _guess(typed, None)


def _guess(typed: Typed, among: tuple[str, ...] | None) -> Identified:
    """The n-gram model's guess, unless the person's choice is worth more."""
    best, lead = _best(typed, among)
    language = best if best in ("ug", "kk") else "other"
    certain = bool(best) and lead > CLEAR and not typed.is_short
    if typed.stored and typed.stored != language and (typed.is_short or lead <= CLEAR):
        return Identified(typed.stored, typed.script, certain=False)
    return Identified(language, typed.script, certain)


def _best(typed: Typed, among: tuple[str, ...] | None = None) -> tuple[str, float]:
    """The likeliest class and how far it is ahead of the next one; ("", 0) when no n-gram is known."""
    scores = [score for score in models()[typed.script].rank(typed.text) if among is None or score[0] in among]
    ranked = sorted(((name, score + LEANING.get((typed.script, name), 0.0)) for name, score in scores), key=lambda each: -each[1])
    return (ranked[0][0], ranked[0][1] - ranked[1][1]) if ranked else ("", 0.0)
