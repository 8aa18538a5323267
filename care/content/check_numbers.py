"""Checks that a translation says the numbers of its source, each with its own unit: a dose must not differ."""

import re
from collections.abc import Iterator
from functools import cached_property

from care.content.library import Library
from care.content.reading import Page
from care.content.review import is_behind, words
from care.content.types import Problems
from care.languages.table import is_spaced

NAME = re.compile(r"\$\{\w+\}")
NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
# Behind a number up to its unit.  "5 to 10 minutes" is one range; past the end of a phrase another number has its own unit.
PAUSE = r"[^\d。！？.!?؟;；،,：:\n]"
REACH = re.compile(rf"{PAUSE}{{0,6}}(?:\d+(?:[.,]\d+)?)?{PAUSE}{{0,16}}")
SYMBOL = 2  # letters, up to which a unit is a symbol and has no endings
Numbers = dict[str, set[str]]  # each number of a passage, with a point, and the units it has somewhere in it


class Units:
    """How one language says units (content/<language>/units.yml)."""

    def __init__(self, language: str, said: Page) -> None:
        self.unit_of = {str(word): unit for unit, words in said.values.items() for word in words}
        self.spaced = is_spaced(language)

    def numbers(self, passage: str) -> Numbers:
        found: Numbers = {}
        text = NAME.sub(" ", passage)
        for number in NUMBER.finditer(text):
            after = REACH.match(text, number.end())
            found.setdefault(number[0].replace(",", "."), set()).update(self._first(after[0] if after else ""))
        return found

    def _first(self, after: str) -> Iterator[str]:
        if self.unit_of and (word := self._word.search(after)):
            yield self.unit_of[word[0]]

    @cached_property
    def _word(self) -> re.Pattern[str]:
        return re.compile("|".join(map(self._pattern, sorted(self.unit_of, key=len, reverse=True))))

    def _pattern(self, word: str) -> str:
        """The word itself; where words are parted by spaces also with endings, but not what only begins like a symbol."""
        if word.isascii() and word.isalpha():
            return rf"(?<![A-Za-z]){word}(?![A-Za-z])"
        if not self.spaced or not word.isalpha():
            return re.escape(word)
        return rf"(?<!\w){word}" + (r"(?!\w)" if len(word) <= SYMBOL else "")


def check_numbers(library: Library, problems: Problems) -> None:
    """Every translation against its source.  One that is behind is known to differ, and is shown as that."""
    units = {language: Units(language, pages.units) for language, pages in library.languages.items()}
    for language, pages in library.languages.items():
        for page in pages.signed_pages():
            source = library.source_of(page)
            if source and page.values and not is_behind(page, source):
                home = str(page.values["follows"]).partition("@")[0]
                _compare(page, units[language], passages(source), units[home], home, problems)


def _compare(page: Page, ours: Units, source: dict[str, str], theirs: Units, home: str, problems: Problems) -> None:
    for name, passage in passages(page).items():
        if name in source:  # a name that one language alone has is told where names are compared
            for what, mend, number in _differences(ours.numbers(passage), theirs.numbers(source[name]), home):
                problems.add(page.file, _line_of(page, name, number), what, mend)


def passages(page: Page) -> dict[str, str]:
    """What is compared as a whole: a topic, whose parts may share what they say; every phrase for itself."""
    if page.file.endswith(".md"):
        return {"": "\n".join(words(page).values())}
    # Its name is a number in one language and a word in another: month-7.
    return {name: said for name, said in words(page).items() if not NUMBER.search(name)}


def _differences(ours: Numbers, theirs: Numbers, home: str) -> Iterator[tuple[str, str, str]]:
    for number in sorted(ours.keys() ^ theirs.keys()):
        what = (
            f"the number {number} stands here and not in {home}"
            if number in ours
            else f"the number {number} of {home} is missing"
        )
        yield what, "say the same numbers in every language, in digits", number
    for number in sorted(ours.keys() & theirs.keys()):
        mine, other = ours[number], theirs[number]
        if mine and other and mine.isdisjoint(other):
            what = f"{number} is {', '.join(sorted(mine))} here and {', '.join(sorted(other))} in {home}"
            yield what, "say the same unit in every language", number


def _line_of(page: Page, name: str, number: str) -> int:
    """Where a number stands; of one that is missing, where its passage begins."""
    if name:
        return page.line(f"flags.{name}.say" if "flags" in page.values else name)
    looked = re.compile(rf"(?<![\d.,]){'[.,]'.join(map(re.escape, number.split('.')))}(?!\d)")
    for part, said in words(page).items():
        found = looked.search(said)
        if found:
            return page.line(part) + (said[: found.start()].count("\n") if part == "body" else 0)
    return page.line("title")
