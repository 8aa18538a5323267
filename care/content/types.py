"""What content is made of: texts, topics, plan templates, and the problems a bad file has."""

from dataclasses import dataclass, field
from datetime import date
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


@dataclass(frozen=True)
class Slots:
    """How often a day, and how far apart: the numbers come from the template's source."""

    count: int
    min_gap_hours: float
    max_gap_hours: float
    default: tuple[str, ...]


@dataclass(frozen=True)
class Schedule:
    """When an activity falls due, counted from an anchor date (day 1 = the anchor itself)."""

    anchor: str
    cycle_days: int = 0
    cycles: int = 0
    on_days: tuple[int, ...] = ()
    offsets_months: tuple[int, ...] = ()
    offsets_days: tuple[int, ...] = ()


@dataclass(frozen=True)
class Activity:
    """One line of a plan template."""

    key: str
    kind: str  # medicine, appointment, lab, education
    schedule: Schedule
    phrase: str  # what is said when it is due
    subject: str  # phrase that names the medicine or the visit
    slots: Slots | None
    hour: str  # when notices of this activity are read, unless the patient chose
    remind_days_before: tuple[int, ...]
    again_after_min: int
    useful_for_min: int
    needs_confirmation: bool  # the next cycle starts only when a nurse says so
    after_food: bool
    confidence: str


@dataclass(frozen=True)
class PlanTemplate:
    """A care plan as written in content/plans/: data, never code."""

    id: str
    version: str
    reviewed: bool
    title: dict[str, str]  # staff-facing name per locale
    anchors: tuple[str, ...]
    activities: tuple[Activity, ...]
    drip: tuple[tuple[int, str], ...] = ()  # (day from the first anchor, topic id)
    red_flags: tuple[str, ...] = ()

    def activity(self, key: str) -> Activity:
        return next(activity for activity in self.activities if activity.key == key)


@dataclass(frozen=True)
class Due:
    """One date an activity falls on, with the cycle it belongs to (0 = none)."""

    day: date
    cycle: int = 0


@dataclass
class Problems:
    """Collects problems while files are read, so that an editor sees all of them."""

    found: list[Problem] = field(default_factory=list)  # errors
    warnings: list[Problem] = field(default_factory=list)

    def add(self, file: str, line: int, what: str, mend: str) -> None:
        self.found.append(Problem(file, line, what, mend))

    def warn(self, file: str, line: int, what: str, mend: str) -> None:
        self.warnings.append(Problem(file, line, what, mend, "warning"))
