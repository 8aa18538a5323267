"""What a translator does to the files of an export, by format, and what a content folder looks like before and after."""

import re
import shutil
from pathlib import Path

from care.content.exchange.returned import Refused, Returned
from care.content.exchange.transfer import Import, export, prepare, read
from care.content.library import Library, read_library
from care.content.writing import Value, rewrite
from care.supervisor.content import fingerprint

FORMATS = ("xliff", "po", "csv")
ENDINGS = {"xliff": ".xlf", "po": ".po", "csv": ".csv"}
FEVER = Path("ug", "topics", "fever-infection.md")
TITLE, TAKEN, FEVER_SAID = "قىزىتما ۋە يۇقۇملىنىش", "ئىچتىم", "ھازىرلا دوختۇرخانىغا بېرىڭ."
# What these tests change stands there whatever the words of the project say today.
SETTLED: dict[Path, dict[str, Value]] = {
    FEVER: {"title": TITLE, "follows": "zh@1", "body": "بىر.\n\nئىككى.\n\nئۈچ.\n\nئاخىرقى تۆت."},
    Path("zh", *FEVER.parts[1:]): {"revision": 1, "body": "一。\n\n二。\n\n三。\n\n四。"},
    Path("ug", "phrases.yml"): {"button-taken": TAKEN, "follows": "zh@1"},
    Path("zh", "phrases.yml"): {"revision": 2},
    Path("ug", "alarms.yml"): {"flags.rf-fever-on-treatment.say": FEVER_SAID},
}


def settled(words: Path, to: Path) -> Path:
    folder = Path(shutil.copytree(words, to / "content"))
    for file, values in SETTLED.items():
        (folder / file).write_text(rewrite((folder / file).read_text("utf-8"), values), "utf-8")
    return folder


_READ: dict[str, Library] = {}


def library_of(words: Path) -> Library:
    """Read anew only when a byte of the folder is new: nothing in an export or an import changes a library."""
    key = fingerprint(words)
    if key not in _READ:
        _READ[key] = read_library(words)[0]
    return _READ[key]


def exported(words: Path, to: Path, format_name: str, kind: str, language: str = "ug") -> Path:
    """The one file of an export."""
    [file] = export(library_of(words), to, format_name, [language], [kind])
    return file


def edit(file: Path, old: str, new: str) -> None:
    """Change the file of an export as a text; its other bytes stay."""
    text = file.read_bytes().decode()
    assert old in text, f"{file.name} does not hold {old!r}"
    file.write_bytes(text.replace(old, new, 1).encode())


def line_of(file: Path, words: str) -> int:
    text = file.read_bytes().decode()
    return text[: text.index(words)].count("\n") + 1


def finish(file: Path) -> None:
    """Say of everything that it was looked at and is still right."""
    text = file.read_bytes().decode()
    text = text.replace('state="initial" subState="karez:behind"', 'state="translated"')
    text = re.sub("^#, fuzzy(, )?", lambda found: "#, " if found[1] else "#", text, flags=re.MULTILINE).replace(
        ",behind,", ",translated,"
    )
    file.write_bytes(text.encode())


def brought(words: Path, *files: Path) -> Import:
    return prepare(words, library_of(words), read(files))


def refused(words: Path, *files: Path) -> list[str]:
    """Why an import of these files is refused."""
    try:
        brought(words, *files)
    except Refused as wrong:
        return [str(refusal) for refusal in wrong.refusals]
    return []


def changed_lines(prepared: Import) -> dict[str, list[tuple[str, str]]]:
    """By file: the lines that differ, before and after."""
    return {
        path.name: [
            pair
            for pair in zip(prepared.before[path].decode().splitlines(), after.decode().splitlines(), strict=True)
            if pair[0] != pair[1]
        ]
        for path, after in prepared.after.items()
    }


def state(words: Path) -> dict[str, bytes]:
    return {str(path.relative_to(words)): path.read_bytes() for path in sorted(words.rglob("*")) if path.is_file()}


def by_name(returned: list[Returned]) -> dict[tuple[str, str], str]:
    return {(each.language, each.name): each.words for each in returned}
