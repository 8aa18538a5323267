"""Every rule says why it is there and how to mend what it finds, and every exception names a rule and its reason.

Why: a rule nobody understands is switched off; an exception to a rule that is gone hides the next mistake beside it.
Mend: begin the test file with the sentence, `Why:` and `Mend:`; correct the word of the note; `.venv/bin/python -m tests.house`
renews docs/house.md.
"""

import re
from collections.abc import Iterator
from datetime import date

import pytest

from tests.house.guide import PAGE, rules, rules_page
from tests.house.house import Finding, Note, Source, excuse, judge, read_rule, texts

NOTE_LIKE = re.compile(r"(?:#|//|/\*|\{#|<!--) house: \S")
FILE = "care/sample.py"


def unexplained() -> Iterator[Finding]:
    for name, rule in rules().items():
        if not (rule.sentence.endswith(".") and rule.why and rule.mend):
            yield Finding(f"tests/house/{name}", 1, "does not say its sentence, `Why:` and `Mend:`")


def strange_notes(source: Source, words: set[str]) -> Iterator[Finding]:
    """Notes to no rule, and comments that look like a note and are none."""
    if "house: " not in source.text:
        return
    read = {note.line for note in source.notes()}
    yield from (
        Finding(source.file, each.line, f"no rule takes `house: {each.word}`")
        for each in source.notes()
        if each.word not in words
    )
    for number, line in enumerate(source.lines, 1):
        if NOTE_LIKE.search(line) and number not in read:
            yield Finding(source.file, number, "looks like a note and cannot be read: `house: word - reason`")


def test_house_rules_explain_themselves() -> None:
    words = {rule.word for rule in rules().values() if rule.word}
    written = [each for each in texts() if not each.file.startswith(("tests/house/", "docs/house.md"))]
    found = [*unexplained(), *(each for source in written for each in strange_notes(source, words))]
    if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != rules_page():
        found.append(Finding("docs/house.md", 1, "is not what the rules say today: `.venv/bin/python -m tests.house`"))

    judge(__doc__, found)


def test_a_note_to_no_rule_and_one_that_cannot_be_read_are_found() -> None:
    sample = Source(
        FILE, "a = 1  # house: clock - measured in a test\nb = 2  # house: cloak - a slip of the pen\nc = 3  # house: clock\n"
    )

    assert [each.line for each in strange_notes(sample, {"clock"})] == [2, 3]


def note(line: int, count: int | None = None, reason: str = "right in this place", until: date | None = None) -> Note:
    return Note(FILE, line, "clock", count, reason, until, alone=False)


@pytest.mark.parametrize(
    ("written", "left"),
    [
        (note(1), [2, 3]),
        (note(9, count=3), []),
        (note(9, count=2), [1, 2, 3, 9]),  # a fourth place may not hide behind a number
        (note(4), [1, 2, 3, 4]),  # excuses nothing
        (note(1, reason="yes"), [2, 3, 1]),
        (note(1, until=date(2020, 1, 1)), [2, 3, 1]),
    ],
)
def test_a_note_excuses_what_it_names_as_long_as_its_reason_holds(written: Note, left: list[int]) -> None:
    found = [Finding(FILE, line, "reads a clock") for line in (1, 2, 3)]

    assert sorted(each.line for each in excuse(found, [written])) == sorted(left)


def test_a_failure_says_where_why_and_how_to_mend_it() -> None:
    rule = read_rule("Nobody hurries.\n\nWhy: haste\nhurts.\nMend: wait.\nExcept: `# house: haste - reason`\n")

    assert rule.word == "haste"
    assert rule.explain([Finding(FILE, 7, "runs"), Finding(FILE, 3, "runs")]).splitlines() == [
        "Nobody hurries.",
        f"  {FILE}:3: runs",
        f"  {FILE}:7: runs",
        "Why: haste hurts.",
        "Mend: wait.",
        "Except: `# house: haste - reason`",
    ]
