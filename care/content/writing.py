"""Writes words back into a content file: only the places that changed, while every other byte stays, comments included."""

import copy
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import yaml

from care.content.reading import LOADER

FENCE = "---\n"
MARK = "\ufeff"  # some editors begin a file with it; YAML does not count it
WORDS = "tag:yaml.org,2002:str"
WIDEST = 1_000_000  # characters: our lines are never folded
Value = str | int | Mapping[str, Any] | Sequence[str] | None


class CannotWrite(Exception):
    """A place that cannot be written without harm to the rest: an anchor, a list inside a list, no mapping above it."""

    def __init__(self, place: str) -> None:
        super().__init__(f"{place} cannot be written by itself: change it in the file, with an editor")
        self.place = place


@dataclass(frozen=True)
class Edit:
    """Characters from `start` to `end` become `words`."""

    start: int
    end: int
    words: str


def rewrite(source: str, changes: Mapping[str, Value]) -> str:
    """A topic file or a mapping file with some places changed: `title`, `call.same_day`, `body`, `flags.rf-fever.say`.

    None takes a place out; a place that is not there yet is added at the end of what holds it.  What stands there already
    is left as it is, so nothing changed means the same bytes.  Raises CannotWrite.
    """
    if "\r\n" in source and "\n" not in source.replace("\r\n", ""):
        return rewrite(source.replace("\r\n", "\n"), changes).replace("\n", "\r\n")
    if source.startswith(MARK):
        return MARK + rewrite(source[1:], changes)
    before, header, body = _parts(source)
    places = {place: value for place, value in changes.items() if body is None or place != "body"}
    written = _rewrite_yaml(header, places)
    if body is None:
        return written
    if FENCE in written:
        raise CannotWrite(", ".join(places))
    return before + written + FENCE + (_rewrite_body(body, changes["body"]) if "body" in changes else body)


def save_all(files: Mapping[Path, bytes]) -> None:
    """All files or none, each whole at every moment.  Raises OSError, and then every file is as it was."""
    fresh = {path: path.with_name(f".{path.name}.new") for path in files}
    kept = {path: path.with_name(f".{path.name}.old") for path in files if path.exists()}
    try:
        for path, content in files.items():
            _write(fresh[path], content)
            if path in kept:
                shutil.copy2(path, kept[path])
                shutil.copymode(path, fresh[path])
        _swap(fresh, kept)
    finally:
        for left in (*fresh.values(), *kept.values()):
            left.unlink(missing_ok=True)


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _swap(fresh: Mapping[Path, Path], kept: Mapping[Path, Path]) -> None:
    done: list[Path] = []
    try:
        for path, new in fresh.items():
            new.replace(path)
            done.append(path)
    except OSError:
        for path in done:
            kept[path].replace(path) if path in kept else path.unlink()
        raise


def _parts(source: str) -> tuple[str, str, str | None]:
    """What stands above the YAML, the YAML, and the body of a topic (None: it is no topic)."""
    parts = source.split(FENCE, 2)
    topic = len(parts) == 3 and not parts[0].strip()
    return (parts[0] + FENCE, parts[1], parts[2]) if topic else ("", source, None)


def _rewrite_body(body: str, words: Value) -> str:
    if not isinstance(words, str) or not words.strip():
        raise CannotWrite("body")
    old, new = body.strip(), words.strip()
    return f"{new}\n" if not old else body.replace(old, new, 1)


def _rewrite_yaml(source: str, changes: Mapping[str, Value]) -> str:
    root, values = _compose(source)
    wanted = copy.deepcopy(values)
    edits: list[Edit] = []
    for place, value in changes.items():
        if not isinstance(root, yaml.MappingNode):
            raise CannotWrite(place)
        if _look_up(values, place) != value:
            _set(wanted, place, value)
            edits += _edits(source, root, place, value)
    written = _apply(source, edits)
    if edits and _read(written) != wanted:
        raise CannotWrite(", ".join(changes))
    return written


def _compose(source: str) -> tuple[yaml.Node | None, Any]:
    """Where everything stands, and what it is."""
    loader = LOADER(source)
    try:
        root = loader.get_single_node()
        return root, loader.construct_document(root) if root else None
    finally:
        loader.dispose()


def _read(source: str) -> Any:
    try:
        return yaml.load(source, LOADER)  # noqa: S506 - a safe loader
    except yaml.YAMLError:
        return None


def _look_up(values: Any, place: str) -> Any:
    for name in place.split("."):
        values = values.get(name) if isinstance(values, Mapping) else None
    return values


def _set(values: dict[str, Any], place: str, value: Value) -> None:
    *above, name = place.split(".")
    for each in above:
        values = values.setdefault(each, {})
        if not isinstance(values, dict):
            raise CannotWrite(place)
    if value is None:
        values.pop(name)
    else:
        values[name] = value


def _apply(source: str, edits: list[Edit]) -> str:
    """From the last to the first, so that no edit moves the place of another; at one place in the order they were asked for."""
    numbered = sorted(enumerate(edits), key=lambda each: (each[1].start, each[0]), reverse=True)
    for _, edit in numbered:
        source = source[: edit.start] + edit.words + source[edit.end :]
    return source


