"""The library: the right words for a key, a form and a patient, from the last good content."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from string import Template
from typing import Any

from care.content import shapes
from care.content.check import check_alarms, check_language, check_same, check_topic, check_topics
from care.content.check_checkin_words import check_words
from care.content.check_checkins import Known
from care.content.check_plan import Names
from care.content.checkin_shapes import WORDS
from care.content.checkin_types import CheckIns
from care.content.checkins import read_checkins
from care.content.message_rules import MESSAGES, MessageRules, read_messages
from care.content.plan_types import PlanTemplate
from care.content.plans import read_plans
from care.content.reading import Page, is_blank, read_topic, read_yaml
from care.content.review import CALLS, follows, proof
from care.content.shape import Shape, check_shape
from care.content.standing import Proof
from care.content.types import ContentBroken, Problems, Text, Topic
from care.languages.generate import WITH_EXCEPTIONS, write_in
from care.languages.table import FORMS, form, languages

WRITTEN = 8_192  # texts kept in scripts made by rule: writing one takes longer than all else of a message
NAME = re.compile(r"\$\{\w+\}")


@dataclass
class LanguagePages:
    """Everything content/<language>/ holds."""

    phrases: Page
    topics: dict[str, Page]
    alarms: Page
    intents: Page
    reasons: Page
    severity: Page
    speech: Page
    units: Page
    checkins: Page
    exceptions: dict[str, Any] = field(default_factory=dict)

    def signed_pages(self) -> Iterator[Page]:
        """The files whose words a patient is told, each with a signature of its own."""
        yield from (self.phrases, self.alarms, self.checkins, *self.topics.values())

    def page(self, name: str) -> Page | None:
        """One of them by its name below the language's folder."""
        if name.startswith("topics/"):
            return self.topics.get(name.removeprefix("topics/").removesuffix(".md"))
        return {"phrases.yml": self.phrases, "alarms.yml": self.alarms, "checkins.yml": self.checkins}.get(name)


