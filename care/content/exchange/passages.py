"""Which words are exchanged: each passage of a translation beside the passage of its source."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from care.content.library import Library
from care.content.reading import Page
from care.content.review import CALLS, follows
from care.content.shape import META

KINDS = ("topics", "phrases", "alarms")
NAME = re.compile(r"\$\{\w+\}")
GAP = re.compile(r"(\n[ \t]*\n\s*)")  # between two paragraphs
NOTES = {
    "title": "the title of a topic, a few words",
    "summary": "the topic in two sentences",
    "call.emergency": "when to call the emergency number at once",
    "call.same_day": "when to call the clinic the same day",
    "call.next_contact": "what can wait until the next visit",
}
PARAGRAPH = "a paragraph of the text: one idea, numbers and units as the patient says them"
BODY = "the whole text, an empty line between paragraphs: their number differs from the source's"
SAID = "said first when this danger is heard; its tier is {tier}"


@dataclass(frozen=True)
class Passage:
    """The smallest piece of words that is translated alone.  `name` says where it stands: `topics/fatigue.md#call.same_day`."""

    language: str
    name: str
    source: str
    target: str  # "" when nobody has translated it
    note: str  # for translators
    source_language: str
    revision: int  # of the source file
    is_behind: bool

    @property
    def file(self) -> str:
        """Below content/."""
        return f"{self.language}/{self.name.partition('#')[0]}"

    @property
    def place(self) -> str:
        return self.name.partition("#")[2]


@dataclass(frozen=True)
class Document:
    """What becomes one file: one kind of words, from one language into another."""

    kind: str
    source_language: str
    language: str
    passages: tuple[Passage, ...]


def documents(library: Library, languages: Iterable[str], kinds: Iterable[str] = KINDS) -> list[Document]:
    """Every translation of these languages; what a language wrote first is nobody's translation, and is left out."""
    found = []
    for language in languages:
        for kind in kinds:
            passages = [*_passages(library, language, kind)]
            for source in sorted({each.source_language for each in passages}):
                found.append(Document(kind, source, language, tuple(p for p in passages if p.source_language == source)))
    return found


def missing_topics(library: Library, language: str) -> list[str]:
    """Ids of the topics that a language has no file for: there is nothing to put a translation into."""
    return [topic for topic in library.topic_list if not _is_there(library.languages[language].topics.get(topic))]


def tidy(words: str) -> str:
    """Words as they are compared and stored: what a spreadsheet or an editor does to line ends and composed letters is undone."""
    return unicodedata.normalize("NFC", words.replace("\r\n", "\n").replace("\r", "\n")).strip()


def mark(words: str) -> str:
    """Eight hexadecimal digits by which words are known again."""
    return hashlib.sha256(tidy(words).encode()).hexdigest()[:8] if tidy(words) else ""


def names(words: str) -> set[str]:
    return set(NAME.findall(words))


def paragraphs(body: str) -> list[str]:
    return GAP.split(body.strip())[::2] if body.strip() else []


def with_paragraph(body: str, number: int, words: str) -> str:
    """The body with one paragraph (from 1) replaced; the gaps between the others stay as they are."""
    pieces = GAP.split(body.strip())
    pieces[2 * (number - 1)] = words
    return "".join(pieces)


def _is_there(page: Page | None) -> bool:
    return page is not None and bool(page.values)


def _passages(library: Library, language: str, kind: str) -> Iterator[Passage]:
    for name, page in _pages(library, language, kind):
        made_from = follows(page)
        source = dict(_pages(library, made_from[0], kind)).get(name) if made_from else None
        if made_from is None or source is None:
            continue
        revision = source.values.get("revision")
        now = revision if isinstance(revision, int) else 1
        for place, words, translated, note in _PLACES[kind](library, source, page):
            yield Passage(language, f"{name}#{place}", words, translated, note, made_from[0], now, made_from[1] < now)


def _pages(library: Library, language: str, kind: str) -> Iterator[tuple[str, Page]]:
    pages = library.languages.get(language)
    if pages is None:
        return
    if kind == "topics":
        found = {f"topics/{topic}.md": pages.topics.get(topic) for topic in library.topic_list}
    else:
        found = {f"{kind}.yml": pages.phrases if kind == "phrases" else pages.alarms}
    yield from ((name, page) for name, page in found.items() if page is not None and page.values)


Places = Iterator[tuple[str, str, str, str]]  # place, words of the source, words of the translation, note


def _topic_places(library: Library, source: Page, page: Page) -> Places:
    there, here = source.values.get("call") or {}, page.values.get("call") or {}
    values = [(name, source.values.get(name), page.values.get(name)) for name in ("title", "summary")]
    values += [(f"call.{name}", there.get(name), here.get(name)) for name in CALLS]
    for place, words, translated in values:
        if words:
            yield place, str(words), str(translated or ""), NOTES[place]
    first, second = paragraphs(source.body), paragraphs(page.body)
    if len(first) == len(second):
        for number, (words, translated) in enumerate(zip(first, second, strict=True), start=1):
            yield f"body.{number}", words, translated, PARAGRAPH
    elif first:
        yield "body", source.body.strip(), page.body.strip(), BODY


def _phrase_places(library: Library, source: Page, page: Page) -> Places:
    for key, entry in library.catalogue.values.items():
        words = source.values.get(key)
        if key not in META and isinstance(words, str):
            yield key, words, str(page.values.get(key) or ""), str(entry["where"])


def _alarm_places(library: Library, source: Page, page: Page) -> Places:
    here = page.values.get("flags") or {}
    for flag, entry in (source.values.get("flags") or {}).items():
        if flag in here:  # a flag without rules of its own is more than words: it is not made by an import
            note = SAID.format(tier=library.alarms.get(flag, {}).get("tier", "unknown"))
            yield f"flags.{flag}.say", str(entry["say"]), str(here[flag].get("say") or ""), note


_PLACES = {"topics": _topic_places, "phrases": _phrase_places, "alarms": _alarm_places}