def _edits(source: str, above: yaml.MappingNode, place: str, value: Value) -> list[Edit]:
    name, _, below = place.partition(".")
    entry = next(((key, node) for key, node in above.value if key.value == name), None)
    if entry is None:
        return [_add(source, above, name, _nested(below, value))]
    key, node = entry
    if not below and value is None:
        return [_remove(source, above, key, node)]
    if not below:
        return _replace(source, above, key, node, value)
    if isinstance(node, yaml.MappingNode) and value is None and [each.value for each, _ in node.value] == [below]:
        return _replace(source, above, key, node, {})
    if isinstance(node, yaml.MappingNode) and node.value:
        return _edits(source, node, below, value)
    return _replace(source, above, key, node, _nested(below, value))


def _nested(place: str, value: Value) -> Value:
    for name in reversed(place.split(".") if place else []):
        value = {name: value}
    return value


def _replace(source: str, above: yaml.MappingNode, key: yaml.Node, node: yaml.Node, value: Value) -> list[Edit]:
    if isinstance(node, yaml.SequenceNode) and not node.flow_style and isinstance(value, list) and value:
        return [*_items(source, node, value)]
    start, end = node.start_mark.index, _end(node)
    if isinstance(node, yaml.ScalarNode):
        end = start + len(source[start:end].rstrip("\n"))  # a block of lines ends after its last line break
        words = _scalar(value, node.style, bool(above.flow_style))
        return [Edit(start, end, words if source[start - 1 : start] == " " else f" {words}")]
    flow = isinstance(node, yaml.CollectionNode) and node.flow_style
    return [Edit(start, end, _flow(value)) if flow else Edit(key.end_mark.index, end, f": {_flow(value)}")]


def _add(source: str, above: yaml.MappingNode, name: str, value: Value) -> Edit:
    if above.flow_style:
        comma = ", " if above.value else ""
        end = above.end_mark.index - 1
        return Edit(end, end, f"{comma}{name}: {_scalar(value, None, flow=True)}")
    end = _line_end(source, _end(above.value[-1][1]))
    line = f"{' ' * above.value[0][0].start_mark.column}{name}: {_scalar(value, None, flow=False)}\n"
    return Edit(end, end, line if source[:end].endswith("\n") else f"\n{line[:-1]}")


def _remove(source: str, above: yaml.MappingNode, key: yaml.Node, node: yaml.Node) -> Edit:
    if above.flow_style:
        raise CannotWrite(str(key.value))
    return Edit(_line_start(source, key), _line_end(source, _end(node)), "")


def _items(source: str, node: yaml.SequenceNode, wanted: list[str]) -> Iterator[Edit]:
    """A list line by line: an item that stays keeps its line, and a comment between two stays between them."""
    there = [item.value if item.tag == WORDS else None for item in node.value]
    first = _line_start(source, node.value[0])
    dash = source[first : node.value[0].start_mark.index]
    for tag, old, old_end, new, new_end in SequenceMatcher(None, there, wanted, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        both = min(old_end - old, new_end - new)
        for item, words in zip(node.value[old : old + both], wanted[new : new + both], strict=True):
            yield Edit(item.start_mark.index, _end(item), _scalar(words, getattr(item, "style", None), flow=False))
        for item in node.value[old + both : old_end]:
            yield Edit(_line_start(source, item), _line_end(source, _end(item)), "")
        at = _line_end(source, _end(node.value[old + both - 1])) if old + both else first
        for words in wanted[new + both : new_end]:
            yield Edit(at, at, f"{dash}{_scalar(words, None, flow=False)}\n")


def _scalar(value: Value, style: str | None, flow: bool) -> str:
    """The value on one line, in the quotes it had or else the fewest that let it be read back as it is."""
    if not isinstance(value, str):
        return _flow(value)
    quoted = {"'": "'" + value.replace("'", "''") + "'", '"': _dump(value, default_style='"')}
    for words in (quoted.get(style or "", value), value, *quoted.values()):
        if "\n" not in words and not words.endswith("---") and _reads_as(words, value, flow):
            return words
    return quoted['"']


def _reads_as(words: str, value: str, flow: bool) -> bool:
    try:
        found = yaml.load(f"[{words}]" if flow else f"k: {words}\n", LOADER)  # noqa: S506 - a safe loader
    except (yaml.YAMLError, ValueError):
        return False
    return bool(found == ([value] if flow else {"k": value}))


def _flow(value: Value) -> str:
    return _dump(value, default_flow_style=True)


def _dump(value: Value, **style: Any) -> str:
    dumped = yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=WIDEST, **style)
    return str(dumped).removesuffix("...\n").strip()


def _end(node: yaml.Node) -> int:
    """Where a value ends: that of a block ends for YAML only before the next one, comments and blank lines between included."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(last[1] if isinstance(node, yaml.MappingNode) else last)
    return int(node.end_mark.index)


def _line_start(source: str, node: yaml.Node) -> int:
    return source.rfind("\n", 0, node.start_mark.index) + 1


def _line_end(source: str, at: int) -> int:
    """Behind the line break of the line in which something ends."""
    if at and source[at - 1] == "\n":
        return at
    found = source.find("\n", at)
    return len(source) if found < 0 else found + 1
