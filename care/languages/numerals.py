"""Body temperatures said in words: alarm rules compare numbers, patients also write "thirty-eight and a half"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from care.languages.fold import fold, key_of_word

# house: letters 19 - number words that are heard, never said; what we say stands in content/<language>/speech.yml
# Words for 30 and 40, for 1-9, for "and a half", for the decimal point, and for degrees.
SAID = {
    "ug": (
        "ئوتتۇز قىرىق",
        "بىر ئىككى ئۈچ تۆت بەش ئالتە يەتتە سەككىز توققۇز",
        "يېرىم",
        "پۈتۈن ئوندا ئوندىن نۇقتا چېكىت",
        "گرادۇس سېلسىي",
        "گە غا كە قا نى نىڭ دە دا تە تا دىن تىن مۇ گىچە غىچە كىچە قىچە گىمۇ دىنمۇ",
    ),
    "kk": (
        "отыз қырық",
        "бір екі үш төрт бес алты жеті сегіз тоғыз",
        "жарым жарты",
        "бүтін оннан нүкте үтір",
        "градус цельсий",
        "ге ға ке қа ні ны ді ды ті ты нің ның дің дың тің тың де да те та ден дан тен тан нен нан мен пен бен",
    ),
}
WORD = re.compile(r"\d+(?:\.\d+)?|[^\W\d_]+(?:'[^\W\d_]+)*")
BODY_HEAT = re.compile(r"3\d|4[0-5]")
GAP = re.compile(r"[\s-]*")

_ZH_DIGITS = "零一二三四五六七八九"
ZH_VALUE = {char: number for number, char in enumerate(_ZH_DIGITS)} | {"〇": 0, "半": 5} | {str(n): n for n in range(10)}
# "Thirty minutes" must stay as said: rules for bleeding know it by its words.
ZH_MEASURE = "分天岁歲次遍毫块塊年个個片粒颗顆号號月斤公小秒元克米周週层樓楼床人种多来來几幾瓶包盒针針步"
_ONE = f"[{_ZH_DIGITS[1:]}]"
ZH_TENS = re.compile(rf"(?<![{_ZH_DIGITS[1:]}十百千\d])([三四])十({_ONE})?(?:{_ONE}(?=度))?(?!{_ONE}|[{ZH_MEASURE}十百千])")
ZH_DIGIT_BY_DIGIT = re.compile(rf"(?<![{_ZH_DIGITS}〇十百千\d])([三四])([{_ZH_DIGITS}〇])(?=[度点點])")
ZH_TENTH = re.compile(rf"(?<!\d)(3\d|4[0-5])\s*(度|点|點|°c)\s*([{_ZH_DIGITS}〇半\d])(?![\d十百点點:])(?!个?個?[{ZH_MEASURE}半])")


@dataclass(frozen=True)
class Said:
    """How one language says temperatures, by folded keys, so that every script and spelling is understood."""

    tens: dict[str, int]
    ones: dict[str, int]
    half: frozenset[str]
    point: frozenset[str]
    degree: frozenset[str]
    endings: frozenset[str]
    starts: tuple[str, ...]  # what a number from 30 to 45 can begin with


class Word(NamedTuple):
    """A word of the message: where it stands and its key."""

    begin: int
    end: int
    key: str


@lru_cache
def _said(language: str) -> Said:
    tens, ones, *rest = (fold(words, language).split() for words in SAID[language])
    half, point, degree, endings = (frozenset(each) for each in rest)
    ones_of = {word: value for value, word in enumerate(ones, start=1)}
    by_value = dict(zip(tens, (30, 40), strict=True))
    return Said(by_value, ones_of, half, point, degree, endings | {""}, (*by_value, "3", "4"))


def digits_from_words(text: str, language: str) -> str:
    """The same text with temperatures from 30 to 45 as digits: `三十八度五` and `отыз сегіз жарым` become `38.5`.

    Takes normalised text.  An ending stays on its number (`отыз сегізге` -> `38ге`).
    """
    if language == "zh":
        return _chinese(text)
    return _spaced(text, language) if language in SAID else text


def _chinese(text: str) -> str:
    text = ZH_TENS.sub(lambda said: str(10 * ZH_VALUE[said[1]] + ZH_VALUE[said[2] or "零"]), text)
    text = ZH_DIGIT_BY_DIGIT.sub(lambda said: f"{ZH_VALUE[said[1]]}{ZH_VALUE[said[2]]}", text)
    return ZH_TENTH.sub(lambda said: f"{said[1]}.{ZH_VALUE[said[3]]}", text)


def _spaced(text: str, language: str) -> str:
    said = _said(language)
    words = [Word(found.start(), found.end(), key_of_word(found[0], language)) for found in WORD.finditer(text)]
    pieces, done = [], 0
    for begin, end, number in _numbers(text, words, said):
        pieces += [text[done:begin], number]
        done = end
    return "".join([*pieces, text[done:]])


def _numbers(text: str, words: list[Word], said: Said) -> Iterator[tuple[int, int, str]]:
    """Where a temperature is said, end excluded, and how it is written in digits."""
    at = 0
    while at < len(words):
        if not words[at].key.startswith(said.starts):  # nearly every word of nearly every sentence
            at += 1
            continue
        run = _run(text, words, at)
        taken, number, ending = _whole(run, said)
        if taken and not ending:
            more, tenth, ending = _tenth(run[taken:], said, spoken=not run[0].key[0].isdigit())
            taken, number = taken + more, number + tenth
        if taken and not (taken == 1 and run[0].key[0].isdigit()):
            last = words[at + taken - 1]
            yield words[at].begin, last.end, number + (text[last.end - len(ending) : last.end] if ending else "")
        at += max(taken, 1)


def _run(text: str, words: list[Word], at: int) -> list[Word]:
    """The next words with nothing but spaces or hyphens between them: a number has at most six."""
    run = [words[at]]
    for word in words[at + 1 : at + 6]:
        if not GAP.fullmatch(text[run[-1].end : word.begin]):
            break
        run.append(word)
    return run


def _whole(run: list[Word], said: Said) -> tuple[int, str, str]:
    """Words taken, the whole degrees, and the ending of the last word ("" for none); 0 words when it is no number."""
    key = run[0].key
    if BODY_HEAT.fullmatch(key):
        return 1, key, ""
    for word, tens in said.tens.items():
        if key == word and len(run) > 1 and not run[1].key.isdigit() and (one := _one(run[1].key, said)):
            return 2, str(tens + one[0]), one[1]
        if key.startswith(word) and key[len(word) :] in said.endings:
            return 1, str(tens), key[len(word) :]
        if key.startswith(word) and (one := _one(key[len(word) :], said)):
            return 1, str(tens + one[0]), one[1]
    return 0, "", ""


def _one(key: str, said: Said) -> tuple[int, str] | None:
    """1-9 and the ending on it."""
    if len(key) == 1 and key in "123456789":
        return int(key), ""
    for word, value in said.ones.items():
        if key.startswith(word) and key[len(word) :] in said.endings:
            return value, key[len(word) :]
    return None


def _tenth(run: list[Word], said: Said, spoken: bool) -> tuple[int, str, str]:
    """What follows the whole degrees: a half, or a point or `degrees` and one digit.  Spoken numbers need no point."""
    at = 0
    while at < len(run) and run[at].key in said.point | said.degree:
        at += 1
    if at == len(run):
        return 0, "", ""
    for half in said.half:
        if run[at].key.startswith(half) and run[at].key[len(half) :] in said.endings:
            return at + 1, ".5", run[at].key[len(half) :]
    one = _one(run[at].key, said)
    if one and (at or (spoken and not run[at].key.isdigit())):
        return at + 1, f".{one[0]}", one[1]
    return 0, "", ""
