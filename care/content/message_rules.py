"""Reads content/messages.yml: how much is said unasked in a day, and what becomes of each kind when its time is over."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from care.content.check_plan import HOUR
from care.content.checkin_shapes import SOURCE
from care.content.plan_shapes import KINDS
from care.content.plan_types import PlanTemplate
from care.content.reading import Page
from care.content.shape import each, one_of, only, text, whole
from care.content.types import Problems

REPLY = "reply"  # an answer through an app
QUESTION = "question"  # the morning after a dose nobody answered
QUIET_FROM, QUIET_TO = "22:00", "07:30"  # on the patient's clock (facts: clinical, section 10)
AFTER = ("tell-nurse", "leave")
OVER_CAP = ("send", "next-day", "drop")
KIND = only(after=one_of(*AFTER), over_cap=one_of(*OVER_CAP), because=text)
MESSAGES = only(
    question=only(hour=text, useful_for_min=whole, **SOURCE),
    a_day=only(messages=whole, **SOURCE),
    kinds=each(KIND),
)


@dataclass(frozen=True)
class Kind:
    """What becomes of a kind of message that cannot be said in its time."""

    after: str = "tell-nurse"
    over_cap: str = "send"


@dataclass(frozen=True)
class MessageRules:
    """What is the same of every message of a kind, whatever plan it comes from."""

    question_hour: str = "10:00"
    question_useful_min: int = 720
    a_day: int = 6
    kinds: Mapping[str, Kind] = field(default_factory=dict)

    def of(self, kind: str) -> Kind:
        return self.kinds.get(kind, Kind())


def read_messages(page: Page, plans: Mapping[str, PlanTemplate], problems: Problems) -> MessageRules:
    """The rules, and every fault of them at its line."""
    raw = page.values
    rules = MessageRules(
        question_hour=raw.get("question", {}).get("hour", MessageRules.question_hour),
        question_useful_min=raw.get("question", {}).get("useful_for_min", MessageRules.question_useful_min),
        a_day=raw.get("a_day", {}).get("messages", MessageRules.a_day),
        kinds={name: Kind(each["after"], each["over_cap"]) for name, each in raw.get("kinds", {}).items()},
    )
    for where, what, mend in _faults(rules, raw, plans):
        problems.add(page.file, page.line(where), what, mend)
    return rules


def _faults(rules: MessageRules, raw: Mapping[str, Any], plans: Mapping[str, PlanTemplate]) -> list[tuple[str, str, str]]:
    found = []
    if not HOUR.fullmatch(rules.question_hour):
        found.append(("question.hour", f"{rules.question_hour} is no hour", 'write "10:00", in quotes'))
    elif not QUIET_TO <= rules.question_hour < QUIET_FROM:
        found.append(
            ("question.hour", "the question falls into the quiet hours", f"write an hour from {QUIET_TO} to {QUIET_FROM}")
        )
    else:
        found += _late_windows(rules, plans)
    if not rules.question_useful_min:
        found.append(("question.useful_for_min", "is useless at once", "write for how many minutes it may still be asked"))
    if not rules.a_day:
        found.append(("a_day.messages", "lets nothing out", "write how many messages a day are enough"))
    if "kinds" in raw:
        found += _unknown_kinds(rules)
    return found


def _late_windows(rules: MessageRules, plans: Mapping[str, PlanTemplate]) -> list[tuple[str, str, str]]:
    """A dose of the last minute of a day must be over when it is asked about."""
    night = 60 * int(rules.question_hour[:2]) + int(rules.question_hour[3:])
    asked = [(plan.id, each) for plan in plans.values() for each in plan.activities if each.kind == "medicine"]
    late = [(plan, each) for plan, each in asked if QUESTION not in each.ladder.off and each.useful_for_min > night]
    mend = f"give it useful_for_min of {night} or less, leave the question out for it, or ask later"
    return [("question.hour", f"{each.key} of {plan} may still be taken then", mend) for plan, each in late]


def _unknown_kinds(rules: MessageRules) -> list[tuple[str, str, str]]:
    known = {*KINDS, QUESTION, REPLY}
    strange = [(f"kinds.{kind}", f"{kind} is no kind of message", "remove it") for kind in sorted(rules.kinds.keys() - known)]
    absent = [("kinds", f"{kind} is missing", f"add a line `{kind}:`") for kind in sorted(known - rules.kinds.keys())]
    held = [kind for kind in ("medicine", QUESTION, REPLY) if rules.of(kind).over_cap != "send"]
    return (
        strange + absent + [(f"kinds.{kind}", f"{kind} may not wait for the next day", "write over_cap: send") for kind in held]
    )
