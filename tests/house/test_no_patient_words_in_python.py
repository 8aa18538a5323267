"""No sentence a patient can read stands in Python, in a template, in a script or in the assistant's domain.

Why: words in code are never translated, never spoken, never reviewed, and a nurse cannot mend them.
Mend: put the words into content/<language>/ under one key (staff words: gettext) and ask the library for that key.
Except: `# house: letters 3 - reason`, for alphabets and for names of languages and people
Design: decision 8.
"""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from tests.house.house import OURS, Finding, Source, judge, sources

WORD = re.compile(
    "[\u0370-\u052f]{2,}|[\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufefc]{2,}|[\u3040-\u30ff\u3400-\u9fff]"
)
TEMPLATE_MARKS = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
SHOWN = ("alt", "aria-label", "placeholder", "title", "value")
NAMES = ("Karez", "QR")  # what is called the same in every language


def has_words(said: str) -> bool:
    """A single letter of an alphabet is no word; a single Chinese character is."""
    return any(found[0].isalpha() for found in WORD.finditer(said))


def words_in_python(source: Source) -> Iterator[Finding]:
    """One finding a line, so that a table of letters counts by its lines."""
    for number in sorted({node.lineno for node in source.strings() if has_words(str(node.value))}):
        yield Finding(source.file, number, f"words in a string: {source.lines[number - 1].strip()[:60]}")


def words_in_lines(source: Source) -> Iterator[Finding]:
    for number, line in enumerate(source.lines, 1):
        if has_words(line):
            yield Finding(source.file, number, f"words: {line.strip()[:60]}")


class Reader(HTMLParser):
    """What a page says by itself: its text and the attributes a person reads or hears."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[tuple[int, str]] = []

    def handle_data(self, data: str) -> None:
        self.said.append((self.getpos()[0], data))

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.said += [(self.getpos()[0], value or "") for name, value in attributes if name in SHOWN]


def words_in_page(source: Source) -> Iterator[Finding]:
    """Words of any language, English too: a patient's page gets all of them from content/."""
    reader = Reader()
    # Lines are kept, so that findings name them.
    reader.feed(TEMPLATE_MARKS.sub(lambda mark: "\n" * mark[0].count("\n"), source.text))
    for line, said in reader.said:
        if any(letter.isalpha() for letter in said) and said.strip() not in NAMES:
            yield Finding(source.file, line, f"words: {said.strip()[:60]}")


def test_no_patient_words_in_python() -> None:
    python = sources(*OURS)
    others = sources("api/templates", "api/static", ends=(".html", ".js", ".css", ".svg", ".webmanifest"))
    others += sources("bot", ends=(".yml",))
    found = [each for source in python for each in words_in_python(source)]
    found += [each for source in others for each in words_in_lines(source)]
    found += [each for source in sources("api/templates/patient", ends=(".html",)) for each in words_in_page(source)]

    judge(__doc__, found, python + others)


def test_words_are_found_in_strings_pages_and_scripts() -> None:
    python = '"""Хабар."""\nx = f"{a} дәрі"\ny = ["药", "\\u060c", "ә"]  # 药\nz = "take it"\n'
    page = "<title>Karez</title>\n{% if a %}{{ word }}{% endif %}\n<p>Hello</p><i placeholder='Name'></i>"

    assert [each.line for each in words_in_python(Source("care/sample.py", python))] == [2, 3]
    assert [each.line for each in words_in_page(Source("x.html", page))] == [3, 3]
    assert [each.line for each in words_in_lines(Source("x.js", "a\nconst b = 'дәрі';"))] == [2]
