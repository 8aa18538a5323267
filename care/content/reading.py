"""Reads one content file: YAML with line numbers, Markdown with a header."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from care.content.types import Problems

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the one in C reads the whole folder in a tenth of the time


@dataclass
class Page:
    """One file: its header or mapping, the body below a header, and the line each key stands on."""

    file: str
    values: dict[str, Any] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    body: str = ""

    def line(self, key: str) -> int:
        return self.lines.get(key, 1)


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
    _parse(source, page, 0, problems)
    return page


def read_topic(path: Path, root: Path, problems: Problems) -> Page:
    """A Markdown file with a YAML header between two lines of `---`."""
    page = Page(str(path.relative_to(root.parent)))
    try:
        source = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return read_yaml(path, root, problems)
    parts = source.split("---\n", 2)
    if len(parts) < 3 or parts[0].strip():
        problems.add(page.file, 1, "the header is broken", "begin the file with a line ---, then the header, then a line ---")
        return page
    page.body = parts[2].strip()
    _parse(parts[1], page, 1, problems)
    return page


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
    if not isinstance(values, dict) or not isinstance(node, yaml.MappingNode):
        problems.add(page.file, 1, "must be `key: value` lines", "see another language's file of the same name")
        return
    page.values = {str(key): value for key, value in values.items()}
    page.lines = {str(key.value): key.start_mark.line + 1 + lines_before for key, _ in node.value}
    for twice in _said_twice(node):
        problems.add(page.file, twice.start_mark.line + 1 + lines_before, f"{twice.value} stands twice", "keep one of them")


def _line(wrong: yaml.MarkedYAMLError) -> int:
    """Where to look: at the bracket or quote that was never closed, else where reading stopped."""
    unclosed = wrong.context and ("flow" in wrong.context or "quoted" in wrong.context)
    mark = (wrong.context_mark if unclosed else None) or wrong.problem_mark
    return mark.line + 1 if mark else 1


def _said_twice(node: yaml.Node) -> Iterator[yaml.ScalarNode]:
    """Keys that repeat in one mapping: YAML takes the last and forgets the first without a word."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                yield key
            seen.add(str(key.value))
            yield from _said_twice(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _said_twice(value)
