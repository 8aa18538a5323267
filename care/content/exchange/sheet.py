"""CSV for spreadsheets: UTF-8 with a mark at its start, so that Excel shows Uyghur, and no cell that is run as a formula."""

import csv
import re
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO

from care.content.exchange.passages import Document, Passage
from care.content.exchange.returned import Refusal, Refused, Returned, is_changed, refuse, stamp

COLUMNS = ("passage", "language", "note", "source", "translation", "state", "made from")
BEHIND, MISSING, TRANSLATED = "behind", "missing", "translated"
# What a spreadsheet takes for a formula at the start of a cell; an apostrophe before it makes it words again.
FORMULA = re.compile("'*[=+\\-@\t\r＝＋－＠]")
SAVE = "save it in the spreadsheet as `CSV UTF-8`"


def write_sheet(document: Document) -> bytes:
    written = StringIO(newline="")
    rows = csv.writer(written)
    rows.writerow(COLUMNS)
    for passage in document.passages:
        cells = (passage.name, passage.language, passage.note, passage.source, passage.target, _state(passage), stamp(passage))
        rows.writerow([guard(cell) for cell in cells])
    return written.getvalue().encode("utf-8-sig")


def _state(passage: Passage) -> str:
    if not passage.target:
        return MISSING
    return BEHIND if passage.is_behind else TRANSLATED


def guard(cell: str) -> str:
    return f"'{cell}" if FORMULA.match(cell) else cell


def unguard(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell) else cell


def read_sheet(content: bytes, file: str) -> list[Returned]:
    """Every row of a file, which must all be for one language.  Raises Refused."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise refuse(file, "is not UTF-8, so that its letters are lost", SAVE) from None
    head = text.partition("\n")[0]
    rows = csv.reader(StringIO(text, newline=""), delimiter=max(",;\t", key=head.count), strict=True)
    try:
        found = [(rows.line_num, row) for row in rows if any(row)]
    except csv.Error as wrong:
        raise refuse(f"{file}:{rows.line_num}", f"is not readable as CSV ({wrong})", SAVE) from None
    return [*_rows(found, file)]


def _rows(rows: list[tuple[int, list[str]]], file: str) -> Iterator[Returned]:
    names = [name.strip() for name in rows[0][1]] if rows else []
    lost = [name for name in COLUMNS if name not in names]
    if lost:
        raise refuse(f"{file}:1", f"lacks the columns {', '.join(lost)}", "keep the first line and all columns of the export")
    short = [number for number, row in rows[1:] if len(row) != len(names)]
    if short:
        what, mend = f"has another number of cells than the {len(names)} columns", "put the cells back under their columns"
        raise Refused([Refusal(f"{file}:{number}", what, mend) for number in short])
    for number, row in rows[1:]:
        cells = {name: unguard(cell) for name, cell in zip(names, row, strict=True)}
        if cells["language"] != rows[1][1][names.index("language")]:
            what = f"is for {cells['language'] or 'no language'}, the first row for another"
            raise refuse(f"{file}:{number}", what, "keep one file a language")
        yield _returned(cells, f"{file}:{number}")


def _returned(cells: dict[str, str], where: str) -> Returned:
    """Nobody is asked to change the state beside words they changed; it is for words that were found still right."""
    language, name = cells["language"].strip(), cells["passage"].strip()
    found = Returned(where, language, name, cells["translation"], done=True, stamp=cells["made from"])
    return found if is_changed(found) else replace(found, done=cells["state"].strip().lower() not in (BEHIND, MISSING))
