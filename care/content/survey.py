"""Where every topic stands in every language: its text, its review, its sound, its questions."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from care.content.library import Library
from care.content.reading import Page
from care.content.review import is_behind
from care.content.standing import Standing

Sound = Callable[[str, str], str]  # (language, topic id) -> "recorded", "machine" or ""


@dataclass(frozen=True)
class Cell:
    """One topic in one language.  Two facts that one word would hide: whether it is signed, and whether it is behind."""

    topic: str
    language: str
    is_written: bool
    review: Standing | None
    is_behind: bool
    audio: str
    questions: int


@dataclass(frozen=True)
class Survey:
    """The table, and beside it what is signed as a whole: phrases, alarms, check-ins."""

    topics: tuple[str, ...]
    languages: tuple[str, ...]
    cells: Mapping[tuple[str, str], Cell]
    files: Mapping[str, tuple[Standing, bool]]  # each with its standing, and whether it is behind
    recordings: Mapping[str, int]  # human ones that are heard now, by language

    def of(self, language: str) -> list[Cell]:
        return [self.cells[topic, language] for topic in self.topics]


def survey(library: Library, today: date, sound: Sound, recordings: Mapping[str, int]) -> Survey:
    """Everything an editor asks the whole library."""
    languages, topics = tuple(library.languages), tuple(library.topic_list)
    cells = {(topic, language): _cell(library, topic, language, today, sound) for topic in topics for language in languages}
    files = {page.file: (library.proof_of(page).on(today), _behind(library, page)) for page in _whole_files(library)}
    return Survey(topics, languages, cells, files, recordings)


def _cell(library: Library, topic: str, language: str, today: date, sound: Sound) -> Cell:
    page = library.languages[language].topics.get(topic)
    if page is None:
        return Cell(topic, language, False, None, False, "", 0)
    return Cell(
        topic=topic,
        language=language,
        is_written=bool(page.body),
        review=library.proof_of(page).on(today),
        is_behind=_behind(library, page),
        audio=sound(language, topic),
        questions=len(page.values.get("questions") or ()),
    )


def _behind(library: Library, page: Page) -> bool:
    return is_behind(page, library.source_of(page))


def _whole_files(library: Library) -> Iterator[Page]:
    for pages in library.languages.values():
        topics = {page.file for page in pages.topics.values()}
        yield from (page for page in pages.signed_pages() if page.file not in topics)
