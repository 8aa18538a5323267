"""What check-ins are made of: items, questionnaires, rules, and the words a patient answers with."""

from collections.abc import Iterable
from dataclasses import dataclass, field

YES_NO = ("yes", "no")
SCALES = {"severity": (0, 4), "frequency": (0, 4), "interference": (0, 4), "zero-to-ten": (0, 10)}
GRADED = ("severity", "frequency", "interference")  # what a rule of `every-scale` listens to
NUMERIC = ("count", "number")
LEVELS = ("emergency", "urgent-1h", "same-day", "next-working-day", "self-care")  # the last opens no alert


@dataclass(frozen=True)
class Range:
    """Where an answer is believed; outside it the question is asked again."""

    low: float
    high: float
    unit: str
    source: str
    confidence: str


@dataclass(frozen=True)
class After:
    """Asked only when that item of the same check-in was answered with `low` or more."""

    item: str
    low: int


@dataclass(frozen=True)
class Item:
    """One question, the same in every language."""

    id: str
    label: str  # for staff who read English
    kind: str  # a key of SCALES, yes-no, count or number
    over: str  # recall (the questionnaire's), 24-hours, 7-days, today, now
    topic: str
    range: Range | None = None
    offers: int | None = None  # buttons from 0 to this; the last one says "or more"
    after: After | None = None
    who: str = "anyone"  # patient, relative
    needs: str = ""  # live-response: not asked unless a person can answer at once
    no_rule: str = ""  # why nothing listens to it
    only_if_measured: bool = False
    is_private: bool = False
    is_opt_in: bool = False
    asks_reason: bool = False
    is_follow_up: bool = False

    @property
    def limits(self) -> tuple[float, float] | None:
        """The lowest and the highest answer, None for yes and no."""
        return (self.range.low, self.range.high) if self.range else SCALES.get(self.kind)

    @property
    def values(self) -> tuple[str, ...]:
        """The answers that have words of their own: those with a button each.  None for numbers."""
        if self.kind == "yes-no":
            return YES_NO
        return tuple(str(value) for value in range(5)) if self.kind in GRADED else ()


@dataclass(frozen=True)
class Condition:
    """What must be met together.  None asks nothing."""

    is_: str | None = None
    low: float | None = None
    high: float | None = None
    below: float | None = None
    rose_by: int | None = None
    is_new: bool = False
    answers: int = 1
    with_another: bool = False
    treatment: tuple[str, ...] = ()
    fell_percent: float | None = None
    within_days: int | None = None
    missed: int | None = None
    missed_in_a_row: int | None = None
    unanswered_in_a_row: int | None = None
    not_taken: int | None = None
    not_taken_in_a_row: int | None = None
    taken_below: float | None = None
    act_on_first: bool = False
    days_left: int | None = None
    silent_days: int | None = None
    cycles_to: int | None = None

    def fits(self, answer: str | float) -> bool:
        """Whether the answer alone is one of those meant; what else must be met is not looked at."""
        if self.is_ is not None and str(answer) != self.is_:
            return False
        if self.low is None and self.high is None and self.below is None:
            return True
        return not isinstance(answer, str) and self._holds(answer)

    def _holds(self, number: float) -> bool:
        too_low = self.low is not None and number < self.low
        too_high = self.high is not None and number > self.high
        return not (too_low or too_high or (self.below is not None and number >= self.below))


@dataclass(frozen=True)
class Rule:
    """What an answer sets off.  One of `when` is enough."""

    id: str
    of: str  # an item, every-scale, check-in or doses
    when: tuple[Condition, ...]
    tier: str
    source: str
    confidence: str
    flag: str = ""
    differs: str = ""  # why its tier is another than its flag's
    advice: str = ""
    advice_for: tuple[str, ...] = ()
    by_phone: bool = False
    step: str = ""  # of the ladder: a plan may leave it out
    consent: str = ""  # the purpose without which it does nothing


@dataclass(frozen=True)
class Questionnaire:
    """Items that are asked together, in this order."""

    id: str
    label: str
    recall: str
    confidence: str
    items: tuple[str, ...]
    plans: tuple[str, ...]
    proxy: bool = False


@dataclass(frozen=True)
class CheckIns:
    """Everything content/checkins/ holds."""

    items: dict[str, Item] = field(default_factory=dict)
    questionnaires: dict[str, Questionnaire] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    facts: dict[str, tuple[str, ...]] = field(default_factory=dict)  # the plans that imply each
    replies: dict[str, tuple[str, ...]] = field(default_factory=dict)  # the placeholders of each
    sources: frozenset[str] = frozenset()

    def follow_ups(self, item: str) -> list[Item]:
        """What may be asked after it."""
        return [each for each in self.items.values() if each.after and each.after.item == item]

    def worst(self, met: Iterable[Rule]) -> Rule | None:
        """Of rules that are met, the one that counts."""
        return min(met, key=lambda rule: LEVELS.index(rule.tier), default=None)

    def rules_of(self, item: Item) -> list[Rule]:
        """The rules that listen to an item."""
        heard = {item.id, "every-scale"} if item.kind in GRADED else {item.id}
        return [rule for rule in self.rules if rule.of in heard]


@dataclass(frozen=True)
class Answer:
    """One answer a patient can give: its button, and the words that mean it."""

    value: str
    button: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class Question:
    """One item in one language, as its file has it."""

    label: str
    ask: str
    answers: tuple[Answer, ...]
