"""Kazakh in Arabic script read back into Cyrillic for voices, none of which can read it; the library's texts need no such guess.

The rule is that of care/languages/transliterate.py backwards.  Front and back vowels share letters there: a hamza or one of
three front letters tells them apart, and what that leaves open is decided by what Kazakh words mostly do.
"""

import re

# house: letters 6 - alphabets beside one another, no words
SAME = dict(zip("ەۆگعكقحھچشجزڭپفبدلمنرستۋ", "евгғкқхһчшжзңпфбдлмнрсту", strict=True))
PUNCTUATION = str.maketrans("،؟؛", ",?;")
BACK = SAME | {"ا": "а", "و": "о", "ۇ": "ұ", "ى": "ы"}
FRONT = SAME | {"ا": "ә", "و": "ө", "ۇ": "ү", "ى": "і"}
VOWELS = "اوۇىەۋ"
IS_FRONT, IS_BACK = re.compile("[ءكگە]"), re.compile("[قع]")
WORD = re.compile("[\u0621-\u064a\u0674-\u06d5]+")


def in_cyrillic(text: str) -> str:
    """The text with every word of Arabic letters in Cyrillic; others stay."""
    return WORD.sub(lambda word: _word(word[0]), text).translate(PUNCTUATION)


def _word(word: str) -> str:
    is_front = bool(IS_FRONT.search(word)) and not IS_BACK.search(word)
    letters = word.replace("ء", "").replace("\u0674", "")
    marked = letters != word
    return "".join(_letter(letters, at, is_front, marked) for at in range(len(letters)))


def _letter(word: str, at: int, is_front: bool, marked: bool) -> str:
    letter, before, after = word[at], word[at - 1 : at] if at else "", word[at + 1 : at + 2]
    if letter == "ي":
        return _short_or_long_i(before, after)
    if letter in "اۋ" and before == "ي":
        return "я" if letter == "ا" else "ю"
    if letter == "و" and any(each in VOWELS for each in word[:at]):
        return "о"  # a soft one stands in the first syllable only
    if letter == "ا" and not marked:
        # Without a hamza only a front letter behind it makes it soft; words from elsewhere keep their hard one.
        return "ә" if is_front and IS_FRONT.search(word[at:]) and at < 2 else "а"
    return (FRONT if is_front else BACK).get(letter, letter)


def _short_or_long_i(before: str, after: str) -> str:
    if after and after in "اۋ":
        return "" if before and before in VOWELS else "и"
    return "й" if before and before in VOWELS else "и"
