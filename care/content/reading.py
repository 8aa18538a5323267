"""Reads one content file: YAML with line numbers, Markdown with a header."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from care.content.types import Problems

IN_C: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # it reads the whole folder in a tenth of the time
TEXT = "tag:yaml.org,2002:str"
TOP_KEY = r"^{}\s*:"
DEEPEST = 8  # levels below a key


class Loader(IN_C):  # type: ignore[misc]  # YAML's own, and in a hurry with what nearly all of content is: plain words
    """Reads and constructs what a safe loader does."""

    def resolve(self, kind: type[yaml.Node], value: str | None, implicit: tuple[bool, bool]) -> Any:
        # What stands in quotes; and what begins with a letter with which no number, date, yes or no does.
        if kind is yaml.ScalarNode and (not implicit[0] or (value and value[0] not in self.yaml_implicit_resolvers)):
            return TEXT
        return super().resolve(kind, value, implicit)

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        return node.value if node.tag == TEXT and isinstance(node, yaml.ScalarNode) else super().construct_object(node, deep)


LOADER = Loader


@dataclass
class Page:
    """One file: its header or mapping, the body below a header, and the line each place in it stands on."""

    file: str
    values: dict[str, Any] = field(default_factory=dict)
    keys: frozenset[str] = frozenset()  # as written, also those whose value was refused
    body: str = ""
    source: str = ""  # the YAML alone
    lines_before: int = 0  # lines of the file above it
    body_from: int = 1  # the line the body begins on

    @cached_property
    def lines(self) -> dict[str, int]:
        """Only asked for when there is something to say: finding every place of every file takes a second."""
        node = LOADER(self.source).get_single_node() if self.source else None
        return {place.where: place.line + self.lines_before for place in _places(node)} if node else {}

    def line(self, where: str) -> int:
        """The line of a key, or of a place below one: `flags.rf-fever.rules.2`; of `body` its first."""
        if where == "body":
            return self.body_from
        top = re.search(TOP_KEY.format(re.escape(where)), self.source, re.MULTILINE) if "." not in where else None
        if top:  # the usual case, and no need to find every other place
            return self.source[: top.start()].count("\n") + 1 + self.lines_before
        while where and where not in self.lines:
            where = where.rpartition(".")[0]
        return self.lines.get(where, 1)


def read_yaml(path: Path, root: Path, problems: Problems) -> Page:
    """A YAML mapping.  A missing or broken file is a problem, not an exception."""
    page = Page(str(path.relative_to(root.parent)))
    try:
        source = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        problems.add(page.file, 1, "file is missing", "add it, with the same name as in the other languages")
        return page
    except UnicodeDecodeError as wrong:
        problems.add(page.file, 1, f"not UTF-8 ({wrong.reason})", "save the file as UTF-8")
        return page
    except OSError as wrong:
        problems.add(page.file, 1, f"cannot be read ({wrong.strerror})", "let Karez's own user read it")
        return page
    return page_from(page.file, source, problems)


def page_from(file: str, source: str, problems: Problems) -> Page:
    """A page from its text: what is a header and what a body is told by the name of the file."""
    page = Page(file)
    if not file.endswith(".md"):
        _parse(source, page, 0, problems)
        return page
    parts = source.split("---\n", 2)
    if len(parts) < 3 or parts[0].strip():
        problems.add(file, 1, "the header is broken", "begin the file with a line ---, then the header, then a line ---")
        return page
    page.body = parts[2].strip()
    above = parts[2][: len(parts[2]) - len(parts[2].lstrip())]
    page.body_from = parts[1].count("\n") + above.count("\n") + 3
    _parse(parts[1], page, 1, problems)
    return page


def read_topic(path: Path, root: Path, problems: Problems) -> Page:
    """A Markdown file with a YAML header between two lines of `---`."""
    return read_yaml(path, root, problems)


def _parse(source: str, page: Page, lines_before: int, problems: Problems) -> None:
    loader = LOADER(source)
    try:
        node = loader.get_single_node()
        values = loader.construct_document(node) if node else {}
    except yaml.MarkedYAMLError as wrong:
        problems.add(
            page.file,
            _line(wrong) + lines_before,
            f"not readable as YAML ({wrong.problem})",
            "mend the indentation or quotes on this line",
        )
        return
    except (yaml.YAMLError, ValueError) as wrong:  # a control character; a date there is none of
        what = str(wrong).splitlines()[0]
        problems.add(page.file, 1, f"not readable as YAML ({what})", "remove that character, or put that value in quotes")
        return
    finally:
        loader.dispose()
    if not values or not isinstance(values, dict) or not isinstance(node, yaml.MappingNode):
        problems.add(page.file, 1, "must be `key: value` lines", "see another language's file of the same name")
        return
    page.values = {str(key): value for key, value in values.items()}
    page.keys = frozenset(page.values)
    page.source, page.lines_before = source, lines_before
    for place in _repeated(node):
        problems.add(page.file, place.line + lines_before, f"{place.where} stands twice", "keep one of them")


def _line(wrong: yaml.MarkedYAMLError) -> int:
    """Where to look: at the bracket or quote that was never closed, else where reading stopped."""
    unclosed = wrong.context and ("flow" in wrong.context or "quoted" in wrong.context)
    mark = (wrong.context_mark if unclosed else None) or wrong.problem_mark
    return mark.line + 1 if mark else 1


@dataclass(frozen=True)
class Place:
    """A key, or an item of a list, by the path that leads to it."""

    where: str
    line: int


def _places(node: yaml.Node, above: str = "", depth: int = 0) -> Iterator[Place]:
    """Every place of a file."""
    for name, at, below in _named(node) if depth <= DEEPEST else ():  # a file may refer to itself
        where = f"{above}.{name}" if above else name
        yield Place(where, at.start_mark.line + 1)
        yield from _places(below, where, depth + 1)


def _repeated(node: yaml.Node, above: str = "", depth: int = 0) -> Iterator[Place]:
    """Keys that stand there before: YAML itself forgets the first without a word."""
    seen: set[str] = set()
    for name, at, below in _named(node) if depth <= DEEPEST else ():
        where = f"{above}.{name}" if above else name
        if name in seen:
            yield Place(where, at.start_mark.line + 1)
        seen.add(name)
        if not isinstance(below, yaml.ScalarNode):
            yield from _repeated(below, where, depth + 1)


def _named(node: yaml.Node) -> list[tuple[str, yaml.Node, yaml.Node]]:
    """What a node holds: (name, the node that stands for its line, the node below)."""
    if isinstance(node, yaml.MappingNode):
        return [(str(key.value), key, value) for key, value in node.value]
    if isinstance(node, yaml.SequenceNode):
        return [(str(number), item, item) for number, item in enumerate(node.value, start=1)]
    return []


def is_blank(page: Page) -> bool:
    """Begun and not written: a header without a word in it."""
    return bool(page.values) and not (page.values.get("title") or page.values.get("summary") or page.body)
