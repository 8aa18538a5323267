"""Reads check-ins: content/checkins/*.yml, and what a patient hears of them in content/<language>/checkins.yml."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from care.content import checkin_shapes as shapes
from care.content.check_checkins import Known, check_items, check_questionnaires, check_rules
from care.content.checkin_types import After, Answer, CheckIns, Condition, Item, Question, Questionnaire, Range, Rule
from care.content.reading import Page, read_yaml
from care.content.shape import Shape, check_shape
from care.content.types import Problems


@dataclass(frozen=True)
class Pages:
    """The four files that are the same in every language."""

    items: Page
    questionnaires: Page
    rules: Page
    replies: Page


def read_checkins(root: Path, problems: Problems, known: Known) -> CheckIns:
    """Everything content/checkins/ holds.  What is wrong in it becomes problems."""

    def read(name: str, shape: Shape) -> Page:
        page = read_yaml(root / "checkins" / name, root, problems)
        check_shape(page, shape, problems)
        return page

    pages = Pages(
        items=read("items.yml", shapes.ITEMS),
        questionnaires=read("questionnaires.yml", shapes.QUESTIONNAIRES),
        rules=read("rules.yml", shapes.RULES),
        replies=read("replies.yml", shapes.REPLIES),
    )
    checkins = _checkins(pages)
    check_items(checkins, pages.items, known, problems)
    check_questionnaires(checkins, pages.questionnaires, known, problems)
    check_rules(checkins, pages.rules, known, problems)
    return checkins


def _checkins(pages: Pages) -> CheckIns:
    items, rules = pages.items.values, pages.rules.values
    asked = [_item(each, raw, False) for each, raw in items.get("items", {}).items()]
    asked += [_item(each, raw, True) for each, raw in items.get("follow_ups", {}).items()]
    return CheckIns(
        items={item.id: item for item in asked},
        questionnaires={each: _questionnaire(each, raw) for each, raw in _below(pages.questionnaires, "questionnaires")},
        rules=tuple(_rule(raw) for raw in rules.get("rules", ())),
        facts={fact: tuple(raw["plans"]) for fact, raw in rules.get("facts", {}).items()},
        replies={key: tuple(raw["names"]) for key, raw in _below(pages.replies, "replies")},
        sources=frozenset({**items.get("sources", {}), **rules.get("sources", {})}),
    )


def _below(page: Page, name: str) -> Iterable[tuple[str, dict[str, Any]]]:
    found: Mapping[str, dict[str, Any]] = page.values.get(name, {})
    return found.items()


def _item(name: str, raw: Mapping[str, Any], is_follow_up: bool) -> Item:
    after = raw.get("after")
    return Item(
        id=name,
        label=raw["label"]["en"],
        kind=raw["kind"],
        over=raw["over"],
        topic=raw["topic"],
        range=_range(raw["range"]) if "range" in raw else None,
        offers=raw.get("offers"),
        after=After(after["item"], after["from"]) if after else None,
        who=raw.get("who", "anyone"),
        needs=raw.get("needs", ""),
        no_rule=raw.get("no_rule", ""),
        only_if_measured=raw.get("only_if_measured", False),
        is_private=raw.get("private", False),
        is_opt_in=raw.get("opt_in", False),
        asks_reason=raw.get("ask_reason", False),
        is_follow_up=is_follow_up,
    )


def _range(raw: Mapping[str, Any]) -> Range:
    return Range(raw["from"], raw["to"], raw.get("unit", ""), raw["source"], raw["confidence"])


def _questionnaire(name: str, raw: Mapping[str, Any]) -> Questionnaire:
    return Questionnaire(
        id=name,
        label=raw["title"]["en"],
        recall=raw["recall"],
        confidence=raw["confidence"],
        items=tuple(raw["items"]),
        plans=tuple(raw["plans"]),
        proxy=raw.get("proxy", False),
    )


def _rule(raw: Mapping[str, Any]) -> Rule:
    when = raw["when"]
    return Rule(
        id=raw["id"],
        of=raw["of"],
        when=tuple(_condition(each) for each in (when if isinstance(when, list) else [when])),
        tier=raw["tier"],
        source=raw["source"],
        confidence=raw["confidence"],
        flag=raw.get("flag", ""),
        differs=raw.get("differs", ""),
        advice=raw.get("advice", ""),
        advice_for=tuple(raw.get("advice_for", ())),
        by_phone=raw.get("by_phone", False),
        step=raw.get("step", ""),
        consent=raw.get("consent", ""),
    )


def _condition(raw: Mapping[str, Any]) -> Condition:
    return Condition(
        is_=str(raw["is"]) if "is" in raw else None,
        low=raw.get("from"),
        high=raw.get("to"),
        below=raw.get("below"),
        rose_by=raw.get("rose_by"),
        is_new=raw.get("new", False),
        answers=raw.get("answers", 1),
        with_another=raw.get("with_another", False),
        treatment=tuple(raw.get("treatment", ())),
        fell_percent=raw.get("fell_percent"),
        within_days=raw.get("within_days"),
        missed=raw.get("missed"),
        missed_in_a_row=raw.get("missed_in_a_row"),
        unanswered_in_a_row=raw.get("unanswered_in_a_row"),
        not_taken=raw.get("not_taken"),
        not_taken_in_a_row=raw.get("not_taken_in_a_row"),
        taken_below=raw.get("taken_below"),
        act_on_first=raw.get("act_on_first", False),
        days_left=raw.get("days_left"),
        silent_days=raw.get("silent_days"),
        cycles_to=raw.get("cycles_to"),
    )


def question(page: Page, item: Item) -> Question:
    """An item as one language asks it, with the answers of its own or those of its kind."""
    said = page.values["items"][item.id]
    offered = said.get("answers") or page.values["answers"].get(item.kind, {})
    return Question(said["label"], said["ask"], tuple(_answer(str(value), raw) for value, raw in offered.items()))


def no_answers(page: Page, item: Item) -> tuple[Answer, ...]:
    """What is no answer: not wanting to say and, of what is measured, not having measured."""
    kinds = ("skip", "not-measured") if item.only_if_measured else ("skip",)
    return tuple(_answer(kind, page.values["answers"][kind]) for kind in kinds)


def _answer(name: str, raw: Mapping[str, Any]) -> Answer:
    return Answer(name, raw["button"], tuple(raw["words"]))
