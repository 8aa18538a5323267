"""Text as a voice should read it: no digits, units, symbols, list dashes or marks of direction are left."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from functools import cached_property, lru_cache
from re import Match
from string import Template
from typing import Any

from care.speech.numbers import Numbers, change_last
from care.speech.wording import Wording

DIRECTION_MARKS = re.compile("[\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
LIST_MARK = re.compile(r"^[ \t]*(?:[-*•·]|\d+[.)、])[ \t]+", re.MULTILINE)
MARKDOWN = re.compile(r"[*_`#]+")
OTHER_DIGIT = re.compile(r"[^\D0-9]")
EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f]")
OPEN_LINE = re.compile(r"(?<=[^\s.!?؟。！？:：;；؛,，،、…])[ \t]*(?=\n|$)")
LETTERS = "A-Za-z\u0400-\u04ff"
HAN_GAP = re.compile(r"(?<=[\u3400-\u9fff]) +(?=[\u3400-\u9fff])")
ISO_DATE = re.compile(r"(?<!\d)(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)")
DOTTED_DATE = re.compile(r"(?<!\d)(\d{1,2})\.(\d{1,2})\.(\d{4})(?!\d)")
GROUPED = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d,])")
# Abbreviations of medicine; what is longer is a word.  With a number they are one name: PD-L1, CA-125, 5-FU.
ABBREVIATION = re.compile(rf"(?<![{LETTERS}])[A-Z]{{1,6}}(?![{LETTERS}])")
CODE = re.compile(
    rf"(?<![{LETTERS}\d])(?:[A-Z]{{1,6}}(?:-?[A-Z]{{1,4}})?-?\d{{1,4}}(?:-\d{{1,3}})*|\d{{1,2}}-[A-Z]{{2,4}})(?![{LETTERS}\d]|[.,:]\d)"
)
WRITTEN = re.compile(rf"[{LETTERS}\d](?:[{LETTERS}\d/-]*[{LETTERS}\d])?")
JOINED = re.compile("([-/])")
PART = re.compile(r"[A-Z]+|\d+")
LEFT = re.compile(r"[A-Za-z]+|[\d%‰°℃/+=×≥≤<>&^²³⁹]+")
HOUR = r"(?:[01]?\d|2[0-3]):[0-5]\d(?!\d)"


def any_of(words: Iterable[str]) -> str:
    """A pattern for any of these words, longest first; one that never matches for none."""
    found = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    return f"(?:{found})" if found else "(?!)"


class Speech:
    """Spells texts of one language."""

    def __init__(self, words: Wording) -> None:
        self.words = words
        self.numbers = Numbers(words)
        # Most lines are said many times, and a long topic takes some milliseconds to spell; a thousand are about 4 MB.
        self.spell = lru_cache(maxsize=1024)(self._spell)

    @classmethod
    def of(cls, raw: dict[str, Any], where: str = "speech.yml") -> "Speech":
        """From the values of content/<language>/speech.yml.  Raises SpeechBroken."""
        return cls(Wording.of(raw, where))

    def _spell(self, text: str) -> str:
        text = self._say_words(tidy(text, self.words.stop))
        for pattern in (ISO_DATE, DOTTED_DATE):
            text = pattern.sub(self._say_date, text)
        text = CODE.sub(self._say_code, GROUPED.sub(lambda found: found[0].replace(",", ""), text))
        text = self._phones.sub(lambda found: self.numbers.phone(found[0]), text)
        text = self._years.sub(lambda found: self.numbers.digits(found[0]), text)
        text = self._quantities.sub(self._say_quantity, text)
        text = ABBREVIATION.sub(self._say_letters, text)  # now, when a unit has been said as one
        text = self._symbols.sub(lambda found: f" {self.words.symbols[found[0]]} ", text)
        return HAN_GAP.sub("", re.sub(r"[ \t]{2,}", " ", text)).strip()

    def _say_words(self, text: str) -> str:
        return WRITTEN.sub(self._say_word, text)

    def _say_word(self, found: Match[str]) -> str:
        """A name, or the names within `CT-MRI` and `PET-CT/HPV`: the longest first."""
        whole, parts = self._said_names.get(found[0].lower()), JOINED.split(found[0])
        if whole or len(parts) == 1:
            return whole or found[0]
        said, at = "", 0
        while at < len(parts):
            ends = range(len(parts), at, -1)
            end = next((each for each in ends if self._is_name("".join(parts[at:each]))), at + 1)
            written = "".join(parts[at:end])
            said += self._said_names[written.lower()] if self._is_name(written) else written
            at = end
        return said

    def _is_name(self, part: str) -> bool:
        return part.lower() in self._said_names and not part[0].isdigit()  # the 1/2 of 2026/1/2 is no half

    def unsaid(self, text: str) -> list[str]:
        """What a voice would be left to guess: foreign words, digits and signs for which speech.yml has no words."""
        return LEFT.findall(self.spell(text))

    def _say_code(self, found: Match[str]) -> str:
        """CA-125 and the like: letters by their names, each number by itself."""
        parts = [self._letters(part) if part.isalpha() else self.numbers.plain(part) for part in PART.findall(found[0])]
        return self._apart(found, self.numbers.join(*parts)) if self.words.letters else found[0]

    def _say_letters(self, found: Match[str]) -> str:
        return self._apart(found, self._letters(found[0]))

    def _letters(self, capitals: str) -> str:
        return self.numbers.join(*(self.words.letters.get(letter, letter) for letter in capitals))

    def _say_date(self, found: Match[str]) -> str:
        parts = [int(part) for part in found.groups()]
        year, month, day = parts if len(found[1]) == 4 else reversed(parts)
        try:
            date(year, month, day)
        except ValueError:
            return found[0]
        return self.numbers.date(year, month, day)

    def _say_quantity(self, found: Match[str]) -> str:
        said = self._amounts(found)
        if found["unit"]:
            said = Template(self._said_units[found["unit"].lower()]).substitute(number=said)
        if found["sign"]:
            said = Template(self.words.signs[found["sign"]]).substitute(
                number=said, **{"from": change_last(said, self.words.from_)}
            )
        return self._apart(found, said + (found["ending"] or ""))

    def _amounts(self, found: Match[str]) -> str:
        ordinal = found["ordinal"] is not None
        low = self._amount(found["low"], ordinal, self._counts_two(found, found["low"]))
        if not found["high"]:
            return low
        high = self._amount(found["high"], ordinal, self._counts_two(found, found["high"]))
        if found["mark"] == "/":
            return self.numbers.join(low, self.words.over, high)
        return self.numbers.range(low, high)

    def _amount(self, written: str, ordinal: bool, counted: bool) -> str:
        if ":" in written:
            return self.numbers.clock(written)
        said = self.numbers.counted(2) if counted else self.numbers.plain(written.replace(",", "."))
        return self.numbers.ordinal(said) if ordinal else said

    def _counts_two(self, found: Match[str], written: str) -> bool:
        if written != "2" or not self.words.two:
            return False
        before, after = found.string[: found.start()].rstrip(), found.string[found.end() :].lstrip()
        return after.startswith(tuple(self.words.two["before"])) and not before.endswith(tuple(self.words.two["not_after"]))

    def _apart(self, found: Match[str], said: str) -> str:
        if not self.words.spaced:
            return said
        before, after = found.string[: found.start()][-1:], found.string[found.end() :][:1]
        return (" " if before.isalnum() else "") + said + (" " if after.isalnum() else "")

    @cached_property
    def _said_names(self) -> dict[str, str]:
        return {written.lower(): said for written, said in self.words.words.items()}

    @cached_property
    def _said_units(self) -> dict[str, str]:
        return {written.lower(): said for written, said in self.words.units.items()}

    @cached_property
    def _phones(self) -> re.Pattern[str]:
        after, before = self.words.phone["after"], self.words.phone["before"]
        # A look-behind has one length, so each word gets its own.
        behind = "|".join(rf"(?<={re.escape(word)}{space})" for word in after for space in ("", " ")) or "(?!)"
        # "打" is also to inject: an amount is no telephone number.
        amount = any_of([*self.words.units, *self.words.two.get("before", ())])
        return re.compile(rf"(?=\d)(?<!\d)(?:(?:{behind})\d{{3,}}(?!\d|\s?{amount})|\d{{3,}}(?=\s?{any_of(before)}))(?![\d.:/])")

    @cached_property
    def _years(self) -> re.Pattern[str]:
        return re.compile(rf"(?<![\d.:])\d{{4}}(?=\s?{any_of(self.words.digit_years)})")

    @cached_property
    def _symbols(self) -> re.Pattern[str]:
        return re.compile(any_of(self.words.symbols))

    @cached_property
    def _quantities(self) -> re.Pattern[str]:
        words = self.words
        number = rf"(?:{HOUR}|\d+(?:[{re.escape(words.decimal_marks)}]\d+)?)"
        months = any_of(words.ordinal_before)
        ordinal = rf"-(?=[^\W\d_])|(?=\s{months})" if words.ordinals else "(?!)"
        begins = "".join(map(re.escape, {sign[0] for sign in words.signs}))  # elsewhere nothing need be tried
        return re.compile(
            rf"(?=[\d{begins}])(?<![\d.,:])(?:(?P<sign>{any_of(words.signs)})\s*)?"
            rf"(?P<low>{number})(?:\s*(?P<mark>/|{any_of(words.range_marks)})\s*(?P<high>{number}))?"
            rf"(?:\s*(?P<unit>(?i:{any_of(words.units)}))(?![{LETTERS}]))?"
            rf"(?:[ -](?P<ending>{any_of(words.endings)})(?!\w)|(?P<ordinal>{ordinal}))?"
        )


def tidy(text: str, stop: str) -> str:
    """NFC with ASCII digits; no marks of direction, lists or Markdown; every line ends, so that the voice pauses there."""
    text = DIRECTION_MARKS.sub("", unicodedata.normalize("NFC", text))
    text = OTHER_DIGIT.sub(lambda digit: str(unicodedata.digit(digit[0])), text)
    text = EMOJI.sub("", MARKDOWN.sub("", LIST_MARK.sub("", text)))
    return OPEN_LINE.sub(stop, text.strip())
