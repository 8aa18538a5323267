"""Checks what check-ins say: questions somebody listens to, rules that can be met, and care that exists for what is asked."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from care.content.checkin_types import NUMERIC, SCALES, CheckIns, Condition, Item, Questionnaire, Rule
from care.content.reading import Page
from care.content.types import Problems

Found = Iterator[tuple[str, str]]  # what is wrong, how to mend it
EVERYWHERE = ("every-scale", "check-in", "doses")  # what a rule may listen to besides one item
SELF_HARM = "rf-suicidal-thoughts"
ANSWERED = ("is_", "low", "high", "below", "rose_by", "is_new", "answers", "with_another", "treatment")
ASKS = {  # what a rule may ask of what it listens to
    "every-scale": ("is_", "low", "high", "below", "rose_by", "is_new", "answers", "treatment"),
    "check-in": ("unanswered_in_a_row", "cycles_to", "treatment"),
    "doses": (
        *("missed", "missed_in_a_row", "within_days", "treatment"),
        *("not_taken", "not_taken_in_a_row", "taken_below", "act_on_first", "days_left", "silent_days"),
    ),
}
NAMES = {"is_": "is", "low": "from", "high": "to", "is_new": "new"}  # as the files call them


@dataclass(frozen=True)
class Known:
    """What check-ins may speak of.  What could not be read is empty, and not asked about."""

    topics: frozenset[str]
    flags: dict[str, str]  # the tier of each
    sources: frozenset[str]
    plans: frozenset[str]


def check_items(checkins: CheckIns, page: Page, known: Known, problems: Problems) -> None:
    """Every fault of a question, at its line."""
    for name, raw in page.values.get("scales", {}).items():
        if (raw["from"], raw["to"]) != SCALES.get(name):
            problems.add(page.file, page.line(f"scales.{name}"), f"the scale {name} is not so", f"write {_scales()}")
    both = page.values.get("items", {}).keys() & page.values.get("follow_ups", {}).keys()
    for item_id in sorted(both):
        problems.add(page.file, page.line(f"follow_ups.{item_id}"), f"{item_id} stands twice", "keep one of them")
    for item in checkins.items.values():
        where = f"{'follow_ups' if item.is_follow_up else 'items'}.{item.id}"
        for what, mend in chain(_limits(item), _after(item, checkins), _names(item, checkins, known), _heard(item, checkins)):
            problems.add(page.file, page.line(where), f"{item.id}: {what}", mend)


def _scales() -> str:
    return ", ".join(f"{name} {low} to {high}" for name, (low, high) in SCALES.items())


def _limits(item: Item) -> Found:
    if item.kind in NUMERIC and not item.range:
        yield "has no range", "give range: {from: ..., to: ..., source: ..., confidence: ...}"
    if item.kind not in NUMERIC and item.range:
        yield f"has a range, and {item.kind} has its own", "remove range, or make it a count or a number"
    if item.range and not item.range.low < item.range.high:
        yield "has a range that holds nothing", "give from and to, the lower one first"
    if item.offers is not None and (item.kind != "count" or not item.range or item.offers > item.range.high):
        yield "offers buttons it cannot take", "give offers to a count only, and none beyond its range"
    if item.asks_reason and item.kind != "count":
        yield "asks for a reason of no count", "remove ask_reason"


def _after(item: Item, checkins: CheckIns) -> Found:
    if item.is_follow_up and not item.after:
        yield "follows nothing", "give after: {item: ..., from: ...}, or write it under items"
    if not item.after:
        return
    before = checkins.items.get(item.after.item)
    if before is None or before.id == item.id:
        yield f"follows {item.after.item}, which nobody asks", "use another item of this file"
    elif not before.limits or not before.limits[0] <= item.after.low <= before.limits[1]:
        yield f"follows an answer that {before.id} cannot have", "give from a number it can be answered with"


def _names(item: Item, checkins: CheckIns, known: Known) -> Found:
    if known.topics and item.topic not in known.topics:
        yield f"the topic {item.topic} is unknown", "use one of content/topics.yml"
    if item.range:
        yield from _source(item.range.source, checkins, known)


def _source(source: str, checkins: CheckIns, known: Known) -> Found:
    if known.sources and source not in known.sources | checkins.sources:
        yield f"source {source} is unknown", "add it under sources, here or in content/topics.yml"


def _heard(item: Item, checkins: CheckIns) -> Found:
    if not checkins.rules:
        return  # said where they are read
    heard = checkins.rules_of(item)
    if not heard and not item.no_rule:
        yield "nobody listens to the answer", "add a rule in rules.yml, or say why not in no_rule"
    if heard and item.no_rule:
        yield f"says no rule, and {heard[0].id} is one", "remove no_rule"
    is_safe = item.needs == "live-response" and item.who == "patient" and item.is_private
    if not is_safe and any(rule.flag == SELF_HARM for rule in heard):
        yield "is asked where nobody may be there to answer", "add needs: live-response, who: patient and private: true"


def check_questionnaires(checkins: CheckIns, page: Page, known: Known, problems: Problems) -> None:
    """Every fault of a questionnaire, and every question that stands in none."""
    for questionnaire in checkins.questionnaires.values() if checkins.items else ():
        for what, mend in chain(_asks(questionnaire, checkins), _plans(questionnaire.plans, known)):
            problems.add(page.file, page.line(f"questionnaires.{questionnaire.id}"), f"{questionnaire.id}: {what}", mend)
    asked = {item for each in checkins.questionnaires.values() for item in each.items}
    for item in checkins.items.values() if asked else ():
        if item.id not in asked and not (item.after and item.after.item in asked):
            problems.add(page.file, 1, f"nobody asks {item.id}", "put it into a questionnaire, or remove it from items.yml")


def _asks(questionnaire: Questionnaire, checkins: CheckIns) -> Found:
    for place, item_id in enumerate(questionnaire.items):
        item = checkins.items.get(item_id)
        if item is None:
            yield f"the item {item_id} is unknown", "use one of items.yml"
        elif item.after:
            yield f"{item_id} is asked by itself, and follows another", f"remove it here, or its `after` in {item_id}"
        if item_id in questionnaire.items[:place]:
            yield f"{item_id} stands twice", "keep one of them"


def _plans(plans: tuple[str, ...], known: Known) -> Found:
    for plan in plans:
        if known.plans and plan not in known.plans:
            yield f"the plan {plan} is unknown", "use one of content/plans/"


def check_rules(checkins: CheckIns, page: Page, known: Known, problems: Problems) -> None:
    """Every fault of a rule, at its line."""
    for name, plans in checkins.facts.items():
        for what, mend in _plans(plans, known):
            problems.add(page.file, page.line(f"facts.{name}"), f"{name}: {what}", mend)
    seen: set[str] = set()
    for place, rule in enumerate(checkins.rules, start=1):
        if rule.id in seen:
            problems.add(page.file, page.line(f"rules.{place}"), f"{rule.id} stands twice", "give it another id")
        seen.add(rule.id)
        listens = _listens(rule, checkins) if checkins.items else ()
        found = (listens, _climbs(rule), _flag(rule, known), _speaks(rule, checkins), _knows(rule, checkins, known))
        for what, mend in chain(*found):
            problems.add(page.file, page.line(f"rules.{place}"), f"{rule.id}: {what}", mend)


def _listens(rule: Rule, checkins: CheckIns) -> Found:
    item = checkins.items.get(rule.of)
    if item is None and rule.of not in EVERYWHERE:
        yield f"listens to {rule.of}, which nobody asks", f"use an item of items.yml, or {', '.join(EVERYWHERE)}"
    allowed = ASKS.get(rule.of, (*ANSWERED, *(("fell_percent", "within_days") if item and item.kind == "number" else ())))
    for condition in rule.when:
        asked = [name for name, value in vars(condition).items() if value != vars(Condition())[name]]
        if not asked or asked == ["treatment"]:
            yield "is always met", "write what must be met under when"
        for name in asked:
            if name not in allowed:
                yield f"{NAMES.get(name, name)} says nothing of {rule.of}", "remove it, or let the rule listen to something else"
        if item and not _can_be_met(condition, item):
            yield f"is never met: {item.id} has no such answer", "write an answer it can have"


def _climbs(rule: Rule) -> Found:
    """Steps of the ladder after a dose nobody answered."""
    if rule.step and rule.of != "doses":
        yield "is a step of the ladder, and listens to no doses", "remove step, or write of: doses"
    for condition in rule.when:
        if (condition.not_taken is not None or condition.taken_below is not None) and not condition.within_days:
            yield "counts doses without an end", "add within_days"
        if condition.taken_below is not None and not 0 < condition.taken_below <= 100:
            yield f"{condition.taken_below:g} is no percentage", "write more than 0 and up to 100"


def _can_be_met(condition: Condition, item: Item) -> bool:
    """Whether one of the answers an item can have is meant."""
    if not item.limits:
        return any(condition.fits(answer) for answer in item.values)
    low, high = item.limits
    tenths = range(round(low * 10), round(high * 10) + 1, 1 if item.kind == "number" else 10)
    return any(condition.fits(tenth / 10 if tenth % 10 else tenth // 10) for tenth in tenths)


def _flag(rule: Rule, known: Known) -> Found:
    if not rule.flag:
        if rule.differs:
            yield "differs from no flag", "remove differs, or give the flag"
    elif known.flags and rule.flag not in known.flags:
        yield f"the red flag {rule.flag} is unknown", "use one of content/alarms.yml"
    elif known.flags and known.flags[rule.flag] != rule.tier and not rule.differs:
        yield f"is {rule.tier}, and {rule.flag} is {known.flags[rule.flag]}", "make them the same, or say why in differs"
    elif known.flags and known.flags[rule.flag] == rule.tier and rule.differs:
        yield f"differs from nothing: {rule.flag} is {rule.tier} too", "remove differs"


def _speaks(rule: Rule, checkins: CheckIns) -> Found:
    for reply in filter(None, (rule.tier, rule.advice)) if checkins.replies else ():
        if reply not in checkins.replies:
            yield f"says {reply}, which nobody wrote", "add it to replies.yml and in every language"
    if rule.advice_for and not rule.advice:
        yield "has advice_for without advice", "remove it, or give the advice"


def _knows(rule: Rule, checkins: CheckIns, known: Known) -> Found:
    for fact in {*rule.advice_for, *(fact for condition in rule.when for fact in condition.treatment)}:
        if fact not in checkins.facts:
            yield f"asks of {fact}, which nobody knows", "add it under facts"
    yield from _source(rule.source, checkins, known)
