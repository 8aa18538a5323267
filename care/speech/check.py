"""Warns of what a voice would have to guess: foreign words and signs in a text for which its language has no words."""

import re
from collections.abc import Iterator

from care.content.library import LanguagePages, Library
from care.content.reading import Page
from care.content.review import words
from care.content.types import Problems
from care.speech.spelling import Speech
from care.speech.wording import SpeechBroken

NAME = re.compile(r"\$\{\w+\}")
DOUBTFUL = re.compile(r"[A-Za-z°℃%‰/+=×≥≤<>&^²³⁹]")  # numbers alone are always said


def warn_of_unsaid(library: Library, problems: Problems) -> None:
    """A warning each: the text can be read, and until its word is listed the voice does what it can."""
    for pages in library.languages.values():
        try:
            speech = Speech.of(pages.speech.values)
        except SpeechBroken:
            continue  # reported already
        for page, place, text in _texts(pages):
            left = speech.unsaid(NAME.sub(" ", text)) if DOUBTFUL.search(NAME.sub(" ", text)) else []
            for word in dict.fromkeys(left):
                mend = f"add how it is said to {pages.speech.file}, under words, units or symbols"
                problems.warn(page.file, page.line(place), f"no voice knows how to say {word}", mend)


def _texts(pages: LanguagePages) -> Iterator[tuple[Page, str, str]]:
    for page in pages.signed_pages():
        for place, text in words(page).items():
            yield page, place, text
