"""Reads one content file: YAML with line numbers, Markdown with a header."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from care.content.types import Problems


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
    _parse(source, page, 0, problems)
    return page


def read_topic(path: Path, root: Path, problems: Problems) -> Page:
    """A Markdown file with a YAML header between two lines of `---`."""
    page = Page(str(path.relative_to(root.parent)))
    try:
        source = path.read_text(encoding="utf-8")
    except (FileNotFoundError, UnicodeDecodeError):
        return read_yaml(path, root, problems)
    parts = source.split("---\n", 2)
    if len(parts) < 3 or parts[0].strip():
        problems.add(page.file, 1, "the header is broken", "begin the file with a line ---, then the header, then a line ---")
        return page
    page.body = parts[2].strip()
    _parse(parts[1], page, 1, problems)
    return page


def _parse(source: str, page: Page, lines_before: int, problems: Problems) -> None:
    try:
        node = yaml.compose(source, Loader=yaml.SafeLoader)
        values = yaml.safe_load(source) or {}
    except yaml.MarkedYAMLError as wrong:
        mark = wrong.problem_mark
        line = (mark.line + 1 if mark else 1) + lines_before
        problems.add(page.file, line, f"not readable as YAML ({wrong.problem})", "mend the indentation or quotes on this line")
        return
    if not isinstance(values, dict) or not isinstance(node, yaml.MappingNode):
        problems.add(page.file, 1, "must be `key: value` lines", "see another language's file of the same name")
        return
    page.values = {str(key): value for key, value in values.items()}
    page.lines = {str(key.value): key.start_mark.line + 1 + lines_before for key, _ in node.value}
