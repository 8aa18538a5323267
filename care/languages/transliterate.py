"""From one script of a language to another: Kazakh Cyrillic to Arabic script by rule, Uyghur between Arabic and Latin.

Kazakh rule: facts, language, section 6 (published practice of 2001 to CLDR 48); exceptions stand in content/kk/arabic.yml.
Uyghur rule: section 5.  Only words of the script in question change: `CT`, `PICC`, units and addresses stay as they are.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

# house: letters 9 - alphabets beside one another, no words
_WRITTEN = "аا әا оو өو ұۇ үۇ ыى іى еە эە иي йي уۋ вۆ гگ ғع кك қق хح һھ чچ шش жج зز ңڭ пپ фف бب дد лل мم нن рر сس тت"
KAZAKH_ARABIC = {pair[0]: pair[1] for pair in _WRITTEN.split()}
KAZAKH_ARABIC |= {"я": "يا", "ю": "يۋ", "ё": "يو", "ц": "تس", "щ": "شش", "ъ": "", "ь": ""}
# Before single letters: ия, ию, йя and йю have one ي.
PAIRS = {"ия": "يا", "ию": "يۋ", "йя": "يا", "йю": "يۋ", "тч": "چ", "дж": "ج"}
SOFT = re.compile("[әөүі]")
# A loan of hard vowels with a soft ending (форинті, витаминін) is no soft word.
HARD_LOAN = re.compile("[^әөүі]*[аоуыюяё][^әөүі]*і[^әөү]*")
NO_HAMZA = re.compile("[гкеэқғ]")
_VOWELS = "аеёиоуыэюяәөұүі"
# How loans shrink, in Cyrillic still: магний, грамм, скрининг.
SHRUNK = (
    (re.compile(rf"(?<=[{_VOWELS}])([^{_VOWELS}])\1(?=ь?(?:[^{_VOWELS}ь]|$))"), r"\1"),
    (re.compile(rf"ий(?![{_VOWELS}])"), "й"),
    (re.compile(rf"нг(?=[^{_VOWELS}рлв]|$)"), "ң"),
)
CYRILLIC_WORD = re.compile(r"[\u0400-\u04ff]+")
KAZAKH_PIECE = re.compile("|".join([*PAIRS, *KAZAKH_ARABIC]))
PUNCTUATION = {",": "،", "?": "؟", ";": "؛"}
# A comma between digits is a decimal comma, not a pause.
PAUSE = re.compile(r"(?<!\d)[,?;]|[,?;](?!\d)")


def kazakh_arabic(text: str, exceptions: Mapping[str, Any] | None = None) -> str:
    """Kazakh Cyrillic as Arabic script.  `exceptions`: {"words": {cyrillic: arabic}, "stems": {cyrillic: arabic}}."""
    known = exceptions or {}
    words: Mapping[str, str] = known.get("words") or {}
    stems: Mapping[str, str] = known.get("stems") or {}
    longest_first = sorted(stems.items(), key=lambda stem: -len(stem[0]))
    written = CYRILLIC_WORD.sub(lambda word: _kazakh_word(word[0].lower(), words, longest_first), text)
    return PAUSE.sub(lambda mark: PUNCTUATION[mark[0]], written)


def _kazakh_word(word: str, words: Mapping[str, str], stems: list[tuple[str, str]]) -> str:
    if word in words:
        return words[word]
    for stem, arabic in stems:
        if word.startswith(stem):
            return arabic + _kazakh_letters(word[len(stem) :])
    return _kazakh_by_rule(word)


@lru_cache(maxsize=65_536)
def _kazakh_by_rule(word: str) -> str:
    needs_hamza = SOFT.search(word) and not NO_HAMZA.search(word) and not HARD_LOAN.fullmatch(word)
    return ("ء" if needs_hamza else "") + _kazakh_letters(word)


def _kazakh_letters(word: str) -> str:
    for loan, shrunk in SHRUNK:
        word = loan.sub(shrunk, word)
    return KAZAKH_PIECE.sub(lambda piece: PAIRS.get(piece[0]) or KAZAKH_ARABIC[piece[0]], word)


_ULY = "اa ەe بb پp تt جj چch خx دd رr زz ژzh سs شsh غgh فf قq كk گg ڭng لl مm نn ھh وo ۇu ۆö ۈü ۋw ېé ىi يy"
LATIN_OF = {pair[0]: pair[1:] for pair in _ULY.split()}
ARABIC_OF = {latin: arabic for arabic, latin in LATIN_OF.items()} | {"v": "ۋ", "ë": "ې"}
UYGHUR_WORD = re.compile(r"[\u0621-\u064a\u0671-\u06d5]+")
# ن and گ side by side would read as ڭ, س and ھ as ش: an apostrophe keeps them apart.
APART = re.compile("(?<=ن)(?=[گغ])|(?<=[سزگچ])(?=ھ)")
LATIN_WORD = re.compile(r"[A-Za-zÀ-ÿ]+(?:['’‘ʼ`][A-Za-zÀ-ÿ]+)*")
LATIN_PIECE = re.compile("'|" + "|".join(sorted(ARABIC_OF, key=len, reverse=True)))
NOT_ULY = re.compile(r"[^a-zéëöü']|c(?!h)")
LATIN_VOWELS = "aeéëioöuü"
BEFORE_VOWEL = re.compile(rf"(?:^|(?<=[{LATIN_VOWELS}]))(?=[{LATIN_VOWELS}])|'(?=[{LATIN_VOWELS}])")
LATIN_PUNCTUATION = {arabic: latin for latin, arabic in PUNCTUATION.items()}


def uyghur_latin(text: str) -> str:
    """Uyghur Arabic script as Latin (ULY), lower case; what is not Arabic script stays as it is."""
    written = UYGHUR_WORD.sub(lambda word: _latin_word(word[0]), text)
    return re.sub("[،؟؛]", lambda mark: LATIN_PUNCTUATION[mark[0]], written)


def _latin_word(word: str) -> str:
    parted = APART.sub("'", word.removeprefix("ئ"))
    return "".join(LATIN_OF.get(letter, letter) for letter in parted).replace("ئ", "'")


def uyghur_arabic(text: str, known: Mapping[str, str] | None = None) -> str:
    """Uyghur Latin (ULY) as Arabic script; words that cannot be ULY (`CT`) stay as they are.

    People leave out é ö ü and apostrophes.  Where that makes a word ambiguous, `known` ({plain key: Arabic word}, see
    care.languages.corpus.known_words) has its spelling; without an entry the letters are taken as typed.
    """
    written = LATIN_WORD.sub(lambda word: _arabic_word(word[0], known or {}), text)
    return PAUSE.sub(lambda mark: PUNCTUATION[mark[0]], written)


def _arabic_word(word: str, known: Mapping[str, str]) -> str:
    plain = re.sub("[’‘ʼ`]", "'", word.lower())
    if NOT_ULY.search(plain):
        return word
    if plain in known:
        return known[plain]
    # The hiatus mark goes in before letters are paired, so that it is not taken for a parting apostrophe.
    marked = BEFORE_VOWEL.sub("ئ", plain.replace("''", "'"))
    return re.sub("ئ+", "ئ", LATIN_PIECE.sub(lambda piece: ARABIC_OF.get(piece[0], ""), marked))
