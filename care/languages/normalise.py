"""One spelling for one word before anything compares it, and clean text for storing and showing.

Order and traps: facts, language, section 3 (NFKC puts the Kazakh hamza after its letter, so it is moved first).
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping

# house: letters 3 - letters that one keyboard types for another, no words
HAMZA_PAIRS = {"\u0675": "ءا", "\u0676": "ءو", "\u0677": "ءۇ", "\u0678": "ءى"}
BIDI_MARKS = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
# ZWJ and ZWNJ are not here: emoji of families and professions are held together by them.
NEVER_STORED = dict.fromkeys([*BIDI_MARKS, 0x200B, 0x2060, 0xFEFF, *range(9), *range(0x0B, 0x20), 0x7F, *range(0xD800, 0xE000)])
INVISIBLE = dict.fromkeys([*NEVER_STORED, 0x0640, 0x200C, 0x200D, *range(0x2061, 0x2066)])
APOSTROPHES = {ord(mark): "'" for mark in "’‘ʼ`´ʻ′"}

# 38½ and 38⁵ are fevers; plain NFKC makes 381⁄2 and 385 of them.
HALF = re.compile(r"(?<=\d)\s?½")
RAISED_TENTH = re.compile(r"(?<!\d)(3\d|4[0-5])([⁰¹²³⁴-⁹])")
ARABIC_POINT = re.compile(r"(?<=\d)٫(?=\d)")
# Only body heat: "1,2 tablets" and lists of numbers are left alone.
TEMPERATURE_COMMA = re.compile(r"(?<![\d.,])(3\d|4[0-5])\s?[,،。·・](\d{1,2})(?![\d,،]|\.\d)")

VOWELS = "اەوۇۆۈېى"
_KEYBOARD = str.maketrans({"ک": "ك", "ہ": "ه", "ة": "ە", "ۀ": "ە", "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا"})


def _any_of(letters: Iterable[int]) -> re.Pattern[str]:
    return re.compile(f"[{''.join(re.escape(chr(each)) for each in letters)}]")


UNUSUAL = _any_of([*map(ord, HAMZA_PAIRS), *APOSTROPHES, *INVISIBLE, 0x0654, 0x0674])
OTHER_KEYBOARD = _any_of(_KEYBOARD)
# A letter, where it is meant for another one, and that one.
_HEH = [("ه", re.compile(rf"(?<=[{VOWELS}])ه|ه(?=[{VOWELS}])"), "ھ")]
_HEH_LEFT = [("ه", re.compile("ه"), "ە")]
_YEH = [("ی", re.compile(rf"(?<=[{VOWELS}])ی|ی(?=[{VOWELS}])"), "ي"), ("ی", re.compile("ی"), "ى")]
# Uyghur parts two vowels by ئ and never stands ي between consonants, so one yeh typed for the other can be mended.
_UYGHUR_YEH = [
    ("ى", re.compile(rf"(?<=[{VOWELS}])ى|ى(?=[{VOWELS}])"), "ي"),
    ("ي", re.compile(rf"(?<=[^\W{VOWELS}])ي(?![{VOWELS}])"), "ى"),
]
# Letters of Persian, Arabic and Urdu keyboards, by language.  None: the language is not known yet.
LOOK_ALIKES: Mapping[str | None, list[tuple[str, re.Pattern[str], str]]] = {
    None: [*_HEH, *_HEH_LEFT, *_YEH],
    "ug": [*_HEH, ("ه", re.compile(r"\bه"), "ھ"), *_HEH_LEFT, *_YEH, *_UYGHUR_YEH],
    "kk": [*_HEH, *_HEH_LEFT, *_YEH],
    "zh": [],
}
CYRILLIC_FOR_LATIN = dict(zip("aceopxyihəɵ", "асеорхуіһәө", strict=True))
LATIN_FOR_CYRILLIC = {cyrillic: latin for latin, cyrillic in CYRILLIC_FOR_LATIN.items()}
TO_CYRILLIC, TO_LATIN = str.maketrans(CYRILLIC_FOR_LATIN), str.maketrans(LATIN_FOR_CYRILLIC)
MIXED_WORD = re.compile(r"[^\W\d_]*(?:[\u0400-\u04ff][a-zəɵ]|[a-zəɵ][\u0400-\u04ff])[^\W\d_]*")
CYRILLIC, LATIN = re.compile(r"[\u0400-\u04ff]"), re.compile("[a-zəɵ]")
DIGIT = re.compile(r"\d")
OTHER_DIGIT = re.compile(r"[^\D0-9]")

ISOLATE, POP = "\u2068", "\u2069"
_RUN = r"[0-9A-Za-z](?:[0-9A-Za-z.,:/%°+?=&#@_-]*[0-9A-Za-z%°])?(?:℃|°[CF])?"
# A telephone number with spaces is one run, or its groups would be shown last first.
LTR_RUN = re.compile(rf"(?:\+(?=\d))?{_RUN}(?: {_RUN})*")


def tidy(text: str) -> str:
    """For storing and showing: NFC, nothing a database or a screen chokes on, no direction marks, no space at the ends."""
    return unicodedata.normalize("NFC", text.translate(NEVER_STORED)).strip()


def normalise(text: str, language: str | None = None) -> str:
    """For comparing: one code point for one letter, ASCII digits with a point, straight apostrophes, lower case."""
    if UNUSUAL.search(text) or not unicodedata.is_normalized("NFKC", text):
        text = _usual_letters(text)  # seldom: nearly every text is as it should be
    text = text.replace("İ", "i").lower()
    if DIGIT.search(text):
        text = TEMPERATURE_COMMA.sub(r"\1.\2", ARABIC_POINT.sub(".", _plain_digits(text)))
    if language == "zh":
        return text
    text = _own_letters(text.translate(_KEYBOARD) if OTHER_KEYBOARD.search(text) else text, language)
    return MIXED_WORD.sub(_one_alphabet, text) if CYRILLIC.search(text) and LATIN.search(text) else text


def _usual_letters(text: str) -> str:
    for pair, plain in HAMZA_PAIRS.items():
        text = text.replace(pair, plain)
    text = RAISED_TENTH.sub(r"\1.\2", HALF.sub(".5", text)).translate(APOSTROPHES)
    text = unicodedata.normalize("NFKC", text).replace("\u0649\u0654", "\u0626").replace("\u0674", "\u0621")
    return text.translate(INVISIBLE)


def _plain_digits(text: str) -> str:
    return OTHER_DIGIT.sub(lambda digit: str(unicodedata.digit(digit[0])), text)


def _own_letters(text: str, language: str | None) -> str:
    for typed, where, meant in LOOK_ALIKES.get(language, LOOK_ALIKES[None]):
        if typed in text:
            text = where.sub(meant, text)
    return text


def _one_alphabet(word: re.Match[str]) -> str:
    """A word typed on two keyboards, in the alphabet most of its letters are from."""
    cyrillic = len(CYRILLIC.findall(word[0]))
    return word[0].translate(TO_CYRILLIC if 2 * cyrillic >= len(word[0]) else TO_LATIN)


def isolate(text: str) -> str:
    """For showing right-to-left text: numbers and Latin runs cannot pull their neighbours to the wrong side."""
    return LTR_RUN.sub(lambda run: f"{ISOLATE}{run[0]}{POP}", strip_isolates(text))


def strip_isolates(text: str) -> str:
    """Takes back what `isolate` added; stored text has no direction marks."""
    return text.replace(ISOLATE, "").replace(POP, "")
