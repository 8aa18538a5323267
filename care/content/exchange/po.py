"""PO files of gettext, for Weblate and Poedit: msgctxt says where a passage stands, fuzzy that its source has moved on."""

import re
from collections.abc import Iterator
from io import BytesIO

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import PoFileError, PoFileParser, write_po

from care.content.exchange.passages import Document
from care.content.exchange.returned import Refusal, Refused, Returned, refuse, stamp

# Written by hand: Babel's header holds the hour, so that an export of the same words would never be the same file.
HEAD = """msgid ""
msgstr ""
"Project-Id-Version: Karez {kind}\\n"
"Language: {language}\\n"
"X-Source-Language: {source}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""
QUOTED = r'"(?:[^"\\]|\\.)*"'
LINE = re.compile(rf"(?:#.*|(?:msgctxt |msgid |msgstr )?{QUOTED})?\s*")
MADE_FROM = "made from "
EXPORT = "open it in a PO editor and save it again, or export it again with `karez content export --format po`"


def write_messages(document: Document) -> bytes:
    """Two comments above each message: a note for translators, and what it was made from."""
    catalog = Catalog(charset="utf-8")
    for passage in document.passages:
        message = catalog.add(
            passage.source,
            passage.target,
            flags=["fuzzy"] if passage.target and passage.is_behind else [],
            auto_comments=[passage.note, MADE_FROM + stamp(passage)],
            context=passage.name,
        )
        message.flags.discard("python-format")  # Babel's guess at any per cent sign
    written = BytesIO()
    write_po(written, catalog, width=0, omit_header=True)
    head = HEAD.format(kind=document.kind, language=document.language, source=document.source_language)
    return head.encode() + written.getvalue().rstrip() + b"\n"


def read_messages(content: bytes, file: str) -> list[Returned]:
    """Every message of a file.  Raises Refused."""
    catalog = _parse(content, file)
    language = re.split("[-_@]", str(catalog.locale_identifier or ""))[0].lower()
    return [_returned(message, language, file) for message in _messages(catalog)]


def _parse(content: bytes, file: str) -> Catalog:
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as wrong:
        raise refuse(file, f"is not UTF-8 ({wrong.reason})", "save it as UTF-8") from None
    # Babel takes a line without its last quote for one, and drops the last letter instead.
    broken = [number for number, line in enumerate(lines, start=1) if not LINE.fullmatch(line)]
    if broken:
        raise Refused([Refusal(f"{file}:{number}", "is no line of a PO file", EXPORT) for number in broken])
    living = ["" if line.startswith("#~") else line for line in lines]
    catalog = Catalog()
    parser = PoFileParser(catalog, abort_invalid=True)
    try:
        parser.parse(living)
    except (PoFileError, ValueError, LookupError) as wrong:
        raise refuse(file, f"is not readable as PO ({wrong})", EXPORT) from None
    if parser.counter > len([*catalog]):
        raise refuse(file, "has the same passage twice", "keep one of them: msgcat or a PO editor finds them")
    return catalog


def _messages(catalog: Catalog) -> Iterator[Message]:
    return (message for message in catalog if message.id)


def _returned(message: Message, language: str, file: str) -> Returned:
    comments = " ".join(message.auto_comments).partition(MADE_FROM)[2]
    where = f"{file}:{message.lineno}"
    return Returned(where, language, message.context or "", str(message.string), not message.fuzzy, comments)
