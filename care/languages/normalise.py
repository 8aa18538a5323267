"""One spelling for one word before anything compares it, and clean text for storing and showing.

Order and traps: facts, language, section 3 (NFKC puts the Kazakh hamza after its letter, so it is moved first).
"""

import re
import unicodedata

HAMZA_PAIRS = {"\u0675": "ءا", "\u0676": "ءو", "\u0677": "ءۇ", "\u0678": "ءى"}
INVISIBLE = dict.fromkeys([0x0640, 0x061C, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A)])
APOSTROPHES = {ord(mark): "'" for mark in "’‘ʼ`´ʻ"}
# Persian and Arabic keyboards give look-alikes of Uyghur and Kazakh letters.
LOOK_ALIKES = str.maketrans({"ی": "ى", "ک": "ك", "ه": "ە", "ة": "ە", "ہ": "ە", "أ": "ا", "إ": "ا", "آ": "ا"})
UYGHUR_LOOK_ALIKES = str.maketrans({"ی": "ى", "ک": "ك", "ه": "ە", "ە": "ە"})
# Latin letters typed inside Cyrillic words.
CYRILLIC_LOOK_ALIKES = str.maketrans("aceopxyiABCEHKMOPTXI", "асеорхуіАВСЕНКМОРТХІ")
CYRILLIC_WORD = re.compile(r"[^\W\d_]*[\u0400-\u04ff][^\W\d_]*")
ISOLATE, POP = "\u2068", "\u2069"
LTR_RUN = re.compile(r"[0-9A-Za-z][0-9A-Za-z.,:/%°+-]*(?:\s+[0-9A-Za-z][0-9A-Za-z.,:/%°+-]*)*")


def tidy(text: str) -> str:
    """For storing and showing: NFC, no invisible marks, no stray spaces at the ends."""
    return unicodedata.normalize("NFC", text.translate({**INVISIBLE, 0x0640: 0x0640})).strip()


def normalise(text: str, language: str | None = None) -> str:
    """For comparing: one code point for one letter, ASCII digits, straight apostrophes, lower case."""
    for pair, plain in HAMZA_PAIRS.items():
        text = text.replace(pair, plain)
    text = unicodedata.normalize("NFKC", text).replace("\u0649\u0654", "\u0626").replace("\u0674", "\u0621")
    text = text.translate(INVISIBLE).translate(APOSTROPHES)
    text = "".join(str(unicodedata.digit(char)) if char.isdigit() else char for char in text).lower()
    if language == "zh":
        return text
    return CYRILLIC_WORD.sub(lambda word: word[0].translate(CYRILLIC_LOOK_ALIKES), text.translate(LOOK_ALIKES))


def isolate(text: str) -> str:
    """For showing right-to-left text: numbers and Latin runs cannot pull their neighbours to the wrong side."""
    return LTR_RUN.sub(lambda run: f"{ISOLATE}{run[0]}{POP}", text)


def strip_isolates(text: str) -> str:
    """Takes back what `isolate` added; stored text has no direction marks."""
    return text.replace(ISOLATE, "").replace(POP, "")
