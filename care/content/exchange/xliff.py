"""XLIFF 2.0, for translation programs: placeholders as <ph>, notes, state, and the stamp of each passage."""

import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator

from care.content.exchange.passages import NAME, Document, Passage
from care.content.exchange.returned import Returned, refuse, stamp
from care.languages.table import FORMS

NAMESPACE = "urn:oasis:names:tc:xliff:document:2.0"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
INSIDE = ("source", "target", "data", "note")  # white space in these is words
PIECE = 4096  # bytes; a forbidden beginning is seen before what it forbids is read
EXPORT = "export it again with `karez content export --format xliff`"


def write_xliff(document: Document) -> bytes:
    head = {"xmlns": NAMESPACE, "version": "2.0", "srcLang": document.source_language, "trgLang": document.language}
    root = ET.Element("xliff", head)
    files: dict[str, ET.Element] = {}
    for passage in document.passages:
        original = f"{document.source_language}/{passage.name.partition('#')[0]}"
        if original not in files:
            files[original] = ET.SubElement(root, "file", _file(document, original))
        _write_unit(files[original], passage)
    _indent(root, 0)
    # As other programs write it, so that a file they saved differs only in what was translated.
    return (HEAD + ET.tostring(root, encoding="unicode").replace(" />", "/>") + "\n").encode()


def _file(document: Document, original: str) -> dict[str, str]:
    directions = {form.language: form.direction for form in FORMS.values() if form.authored}
    return {
        "id": _stem(original),
        "original": original,
        "canResegment": "no",
        "srcDir": directions.get(document.source_language, "auto"),
        "trgDir": directions.get(document.language, "auto"),
    }


def _stem(name: str) -> str:
    return name.rpartition("/")[2].rpartition(".")[0]


def _write_unit(file: ET.Element, passage: Passage) -> None:
    unit = ET.SubElement(file, "unit", {"id": f"{file.get('id')}.{passage.place}", "name": passage.name})
    notes = ET.SubElement(unit, "notes")
    ET.SubElement(notes, "note", {"category": "where"}).text = passage.note
    ET.SubElement(notes, "note", {"category": "made-from"}).text = stamp(passage)
    found = sorted({*NAME.findall(passage.source), *NAME.findall(passage.target)})
    if found:
        kept = ET.SubElement(unit, "originalData")
        for number, name in enumerate(found, start=1):
            ET.SubElement(kept, "data", {"id": f"d{number}"}).text = name
    segment = ET.SubElement(unit, "segment", _state(passage))
    _write_words(segment, "source", passage.source, found)
    if passage.target:
        _write_words(segment, "target", passage.target, found)


def _state(passage: Passage) -> dict[str, str]:
    if passage.target and not passage.is_behind:
        return {"state": "translated"}
    return {"state": "initial", "subState": "karez:behind" if passage.target else "karez:missing"}


def _write_words(segment: ET.Element, tag: str, words: str, found: list[str]) -> None:
    """A placeholder has the same id in source and target, so that a program sees which one is lost."""
    element = ET.SubElement(segment, tag, {"xml:space": "preserve"})
    pieces, seen = NAME.split(words), Counter[str]()
    element.text = pieces[0]
    for name, behind in zip(NAME.findall(words), pieces[1:], strict=True):
        number = found.index(name) + 1
        seen[name] += 1
        place = {"id": f"{number}.{seen[name]}", "dataRef": f"d{number}", "disp": name, "equiv": name}
        ET.SubElement(element, "ph", place | {"canCopy": "no", "canDelete": "no"}).tail = behind


def _indent(element: ET.Element, depth: int) -> None:
    if element.tag in INSIDE or not len(element):
        return
    element.text = "\n" + "  " * (depth + 1)
    for child in element:
        _indent(child, depth + 1)
        child.tail = element.text
    element[-1].tail = "\n" + "  " * depth


class _DoctypeFound(Exception):
    """A file from outside that brings definitions of its own: they can blow up to gigabytes, or read files of this machine."""


class _Builder(ET.TreeBuilder):
    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        raise _DoctypeFound


def read_xliff(content: bytes, file: str) -> list[Returned]:
    """Every unit of a file.  Raises Refused."""
    root = _parse(content, file)
    if root.tag != _tag("xliff") or not root.get("version", "").startswith("2."):
        raise refuse(
            file, f"is no XLIFF 2.0 ({root.tag.rpartition('}')[2]} {root.get('version', '')})".replace(" )", ")"), EXPORT
        )
    language = root.get("trgLang", "").partition("-")[0].lower()
    return [_read_unit(unit, f"{file}:{unit.get('id', '?')}", language) for unit in root.iter(_tag("unit"))]


def _parse(content: bytes, file: str) -> ET.Element:
    # Nothing is expanded: the builder stops at a DOCTYPE, before anything it defines can be used.
    parser = ET.XMLParser(target=_Builder())  # noqa: S314
    try:
        for start in range(0, len(content), PIECE):
            parser.feed(content[start : start + PIECE])
        root: ET.Element = parser.close()
    except _DoctypeFound:
        raise refuse(file, "begins with a DOCTYPE, which no XLIFF has", "take that line out, or " + EXPORT) from None
    except (ET.ParseError, ValueError, LookupError) as wrong:  # also an encoding nobody knows
        raise refuse(file, f"is not readable as XML ({wrong})", EXPORT) from None
    return root


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _read_unit(unit: ET.Element, where: str, language: str) -> Returned:
    data = {each.get("id", ""): each.text or "" for each in unit.iter(_tag("data"))}
    notes = [each.text or "" for each in unit.iter(_tag("note")) if each.get("category") == "made-from"]
    parts = [each for each in unit if each.tag in (_tag("segment"), _tag("ignorable"))]
    words, whole = "", True
    for part in parts:  # more than one: the program cut the passage into sentences
        target = part.find(_tag("target"))
        found = target if target is not None or part.tag == _tag("segment") else part.find(_tag("source"))
        whole = whole and found is not None and part.get("state") != "initial"
        words += "" if found is None else "".join(_read_words(found, data, where))
    return Returned(where, language, unit.get("name", ""), words, whole, " ".join(notes))


def _read_words(element: ET.Element, data: dict[str, str], where: str) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        if child.tag == _tag("ph"):
            yield data.get(child.get("dataRef", "")) or child.get("equiv") or child.get("disp") or _unknown(child, where)
        elif child.tag == _tag("cp"):
            yield _unknown(child, where)
        else:
            yield from _read_words(child, data, where)
        yield child.tail or ""


def _unknown(element: ET.Element, where: str) -> str:
    name = f"<{element.tag.rpartition('}')[2]} {element.get('id') or element.get('hex') or ''}>"
    raise refuse(where, f"holds {name}, which stands for nothing we know", "take it out of the translation")
