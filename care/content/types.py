"""What content is made of: texts, topics, and the problems a bad file has."""

from dataclasses import dataclass, field
from typing import Literal

from care.content.standing import Proof


@dataclass(frozen=True)
class Problem:
    """One thing wrong in a content file, and how to mend it.  An error keeps words from being used, a warning only shows."""

    file: str
    line: int
    what: str
    mend: str
    kind: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        kind = "warning: " if self.kind == "warning" else ""
        return f"{self.file}:{self.line}: {kind}{self.what}: {self.mend}"


class ContentBroken(Exception):
    """The files do not make a usable library.  Holds every problem at once, not only the first."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


@dataclass(frozen=True)
class Text:
    """Words in one form.  `spoken` is the same in the script a voice can read (Kazakh: Cyrillic)."""

    key: str
    form: str
    text: str
    spoken: str
    revision: str
    proof: Proof
    generated: bool = False  # made by transliteration from the authored script


@dataclass(frozen=True)
class Topic:
    """One education topic in one form."""

    id: str
    form: str
    title: Text
    summary: Text
    body: Text
    call: dict[str, Text]  # emergency, same_day, next_contact
    source: str
    revision: str
    proof: Proof


@dataclass
class Problems:
    """Collects problems while files are read, so that an editor sees all of them."""

    found: list[Problem] = field(default_factory=list)  # errors
    warnings: list[Problem] = field(default_factory=list)

    def add(self, file: str, line: int, what: str, mend: str) -> None:
        self.found.append(Problem(file, line, what, mend))

    def warn(self, file: str, line: int, what: str, mend: str) -> None:
        self.warnings.append(Problem(file, line, what, mend, "warning"))
