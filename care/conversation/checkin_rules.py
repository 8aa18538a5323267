"""Which rules the answers of a check-in meet: pure, from the data of content/checkins/rules.yml and what was answered before."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from care.content.checkin_types import GRADED, LEVELS, CheckIns, Condition, Item, Rule

SELF_CARE = LEVELS[-1]
Values = Mapping[str, str]  # what each item of one check-in was answered with; what stands open is not in it


@dataclass(frozen=True)
class History:
    """What rules may ask of the time before, and of the treatment.

    `before`: the number an item had at the last check-in that asked it; not there when it was not answered then.
    `measured`: what was measured, and how long ago.
    """

    before: Mapping[str, float] = field(default_factory=dict)
    measured: Mapping[str, tuple[tuple[timedelta, float], ...]] = field(default_factory=dict)
    facts: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Met:
    """A rule that is met: by which answers, and beside which others."""

    rule: Rule
    items: tuple[str, ...]
    others: tuple[str, ...] = ()

    @property
    def level(self) -> int:
        return LEVELS.index(self.rule.tier)

    @property
    def is_alert(self) -> bool:
        return self.rule.tier != SELF_CARE


def number(value: str) -> float | None:
    """An answer as a number, whole where it is: a rule compares 2, not 2.0.  None for yes and no."""
    try:
        read = float(value)
    except ValueError:
        return None
    return int(read) if read.is_integer() else read


def find_met(checkins: CheckIns, values: Values, history: History) -> list[Met]:
    """Every rule these answers meet.  Whoever is ill besides is known before it is asked whether somebody is."""
    known = {item: value for item, value in values.items() if item in checkins.items}
    alone: list[Met] = []
    with_another: list[Met] = []
    for rule in checkins.rules:
        for condition in rule.when:
            found = _met_by(rule, condition, checkins, known, history)
            (with_another if condition.with_another else alone).extend(found)
    ill = {item for each in alone if each.is_alert for item in each.items}
    for each in with_another:
        if others := tuple(sorted(ill.difference(each.items))):
            alone.append(Met(each.rule, each.items, others))
    return alone


def _met_by(rule: Rule, condition: Condition, checkins: CheckIns, values: Values, history: History) -> Iterator[Met]:
    if condition.treatment and history.facts.isdisjoint(condition.treatment):
        return
    hit = [item.id for item in _listened_to(rule, checkins, values) if _holds(condition, item, values[item.id], history)]
    if condition.answers > 1:
        if len(hit) >= condition.answers:
            yield Met(rule, tuple(hit))
    else:
        yield from (Met(rule, (item,)) for item in hit)


def _listened_to(rule: Rule, checkins: CheckIns, values: Values) -> list[Item]:
    if rule.of == "every-scale":
        return [checkins.items[item] for item in sorted(values) if checkins.items[item].kind in GRADED]
    return [checkins.items[rule.of]] if rule.of in values else []


def _holds(condition: Condition, item: Item, value: str, history: History) -> bool:
    found = number(value)
    if not condition.fits(value if found is None else found):
        return False
    if found is None:
        return True
    before = history.before.get(item.id)
    if condition.rose_by is not None and (before is None or found - before < condition.rose_by):
        return False
    if condition.is_new and (before != 0 or found <= 0):
        return False
    return condition.fell_percent is None or _fell(condition, found, history.measured.get(item.id, ()))


def _fell(condition: Condition, now: float, measured: tuple[tuple[timedelta, float], ...]) -> bool:
    """Whether it lies so many percent below something measured within the days meant."""
    # The whole of that day: who answers once a week seldom does it to the minute.
    within = timedelta(days=(condition.within_days or 0) + 1, microseconds=-1)
    fallen = (round(100 * (earlier - now) / earlier, 6) for ago, earlier in measured if ago <= within)
    return any(percent >= (condition.fell_percent or 0) for percent in fallen)


def winners(checkins: CheckIns, values: Values, history: History) -> frozenset[Met]:
    """For each answer the most dangerous rule that is met; of equals one with a flag, then one of the item's own."""
    best: dict[str, Met] = {}
    for each in find_met(checkins, values, history):
        for item in each.items:
            if item not in best or _rank(each) < _rank(best[item]):
                best[item] = each
    return frozenset(best.values())


def _rank(each: Met) -> tuple[int, bool, bool]:
    return each.level, not each.rule.flag, each.rule.of == "every-scale"
