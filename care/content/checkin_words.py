"""What a patient reads of a check-in in one form, and which answer their own words mean."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from string import Template
from typing import Any

from care.content.checkin_types import Answer, Item, Question, Questionnaire
from care.content.checkins import no_answers, question
from care.content.library import Library
from care.content.reading import Page
from care.content.types import Text
from care.languages.reading import canonical
from care.languages.table import form


@dataclass(frozen=True)
class Offered:
    """A button: the answer it stands for, and its words."""

    value: str
    text: Text


class CheckInWords:
    """The words of every check-in in one form.  Raises KeyError for a name that content/checkins/ does not have."""

    def __init__(self, library: Library, tag: str) -> None:
        self.library, self.tag = library, tag
        self.language = form(tag).language

    @property
    def _page(self) -> Page:
        return self.library.languages[self.language].checkins

    def title(self, questionnaire: Questionnaire) -> Text:
        return self._text(questionnaire.id, str(self._page.values["questionnaires"][questionnaire.id]))

    def label(self, item: Item) -> Text:
        """A few words for a nurse's page."""
        return self._text(f"{item.id}.label", self._question(item).label)

    def ask(self, item: Item, questionnaire: Questionnaire) -> Text:
        """The question, over the time this questionnaire asks about."""
        recall = str(self._page.values["recall"][questionnaire.recall])
        return self._text(item.id, Template(self._question(item).ask).substitute(recall=recall))

    def reply(self, key: str, **names: str) -> Text:
        return self._text(f"check-in.{key}", Template(self._page.values["replies"][key]).substitute(names))

    def way(self, name: str) -> Text:
        """What can be pressed besides answers: to start, to go on, to stop, to see a private question, who is answering."""
        return self._text(f"check-in.{name}", str(self._page.values["ways"][name]["button"]))

    def way_meant(self, key: str) -> str | None:
        """The same by the words of a whole message, given as everything compares it."""
        return _ways(self.library, self.language).get(key)

    def buttons(self, item: Item) -> list[Offered]:
        """Everything that can be pressed, what is no answer last."""
        offered = [self._button(item, answer) for answer in self._question(item).answers]
        if item.kind == "zero-to-ten":
            offered = [self._number(item, str(number), str(number)) for number in range(11)]
        elif item.offers is not None:
            offered = [self._count(item, number) for number in range(item.offers + 1)]
        return offered + [self._button(item, answer) for answer in no_answers(self._page, item)]

    def meant(self, item: Item, said: str) -> str | None:
        """The answer that typed words mean; None: ask again.  A number is read by the caller, these are only words."""
        key = canonical(said, self.language)
        answers = (*self._question(item).answers, *no_answers(self._page, item))
        found = [(len(word), answer.value) for answer in answers for word in _keys(answer, self.language) if word in key]
        if found:
            longest = max(length for length, _ in found)
            values = {value for length, value in found if length == longest}
            value = values.pop() if len(values) == 1 else None
            return None if value in self._harmless(item) and not self._says_only(value, answers, key) else value
        return None if item.values else self._number_meant(key)

    def _harmless(self, item: Item) -> frozenset[str]:
        """The answers that say nothing is wrong: none at all; or of yes and no the one that no rule listens to."""
        heard = {each.is_ for rule in self.library.checkins.rules if rule.of == item.id for each in rule.when}
        return frozenset({"0"} if item.limits else {*item.values} - heard)

    def _says_only(self, value: str, answers: Sequence[Answer], key: str) -> bool:
        """Whether nothing else is said.  "It cannot be swallowed" holds "not", and is no word of being well."""
        words = [word for answer in answers if answer.value == value for word in self._all_keys(answer)]
        for word in sorted(words, key=len, reverse=True):
            key = key.replace(word, " ")
        return not any(char.isalnum() for char in key)

    def _all_keys(self, answer: Answer) -> tuple[str, ...]:
        return (*_keys(answer, self.language), canonical(answer.button, self.language))

    def endings(self, item: Item) -> frozenset[str]:
        """What may follow a number in digits: "times", "points"; of what is measured the beginnings of its unit's words."""
        if item.kind == "number":
            units = self.library.languages[self.language].units.values.values()
            named = (words for words in units if isinstance(words, list) and item.range and item.range.unit in words)
            return frozenset(canonical(str(word), self.language) for words in named for word in words)
        return _endings(self.library, self.language)

    def is_whole(self, item: Item, said: str) -> bool:
        """Whether the message is the words of an answer and nothing else."""
        key = canonical(said, self.language)
        answers = (*self._question(item).answers, *no_answers(self._page, item))
        whole = any(key in self._all_keys(answer) for answer in answers)
        return whole or (not item.values and self._number_meant(key) is not None)

    def _number_meant(self, key: str) -> str | None:
        """A number said as a whole answer; a part of one could be another number."""
        numbers: dict[Any, list[str]] = self._page.values["numbers"]
        meant = {canonical(word, self.language): str(number) for number, words in numbers.items() for word in words}
        return meant.get(key)

    def _question(self, item: Item) -> Question:
        return question(self._page, item)

    def _button(self, item: Item, answer: Answer) -> Offered:
        return self._number(item, answer.value, answer.button)

    def _count(self, item: Item, number: int) -> Offered:
        words = self._page.values["counts"]["last" if number == item.offers else "button"]
        return self._number(item, str(number), Template(words).substitute(count=number))

    def _number(self, item: Item, value: str, words: str) -> Offered:
        return Offered(value, self._text(f"{item.id}.{value}", words))

    def _text(self, key: str, authored: str) -> Text:
        return self.library.checkin_text(self.tag, key, authored)


@lru_cache(maxsize=16)
def _ways(library: Library, language: str) -> dict[str, str]:
    """Worked out once: every message is looked up here."""
    ways: dict[str, dict[str, Any]] = library.languages[language].checkins.values["ways"]
    return {canonical(word, language): name for name, way in ways.items() for word in way["words"]}


@lru_cache(maxsize=16)
def _endings(library: Library, language: str) -> frozenset[str]:
    """The words of counts without their numeral, which stands first in each row: three, three times."""
    rows: dict[Any, list[str]] = library.languages[language].checkins.values["numbers"]
    counted = ((words[0], word) for number, words in rows.items() if number for word in words[1:])
    ended = (word.removeprefix(numeral) for numeral, word in counted if word.startswith(numeral))
    return frozenset(canonical(ending, language) for ending in ended)


@lru_cache(maxsize=4096)
def _keys(answer: Answer, language: str) -> tuple[str, ...]:
    """The words of an answer as everything compares them."""
    return tuple(canonical(word, language) for word in answer.words)
