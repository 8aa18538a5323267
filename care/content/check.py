"""Checks the words themselves: keys, placeholders, letters, header fields.  Every finding is a Problem with its mend."""

import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from care.content.reading import Page
from care.content.shape import META
from care.content.types import Problems
from care.languages.quality import letter_faults

NAME = re.compile(r"\$\{(\w+)\}")
CALLED = frozenset({"emergency_number"})  # the only name a call line or an alarm may hold


def check_language(language: str, phrases: Page, catalogue: Page, problems: Problems) -> None:
    """Same keys as the catalogue, exactly its placeholders, clean letters."""
    if not phrases.values or not catalogue.values:
        return  # a missing file is reported once, where it is read
    for key in catalogue.values.keys() - phrases.values.keys():
        problems.add(phrases.file, 1, f"the phrase {key} is missing", f"add it ({catalogue.values[key]['where']})")
    for key, said in phrases.values.items():
        if key not in META:
            _check_phrase(language, key, said, phrases, catalogue, problems)


def _check_phrase(language: str, key: str, said: Any, phrases: Page, catalogue: Page, problems: Problems) -> None:
    if key not in catalogue.values:
        problems.add(
            phrases.file, phrases.line(key), f"nobody asks for the phrase {key}", "remove it, or add it to content/phrases.yml"
        )
    elif not isinstance(said, str) or not said.strip():
        problems.add(
            phrases.file, phrases.line(key), f"the phrase {key} is empty", "write its words, in quotes if they look like a number"
        )
    else:
        expected = set(catalogue.values[key]["names"])
        if not _holds_only(said, expected) or expected != set(NAME.findall(said)):
            wanted = ", ".join(f"${{{name}}}" for name in sorted(expected)) or "none"
            problems.add(phrases.file, phrases.line(key), f"placeholders of {key} differ", f"use exactly: {wanted}")
        _check_letters(language, said, phrases, key, problems)


def _holds_only(said: str, names: Iterable[str]) -> bool:
    """No placeholder but these, and no lone $, at which filling them in would fail."""
    return set(NAME.findall(said)) <= set(names) and "$" not in NAME.sub("", said)


def check_topics(root: Path, topics: Page, problems: Problems) -> None:
    """The list of topics: each once, with sources that exist, and no text that stands in no list."""
    listed = [topic["id"] for topic in topics.values.get("topics", [])]
    for place, topic in enumerate(topics.values.get("topics", []), start=1):
        where = f"topics.{place}"
        if listed.index(topic["id"]) < place - 1:
            problems.add(topics.file, topics.line(where), f"the topic {topic['id']} stands twice", "keep one of them")
        for source in topic["sources"] if "sources" in topics.values else ():
            if source not in topics.values["sources"]:
                problems.add(
                    topics.file, topics.line(where), f"source {source} of {topic['id']} is unknown", "add it under sources"
                )
    for path in sorted(root.glob("*/topics/*.md")) if listed else ():
        if path.stem not in listed:
            problems.add(
                str(path.relative_to(root.parent)), 1, "nobody asks for this topic", f"add it to {topics.file}, or remove it"
            )


def check_topic(language: str, topic_id: str, page: Page, problems: Problems) -> None:
    """Header fields, body, placeholders and letters of one topic file."""
    if not page.values:
        return
    if page.values.get("id") != topic_id:
        problems.add(page.file, page.line("id"), f"id is {page.values.get('id')}", f"write id: {topic_id}")
    if not page.values.get("review"):
        problems.add(page.file, 1, "the header lacks review", "add a line `review: unreviewed`")
    if not (page.values.get("revision") or page.values.get("follows")):
        problems.add(page.file, 1, "the header says neither revision nor follows", "add `revision: 1`, or `follows: zh@1`")
    if not page.body:
        problems.add(page.file, 1, "the body is empty", "write the text below the header")
    texts = {"title": page.values.get("title"), "summary": page.values.get("summary"), "body": page.body}
    for name, said in filter(lambda part: part[1], texts.items()):
        _check_said(language, str(said), frozenset(), page, name, problems)
    for name, said in (page.values.get("call") or {}).items():
        _check_said(language, str(said), CALLED, page, f"call.{name}", problems)


def check_alarms(language: str, page: Page, alarms: Page, problems: Problems) -> None:
    """What a patient is told in danger, and no flag that content/alarms.yml does not know: it would be heard and not raised."""
    known = alarms.values.get("flags", {})
    for flag, entry in page.values.get("flags", {}).items():
        if known and flag not in known:
            problems.add(page.file, page.line(f"flags.{flag}"), f"{flag} is in no tier", f"add it to {alarms.file}, or remove it")
        _check_said(language, entry["say"], CALLED, page, f"flags.{flag}.say", problems)


def check_same(pages: list[Page], what: str, problems: Problems) -> None:
    """A name that one language has, all have."""
    names = {name: page.file for page in pages for name in page.keys if name not in META}
    for page in pages:
        for name in sorted(names.keys() - page.keys) if page.keys else ():
            problems.add(page.file, 1, f"{what} {name} is missing", f"add it, as in {names[name]}")


def _check_said(language: str, said: str, names: frozenset[str], page: Page, where: str, problems: Problems) -> None:
    if not _holds_only(said, names):
        wanted = ", ".join(f"${{{name}}}" for name in sorted(names)) or "none"
        problems.add(page.file, page.line(where), f"a placeholder in {where} is unknown", f"use only: {wanted}")
    _check_letters(language, said, page, where, problems)


def _check_letters(language: str, said: str, page: Page, where: str, problems: Problems) -> None:
    if unicodedata.normalize("NFC", said) != said:
        problems.add(page.file, page.line(where), "text is not in Unicode form NFC", "save it with composed letters")
    for fault in letter_faults(NAME.sub(" ", said), language):
        problems.add(page.file, page.line(where), fault.what, fault.mend)
