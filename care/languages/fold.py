"""Matching keys: different spellings of one word, in any of its scripts, become one key (facts: language, section 7).

Uyghur folds to plain Latin letters, Kazakh to an Arabic skeleton, Chinese to simplified characters: three alphabets,
so that the words of two languages never meet by accident.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import lru_cache

from care.languages.hanzi import simplified
from care.languages.normalise import normalise
from care.languages.transliterate import LATIN_OF, kazakh_arabic

CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_PLAIN = str.maketrans("öüé", "oue")
UYGHUR_KEY = {letter: latin.translate(_PLAIN) for letter, latin in LATIN_OF.items()} | {"ئ": "", "ء": ""}
# house: letters 2 - alphabets beside one another, no words
# Words of faith and names are also typed as Arabic spells them.
UYGHUR_KEY |= dict(zip("حةطثصذضظعأإآ", ("h", "e", "t", "s", "s", "z", "z", "z", "", "a", "a", "a"), strict=True))
_CYRILLIC = "аa бb вw гg ғgh дd еe жzh җj зz иi йy кk қq лl мm нn ңng оo өo пp рr сs тt уu үu фf хx һh чch шsh әe эe ыi"
UYGHUR_KEY |= {pair[0]: pair[1:] for pair in _CYRILLIC.split()}
UYGHUR_KEY |= {"ю": "yu", "я": "ya", "ё": "yo", "ц": "ts", "щ": "sh", "ь": "", "ъ": ""}
# Latin alphabets beside ULY: the common Turkic one and the New Script of 1959.
UYGHUR_KEY |= {"ş": "sh", "ç": "ch", "ğ": "gh", "ñ": "ng", "ə": "e", "ı": "i", "ƣ": "gh", "ⱪ": "q", "ⱨ": "h", "ɵ": "o"}
UYGHUR_KEY |= {"v": "w", "'": ""}
UYGHUR_TABLE = str.maketrans(UYGHUR_KEY)

# ق=ك and so on: typing without Kazakh letters matches.  The last row is for those who type on a Uyghur keyboard.
KAZAKH_SKELETON = str.maketrans(
    {"ق": "ك", "ع": "گ", "ڭ": "ن", "ۇ": "ۋ", "ى": "ي", "ھ": "ح", "ۆ": "ۋ", "ء": None, "'": None, "،": " ", "؟": " ", "؛": " "}
    | {"ئ": None, "غ": "گ", "خ": "ح", "ۈ": "ۋ", "ې": "ە", "ژ": "ج"}
)
# Kazakh in Latin letters, straight to the skeleton: the alphabet of 2021 and what people make of it without its marks.
_LATIN = "aا äا bب dد eە əە fف gگ ğگ hح xح iي ıي yي jج kك qك lل mم nن ñن oو öو pپ rر sس şش tت uۋ ūۋ üۋ wۋ vۋ zز cس çچ"
KAZAKH_LATIN = {pair[0]: pair[1] for pair in _LATIN.split()} | {"sh": "ش", "ch": "چ", "zh": "ج", "gh": "گ", "kh": "ح", "ts": "تس"}
LATIN_PIECE = re.compile("|".join(sorted(KAZAKH_LATIN, key=len, reverse=True)))
KAZAKH_LATIN_ONLY = re.compile("[äğñūşı]")
WORDS_IN_LATIN = re.compile(r"[a-zäöüğñūşıəç']{2,}")
NOT_LATIN = re.compile(r"[\u0400-\u04ff\u0621-\u06ff\u3400-\u9fff]")

NOISE = re.compile(r"[^\w.']+|(?<!\d)\.|\.(?!\d)|_+|(?<!\w)'|'(?!\w)")
PLAIN = re.compile(r"[^\W_\u4e00-\u9fff]+(?: [^\W_\u4e00-\u9fff]+)*|[^\W_]+")  # nothing to take out
BETWEEN_HAN = re.compile(r"(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])")


def fold(text: str, language: str) -> str:
    """The key of a text: words with single spaces (ug, kk, other), or a run of characters without spaces (zh)."""
    return fold_normalised(normalise(text, language), language)


def fold_normalised(text: str, language: str) -> str:
    """The same for a text that went through `normalise` already."""
    folded = FOLDS.get(language, str)(text)
    if PLAIN.fullmatch(folded):
        return folded
    return BETWEEN_HAN.sub("", " ".join(NOISE.sub(" ", folded).split()))


@lru_cache(maxsize=65_536)
def key_of_word(word: str, language: str) -> str:
    """The key of a single normalised word, whose Latin letters are taken for the language's own."""
    if language == "kk":
        return _kazakh_latin(word).translate(KAZAKH_SKELETON) if word[0] < "\u0400" else _kazakh(word)
    return fold(word, language)


def _uyghur(text: str) -> str:
    text = text.translate(UYGHUR_TABLE)
    if text.isascii():
        return text
    # Whatever marks are left on Latin letters fall away: ö ü é and their many substitutes.
    return "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))


def _kazakh(text: str) -> str:
    if CYRILLIC.search(text):
        text = kazakh_arabic(text)
    elif _is_kazakh_latin(text):
        text = _kazakh_latin(text)
    return text.translate(KAZAKH_SKELETON)


def _kazakh_latin(text: str) -> str:
    return LATIN_PIECE.sub(lambda piece: KAZAKH_LATIN[piece[0]], text)


def _is_kazakh_latin(text: str) -> bool:
    """Not so for `PICC` or `CT` alone, which every language writes in Latin letters."""
    if NOT_LATIN.search(text):
        return False
    words = WORDS_IN_LATIN.findall(text)
    return bool(KAZAKH_LATIN_ONLY.search(text)) or len(words) > 1 or any(len(each) > 5 for each in words)


FOLDS: Mapping[str, Callable[[str], str]] = {"ug": _uyghur, "kk": _kazakh, "zh": simplified}
