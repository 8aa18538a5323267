"""Numbers in words, as one language says them: whole numbers to 9999, decimals, ordinals, telephone numbers, hours."""

from string import Template

from care.speech.wording import Wording

LARGEST = 9_999  # longer ones are telephone or card numbers, said digit by digit


class Numbers:
    """The numbers of one language; every word comes from its speech.yml."""

    def __init__(self, words: Wording) -> None:
        self.words = words

    def join(self, *parts: str) -> str:
        return (" " if self.words.spaced else "").join(part for part in parts if part)

    def whole(self, number: int) -> str:
        """0-9999 in words."""
        names = (self.words.thousands, self.words.hundreds, self.words.tens, self.words.ones)
        parts: list[str] = []
        skipped = False
        for place, digit in enumerate(int(digit) for digit in f"{number:04}"):
            if digit:
                parts += [self.words.gap] if skipped and parts else []
                parts.append(self.words.ten_within if place == 2 and digit == 1 and parts else names[place][digit])
            skipped = not digit
        return self.join(*parts) or self.words.ones[0]

    def digits(self, digits: str) -> str:
        """One digit after another, as a year is said."""
        return self.join(*(self.words.ones[int(digit)] for digit in digits))

    def phone(self, digits: str) -> str:
        return self.join(*(self.words.phone["digits"][int(digit)] for digit in digits))

    def plain(self, written: str) -> str:
        """`7`, `38.5`, `38.0` or `0123`.  A zero after the point is not said: 38.0 is thirty-eight."""
        number, _, rest = written.partition(".")
        rest = rest.rstrip("0")
        if not rest:
            is_code = int(number) > LARGEST or (len(number) > 1 and number.startswith("0"))
            return self.phone(number) if is_code else self.whole(int(number))
        return self.join(self.plain(number), self._point(rest), self._after_point(rest))

    def _point(self, rest: str) -> str:
        return self.words.points[min(len(rest), len(self.words.points)) - 1]

    def _after_point(self, rest: str) -> str:
        by_digit = self.words.digits_after_point or len(rest) > len(self.words.points)
        return self.digits(rest) if by_digit else self.whole(int(rest))

    def clock(self, written: str) -> str:
        """`20:00` as people say it: a part of the day and an hour of twelve."""
        hour, minute = (int(part) for part in written.split(":"))
        pattern = self.words.hour if minute == 0 else self.words.half if minute == 30 else self.words.minutes
        part = self.words.day_parts[max(first for first in self.words.day_parts if first <= hour)]
        return Template(pattern).substitute(part=part, hour=self.counted(hour % 12 or 12), minute=self._minute(minute))

    def _minute(self, minute: int) -> str:
        # Chinese says the zero of 8:05; the other languages have no word for a gap.
        return self.join(self.words.gap if minute < 10 else "", self.whole(minute))

    def counted(self, number: int) -> str:
        """A number of things: Chinese has another word for two of them."""
        return str(self.words.two["say"]) if number == 2 and self.words.two else self.whole(number)

    def date(self, year: int, month: int, day: int) -> str:
        said = self.digits(str(year)) if self.words.years == "digits" else self.ordinal(self.whole(year))
        return Template(self.words.date).substitute(
            year=said, month=self.words.months[month - 1], day=self.ordinal(self.whole(day))
        )

    def ordinal(self, said: str) -> str:
        """The eighth for eight; the same word in a language without ordinals of its own."""
        return change_last(said, self.words.ordinals)

    def range(self, low: str, high: str) -> str:
        return Template(self.words.range).substitute(
            low=low, high=high, low_from=change_last(low, self.words.from_), high_until=change_last(high, self.words.until)
        )


def change_last(said: str, forms: dict[str, str]) -> str:
    """The same words with the last one in another form; unchanged when that form is not known."""
    *before, last = said.split(" ")
    return " ".join([*before, forms.get(last, last)])
