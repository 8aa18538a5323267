"""How well patients are understood, per form: language, intent, topic, danger, and how far confidence can be trusted."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from care.alarms.listen import Listener
from care.content.shapes import TIERS
from care.languages.identify import Identified, identify
from care.languages.reading import read
from care.supervisor.cases import Case

LENGTHS = ((5, 10), (11, 20), (21, 40))
BINS = (0.3, 0.5, 0.7, 0.9)
WORST = 20


@dataclass(frozen=True)
class Meant:
    """What somebody made of a sentence."""

    intent: str
    topics: tuple[str, ...]
    confidence: float


@dataclass
class Danger:
    """How danger was heard in one form."""

    heard: Counter[str] = field(default_factory=Counter)
    meant: Counter[str] = field(default_factory=Counter)
    missed: list[Case] = field(default_factory=list)
    false: list[Case] = field(default_factory=list)
    harmless: int = 0

    @property
    def recall(self) -> float:
        return share(self.heard.total(), self.meant.total())

    @property
    def false_alarms(self) -> float:
        return share(len(self.false), self.harmless)


def share(part: float, whole: float) -> float:
    """0 to 1; of nothing, 1."""
    return part / whole if whole else 1.0


def by_form(cases: Iterable[Case]) -> dict[str, list[Case]]:
    grouped: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        grouped[case.form.tag].append(case)
    return dict(grouped)


def hear_danger(cases: Iterable[Case], listener: Listener) -> Danger:
    """Whether each danger raises its tier or a higher one, and each harmless sentence nothing."""
    danger = Danger()
    for case in cases:
        if case.flag is None and not case.harmless:
            continue
        raised = [flag.tier for flag in listener.hear(case.text, read(case.text))]
        if case.harmless:
            danger.harmless += 1
            danger.false += [case] if raised else []
            continue
        tier = listener.tiers[case.flag or ""]
        danger.meant[tier] += 1
        is_heard = any(TIERS.index(each) <= TIERS.index(tier) for each in raised)
        danger.heard[tier] += is_heard
        danger.missed += [] if is_heard else [case]
    return danger


def identified(cases: Iterable[Case]) -> dict[tuple[int, int], tuple[int, int]]:
    """(right, all) by length, of the beginnings of the sentences cut at a word."""
    found = {}
    for shortest, longest in LENGTHS:
        cut = [(piece, case) for case in cases if (piece := _cut(case.text, shortest, longest))]
        right = sum(_is(identify(piece), case) for piece, case in cut)
        found[shortest, longest] = (right, len(cut))
    return found


def _is(found: Identified, case: Case) -> bool:
    return (found.language, found.script) == (case.form.language, case.form.script)


def _cut(text: str, shortest: int, longest: int) -> str | None:
    cut = (
        text if len(text) <= longest else text[: longest + 1].rsplit(" ", 1)[0] if " " in text[: longest + 1] else text[:longest]
    )
    return cut if shortest <= len(cut) <= longest else None


def macro_f1(pairs: Sequence[tuple[str, str]]) -> float:
    """Mean F1 over the intents that were meant; pairs are (meant, guessed)."""
    names = {meant for meant, _ in pairs}
    return share(sum(_f1(name, pairs) for name in names), len(names))


def _f1(name: str, pairs: Sequence[tuple[str, str]]) -> float:
    right = sum(meant == guessed == name for meant, guessed in pairs)
    return share(2 * right, sum(meant == name for meant, _ in pairs) + sum(guessed == name for _, guessed in pairs))


def report_danger(tag: str, danger: Danger, say: Callable[[str], object]) -> None:
    tiers = "  ".join(f"{tier} {danger.heard[tier]}/{danger.meant[tier]}" for tier in TIERS if danger.meant[tier])
    say(f"{tag}  red flags heard {danger.recall:.3f}  ({tiers})  false alarms {danger.false_alarms:.3f} of {danger.harmless}")


def report_language(tag: str, cases: list[Case], say: Callable[[str], object]) -> None:
    found = identified(cases)
    figures = "  ".join(f"{low}-{high}: {share(right, of):.3f} of {of}" for (low, high), (right, of) in found.items())
    say(f"{tag}  language and script by characters  {figures}")


def report_meaning(tag: str, cases: list[Case], meant: list[Meant], say: Callable[[str], object]) -> None:
    """Intent, topic and calibration of one form."""
    both = list(zip(cases, meant, strict=True))
    pairs = [(case.intent, found.intent) for case, found in both if case.intent]
    about = [(case.topic, found.topics) for case, found in both if case.topic]
    first, third = (share(sum(topic in topics[:n] for topic, topics in about), len(about)) for n in (1, 3))
    say(f"{tag}  intent macro-F1 {macro_f1(pairs):.3f} of {len(pairs)}")
    say(f"{tag}  topic first {first:.3f}  in three {third:.3f} of {len(about)}")
    say(f"{tag}  right when at least this sure  " + "  ".join(_calibrated(both)))


def _calibrated(both: list[tuple[Case, Meant]]) -> Iterator[str]:
    for least in BINS:
        sure = [case.intent == found.intent for case, found in both if case.intent and found.confidence >= least]
        yield f"{least}: {share(sum(sure), len(sure)):.3f} of {len(sure)}"


def report_worst(cases: list[Case], meant: list[Meant], say: Callable[[str], object]) -> None:
    """The commonest confusions of intents and of topics."""
    wrong: Counter[tuple[str, str]] = Counter()
    for case, found in zip(cases, meant, strict=True):
        if case.intent and case.intent != found.intent:
            wrong[case.intent, found.intent] += 1
        elif case.topic and case.topic != (found.topics or ("",))[0]:
            wrong[case.topic, (found.topics or ("nothing",))[0]] += 1
    for (said, taken), times in wrong.most_common(WORST):
        say(f"{times:>4}  {said} taken for {taken}")
