"""Reads one text that is not saved yet, in a moment: the same checks as of the whole content, for whoever is typing."""

import copy
from dataclasses import replace
from typing import Any

from care.content import shapes
from care.content.check import check_alarms, check_language, check_topic
from care.content.check_numbers import check_numbers
from care.content.check_standing import check_standing
from care.content.check_texts import check_texts
from care.content.counting import warn_of_size
from care.content.library import LanguagePages, Library
from care.content.reading import Page, page_from
from care.content.shape import check_shape
from care.content.types import Problem, Problems
from care.speech.check import warn_of_unsaid

SHAPES = {"phrases.yml": shapes.PHRASES, "alarms.yml": shapes.ALARMS}


def proofread(library: Library, language: str, place: str, text: str) -> Problems:
    """Everything wrong with one text, and what only lacks.  Clashes with other texts are found when it is published."""
    problems = Problems()
    page = page_from(f"content/{language}/{place}", text, problems)
    if problems.found:
        return problems
    if shape := shapes.TOPIC if place.endswith(".md") else SHAPES.get(place):
        check_shape(page, shape, problems)
    alone = _alone(library, language, place, page)
    _check_page(alone, language, place, page, problems)
    for check in (check_standing, check_texts, check_numbers, warn_of_size, warn_of_unsaid):
        check(alone, problems)
    return Problems(_of(page, problems.found), _of(page, problems.warnings))


def _check_page(library: Library, language: str, place: str, page: Page, problems: Problems) -> None:
    if place.endswith(".md"):
        check_topic(language, place.removeprefix("topics/").removesuffix(".md"), page, problems)
    elif place == "phrases.yml":
        check_language(language, page, library.catalogue, problems)
    elif place == "alarms.yml":
        check_alarms(language, page, Page("content/alarms.yml", {"flags": library.alarms}), problems)


def _of(page: Page, problems: list[Problem]) -> list[Problem]:
    return list(dict.fromkeys(each for each in problems if each.file == page.file))


def _alone(library: Library, language: str, place: str, page: Page) -> Library:
    """A library that holds this text, its source, and nothing else to say."""
    alone = copy.copy(library)
    alone.topic_list = {}
    alone._proofs = {}
    alone.languages = {name: _only(pages, place, pages.page(place)) for name, pages in library.languages.items()}
    alone.languages[language] = _only(library.languages[language], place, page)
    return alone


def _only(pages: LanguagePages, place: str, page: Page | None) -> LanguagePages:
    empty: dict[str, Any] = {name: Page("") for name in ("phrases", "alarms", "checkins")}
    if place.endswith(".md"):
        topic_id = place.removeprefix("topics/").removesuffix(".md")
        return replace(pages, topics={topic_id: page} if page else {}, **empty)
    return replace(pages, topics={}, **{**empty, place.removesuffix(".yml"): page or Page("")})
