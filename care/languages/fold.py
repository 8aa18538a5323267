"""Matching keys: different spellings of one word, in any of its scripts, become one key (facts: language, section 7).

Uyghur folds to plain Latin letters, Kazakh to an Arabic skeleton, Chinese to simplified characters: three alphabets,
so that the words of two languages never meet by accident.
"""

import re
import unicodedata

from care.languages.normalise import normalise
from care.languages.transliterate import kazakh_arabic, uyghur_latin

ARABIC = re.compile(r"[\u0621-\u06ff]")
ARABIC_RUN = re.compile(r"[\u0621-\u06ff]+(?:[\s\u060c\u061b\u061f]+[\u0621-\u06ff]+)*")
CYRILLIC = re.compile(r"[\u0400-\u04ff]")
KAZAKH_SKELETON = str.maketrans({"ق": "ك", "ع": "گ", "ڭ": "ن", "ۇ": "ۋ", "ى": "ي", "ھ": "ح", "ء": None})
UYGHUR_CYRILLIC = {"ғ": "gh", "қ": "q", "ң": "ng", "ө": "o", "ү": "u", "ә": "e", "җ": "j", "һ": "h", "х": "x", "ж": "zh"}
_PAIRS = "аa бb вw гg дd еe зz иi йy кk лl мm нn оo пp рr сs тt уu фf чch шsh ыi эe"
UYGHUR_CYRILLIC |= {pair[0]: pair[1:] for pair in _PAIRS.split()}
UYGHUR_CYRILLIC |= {"ю": "yu", "я": "ya", "ё": "yo", "ц": "ts", "щ": "sh", "ь": "", "ъ": ""}
KAZAKH_LATIN_ONLY = re.compile("[äğñūşı]")
# Kazakh in Latin letters, the alphabet of 2021, to Cyrillic.
KAZAKH_LATIN = {"sh": "ш", "ch": "ч", "ä": "ә", "ğ": "ғ", "ñ": "ң", "ö": "ө", "ū": "ұ", "ü": "ү", "ş": "ш", "ı": "ы"}
KAZAKH_LATIN |= dict(zip("abcdefghijklmnopqrstuvxyz", "абцдефгһижклмнопқрстұвхйз", strict=True)) | {"i": "і", "y": "й", "w": "у"}
TRADITIONAL = dict(
    zip(
        "發燒熱體溫藥嗎噁嘔瀉腫頭點幾時間護醫點麼樣這個說話還會讓給請問現開關爛飯覺歲場療術後來沒過對應當從與為們請聽語言換種鹽顆膚臉腳過斷氣脈癱癢麻痺貧營養導鼻膿潰瘍",
        "发烧热体温药吗恶呕泻肿头点几时间护医点么样这个说话还会让给请问现开关烂饭觉岁场疗术后来没过对应当从与为们请听语言换种盐颗肤脸脚过断气脉瘫痒麻痹贫营养导鼻脓溃疡",
        strict=True,
    )
)
NOISE = re.compile(r"[^\w.']+|(?<!\d)\.|\.(?!\d)|_+")
BETWEEN_HAN = re.compile(r"(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])")


def fold(text: str, language: str) -> str:
    """The key of a text: words with single spaces (ug, kk), or an unspaced run of characters (zh)."""
    text = normalise(text, language)
    folded = {"ug": _uyghur, "kk": _kazakh}.get(language, _chinese)(text)
    return BETWEEN_HAN.sub("", " ".join(NOISE.sub(" ", folded).split()))


def _uyghur(text: str) -> str:
    text = ARABIC_RUN.sub(lambda run: uyghur_latin(run[0]), text)
    if CYRILLIC.search(text):
        text = "".join(UYGHUR_CYRILLIC.get(char, char) for char in text)
    plain = unicodedata.normalize("NFD", text.replace("'", "").replace("v", "w"))
    return "".join(char for char in plain if not unicodedata.combining(char))


def _kazakh(text: str) -> str:
    if KAZAKH_LATIN_ONLY.search(text):
        text = _from_latin(text)
    return kazakh_arabic(text.replace("'", "")).translate(KAZAKH_SKELETON).replace("،", " ")


def _from_latin(text: str) -> str:
    for latin in sorted(KAZAKH_LATIN, key=len, reverse=True):
        text = text.replace(latin, KAZAKH_LATIN[latin])
    return text


def _chinese(text: str) -> str:
    return "".join(TRADITIONAL.get(char, char) for char in text)
