"""The board: where every text stands in every language, and what is missing."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import select

from care.content.counting import recordings
from care.content.library import Library
from care.content.reading import Page
from care.content.review import is_behind
from care.content.standing import Standing
from care.studio.desk import Desk
from care.studio.pages import SOURCE
from care.studio.tables import Draft
from care.studio.topics import new_topics
from care.studio.types import State

FILES = ("phrases.yml", "alarms.yml", "checkins.yml")  # what is told beside topics, a file each
MISSING = "missing"


@dataclass(frozen=True)
class Cell:
    """One text in one language."""

    language: str
    place: str
    standing: str  # missing, or a Standing of what is in service
    draft: str  # a State while something is under way, else ""
    voice: str  # human, machine, silent (recorded, but for older words), or "" where nothing is said
    questions: int | None

    @property
    def is_whole(self) -> bool:
        """Nothing to do here today."""
        return self.standing == Standing.SIGNED and not self.draft and self.voice != "silent"


@dataclass(frozen=True)
class Row:
    """One text in all languages, the source first."""

    place: str
    title: str
    cells: list[Cell]


@dataclass(frozen=True)
class Board:
    """Everything at a glance.  `recorded`: texts that a person's voice says now."""

    languages: list[str]
    rows: list[Row]
    recorded: int


async def board(desk: Desk, library: Library, folder: Path, today: date) -> Board:
    """`library` and `folder`: what is in service."""
    drafts = await _under_way(desk)
    voices = {language: Voices.of(library, language, folder) for language in library.languages}
    order = sorted(library.languages, key=lambda each: (each != SOURCE, each))
    fresh = [f"topics/{each.id}.md" for each in await new_topics(desk)]
    listed = [f"topics/{each}.md" for each in library.topic_list]
    places = [*(each for each in fresh if each not in listed), *listed, *FILES]
    look = _Look(library, drafts, voices, today)
    rows = [Row(place, look.title(place, order), [look.cell(language, place) for language in order]) for place in places]
    return Board(order, rows, sum(len(each.heard) for each in voices.values()))


async def _under_way(desk: Desk) -> dict[tuple[str, str], str]:
    mine = select(Draft.language, Draft.place, Draft.state).where(
        Draft.clinic_id == desk.clinic_id, Draft.state != State.PUBLISHED
    )
    return {(language, place): state for language, place, state in await desk.work.session.execute(mine)}


@dataclass(frozen=True)
class Voices:
    """Which keys of a language a person's voice says now, and which had one for older words."""

    heard: frozenset[str]
    silent: frozenset[str]

    @classmethod
    def of(cls, library: Library, language: str, folder: Path) -> "Voices":
        files = {path.stem for path in (folder / language / "audio").glob("*") if path.is_file()}
        heard = {key for key, names in recordings(library, language).items() if names & files} if files else set()
        return cls(frozenset(heard), frozenset(name.partition("@")[0] for name in files) - heard)


@dataclass(frozen=True)
class _Look:
    library: Library
    drafts: dict[tuple[str, str], str]
    voices: dict[str, Voices]
    today: date

    def title(self, place: str, order: list[str]) -> str:
        found = (self.library.languages[each].page(place) for each in order)
        return next((str(page.values["title"]) for page in found if page and page.values.get("title")), place)

    def cell(self, language: str, place: str) -> Cell:
        page, draft = self.library.languages[language].page(place), self.drafts.get((language, place), "")
        if page is None or not page.values:
            return Cell(language, place, MISSING, draft, "", None)
        questions = len(page.values.get("questions") or ()) if place.endswith(".md") else None
        return Cell(language, place, self._standing(page), draft, self._voice(language, page), questions)

    def _standing(self, page: Page) -> str:
        """Unreviewed words whose source moved on are behind first of all: whoever reviews them would sign the old ones."""
        if is_behind(page, self.library.source_of(page)):
            return Standing.BEHIND
        return self.library.proof_of(page).on(self.today)

    def _voice(self, language: str, page: Page) -> str:
        heard = self.voices[language]
        keys = frozenset(_keys(page))
        if keys & heard.heard:
            return "human"
        return "silent" if keys & heard.silent else "machine"


def _keys(page: Page) -> Iterator[str]:
    if page.file.endswith(".md"):
        yield str(page.values.get("id"))
    else:
        yield from page.values.get("flags", page.values)
