"""Begins a topic: its line in topics.yml and an empty file in every language, for people to fill."""

import re
from collections import Counter
from pathlib import Path

from care.content.library import Library
from care.content.review import follows
from care.content.writing import save_all

ID = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
LONGEST_ID = 60
LINE = "- id: {id}\n  category: {category}\n  plans: []\n  red_flags: []\n  sources: []\n"
# What is empty is not offered to patients and only warned of, so that one language need not wait for another.
FILE = """---
id: {id}
title:
summary:
{since}
review: unreviewed
call:
  emergency:
  same_day:
  next_contact:
questions:
---
"""


class CannotBegin(Exception):
    """Why no topic was begun, and what to do."""


def begin_topic(root: Path, library: Library, topic_id: str, category: str) -> list[Path]:
    """Write what is not there yet, all of it or nothing.  Returns the files.  Raises CannotBegin, and OSError."""
    categories = list(dict.fromkeys(str(each["category"]) for each in library.topic_list.values()))
    if not ID.fullmatch(topic_id) or len(topic_id) > LONGEST_ID:
        raise CannotBegin(f"{topic_id} is no id: write small English letters, digits and dashes, such as dry-mouth.")
    if topic_id in library.topic_list:
        raise CannotBegin(f"The topic {topic_id} is there already: see content/topics.yml.")
    if category not in categories:
        raise CannotBegin(f"There is no category {category}: use {', '.join(categories)}.")
    files = {root / language / "topics" / f"{topic_id}.md": _since(library, language) for language in library.languages}
    fresh = {path: FILE.format(id=topic_id, since=since) for path, since in files.items() if not path.exists()}
    fresh[root / "topics.yml"] = _listed(root / "topics.yml", LINE.format(id=topic_id, category=category))
    for path in fresh:
        path.parent.mkdir(parents=True, exist_ok=True)
    save_all({path: text.encode() for path, text in fresh.items()})
    return list(fresh)


def _since(library: Library, language: str) -> str:
    source = source_language(library)
    return "revision: 1" if language == source else f"follows: {source}@1"


def source_language(library: Library) -> str:
    """The language most texts are translated from."""
    pages = (page for each in library.languages.values() for page in each.topics.values())
    counted = Counter(made_from[0] for page in pages if (made_from := follows(page)))
    return counted.most_common(1)[0][0] if counted else next(iter(library.languages))


def _listed(topics: Path, line: str) -> str:
    """The list with a line more behind its last topic, every other byte as it was."""
    text = topics.read_bytes().decode()
    begun = re.search(r"^topics:.*\n", text, re.MULTILINE)
    if begun is None:
        raise CannotBegin(f"{topics} has no list of topics.")
    after = re.compile(r"^[^\s#-]", re.MULTILINE).search(text, begun.end())
    at = after.start() if after else len(text)
    before = text[:at] if text[:at].endswith("\n") else f"{text[:at]}\n"
    return before + line + text[at:]
