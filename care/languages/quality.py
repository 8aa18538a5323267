"""Hard checks on written text that need no dictionary: letters that do not belong, and forms no reader writes.

Source: measured letter inventories of published Uyghur and Kazakh (facts: language, sections 2, 3 and 9).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class LetterFault:
    """What is wrong with a piece of text, and how to mend it."""

    what: str
    mend: str


ARABIC_WORD = re.compile(r"[\u0621-\u064A\u0671-\u06D5]+")
WORD = re.compile(r"\w+")
HIDDEN = re.compile(r"[\u200b-\u200f\u061c\u202a-\u202e\u2060-\u2069\ufeff]")
PRESENTATION = re.compile(r"[\ufb50-\ufdff\ufe70-\ufefe]")
FOREIGN_DIGITS = re.compile(r"[\u0660-\u0669\u06f0-\u06f9\uff10-\uff19]")
# house: letters 4 - letters that a text of the language cannot hold, no words
NOT_UYGHUR = re.compile(r"[عحءٴۅۉیکهةأإآؤثذصضطظ]")
BARE_VOWEL = re.compile(r"^[اەوۇۆۈېى]")
CYRILLIC, LATIN = re.compile(r"[\u0400-\u04ff]"), re.compile(r"[A-Za-z]")
NOT_KAZAKH = re.compile(r"[җўӯӣҳҷќѓ]", re.IGNORECASE)
HAMZA, NOT_KAZAKH_ARABIC, NEVER_WITH_HAMZA = "ء", re.compile(r"[ئېۈغخٴ]"), re.compile(r"[كگەقع]")
ARABIC_LETTER = re.compile(r"[\u0621-\u064A\u0671-\u06D5]")
ALPHABETS = {"Arabic": ARABIC_LETTER, "Cyrillic": CYRILLIC, "Latin": LATIN}
MIXED = re.compile(r"[A-Za-z\u0400-\u04ff\u0621-\u064A\u0671-\u06D5]{2,}")


def letter_faults(text: str, language: str) -> list[LetterFault]:
    """Every fault of a text authored in a language (ug: Arabic script, kk: Cyrillic, zh: Han)."""
    faults = [LetterFault(what, mend) for pattern, what, mend in EVERYWHERE if pattern.search(text)]
    check = BY_LANGUAGE.get(language)
    return faults + _mixed(text) + (check(text) if check else [])


EVERYWHERE = (
    (HIDDEN, "holds an invisible direction or joining mark", "remove it; the page sets directions by itself"),
    (PRESENTATION, "holds Arabic presentation forms", "type the plain letters"),
    (FOREIGN_DIGITS, "holds digits other than 0-9", "write digits as 0-9"),
    (re.compile("ـ"), "holds a stretching mark (tatweel)", "remove it"),
)


def _uyghur(text: str) -> list[LetterFault]:
    faults = []
    for word in ARABIC_WORD.findall(text):
        if NOT_UYGHUR.search(word):
            faults.append(LetterFault(f"{word} has a letter Uyghur does not use", "type it on a Uyghur keyboard (ي ك ە ھ)"))
        if BARE_VOWEL.match(word):
            faults.append(LetterFault(f"{word} begins with a bare vowel", "begin it with ئ"))
    return faults


def _kazakh(text: str) -> list[LetterFault]:
    return [
        LetterFault(f"{word} has a letter Kazakh does not use", "retype the word")
        for word in WORD.findall(text)
        if NOT_KAZAKH.search(word)
    ]


BY_LANGUAGE: dict[str, Callable[[str], list[LetterFault]]] = {"ug": _uyghur, "kk": _kazakh}


def _mixed(text: str) -> list[LetterFault]:
    """Words of two alphabets, which are typed on two keyboards by accident: c for \u0441, i for \u0456."""
    faults = []
    is_mixed = sum(bool(pattern.search(text)) for pattern in ALPHABETS.values()) > 1
    for word in MIXED.findall(text) if is_mixed else ():
        alphabets = [name for name, pattern in ALPHABETS.items() if pattern.search(word)]
        if len(alphabets) > 1:
            faults.append(LetterFault(f"{word} mixes {' and '.join(alphabets)} letters", "retype the word on one keyboard"))
    return faults


def _kazakh_arabic(word: str, exceptions: Mapping[str, Any]) -> list[LetterFault]:
    """What is wrong with a word made by rule; the spellings of the exceptions are right as they are."""
    mend = "give the word its spelling in arabic.yml"
    faults = [LetterFault(f"{word} keeps a letter the rule does not know", mend)] if CYRILLIC.search(word) else []
    if NOT_KAZAKH_ARABIC.search(word):
        faults.append(LetterFault(f"{word} has a letter this script does not use", mend))
    if HAMZA in word[1:] or (word.startswith(HAMZA) and NEVER_WITH_HAMZA.search(word)):
        faults.append(LetterFault(f"{word} has its hamza wrong", mend))
    known = (*(exceptions.get("words") or {}).values(), *(exceptions.get("stems") or {}).values()) if faults else ()
    return [] if any(word.startswith(each) for each in known) else faults


# Checks of the forms nobody writes, one word at a time (facts: language, section 9).
GENERATED: dict[str, Callable[[str, Mapping[str, Any]], list[LetterFault]]] = {"kk-Arab": _kazakh_arabic}
