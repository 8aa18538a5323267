"""What the answers of a check-in set off: alerts at once, with the answers they rest on, and what the patient is told."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace

from care.alarms.listen import RedFlag
from care.alarms.service import AMBER, TWO_AMBERS, is_red_together, raise_alert
from care.content.checkin_types import LEVELS, Rule
from care.conversation.checkin_asking import Asking
from care.conversation.checkin_rows import history
from care.conversation.checkin_rules import History, Met, Values, find_met, winners
from care.conversation.checkin_saying import bubble, way
from care.conversation.emergencies import answer_alarm
from care.messages.reply import Button, Reply
from care.people.consent import allows

SOURCE = "check-in"
EMERGENCY = LEVELS[0]


@dataclass(frozen=True)
class Outcome:
    """What one answer set off.  Nothing is asked on by itself after an emergency."""

    replies: list[Reply] = field(default_factory=list)
    is_emergency: bool = False


async def weigh(asking: Asking, before: Values, heard: Collection[str] = ()) -> Outcome:
    """Run the rules over what is answered now; `before` is how it stood, `heard` the flags their words raised already."""
    past = await history(asking.turn.work, asking.checkins, asking.row, asking.values.keys() | before.keys())
    now, then = (winners(asking.checkins, values, past) for values in (asking.values, before))
    known = {(each.rule.id, each.items) for each in then}  # whoever else is ill besides makes nothing new of it
    new = [each for each in sorted(now, key=lambda each: each.level) if each.is_alert and (each.rule.id, each.items) not in known]
    if not new:
        return Outcome()
    await _raise(asking, new, now, heard)
    is_red = await _is_red(asking, new)
    worst = new[0].rule
    is_emergency = is_red or worst.tier == EMERGENCY
    if worst.flag in heard and worst.flag:
        return Outcome(is_emergency=is_emergency)
    told = _tell(asking, new[0], is_red, _said_before(then))
    return Outcome([*told, *_advice(asking, before, past)], is_emergency)


def _said_before(then: Iterable[Met]) -> int:
    """The most dangerous level the patient was told of in this check-in."""
    return min((each.level for each in then), default=len(LEVELS))


async def _raise(asking: Asking, new: list[Met], now: Iterable[Met], heard: Collection[str]) -> None:
    """One alert for each red flag; one for all other answers together, so that they stand on one line of the worklist."""
    turn = asking.turn
    for flag in dict.fromkeys(each.rule.flag for each in new if each.rule.flag and each.rule.flag not in heard):
        own = [each for each in new if each.rule.flag == flag]
        await raise_alert(turn.work, turn.patient, flag, own[0].rule.tier, SOURCE, await _evidence(asking, own))
    if any(not each.rule.flag for each in new):
        all_now = sorted((each for each in now if each.is_alert and not each.rule.flag), key=lambda each: each.level)
        tier = all_now[0].rule.tier
        await raise_alert(turn.work, turn.patient, "check-in", tier, SOURCE, await _evidence(asking, all_now))


async def _evidence(asking: Asking, met: Iterable[Met]) -> str | None:
    """The answers by their codes: each nurse reads them in her own language (checkin_view.py)."""
    items = dict.fromkeys(item for each in met for item in (*each.items, *each.others))
    said = " ".join(f"{item}={asking.values[item]}" for item in items)
    return said if await allows(asking.turn.work, asking.turn.patient.id, "symptoms") else None


async def _is_red(asking: Asking, new: list[Met]) -> bool:
    """Whether a new amber flag stands beside another one: together they are an emergency."""
    turn, ambers = asking.turn, [each for each in new if each.rule.flag and each.rule.tier in AMBER]
    if not ambers or not await is_red_together(turn.work, turn.patient.id):
        return False
    await raise_alert(turn.work, turn.patient, TWO_AMBERS, "emergency", SOURCE, await _evidence(asking, ambers))
    return True


def _tell(asking: Asking, worst: Met, is_red: bool, said_before: int) -> list[Reply]:
    """The reply of the most dangerous rule; a level they were told of already is not said again."""
    if worst.rule.flag and not worst.rule.differs:
        return _alarm(asking, worst.rule, is_red)
    if is_red or worst.rule.tier == EMERGENCY:
        return [_emergency(asking)]
    if worst.level >= said_before:
        return []
    return [bubble(asking, worst.rule.tier, _nurse(asking))]


def _alarm(asking: Asking, rule: Rule, is_red: bool) -> list[Reply]:
    told = answer_alarm(asking.turn, [RedFlag(rule.flag, rule.tier, "", SOURCE)], is_red)
    return [_with_way_on(asking, each) for each in told] if is_red or rule.tier == EMERGENCY else told


def _emergency(asking: Asking) -> Reply:
    """The number is the first line of it, and is repeated for a day."""
    asking.turn.dialog.alarm_at = asking.turn.work.now
    return _with_way_on(asking, replace(bubble(asking, EMERGENCY, _nurse(asking)), act="alarm"))


def _with_way_on(asking: Asking, told: Reply) -> Reply:
    return replace(told, buttons=(*told.buttons, way(asking, "go-on")))


def _nurse(asking: Asking) -> tuple[Button, ...]:
    return (asking.turn.button("button-nurse", "nurse"),)


def _advice(asking: Asking, before: Values, past: History) -> list[Reply]:
    """What is said besides, each thing once: of every rule that is met now, also where another one is more dangerous."""
    now, then = (find_met(asking.checkins, values, past) for values in (asking.values, before))
    meant = [each.rule for each in now if each not in then and each.rule.advice]
    keys = [rule.advice for rule in meant if not rule.advice_for or not past.facts.isdisjoint(rule.advice_for)]
    return [bubble(asking, key) for key in dict.fromkeys(keys)]
