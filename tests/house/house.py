"""Reads the project's own files, and turns what a rule finds in them into a failure that needs no explanation.

A rule's docstring is its text: one sentence, then `Why:`, `Mend:` and, where there are any, `Except:` and `Design:`.
An exception stands beside the code it excuses, as the comment `house: WORD - reason`; `house: WORD 3 - reason` anywhere
in a file excuses exactly three places of that file.  `until 2027-01-31` at its end makes it expire.  A note that excuses
nothing any more is a finding itself, so exceptions only ever grow where somebody wrote the new number down.
"""

import ast
import inspect
import io
import re
import subprocess
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache, cached_property
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OURS = ("care", "api", "scheduler", "bot", "tools")
NOTE = re.compile(
    r"house: (?P<word>[a-z-]+)(?: (?P<count>\d+))? - (?P<reason>.*?)(?: until (?P<until>\d{4}-\d\d-\d\d))?\s*(?:#\}|\*/|-->)?$"
)
PART = re.compile(r"^(Why|Mend|Except|Design): ", re.MULTILINE)
SHORTEST_REASON = 3  # words


@dataclass(frozen=True)
class Finding:
    """One place where a rule is broken."""

    file: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}"


@dataclass(frozen=True)
class Note:
    """One exception, written beside the code it excuses.  Without `count` it covers its own line, or the next one."""

    file: str
    line: int
    word: str
    count: int | None
    reason: str
    until: date | None
    alone: bool

    def covers(self, found: Finding) -> bool:
        lines = (self.line, self.line + 1) if self.alone else (self.line,)
        return found.file == self.file and (self.count is not None or found.line in lines)

    def complain(self, what: str) -> Finding:
        return Finding(self.file, self.line, f"the note `house: {self.word}` {what}")