class Library:
    """All patient words, checked as a whole when loaded.  Build it with Library.load."""

    def __init__(
        self,
        catalogue: Page,
        topics: Page,
        numbers: Page,
        alarms: Page,
        names: Page,
        languages: dict[str, LanguagePages],
    ) -> None:
        self.catalogue = catalogue
        self.topic_list: dict[str, dict[str, Any]] = {topic["id"]: topic for topic in topics.values.get("topics", [])}
        self.sources: dict[str, Any] = topics.values.get("sources", {})
        self.numbers_of: dict[str, Any] = numbers.values.get("regions", {})
        self.temperature: dict[str, float] = numbers.values.get("temperature", {})
        self.language_names: dict[str, Any] = names.values
        self.alarms: dict[str, dict[str, Any]] = alarms.values.get("flags", {})
        self.floors: dict[str, float] = alarms.values.get("floors", {})
        self.languages = languages
        self.plans: dict[str, PlanTemplate] = {}
        self.checkins = CheckIns()
        self.messages = MessageRules()
        self._proofs: dict[str, Proof] = {}
        self._in_script = lru_cache(maxsize=WRITTEN)(self._write)

    @classmethod
    def load(cls, root: Path) -> "Library":
        """Read and check the whole folder.  Raises ContentBroken with every problem found."""
        library, problems = read_library(root)
        if problems.found:
            raise ContentBroken(problems.found)
        return library

    @property
    def forms(self) -> list[str]:
        """Forms a patient can choose: every script of every language that has a folder."""
        return [tag for tag, each in FORMS.items() if each.language in self.languages and each.offered]

    @property
    def speeches(self) -> dict[str, dict[str, Any]]:
        """How each language says numbers aloud."""
        return {language: pages.speech.values for language, pages in self.languages.items()}

    def topics_in(self, tag: str) -> list[str]:
        """The topics written in a form's language, in the order of content/topics.yml."""
        written = self.languages[form(tag).language].topics
        return [topic_id for topic_id in self.topic_list if topic_id in written]

    def has_topic(self, tag: str, topic_id: str) -> bool:
        return topic_id in self.languages[form(tag).language].topics

    def source_of(self, page: Page) -> Page | None:
        """The file a translation follows."""
        made_from = follows(page)
        pages = self.languages.get(made_from[0]) if made_from else None
        return pages.page(page.file.split("/", 2)[2]) if pages else None

    def proof_of(self, page: Page) -> Proof:
        """What speaks for a file's words; worked out once, so that no turn has to."""
        if page.file not in self._proofs:
            self._proofs[page.file] = proof(page, self.source_of(page))
        return self._proofs[page.file]

    def numbers(self, region: str) -> dict[str, Any]:
        """Emergency numbers of a region, each {number, source, check}."""
        numbers: dict[str, Any] = self.numbers_of[region]
        return numbers

    def plan(self, plan_id: str) -> PlanTemplate:
        return self.plans[plan_id]

    def phrase(self, tag: str, key: str, **names: str) -> Text:
        """One phrase with its names filled in.  Raises KeyError for a key or name outside the catalogue."""
        page = self.languages[form(tag).language].phrases
        authored = Template(page.values[key]).substitute(names)
        return self._render(tag, key, authored, f"{key}@{page.values.get('revision', 1)}", page)

    def topic(self, tag: str, topic_id: str) -> Topic:
        """One topic in one form; call lines keep their ${emergency_number} for the caller to fill.

        Raises KeyError for one that is not written in this language: ask `has_topic`.
        """
        page = self.languages[form(tag).language].topics[topic_id]
        revision = f"{topic_id}@{page.values.get('revision') or page.values.get('follows')}"

        def text(part: str, authored: str) -> Text:
            return self._render(tag, f"{topic_id}.{part}", authored, revision, page)

        return Topic(
            id=topic_id,
            form=tag,
            title=text("title", page.values["title"]),
            summary=text("summary", page.values["summary"]),
            body=text("body", page.body),
            call={key: text(key, page.values["call"][key]) for key in CALLS if page.values["call"].get(key)},
            source="; ".join(
                str(self.sources[key]["ref"]) for key in self.topic_list[topic_id]["sources"] if key in self.sources
            ),
            revision=revision,
            proof=self.proof_of(page),
        )

    def alarm(self, tag: str, flag: str, emergency_number: str) -> Text:
        """What a patient is told when a red flag was heard."""
        page = self.languages[form(tag).language].alarms
        said = Template(page.values["flags"][flag]["say"]).safe_substitute(emergency_number=emergency_number)
        return self._render(tag, flag, said, f"{flag}@{page.values.get('revision', 1)}", page)

    def checkin_text(self, tag: str, key: str, authored: str) -> Text:
        """Words of content/<language>/checkins.yml in one form; care/content/checkin_words.py knows which."""
        page = self.languages[form(tag).language].checkins
        return self._render(tag, key, authored, f"{key}@{page.values.get('revision') or page.values.get('follows')}", page)

    def words(self, tag: str, prefixes: tuple[str, ...] = ("web-",)) -> dict[str, str]:
        """All phrases of some prefixes as plain text, placeholders left in place: for the web app."""
        page = self.languages[form(tag).language].phrases
        keys = [key for key in page.values if key.startswith(prefixes)]
        return {key: self._render(tag, key, str(page.values[key]), "", page).text for key in keys}

    def _render(self, tag: str, key: str, authored: str, revision: str, page: Page) -> Text:
        shown = self._in_script(tag, authored)
        return Text(key, tag, shown, authored, revision, self.proof_of(page), generated=shown != authored)

    def _write(self, tag: str, authored: str) -> str:
        """The text in the form's script; placeholders are carried over untouched."""
        if form(tag).authored:
            return authored
        exceptions = self.languages[form(tag).language].exceptions
        pieces, names = NAME.split(authored), [*NAME.findall(authored), ""]
        return "".join(write_in(tag, piece, exceptions) + name for piece, name in zip(pieces, names, strict=True))


