"""Sentences with what they mean, to measure understanding by: `tests/understanding/*.yml`, or JSON lines of your own.

A YAML file holds one form of one language:

    form: ug-Arab
    also: [ug-Latn]                       # measured in this script too, written by rule
    topics: {nausea-vomiting: [...]}      # questions: intent ask_topic
    symptoms: {nausea-vomiting: [...]}    # reports: intent report_symptom
    intents: {dose_taken: [...]}
    alarms: {rf-chest-pain: [...]}        # must raise this tier or a higher one
    harmless: [...]                       # must raise nothing
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from care.languages.generate import write_in
from care.languages.table import FORMS, Form, form


@dataclass(frozen=True)
class Case:
    """One sentence and what must be made of it; None where it says nothing about that."""

    text: str
    form: Form
    intent: str | None = None
    topic: str | None = None
    flag: str | None = None
    harmless: bool = False


class CasesBroken(Exception):
    """A file of sentences cannot be read; says where and how to mend it."""


def read_cases(where: Path) -> list[Case]:
    """The cases of a file, or of every file of a folder.  Raises CasesBroken."""
    files = sorted(each for each in where.iterdir() if each.suffix in (".yml", ".jsonl")) if where.is_dir() else [where]
    if not files:
        raise CasesBroken(f"{where}: no .yml or .jsonl file in this folder")
    return [case for file in files for case in _read(file)]


def _read(file: Path) -> list[Case]:
    try:
        written = file.read_text(encoding="utf-8")
        if file.suffix == ".jsonl":
            return [_of_line(json.loads(line)) for line in written.splitlines() if line.strip()]
        page = yaml.safe_load(written)
        return [in_script(case, tag) for tag in (page["form"], *page.get("also", ())) for case in _of_page(page)]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, yaml.YAMLError) as wrong:
        raise CasesBroken(f"{file}: {type(wrong).__name__}: {wrong}; see care/supervisor/cases.py for the form") from wrong


def in_script(case: Case, tag: str) -> Case:
    """The same sentence as it is written in another script of its language."""
    return replace(case, text=write_in(tag, case.text), form=form(tag))


def _of_page(page: dict[str, Any]) -> Iterator[Case]:
    tag = form(page["form"])
    for topic, sentences in (page.get("topics") or {}).items():
        yield from (Case(str(each), tag, intent="ask_topic", topic=topic) for each in sentences)
    for topic, sentences in (page.get("symptoms") or {}).items():
        yield from (Case(str(each), tag, intent="report_symptom", topic=topic) for each in sentences)
    for intent, sentences in (page.get("intents") or {}).items():
        yield from (Case(str(each), tag, intent=intent) for each in sentences)
    for flag, sentences in (page.get("alarms") or {}).items():
        yield from (Case(str(each), tag, flag=flag) for each in sentences)
    yield from (Case(str(each), tag, harmless=True) for each in page.get("harmless") or [])


def _of_line(line: dict[str, Any]) -> Case:
    """`{"text", "language", "script", "intent"?, "topic"?, "flag"?, "harmless"?}`."""
    tag = next(each for each in FORMS.values() if (each.language, each.script) == (line["language"], line["script"]))
    said = {name: line.get(name) for name in ("intent", "topic", "flag")}
    return Case(str(line["text"]), tag, harmless=bool(line.get("harmless")), **said)