class Source:
    """One file of ours: its text, its lines and, for Python, its tree."""

    def __init__(self, file: str, text: str) -> None:
        self.file, self.text = file, text
        self.lines = text.splitlines()

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.file)

    @cached_property
    def nodes(self) -> list[ast.AST]:
        return list(ast.walk(self.tree))

    @property
    def is_test(self) -> bool:
        return self.file.startswith("tests/")

    def at(self, node: ast.AST, what: str) -> Finding:
        return Finding(self.file, getattr(node, "lineno", 1), what)

    @cached_property
    def docstrings(self) -> set[ast.AST]:
        """The string nodes that only explain."""
        owners = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
        bodies = [node.body for node in self.nodes if isinstance(node, owners) and node.body]
        firsts = [body[0].value for body in bodies if isinstance(body[0], ast.Expr)]
        return {first for first in firsts if isinstance(first, ast.Constant) and isinstance(first.value, str)}

    def strings(self) -> Iterator[ast.Constant]:
        """Every string literal but docstrings; the fixed pieces of an f-string one by one."""
        for node in self.nodes:
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in self.docstrings:
                yield node

    @cached_property
    def imported(self) -> dict[str, str]:
        """What each imported name stands for: `import time as t` gives {"t": "time"}."""
        known: dict[str, str] = {}
        for node in self.nodes:
            if isinstance(node, ast.Import):
                for each in node.names:
                    known |= {each.asname: each.name} if each.asname else {each.name.split(".")[0]: each.name.split(".")[0]}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                known |= {each.asname or each.name: f"{node.module}.{each.name}" for each in node.names}
        return known

    def origin(self, node: ast.AST) -> str:
        """Where a name or attribute comes from: `t.monotonic` is "time.monotonic"; "" for what was not imported."""
        if isinstance(node, ast.Name):
            return self.imported.get(node.id, "")
        if isinstance(node, ast.Attribute):
            owner = self.origin(node.value)
            return f"{owner}.{node.attr}" if owner else ""
        return ""

    def imports(self) -> Iterator[tuple[ast.AST, str]]:
        """(place, dotted name) of everything this module imports."""
        for node in self.nodes:
            if isinstance(node, ast.Import):
                yield from ((node, each.name) for each in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield from ((node, f"{node.module}.{each.name}") for each in node.names)

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        yield from (node for node in self.nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))

    def notes(self, word: str = "") -> list[Note]:
        """The exceptions written in this file, for one rule or for all."""
        return [note for note in self._notes if word in ("", note.word)]

    @cached_property
    def _notes(self) -> list[Note]:
        found = ((number, comment, NOTE.search(comment)) for number, comment in self._comments() if "house: " in comment)
        return [_note(self, number, match) for number, _, match in found if match]

    def _comments(self) -> Iterator[tuple[int, str]]:
        """Comments of Python; in other files every line may hold one."""
        if "house: " not in self.text:
            return
        if not self.file.endswith(".py"):
            yield from enumerate(self.lines, 1)
            return
        for token in tokenize.generate_tokens(io.StringIO(self.text).readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string


def _note(source: Source, number: int, match: re.Match[str]) -> Note:
    alone = source.lines[number - 1].lstrip().startswith(("#", "//", "/*", "{#", "<!--"))
    count = int(match["count"]) if match["count"] else None
    until = date.fromisoformat(match["until"]) if match["until"] else None
    return Note(source.file, number, match["word"], count, match["reason"].strip(), until, alone)


@cache
def tracked() -> tuple[str, ...]:
    """Every file git knows and the folder still has."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    return tuple(file for file in listed.split("\0") if file and (ROOT / file).is_file())


@cache
def source(file: str) -> Source:
    return Source(file, (ROOT / file).read_text(encoding="utf-8"))


def sources(*folders: str, ends: tuple[str, ...] = (".py",)) -> list[Source]:
    """Our files below some folders, by their endings; without folders all of them."""
    inside = tuple(f"{folder}/" for folder in folders)
    return [source(file) for file in tracked() if file.endswith(ends) and (not inside or file.startswith(inside))]


def texts() -> list[Source]:
    """Every tracked file that can be read as text."""
    found = []
    for file in tracked():
        try:
            found.append(source(file))
        except UnicodeDecodeError:
            continue
    return found


@dataclass(frozen=True)
class Rule:
    """A rule as its docstring tells it."""

    sentence: str
    why: str = ""
    mend: str = ""
    exception: str = ""
    design: str = ""

    @property
    def word(self) -> str:
        """The word its notes begin with; empty when it takes no exceptions."""
        found = re.search(r"house: ([a-z-]+)", self.exception)
        return found[1] if found else ""

    def explain(self, found: Iterable[Finding]) -> str:
        """The failure: where, why, how to mend it."""
        told = {"Why": self.why, "Mend": self.mend, "Except": self.exception, "Design": self.design}
        places = [f"  {each}" for each in sorted(set(found), key=lambda each: (each.file, each.line, each.what))]
        return "\n".join([self.sentence, *places, *(f"{name}: {said}" for name, said in told.items() if said)])


def read_rule(docstring: str | None) -> Rule:
    """The parts of a rule's docstring, each as one line."""
    pieces = PART.split(inspect.cleandoc(docstring or ""))
    sentence, told = pieces[0], dict(zip(pieces[1::2], pieces[2::2], strict=True))
    parts = {name: " ".join(said.split()) for name, said in told.items()}
    first = " ".join(sentence.split("\n\n")[0].split())
    return Rule(first, parts.get("Why", ""), parts.get("Mend", ""), parts.get("Except", ""), parts.get("Design", ""))


def judge(docstring: str | None, found: Iterable[Finding], among: Iterable[Source] = ()) -> None:
    """Fail with everything a rule found, but what a note `among` the files it read excuses."""
    rule = read_rule(docstring)
    notes = [note for each in among for note in each.notes(rule.word)] if rule.word else []
    wrong = excuse(list(found), notes)
    if wrong:
        pytest.fail(rule.explain(wrong), pytrace=False)


def excuse(found: list[Finding], notes: list[Note]) -> list[Finding]:
    """What no note excuses, and what is wrong with the notes themselves."""
    wrong = [complaint for note in notes for complaint in _faults(note)]
    for note in sorted(notes, key=lambda note: note.count is not None):  # a note on a line before one for a whole file
        covered = [each for each in found if note.covers(each)]
        if not covered:
            wrong.append(note.complain("excuses nothing any more: remove it"))
        elif note.count is not None and note.count != len(covered):
            wrong.append(note.complain(f"says {note.count} places, there are {len(covered)}: mend the new one, or write it down"))
            continue
        found = [each for each in found if each not in covered]
    return found + wrong


def _faults(note: Note) -> Iterator[Finding]:
    if len(note.reason.split()) < SHORTEST_REASON:
        yield note.complain("gives no reason: say in a few words why it is right here")
    if note.until and note.until < datetime.now(UTC).date():
        yield note.complain(f"ended on {note.until}: mend what it excused")
