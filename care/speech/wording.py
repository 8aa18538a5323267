"""What content/<language>/speech.yml must hold: the words one language says numbers, hours, dates and units with."""

from collections.abc import Iterator
from dataclasses import MISSING, dataclass, field, fields
from string import Template
from typing import Any

TEN_WORDS = ("ones", "tens", "hundreds", "thousands")
SIZES = {**dict.fromkeys(TEN_WORDS, 10), "points": 3, "months": 12, "phone.digits": 10}
OF_HOUR = ("part", "hour", "minute")
FILLED = {  # the names each template may hold; any other would end a sentence in an error while a patient waits
    **dict.fromkeys(("hour", "half", "minutes"), OF_HOUR),
    "date": ("year", "month", "day"),
    "range": ("low", "high", "low_from", "high_until"),
    "units": ("number",),
    "signs": ("number", "from"),
}


class SpeechBroken(ValueError):
    """A speech.yml that cannot be used; carries every problem found."""

    def __init__(self, where: str, problems: list[str]) -> None:
        super().__init__("\n".join(f"{where}: {problem}" for problem in problems))
        self.problems = problems


@dataclass(frozen=True)
class Wording:
    """One speech.yml.  Templates name their parts as ${number}; lists of ten begin with zero."""

    spaced: bool  # words are parted by spaces
    stop: str  # ends a line that has no mark of its own: a voice reads on across a mere line break
    ones: list[str]
    tens: list[str]
    hundreds: list[str]
    thousands: list[str]
    ten_within: str  # ten, when a hundred or thousand stands before it
    points: list[str]  # the decimal point before one, two, three digits
    digits_after_point: bool  # each digit by itself, or as one number
    decimal_marks: str
    range: str  # ${low} ${high}, or ${low_from} ${high_until} with the endings of `from` and `until`
    range_marks: list[str]
    over: str  # said for the stroke of 130/85
    hour: str  # ${part} of the day, ${hour} 1-12
    half: str
    minutes: str  # and ${minute}
    day_parts: dict[int, str]  # first hour: name
    date: str  # ${year} ${month} ${day}
    months: list[str]
    years: str  # digits or ordinal
    phone: dict[str, list[str]]  # digits; words right after or before which a number is a telephone number
    units: dict[str, str]
    signs: dict[str, str]  # before a number: ${number}, or ${from}
    symbols: dict[str, str]  # between words
    words: dict[str, str]  # drug names and abbreviations in foreign letters
    letters: dict[str, str] = field(default_factory=dict)  # how A to Z are called: abbreviations that `words` does not know
    gap: str = ""  # said for skipped places: the zero of 105 in Chinese
    ordinals: dict[str, str] = field(default_factory=dict)  # by last word
    ordinal_before: list[str] = field(default_factory=list)
    until: dict[str, str] = field(default_factory=dict)  # by last word
    from_: dict[str, str] = field(default_factory=dict)
    endings: list[str] = field(default_factory=list)  # case endings written apart from their number
    two: dict[str, Any] = field(default_factory=dict)  # `say` for 2 when counting: before words, but not after others
    digit_years: list[str] = field(default_factory=list)  # words before which four digits are a year

    @classmethod
    def of(cls, raw: dict[str, Any], where: str = "speech.yml") -> "Wording":
        """From the values of a speech.yml.  Raises SpeechBroken with every problem."""
        known = {each.name.rstrip("_"): each for each in fields(cls)}
        missing = [name for name, each in known.items() if each.default is MISSING and each.default_factory is MISSING]
        problems = [
            f"{name} is missing: copy its line from another language and translate" for name in missing if name not in raw
        ]
        problems += [f"{name} is not known: remove it or mend its spelling" for name in raw if name not in known]
        problems += [*_sizes(raw), *_unfillable(raw)]
        if 0 not in raw.get("day_parts", (0,)):
            problems.append("day_parts has no name for midnight: begin with `0:`")
        if problems:
            raise SpeechBroken(where, problems)
        return cls(**{known[name].name: value for name, value in raw.items()})


def _sizes(raw: dict[str, Any]) -> Iterator[str]:
    """Lists that are too short or too long: each word is found by its place."""
    found = {**raw, "phone.digits": raw["phone"]["digits"]} if "phone" in raw else raw
    for name, size in SIZES.items():
        if name in found and len(found[name]) != size:
            yield f"{name} has {len(found[name])} words: give {size}"


def _unfillable(raw: dict[str, Any]) -> Iterator[str]:
    """Templates that ask for a name nobody gives them."""
    for name in filter(raw.__contains__, FILLED):
        said, allowed = raw[name], ", ".join(f"${{{part}}}" for part in FILLED[name])
        for where, written in {name: said}.items() if isinstance(said, str) else said.items():
            template = Template(written)
            if not template.is_valid() or not set(template.get_identifiers()) <= set(FILLED[name]):
                place = where if where == name else f"{name}.{where}"
                yield f"{place} has a placeholder that is unknown: use only {allowed}"