def read_library(root: Path) -> tuple[Library, Problems]:
    """Read content/ and collect every problem; the library is usable only when there is none."""
    problems = Problems()

    def read(name: str, shape: Shape) -> Page:
        page = read_yaml(root / name, root, problems)
        check_shape(page, shape, problems)
        return page

    catalogue, topics = read("phrases.yml", shapes.CATALOGUE), read("topics.yml", shapes.TOPICS)
    numbers, alarms = read("numbers.yml", shapes.NUMBERS), read("alarms.yml", shapes.FLAGS)
    library = Library(catalogue, topics, numbers, alarms, read("languages.yml", shapes.LANGUAGES), {})
    check_topics(root, topics, problems)
    for language in languages():
        pages = _read_language(root, language, list(library.topic_list), problems)
        library.languages[language] = pages
        check_language(language, pages.phrases, catalogue, problems)
        check_alarms(language, pages.alarms, alarms, problems)
        for topic_id, page in pages.topics.items():
            check_topic(language, topic_id, page, problems)
    check_same([pages.intents for pages in library.languages.values()], "the intent", problems)
    check_same([pages.reasons for pages in library.languages.values()], "the reason", problems)
    library.plans = read_plans(root, problems, Names.of(library.catalogue, topics, alarms))
    library.messages = read_messages(read("messages.yml", MESSAGES), library.plans, problems)
    library.checkins = read_checkins(root, problems, _known(root, library, alarms))
    for language, pages in library.languages.items():
        check_words(language, pages.checkins, library.checkins, problems)
    return library, problems


def _known(root: Path, library: Library, alarms: Page) -> Known:
    """What check-ins may speak of.  A plan is known by its file, so that one with a mistake in it is not missed here too."""
    tiers = {flag: str(entry["tier"]) for flag, entry in library.alarms.items()}
    sources = frozenset({**library.sources, **alarms.values.get("sources", {})})
    plans = frozenset(path.stem for path in (root / "plans").glob("*.yml"))
    return Known(frozenset(library.topic_list), tiers, sources, plans)


def _read_language(root: Path, language: str, topic_ids: list[str], problems: Problems) -> LanguagePages:
    folder = root / language

    def read(name: str, shape: Shape) -> Page:
        page = read_yaml(folder / name, root, problems)
        check_shape(page, shape, problems)
        return page

    pages = LanguagePages(
        phrases=read("phrases.yml", shapes.PHRASES),
        topics=_topics(root, folder, topic_ids, problems),
        alarms=read("alarms.yml", shapes.ALARMS),
        intents=read("intents.yml", shapes.INTENTS),
        reasons=read("reasons.yml", shapes.REASONS),
        severity=read("severity.yml", shapes.SEVERITY),
        speech=read("speech.yml", shapes.SPEECH),
        units=read("units.yml", shapes.UNITS),
        checkins=read("checkins.yml", WORDS),
    )
    if any(each.language == language and each.tag in WITH_EXCEPTIONS for each in FORMS.values()):
        pages.exceptions = read("arabic.yml", shapes.SPELLING).values
    return pages


def _topics(root: Path, folder: Path, topic_ids: list[str], problems: Problems) -> dict[str, Page]:
    """The topics somebody has written.  A file without a word, as `karez content new` makes it, is as good as none."""
    paths = {topic_id: folder / "topics" / f"{topic_id}.md" for topic_id in topic_ids}
    pages = {topic_id: read_topic(path, root, problems) for topic_id, path in paths.items() if path.exists()}
    written = {topic_id: page for topic_id, page in pages.items() if not is_blank(page)}
    for page in written.values():
        check_shape(page, shapes.TOPIC, problems)
    return written
