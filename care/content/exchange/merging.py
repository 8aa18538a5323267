"""Decides what of the returned passages is taken over: what the translator changed, and only where nobody else did meanwhile."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from care.content.exchange.passages import KINDS, NAME, Passage, documents, names, tidy
from care.content.exchange.passages import mark as mark_of
from care.content.exchange.returned import Refusal, Refused, Returned, is_changed, read_stamp, refuse
from care.content.library import Library
from care.languages.quality import letter_faults

SHOWN = 60  # characters of words that differ
AGAIN = "export it again and copy your words into the new file"


@dataclass
class Merged:
    """What is to be written, and what somebody should know of it."""

    passages: list[tuple[Passage, str]] = field(default_factory=list)  # with their new words
    renewed: dict[str, str] = field(default_factory=dict)  # file: what it follows from now on
    notices: list[str] = field(default_factory=list)


def merge(library: Library, returned: Iterable[Returned]) -> Merged:
    """Raises Refused with everything that is wrong at once; nothing of it is then taken over."""
    passages = {(each.language, each.name): each for each in _all(library)}
    merged, refusals = Merged(), list[Refusal]()
    done: dict[str, set[str]] = {}  # file: passages
    seen: dict[tuple[str, str], Returned] = {}
    for each in returned:
        try:
            passage = _find(library, passages, each, merged)
            _once(seen, each)
            if passage and _take(passage, each, merged):
                done.setdefault(passage.file, set()).add(passage.name)
        except Refused as refused:
            refusals += refused.refusals
    if refusals:
        raise Refused([*dict.fromkeys(refusals)])
    _renew(passages.values(), done, merged)
    merged.notices = [*dict.fromkeys(merged.notices)]
    return merged


def _all(library: Library) -> Iterable[Passage]:
    return (passage for document in documents(library, library.languages, KINDS) for passage in document.passages)


def _find(library: Library, passages: Mapping[tuple[str, str], Passage], each: Returned, merged: Merged) -> Passage | None:
    """The passage of ours; None when it is gone and the translator had left it as it was."""
    if each.language not in library.languages:
        what = f"is for the language {each.language}" if each.language else "says no language"
        raise refuse(each.where.rpartition(":")[0], what, f"we have {', '.join(sorted(library.languages))}")
    found = passages.get((each.language, each.name))
    if found:
        return found
    if any(name == each.name and passage.source_language == each.language for (_, name), passage in passages.items()):
        raise refuse(each.where, f"{each.name} is written first in {each.language}", "change it in its file or in the studio")
    gone = f"is in no {each.language} file (any more)"
    if not each.name or is_changed(each):
        raise refuse(each.where, f"{each.name or 'this passage'} {gone}", AGAIN)
    merged.notices.append(f"{each.where}: {each.name} {gone}, and was not changed: it is left out")
    return None


def _once(seen: dict[tuple[str, str], Returned], each: Returned) -> None:
    before = seen.setdefault((each.language, each.name), each)
    if tidy(before.words) != tidy(each.words):
        raise refuse(each.where, f"{each.name} has other words in {before.where}", "keep one of them")


def _take(passage: Passage, each: Returned, merged: Merged) -> bool:
    """Whether the translator is done with a passage; its new words go into `merged`."""
    words, stamp = tidy(each.words), read_stamp(each.stamp)
    if stamp is None:
        raise refuse(each.where, f"{each.name} does not say what it was made from", AGAIN)
    revision, mark = stamp
    if words == tidy(passage.target) or not is_changed(each):  # the latter: changed here since, and not there; ours stays
        if each.done and passage.is_behind and revision != passage.revision:
            merged.notices.append(f"content/{passage.file}: stays behind its source: {_older(passage, revision)}")
        return each.done and words == tidy(passage.target) != "" and revision == passage.revision
    if not words or not each.done:
        why = "marked as unfinished" if words else "left empty"
        merged.notices.append(f"{each.where}: {each.name} is {why}: its words stay as they are")
        return False
    refusals = [*_faults(passage, each, words, revision, mark)]
    if refusals:
        raise Refused(refusals)
    merged.passages.append((passage, words))
    return True


def _faults(passage: Passage, each: Returned, words: str, revision: int, mark: str) -> Iterable[Refusal]:
    """Why changed words cannot be taken over."""
    if revision != passage.revision:
        yield Refusal(each.where, f"{each.name}: {_older(passage, revision)}", AGAIN)
    if mark_of(passage.target) != mark:
        yield Refusal(each.where, f"{each.name} was changed here since the export: {_short(passage.target)}", AGAIN)
    if names(words) not in (names(passage.source), names(passage.target)):
        wanted = ", ".join(sorted(names(passage.source))) or "none"
        yield Refusal(each.where, f"placeholders of {each.name} differ: {_short(words)}", f"use exactly: {wanted}")
    elif "$" in NAME.sub("", words):
        yield Refusal(each.where, f"{each.name} holds a $ that is no placeholder", "write ${name}, or take the sign out")
    for fault in letter_faults(NAME.sub(" ", words), passage.language):
        yield Refusal(each.where, f"{each.name}: {fault.what}", fault.mend)


def _renew(passages: Iterable[Passage], done: Mapping[str, set[str]], merged: Merged) -> None:
    """A file follows the newer source when every passage of it was looked at, changed or found still right."""
    files: dict[str, list[Passage]] = {}
    for passage in passages:
        if passage.is_behind and passage.file in done:
            files.setdefault(passage.file, []).append(passage)
    for file, those in files.items():
        left = [passage.place for passage in those if passage.name not in done[file]]
        if left:
            more = f" and {len(left) - 3} more" if len(left) > 3 else ""
            merged.notices.append(f"content/{file}: stays behind its source: {', '.join(left[:3])}{more} not looked at yet")
        else:
            merged.renewed[file] = f"{those[0].source_language}@{those[0].revision}"


def _older(passage: Passage, revision: int) -> str:
    source = passage.source_language
    return f"the export was made from {source}@{revision}, and {source} is at {passage.revision}"


def _short(words: str) -> str:
    line = " ".join(words.split())
    return f"«{line[:SHOWN]}{'…' if len(line) > SHOWN else ''}»"
