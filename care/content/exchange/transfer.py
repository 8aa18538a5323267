"""Words out into a folder, and back into content/: shown as a difference first, checked as a whole, all files or none."""

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path

from care.content.exchange.merging import Merged, merge
from care.content.exchange.passages import KINDS, Document, Passage, documents, tidy, with_paragraph
from care.content.exchange.po import read_messages, write_messages
from care.content.exchange.returned import Refusal, Refused, Returned, is_changed, refuse
from care.content.exchange.sheet import read_sheet, write_sheet
from care.content.exchange.xliff import read_xliff, write_xliff
from care.content.library import Library
from care.content.types import Problem
from care.content.writing import CannotWrite, Value, rewrite, save_all

Check = Callable[[Path], list[Problem]]
LARGEST = 20_000_000  # bytes; all our words in one file are a tenth of it
WRITERS: dict[str, tuple[str, Callable[[Document], bytes]]] = {
    "xliff": (".xlf", write_xliff),
    "po": (".po", write_messages),
    "csv": (".csv", write_sheet),
}
READERS: dict[str, Callable[[bytes, str], list[Returned]]] = {
    ".xlf": read_xliff,
    ".xliff": read_xliff,
    ".po": read_messages,
    ".csv": read_sheet,
}


@dataclass(frozen=True)
class Import:
    """What an import would write, by file; `notices` are for whoever reads the difference."""

    before: dict[Path, bytes]
    after: dict[Path, bytes]
    notices: list[str]

    def difference(self, root: Path) -> str:
        return "".join(
            _difference(str(path.relative_to(root.parent)), self.before[path], self.after[path]) for path in self.after
        )


def export(
    library: Library, folder: Path, format_name: str, languages: Iterable[str], kinds: Iterable[str] = KINDS
) -> list[Path]:
    """One file for each kind and language, `topics-from-zh/ug.po`.  The same words make the same bytes.

    Raises Refused when a file is there whose words were not imported yet, and OSError; either way nothing is written.
    """
    ending, write_one = WRITERS[format_name]
    files = {
        folder / f"{each.kind}-from-{each.source_language}" / f"{each.language}{ending}": each
        for each in documents(library, languages, kinds)
    }
    refusals = [refusal for path, document in files.items() for refusal in _not_imported(path, document)]
    if refusals:
        raise Refused(refusals)
    for path in files:
        path.parent.mkdir(parents=True, exist_ok=True)
    save_all({path: write_one(document) for path, document in files.items()})
    return sorted(files)


def _not_imported(path: Path, document: Document) -> list[Refusal]:
    """Work of translators that an export into the same folder would write over."""
    if not path.exists():
        return []
    ours = {each.name: tidy(each.target) for each in document.passages}
    mend = "import it, or move it away, and export again"
    try:
        returned = READERS[path.suffix](_content(path), str(path))
    except Refused as wrong:
        return [Refusal(refusal.where, f"is there, but {refusal.what}", mend) for refusal in wrong.refusals]
    changed = [each for each in returned if ours.get(each.name) != tidy(each.words) and is_changed(each)]
    return [Refusal(each.where, f"{each.name} was changed and not imported yet", mend) for each in changed]


def read(paths: Iterable[Path]) -> list[Returned]:
    """Every passage of these files, and of the files in these folders.  Raises Refused."""
    returned, refusals = list[Returned](), list[Refusal]()
    for path in _files(paths):
        try:
            returned += READERS[path.suffix.lower()](_content(path), str(path))
        except Refused as refused:
            refusals += refused.refusals
    if refusals:
        raise Refused(refusals)
    return returned


