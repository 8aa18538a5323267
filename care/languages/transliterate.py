"""From one script of a language to another: Kazakh Cyrillic to Arabic script by rule, Uyghur between Arabic and Latin.

Kazakh rule: facts, language, section 6 (published practice of 2001 to CLDR 48); exceptions stand in content/kk/arabic.yml.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from umsc import UgMultiScriptConverter

_WRITTEN = "аا әا оو өو ұۇ үۇ ыى іى еە эە иي йي уۋ вۆ гگ ғع кك қق хح һھ чچ шش жج зز ңڭ пپ фف бب дد лل мم нن рر сس тت"
LETTERS = {pair[0]: pair[1] for pair in _WRITTEN.split()}
PAIRS: tuple[tuple[str, str], ...] = (
    ("щ", "شش"),
    ("йя", "ييا"),
    ("ия", "يا"),
    ("ию", "يۋ"),
    ("я", "يا"),
    ("ю", "يۋ"),
    ("ё", "يو"),
    ("ц", "تس"),
)
PAIRS += (("тч", "چ"), ("дж", "ج"), ("ъ", ""), ("ь", ""))
SOFT = re.compile("[әөүі]")
NO_HAMZA = re.compile("[гкеэқғ]")
SHORT_I = re.compile(r"ий(?![аеёиоуыэюяәөұүі])")
CYRILLIC_WORD = re.compile(r"[\u0400-\u04ff]+")
PUNCTUATION = str.maketrans({",": "،", "?": "؟", ";": "؛"})


def kazakh_arabic(text: str, exceptions: Mapping[str, Any] | None = None) -> str:
    """Kazakh Cyrillic as Arabic script.  `exceptions`: {"words": {cyrillic: arabic}, "stems": {cyrillic: arabic}}."""
    known = exceptions or {}
    words: Mapping[str, str] = known.get("words") or {}
    stems: Mapping[str, str] = known.get("stems") or {}
    written = CYRILLIC_WORD.sub(lambda word: _kazakh_word(word[0].lower(), words, stems), text)
    # A comma between digits is a decimal comma, not a pause.
    return re.sub(r"(?<!\d)[,?;]|[,?;](?!\d)", lambda mark: mark[0].translate(PUNCTUATION), written)


def _kazakh_word(word: str, words: Mapping[str, str], stems: Mapping[str, str]) -> str:
    if word in words:
        return words[word]
    for stem, arabic in stems.items():
        if word.startswith(stem):
            return arabic + _letters(word[len(stem) :])
    needs_hamza = SOFT.search(word) and not NO_HAMZA.search(word)
    return ("ء" if needs_hamza else "") + _letters(word)


def _letters(word: str) -> str:
    word = SHORT_I.sub("й", word)
    for cyrillic, arabic in PAIRS:
        word = word.replace(cyrillic, arabic)
    return "".join(LETTERS.get(letter, letter) for letter in word)


@lru_cache
def _converter(source: str, target: str) -> UgMultiScriptConverter:
    return UgMultiScriptConverter(source, target)


def uyghur_latin(text: str) -> str:
    """Uyghur Arabic script as Latin (ULY)."""
    return str(_converter("UAS", "ULS")(text))


def uyghur_arabic(text: str) -> str:
    """Uyghur Latin (ULY), also without é ö ü apostrophes where the word allows it, as Arabic script."""
    return str(_converter("ULS", "UAS")(text.replace("v", "w").replace("ë", "é")))
