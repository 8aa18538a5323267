"""A text as fields somebody without a programmer's skills can fill in, and back into the file, whose other bytes stay."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from care.content.reading import Page
from care.content.review import CALLS
from care.content.shape import META
from care.content.types import Problem
from care.content.writing import CannotWrite, Value, rewrite
from care.studio.pages import page_of
from care.studio.types import Unreadable

WHOLE = "text"  # the one field of a file that is edited as it stands
QUESTIONS = "questions"


@dataclass(frozen=True)
class Field:
    """One place of a text.  `kind`: line, lines, list (one a line) or file."""

    name: str
    value: str
    kind: str


def fields_of(page: Page, text: str) -> list[Field]:
    """The fields of a file, in the order in which they are read."""
    if page.file.endswith(".md"):
        return list(_topic(page))
    if page.file.endswith("phrases.yml"):
        return [Field(key, str(said), "lines") for key, said in page.values.items() if key not in META]
    return [Field(WHOLE, text, "file")]


def _topic(page: Page) -> Iterator[Field]:
    call, values = page.values.get("call") or {}, page.values
    yield Field("title", str(values.get("title") or ""), "line")
    yield Field("summary", str(values.get("summary") or ""), "lines")
    yield Field("body", page.body, "lines")
    for when in CALLS:
        yield Field(f"call.{when}", str(call.get(when) or ""), "lines")
    yield Field(QUESTIONS, "\n".join(map(str, values.get(QUESTIONS) or ())), "list")


def with_fields(language: str, place: str, text: str, typed: Mapping[str, str]) -> str:
    """The file with what was typed; a field that was not sent stays as it is.  Raises Unreadable."""
    if WHOLE in typed and not place.endswith(".md"):
        return _plain(typed[WHOLE])
    page = page_of(language, place, text)
    changed = [
        field for field in fields_of(page, text) if _plain(typed.get(field.name, field.value)).strip() != field.value.strip()
    ]
    changes = {field.name: _value(field, typed[field.name]) for field in changed}
    if changes.get("body") == "":
        raise Unreadable([Problem(page.file, page.line("body"), "the body is empty", "write the text")])
    try:
        for name, value in changes.items():  # one after the other: two new lines of one empty mapping cannot be added at once
            text = rewrite(text, {name: value})
        return text
    except CannotWrite as wrong:
        raise Unreadable([Problem(page.file, page.line(wrong.place), str(wrong), "change it in the file")]) from wrong


def _value(field: Field, typed: str) -> Value:
    said = _plain(typed).strip()
    if field.kind == "list":
        return [line.strip() for line in said.splitlines() if line.strip()]
    if field.kind == "line":
        return " ".join(said.split())
    return None if field.name.startswith("call.") and not said else said


def _plain(typed: str) -> str:
    """Browsers send lines ended as on a typewriter."""
    return typed.replace("\r\n", "\n").replace("\r", "\n")
