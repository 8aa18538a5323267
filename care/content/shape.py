"""What must stand inside a content file, as a small grammar: words, numbers, lists, fields.  Nothing later meets a surprise."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from care.content.reading import Page
from care.content.types import Problems

META = ("review", "revision", "follows")  # what a file says of itself
Fault = tuple[str, str, str]  # where (`flags.rf-fever.rules`), what, mend
Shape = Callable[[str, Any], Iterator[Fault]]


def check_shape(page: Page, shape: Shape, problems: Problems) -> bool:
    """Report every place that differs, at its line.  A key in which one lies counts as absent afterwards."""
    faults = list(shape("", page.values)) if page.values else []  # a file nobody can read is reported where it is read
    for where, what, mend in faults:
        problems.add(page.file, page.line(where), f"{where or 'the file'} {what}", mend)
        page.values.pop(where.split(".")[0], None)
    return not faults


def anything(where: str, found: Any) -> Iterator[Fault]:
    return iter(())


def text(where: str, found: Any) -> Iterator[Fault]:
    """Words, at least one."""
    if not isinstance(found, str) or not found.strip():
        yield where, _is(found), "write words; put what looks like a number, yes or no in quotes"


def string(where: str, found: Any) -> Iterator[Fault]:
    """Words that may be empty."""
    if not isinstance(found, str):
        yield where, _is(found), "write words, in quotes if they look like a number, yes or no"


def scrap(where: str, found: Any) -> Iterator[Fault]:
    """Words, or a bare number or date: what is only ever read as text."""
    if not isinstance(found, str | int | float | date) or isinstance(found, bool):
        yield where, _is(found), "write words, in quotes"


def whole(where: str, found: Any) -> Iterator[Fault]:
    if not isinstance(found, int) or isinstance(found, bool) or found < 0:
        yield where, _is(found), "write a whole number"


def number(where: str, found: Any) -> Iterator[Fault]:
    if not isinstance(found, int | float) or isinstance(found, bool) or not 0 <= found < float("inf"):
        yield where, _is(found), "write a number"


def flag(where: str, found: Any) -> Iterator[Fault]:
    if not isinstance(found, bool):
        yield where, _is(found), "write true or false"


def one_of(*names: str) -> Shape:
    def check(where: str, found: Any) -> Iterator[Fault]:
        if found not in names:
            yield where, _is(found), f"write one of {', '.join(names)}"

    return check


def many(shape: Shape, at_least: int = 1) -> Shape:
    """A list."""

    def check(where: str, found: Any) -> Iterator[Fault]:
        if not isinstance(found, list) or len(found) < at_least:
            yield where, _is(found), "write a list: [..., ...]"
            return
        for place, each in enumerate(found, start=1):
            yield from shape(f"{where}.{place}", each)

    return check


def each(shape: Shape, at_least: int = 1, names: Shape | None = None) -> Shape:
    """A mapping with names of the writer's own; `names` says of which kind they are."""

    def check(where: str, found: Any) -> Iterator[Fault]:
        if not isinstance(found, Mapping) or len(found) < at_least:
            yield where, _is(found), "write `name: ...` lines below it"
            return
        for name, value in found.items():
            if where or name not in META:
                yield from names(_below(where, name), name) if names else ()
                yield from shape(_below(where, name), value)

    return check


def fields(may: Mapping[str, Shape] | None = None, **must: Shape) -> Shape:
    """A mapping with these names; `may` is left out at will.  Other names are not looked at."""

    def check(where: str, found: Any) -> Iterator[Fault]:
        if not isinstance(found, Mapping):
            yield where, _is(found), f"write below it {', '.join(f'`{name}:`' for name in must)}"
            return
        for name, shape in must.items():
            if name in found:
                yield from shape(_below(where, name), found[name])
            else:
                yield where, f"lacks {name}", f"add a line `{name}:`"
        for name, shape in (may or {}).items():
            if name in found:
                yield from shape(_below(where, name), found[name])

    return check


def only(may: Mapping[str, Shape] | None = None, /, **must: Shape) -> Shape:
    """The same, and no other name: a mistyped one would be left out without a word."""
    inner = fields(may, **must)
    known = {*must, *(may or {})}

    def check(where: str, found: Any) -> Iterator[Fault]:
        yield from inner(where, found)
        for name in found if isinstance(found, Mapping) else ():
            if name not in known and not (not where and name in META):
                yield f"{where}.{name}".strip("."), "is no name we know", f"use {', '.join(sorted(known))}"

    return check


def either(first: Shape, second: Shape) -> Shape:
    """A list by the first shape, anything else by the second."""
    return lambda where, found: (first if isinstance(found, list) else second)(where, found)


def _below(where: str, name: object) -> str:
    return f"{where}.{name}" if where else str(name)


def _is(found: Any) -> str:
    if found is None or found == "" or found == [] or found == {}:
        return "is empty"
    if isinstance(found, list | dict):
        return "is a list" if isinstance(found, list) else "is a mapping"
    return f"is `{str(found)[:40]}`"
