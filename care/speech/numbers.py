"""Numbers, hours and units written out, so that a voice says them in the patient's language (content/<lang>/speech.yml)."""

import re
from dataclasses import dataclass
from typing import Any

HOUR = re.compile(r"(?<!\d)([01]?\d|2[0-3]):([0-5]\d)(?!\d)")
RANGE = re.compile(r"(?<=\d)\s*[-–]\s*(?=\d)")
FRACTION = re.compile(r"(?<=\d)/(?=\d)")
DECIMAL = re.compile(r"\d+[.]\d+")
INTEGER = re.compile(r"\d+")
LARGEST = 9_999


@dataclass(frozen=True)
class Speech:
    """How one language says numbers: words for 0-19 (or 0-9), tens, hundred, thousand, the point, and units."""

    ones: list[str]
    tens: list[str]
    hundred: str
    thousand: str
    point: str
    hour: str  # ${hour} and ${minute} in words
    hour_sharp: str
    to: str
    over: str
    units: dict[str, str]
    words: dict[str, str]
    spaced: bool

    @classmethod
    def of(cls, raw: dict[str, Any]) -> "Speech":
        """From content/<lang>/speech.yml."""
        return cls(**{name: raw[name] for name in cls.__dataclass_fields__})


def spell(text: str, speech: Speech) -> str:
    """The text as a voice should read it."""
    for written, said in speech.words.items():
        text = re.sub(re.escape(written), said, text, flags=re.IGNORECASE)
    text = HOUR.sub(lambda found: _hour(int(found[1]), int(found[2]), speech), text)
    for unit, said in speech.units.items():
        text = re.sub(rf"(?<=\d)\s*{re.escape(unit)}", f" {said}" if speech.spaced else said, text)
    text = FRACTION.sub(f" {speech.over} ", RANGE.sub(f" {speech.to} ", text))
    text = DECIMAL.sub(lambda found: _decimal(found[0], speech), text)
    text = INTEGER.sub(lambda found: in_words(found[0], speech), text)
    return re.sub(r"^\s*[-•]\s+", "", text, flags=re.MULTILINE)


def in_words(digits: str, speech: Speech) -> str:
    """A whole number in words; longer ones (telephone numbers) digit by digit."""
    number = int(digits)
    if number > LARGEST or (len(digits) > 1 and digits.startswith("0")) or (len(digits) == 3 and digits in ("120", "103", "112")):
        return _join([speech.ones[int(digit)] for digit in digits], speech)
    return _join(_parts(number, speech), speech) if number else speech.ones[0]


def _parts(number: int, speech: Speech) -> list[str]:
    parts: list[str] = []
    for size, name in ((1000, speech.thousand), (100, speech.hundred)):
        count, number = divmod(number, size)
        # "one hundred" is just "hundred" in Uyghur and Kazakh; Chinese says the one.
        parts += ([speech.ones[count]] if count > 1 or (count and not speech.spaced) else []) + ([name] if count else [])
        if count and 0 < number < size // 10 and not speech.spaced:
            parts.append(speech.ones[0])
    tens, ones = divmod(number, 10)
    parts += [speech.tens[tens]] if tens else []
    return parts + ([speech.ones[ones]] if ones else [])


def _decimal(written: str, speech: Speech) -> str:
    whole, tenths = written.split(".")
    if not speech.spaced:
        return in_words(whole, speech) + speech.point + "".join(speech.ones[int(digit)] for digit in tenths)
    return f"{in_words(whole, speech)} {speech.point} {in_words(str(int(tenths)), speech)}"


def _hour(hour: int, minute: int, speech: Speech) -> str:
    pattern = speech.hour if minute else speech.hour_sharp
    said = {"hour": in_words(str(hour), speech), "minute": in_words(str(minute), speech)}
    return pattern.replace("${hour}", said["hour"]).replace("${minute}", said["minute"])


def _join(parts: list[str], speech: Speech) -> str:
    return (" " if speech.spaced else "").join(parts)