def _files(paths: Iterable[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        inside = sorted(each for each in path.rglob("*") if each.suffix.lower() in READERS) if path.is_dir() else [path]
        if not inside:
            raise refuse(str(path), "holds no file of an export", f"name files that end in {', '.join(READERS)}")
        found += inside
    for path in found:
        if path.suffix.lower() not in READERS:
            raise refuse(str(path), "is no file we can read", f"name one that ends in {', '.join(READERS)}")
    return found


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST:
            raise refuse(str(path), f"is larger than {LARGEST // 1_000_000} MB", "check that it is the file of an export")
        return path.read_bytes()
    except OSError as wrong:
        raise refuse(str(path), f"cannot be read ({wrong.strerror})", "check its name and its rights") from None


def prepare(root: Path, library: Library, returned: Iterable[Returned]) -> Import:
    """What would be written into the folder `library` was read from.  Raises Refused."""
    merged = merge(library, returned)
    before, after, refusals = dict[Path, bytes](), dict[Path, bytes](), list[Refusal]()
    for file, passages in sorted(_by_file(merged).items()):
        path = root / file
        before[path] = path.read_bytes()
        try:
            after[path] = rewrite(before[path].decode(), _changes(library, passages, merged.renewed.get(file))).encode()
        except CannotWrite as wrong:
            refusals.append(Refusal(f"content/{file}", str(wrong), "then export it again"))
    if refusals:
        raise Refused(refusals)
    return Import(before, after, merged.notices)


def _by_file(merged: Merged) -> dict[str, list[tuple[Passage, str]]]:
    files: dict[str, list[tuple[Passage, str]]] = {file: [] for file in merged.renewed}
    for passage, words in merged.passages:
        files.setdefault(passage.file, []).append((passage, words))
    return files


def _changes(library: Library, passages: list[tuple[Passage, str]], follows: str | None) -> dict[str, Value]:
    """What becomes of one file."""
    changes: dict[str, Value] = {}
    # From the last to the first: a paragraph that became two moves those behind it.
    for passage, words in sorted(passages, key=lambda each: _paragraph(each[0]), reverse=True):
        if _paragraph(passage):
            body = changes.get("body") or _body(library, passage)
            changes["body"] = with_paragraph(str(body), _paragraph(passage), words)
        else:
            changes[passage.place] = words
    return changes | ({"follows": follows} if follows is not None else {})


def _paragraph(passage: Passage) -> int:
    """Which paragraph of a body it is, from 1; 0 for all other passages."""
    return int(passage.place.removeprefix("body.")) if passage.place.startswith("body.") else 0


def _body(library: Library, passage: Passage) -> str:
    topic = passage.file.rpartition("/")[2].removesuffix(".md")
    return library.languages[passage.language].topics[topic].body


def write(root: Path, prepared: Import, check: Check) -> None:
    """Raises Refused or OSError; whichever it is, every file is as it was."""
    refusals = _new_problems(root, prepared.after, check)
    changed = [path for path, content in prepared.before.items() if path.read_bytes() != content]
    refusals += [Refusal(str(path.relative_to(root.parent)), "was changed just now", "run the import again") for path in changed]
    if refusals:
        raise Refused(refusals)
    save_all(prepared.after)


def _new_problems(root: Path, files: dict[Path, bytes], check: Check) -> list[Refusal]:
    """What the whole check says of the words with the import, and does not say of them without it."""
    with tempfile.TemporaryDirectory() as folder:
        staged = Path(folder, root.name)
        shutil.copytree(root.resolve(), staged, copy_function=os.symlink)  # a recording of an hour is not copied
        for path, content in files.items():
            there = staged / path.relative_to(root)
            there.unlink()
            there.write_bytes(content)
        found = check(staged)
    if not found:
        return []
    known = Counter((each.file, each.what) for each in check(root))
    new = [each for each in found if not known[each.file, each.what]]
    return [Refusal(f"{each.file}:{each.line}", each.what, each.mend) for each in new]


def _difference(name: str, before: bytes, after: bytes) -> str:
    old, new = (text.decode().splitlines(keepends=True) for text in (before, after))
    lines = unified_diff(old, new, name, name, n=1)
    return "".join(line if line.endswith("\n") else line + "\n" for line in lines)
