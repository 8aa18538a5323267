"""What comes back from a translator, whatever the file it came in, and why a file or a passage is refused."""

import re
from dataclasses import dataclass

from care.content.exchange.passages import Passage, mark

STAMP = re.compile(r"\b([a-z]{2,3})@([0-9]+)(?: ([0-9a-f]{8}))?")


@dataclass(frozen=True)
class Returned:
    """One passage as a file brings it back."""

    where: str  # file and line, or file and passage
    language: str
    name: str
    words: str
    done: bool  # False: whoever worked on it has marked it as unfinished
    stamp: str  # what it was made from: see `stamp`


@dataclass(frozen=True)
class Refusal:
    """Why nothing was written: where, what, and how to mend it."""

    where: str
    what: str
    mend: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}: {self.mend}"


class Refused(Exception):
    """Holds every reason at once, not only the first."""

    def __init__(self, refusals: list[Refusal]) -> None:
        super().__init__("\n".join(map(str, refusals)))
        self.refusals = refusals


def refuse(where: str, what: str, mend: str) -> Refused:
    return Refused([Refusal(where, what, mend)])


def stamp(passage: Passage) -> str:
    """What travels with a passage: the revision of its source, and by which words to know whether it was changed since."""
    return f"{passage.source_language}@{passage.revision} {mark(passage.target)}".strip()


def read_stamp(written: str) -> tuple[int, str] | None:
    """The revision and the mark of a stamp, wherever in a note it stands."""
    found = STAMP.search(written)
    return (int(found[2]), found[3] or "") if found else None


def is_changed(returned: Returned) -> bool:
    """Whether the words are others than those of the export."""
    made_from = read_stamp(returned.stamp)
    return made_from is None or mark(returned.words) != made_from[1]
