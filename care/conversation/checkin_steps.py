"""What a check-in asks next: pure, from its questionnaire and what was said so far, so that it goes on where it stood."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from care.content.checkin_types import CheckIns, Item, Questionnaire
from care.conversation.checkin_rules import number

REASON = ".reason"  # ends the name of the step that asks why doses were missed


@dataclass(frozen=True)
class Said:
    """What was said to one question.  `value` None: it stands open, because of `left_open`."""

    value: str | None
    left_open: str = ""
    by_relative: bool = False


@dataclass(frozen=True)
class Audience:
    """Who answers, and what may be asked of them."""

    by_relative: bool = False
    live_response: bool = False  # a person can answer at once
    refused: frozenset[str] = frozenset()  # questions that need their agreement, left out the last time


@dataclass(frozen=True)
class Step:
    """One question: an item, or why its doses were missed."""

    item: Item
    asks_reason: bool = False

    @property
    def name(self) -> str:
        return self.item.id + REASON if self.asks_reason else self.item.id


def steps(checkins: CheckIns, questionnaire: Questionnaire, said: Mapping[str, Said], audience: Audience) -> Iterator[Step]:
    """Every question that is asked of this audience after what was said, in order."""
    for item in asked_of(checkins, questionnaire, audience):
        yield from _with_follow_ups(item, checkins, said, audience)


def asked_of(checkins: CheckIns, questionnaire: Questionnaire, audience: Audience) -> list[Item]:
    """The questions of a questionnaire that this audience may be asked, follow-ups left out."""
    known = (checkins.items[item] for item in questionnaire.items if item in checkins.items)
    return [item for item in known if _may_ask(item, audience)]


def next_step(checkins: CheckIns, questionnaire: Questionnaire, said: Mapping[str, Said], audience: Audience) -> Step | None:
    """The first question nobody has said anything to; None when the check-in is done."""
    return next((step for step in steps(checkins, questionnaire, said, audience) if step.name not in said), None)


def _with_follow_ups(item: Item, checkins: CheckIns, said: Mapping[str, Said], audience: Audience) -> Iterator[Step]:
    yield Step(item)
    answered = _number(said.get(item.id))
    if item.asks_reason and answered:
        yield Step(item, asks_reason=True)
    for each in checkins.follow_ups(item.id):
        if each.after and answered is not None and answered >= each.after.low and _may_ask(each, audience):
            yield from _with_follow_ups(each, checkins, said, audience)


def _number(said: Said | None) -> float | None:
    return number(said.value) if said and said.value is not None else None


def _may_ask(item: Item, audience: Audience) -> bool:
    if audience.by_relative and (item.who == "patient" or item.is_private):
        return False
    if item.needs == "live-response" and not audience.live_response:
        return False
    return not (item.is_opt_in and item.id in audience.refused)
