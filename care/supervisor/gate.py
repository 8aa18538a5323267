"""The release gate: what must hold on sentences nobody was taught before an assistant or a net of alarms goes into service."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from care.alarms.listen import Listener
from care.content.library import Library
from care.kit.settings import ROOT
from care.supervisor.cases import Case, read_cases
from care.supervisor.prepare import CannotStart
from care.supervisor.understanding import Danger, Meant, by_form, hear_danger, identified, macro_f1, share

DEVELOPMENT = ROOT / "tests" / "understanding"
INTENT, TOPIC_FIRST, TOPIC_IN_THREE = 0.88, 0.85, 0.95
LANGUAGE, LONGER_THAN_TEN = 0.97, ((11, 20), (21, 40))
ALIKE = 0.01  # how far two scripts of a language may lie apart
# A wrong greeting costs a smile; a wrong one of these costs a patient their reminders, or a nurse the truth.
CHANGES_SOMETHING = frozenset({"stop_messages", "dose_taken", "dose_missed", "resume_messages"})


class NoDevelopmentSet(CannotStart):
    """The sentences that measure are not installed beside the program."""

    def __init__(self, where: Path) -> None:
        super().__init__(
            f"The development set is not installed beside the program ({where}): without it nobody can tell whether a new "
            "model understands patients as well as the old one. Copy that folder there and try again."
        )


@dataclass(frozen=True)
class Figure:
    """One figure of one form, and the floor it must reach; `at_most`: the ceiling it must not pass."""

    what: str  # heard, false-alarms, language, intent, topic-first, topic-in-three, changed-by-mistake, alike
    form: str
    value: float
    floor: float
    at_most: bool = False

    @property
    def passed(self) -> bool:
        return self.value <= self.floor if self.at_most else self.value >= self.floor

    def __str__(self) -> str:
        must = "at most" if self.at_most else "at least"
        return f"{self.form}: {self.what} {self.value:.3f}, must be {must} {self.floor:.3f}"


@dataclass(frozen=True)
class Answered:
    """What the assistant made of a case, and what it would do."""

    case: Case
    meant: Meant
    act: str


def development_set(where: Path = DEVELOPMENT) -> dict[str, list[Case]]:
    """The sentences that measure, by form.  Raises NoDevelopmentSet, CasesBroken."""
    if not where.is_dir():
        raise NoDevelopmentSet(where)
    return by_form(read_cases(where))


def danger_figures(library: Library, heard: Mapping[str, Danger]) -> Iterator[Figure]:
    """How danger is heard, and how often harmless words raise something."""
    for form, danger in heard.items():
        yield Figure("heard", form, danger.recall, library.floors["heard"])
        yield Figure("false-alarms", form, danger.false_alarms, library.floors["false_alarms"], at_most=True)


def hear_all(cases: Mapping[str, list[Case]], listener: Listener) -> dict[str, Danger]:
    return {form: hear_danger(own, listener) for form, own in cases.items()}


def language_figures(cases: Mapping[str, list[Case]]) -> Iterator[Figure]:
    """How often language and script are known without asking, the worst of the lengths that count."""
    for form, own in cases.items():
        found = identified(own)
        yield Figure("language", form, min(share(*found[length]) for length in LONGER_THAN_TEN), LANGUAGE)


def meaning_figures(answered: Mapping[str, Sequence[Answered]]) -> Iterator[Figure]:
    """Intents and topics found, and how far the scripts of a language lie apart."""
    for form, own in answered.items():
        about = [(each.case.topic, each.meant.topics) for each in own if each.case.topic]
        yield Figure("intent", form, intent_f1(own), INTENT)
        for what, most, floor in (("topic-first", 1, TOPIC_FIRST), ("topic-in-three", 3, TOPIC_IN_THREE)):
            yield Figure(what, form, share(sum(topic in found[:most] for topic, found in about), len(about)), floor)
        yield Figure("changed-by-mistake", form, float(len(mistaken(own))), 0.0, at_most=True)
    yield from _alike(answered)


def intent_f1(own: Sequence[Answered]) -> float:
    return macro_f1([(each.case.intent or "", each.meant.intent) for each in own])


def mistaken(own: Sequence[Answered]) -> list[Answered]:
    """Answers that would change something for a patient who said something else."""
    return [each for each in own if each.act in CHANGES_SOMETHING and each.act != each.case.intent]


def _alike(answered: Mapping[str, Sequence[Answered]]) -> Iterator[Figure]:
    by_language: dict[str, list[tuple[str, float]]] = {}
    for form, own in answered.items():
        by_language.setdefault(own[0].case.form.language, []).append((form, intent_f1(own)))
    for forms in by_language.values():
        for form, value in forms[1:]:
            yield Figure("alike", form, abs(value - forms[0][1]), ALIKE, at_most=True)


def not_measured(library: Library, cases: Mapping[str, list[Case]]) -> tuple[list[str], list[str]]:
    """Forms and topics about which the development set says nothing: what nobody measures, nobody promises."""
    topics = {case.topic for own in cases.values() for case in own}
    return [form for form in library.forms if form not in cases], [each for each in library.topic_list if each not in topics]
