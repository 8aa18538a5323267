"""Checks the words themselves: keys, placeholders, letters, header fields.  Every finding is a Problem with its mend."""

import re
import unicodedata
from typing import Any

from care.content.reading import Page
from care.content.types import Problems
from care.languages.quality import letter_faults

NAME = re.compile(r"\$\{(\w+)\}")
META = ("review", "revision", "follows")  # keys of phrases.yml that are no phrases
FIELDS = ("id", "title", "summary", "review", "call", "questions")


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
    line = phrases.line(key)
    if key not in catalogue.values:
        problems.add(phrases.file, line, f"nobody asks for the phrase {key}", "remove it, or add it to content/phrases.yml")
    elif not isinstance(said, str) or not said.strip():
        problems.add(phrases.file, line, f"the phrase {key} is empty", "write its words, in quotes if they look like a number")
    else:
        expected, found = set(catalogue.values[key]["names"]), set(NAME.findall(said))
        if expected != found:
            wanted = ", ".join(f"${{{name}}}" for name in sorted(expected)) or "none"
            problems.add(phrases.file, line, f"placeholders of {key} differ", f"use exactly: {wanted}")
        _check_letters(language, said, phrases.file, line, problems)


def check_topic(language: str, topic_id: str, page: Page, sources: dict[str, Any], problems: Problems) -> None:
    """Header fields, body, sample questions and letters of one topic file."""
    if not page.values:
        return
    for name in FIELDS:
        if not page.values.get(name):
            problems.add(page.file, 1, f"the header lacks {name}", f"add a line `{name}:` to the header")
    if page.values.get("id") != topic_id:
        problems.add(page.file, page.line("id"), f"id is {page.values.get('id')}", f"write id: {topic_id}")
    if not (page.values.get("revision") or page.values.get("follows")):
        problems.add(page.file, 1, "the header says neither revision nor follows", "add `revision: 1`, or `follows: zh@1`")
    if not page.body:
        problems.add(page.file, 1, "the body is empty", "write the text below the header")
    texts = [page.values.get("title"), page.values.get("summary"), page.body, *(page.values.get("call") or {}).values()]
    for said in filter(None, texts):
        _check_letters(language, str(said), page.file, 1, problems)


def _check_letters(language: str, said: str, file: str, line: int, problems: Problems) -> None:
    if unicodedata.normalize("NFC", said) != said:
        problems.add(file, line, "text is not in Unicode form NFC", "save it with composed letters")
    for fault in letter_faults(NAME.sub(" ", said), language):
        problems.add(file, line, fault.what, fault.mend)
