"""What is said about things that fall due: which message names which of them, once a step, however often they are moved."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import and_, select, update

from care.content.message_rules import QUESTION, MessageRules
from care.content.plan_types import Cycles
from care.kit.database import Work, insert_new
from care.kit.ids import new_id_at
from care.messages.service import NOT_YET_TRIED, clear_unmentioned
from care.messages.tables import Mention, Message
from care.messages.types import Skip, State
from care.people.clocks import moment
from care.plans.forecast import Expected, Said
from care.plans.tables import Occurrence

SPOKEN = frozenset({"medicine", "appointment", "lab", "education", "self-care", "refill", "topic", "checkin"})
WAS = "was-"  # before the id of a message: it told of a visit at another moment
BOOKED_PHRASES = {"reminder-visit": "reminder-visit-tomorrow"}  # once a nurse has arranged the hour, it is said
CALLED_BACK = frozenset(map(str, (Skip.CHANGED, Skip.PAUSED, Skip.PLAN_ENDED, Skip.ENDED)))  # why; may be taken back


@dataclass(frozen=True)
class Whose:
    """Whose message it is."""

    clinic_id: str
    patient_id: str
    plan_id: str
    zone: str


@dataclass(frozen=True)
class Saying:
    """One step of one occurrence, and the message that should say it."""

    occurrence_id: str
    step: str
    key: str
    message: dict[str, Any]  # its columns
    said: dict[str, Any]  # what the occurrence is called in it


@dataclass
class Ledger:
    """Which steps of some occurrences stand in which message already."""

    messages: dict[tuple[str, str], Message] = field(default_factory=dict)

    @cached_property
    def spoken(self) -> set[str]:
        """Occurrences of which something has touched the wire, or ended there: old hour or new hour, never both."""
        return {occurrence_id for (occurrence_id, _), each in self.messages.items() if not may_speak(each)}


def may_speak(message: Message) -> bool:
    """Not tried yet; or called back by a change of the plan, which another change may take back."""
    return message.state in NOT_YET_TRIED or is_called_back(message)


def is_called_back(message: Message) -> bool:
    """A question cleared by answers is asked of the next dose of the same day: there is one a morning.

    What a nurse said of a visit by mistake, she may take back.
    """
    why = {*CALLED_BACK, Skip.ANSWERED} if message.kind in (QUESTION, "appointment", "lab") else CALLED_BACK
    return message.state in (State.CLEARED, State.MUTED) and message.why in why


async def read_ledger(work: Work, occurrence_ids: Iterable[str]) -> Ledger:
    ids = list(occurrence_ids)
    rows = select(Mention, Message).join(Message, Message.id == Mention.message_id).where(Mention.occurrence_id.in_(ids))
    found = await work.session.execute(rows.execution_options(populate_existing=True)) if ids else ()
    return Ledger({(mention.occurrence_id, mention.step): message for mention, message in found})


def sayings(whose: Whose, each: Expected, occurrence_id: str, since: datetime, rules: MessageRules) -> Iterator[Saying]:
    """Each reminder of one occurrence, one repeat where the template asks for it, and the question of the morning after."""
    if each.activity.kind not in SPOKEN:
        return
    phrase = BOOKED_PHRASES.get(each.activity.phrase, each.activity.phrase) if each.booked else each.activity.phrase
    steps = [(said, phrase) for said in each.said]
    if each.activity.again_after_min and steps:
        again = each.said[-1].at + timedelta(minutes=each.activity.again_after_min)
        steps.append((Said("again", again), f"{phrase}-again"))
    for said, words in steps:
        if said.at >= since:
            yield Saying(occurrence_id, said.step, _key(whose, each, said), _message(whose, each, said, words), _called(each))
    if each.activity.kind == "medicine" and QUESTION not in each.activity.ladder.off and each.due_at >= since:
        yield _question(whose, each, occurrence_id, rules)


def _question(whose: Whose, each: Expected, occurrence_id: str, rules: MessageRules) -> Saying:
    """One message for all doses of a day, on the patient's clock.  Whoever answered is not asked (recheck)."""
    at = moment(morning_after(each.on), rules.question_hour, whose.zone)
    until = at + timedelta(minutes=rules.question_useful_min)
    when = {"due_at": at, "next_at": at, "useful_until": until}
    # The same for every dose it names, or each look would write it anew.
    message = {"kind": QUESTION, "phrase": "question-doses", "arguments": {"zone": whose.zone}} | when
    return Saying(occurrence_id, QUESTION, f"{whose.patient_id}:{at:%Y%m%dT%H%M}:{QUESTION}", message, _called(each))


def morning_after(day: date) -> date:
    """The day on which a dose of `day` is asked about."""
    return day + timedelta(days=1)


def _key(whose: Whose, each: Expected, said: Said) -> str:
    """Medicines due at one moment share a message; everything else has its own."""
    if each.activity.kind == "medicine":
        return f"{whose.patient_id}:{said.at:%Y%m%dT%H%M}:{said.step}"
    return f"{whose.plan_id}:{each.activity.key}:{each.day.isoformat()}:{each.slot}:{said.step}"


def _message(whose: Whose, each: Expected, said: Said, phrase: str) -> dict[str, Any]:
    until = said.at + timedelta(minutes=each.activity.useful_for_min)
    if each.activity.kind == "medicine":
        until = each.useful_until
    elif each.booked and said.at < each.due_at:
        until = min(until, each.due_at)
    return {
        "kind": each.activity.kind,
        "phrase": phrase,
        "arguments": _arguments(whose, each),
        "due_at": said.at,
        "next_at": said.at,
        "useful_until": until,
    }


def _arguments(whose: Whose, each: Expected) -> dict[str, Any]:
    schedule = each.activity.schedule
    rest = schedule.cycle_days - schedule.on_days[0] + 1 if isinstance(schedule, Cycles) else 0
    return {
        "subject": each.activity.subject,
        "days": rest,
        "date": each.about.isoformat(),
        "hour": each.hour,
        "zone": whose.zone,
    }


def _called(each: Expected) -> dict[str, Any]:
    return {"subject": each.activity.subject, "after_food": each.activity.after_food}


async def write_sayings(work: Work, whose: dict[str, Whose], wanted: list[Saying], ledger: Ledger) -> int:
    """Bring messages up to what should be said.  `whose`: by occurrence.  Returns how many are new."""
    homeless, shared = [], await _named_after_another(work, wanted, ledger)
    for each in wanted:
        at_hand = ledger.messages.get((each.occurrence_id, each.step))
        if at_hand is None or (may_speak(at_hand) and at_hand.key != each.key):
            homeless.append(each)
        elif may_speak(at_hand) and (each.occurrence_id, at_hand.id) not in shared:
            await _renew(work, at_hand, each)
    return await _give_homes(work, whose, homeless, ledger) if homeless else 0


async def _named_after_another(work: Work, wanted: list[Saying], ledger: Ledger) -> set[tuple[str, str]]:
    """Occurrences that wait in a message of another one, each with that message.

    The other one renews it: every medicine has words and a window of its own, and of two each would find those of the other.
    """
    found = [(each, ledger.messages.get((each.occurrence_id, each.step))) for each in wanted]
    of = {(each.occurrence_id, at.id) for each, at in found if at and at.state in NOT_YET_TRIED and _is_anothers(at, each)}
    if not of:
        return of
    named = select(Message.id).join(
        Mention, and_(Mention.message_id == Message.id, Mention.occurrence_id == Message.occurrence_id)
    )
    still = named.join(Occurrence, Occurrence.id == Mention.occurrence_id)
    still = still.where(Occurrence.dropped.is_(None), Occurrence.answer.is_(None), Message.id.in_({id_ for _, id_ in of}))
    led = set(await work.session.scalars(still))
    return {(occurrence_id, message_id) for occurrence_id, message_id in of if message_id in led}


def _is_anothers(message: Message, each: Saying) -> bool:
    return each.step != QUESTION and message.key == each.key and message.occurrence_id != each.occurrence_id


async def _renew(work: Work, message: Message, each: Saying) -> None:
    """In place: one that was claimed goes back to `due`, so that its owner's intent finds nothing to move."""
    changed = any(getattr(message, name) != value for name, value in each.message.items() if name != "next_at")
    if changed if message.state in NOT_YET_TRIED else each.message["due_at"] > work.now:
        await _put(work, message, each.message | {"state": State.DUE, "why": None, "occurrence_id": each.occurrence_id})


async def _give_homes(work: Work, whose: dict[str, Whose], homeless: list[Saying], ledger: Ledger) -> int:
    """Put each into the message of its moment: one that is there and not said yet, else a new one."""
    made, homes = await _make(work, whose, {each.key: each for each in reversed(homeless)})
    late = {_own_key(each): each for each in homeless if not may_speak(homes[each.key])}  # it has gone out without them
    more, own_homes = await _make(work, whose, late)
    for each in homeless:
        homes[_name(each)] = own_homes.get(_own_key(each)) or homes[each.key]
    await _move_in(work, homeless, homes, ledger)
    return made + more


async def _make(work: Work, whose: dict[str, Whose], keyed: dict[str, Saying]) -> tuple[int, dict[str, Message]]:
    """How many of these messages are new, and all of them by key."""
    made = await insert_new(work, Message, [_row(work, whose[each.occurrence_id], each, key) for key, each in keyed.items()])
    rows = select(Message).where(Message.key.in_(keyed)).execution_options(populate_existing=True)
    return len(made), {message.key: message for message in await work.session.scalars(rows)} if keyed else {}


async def unsay(work: Work, occurrence_id: str, ledger: Ledger, moved: bool) -> None:
    """A visit is arranged otherwise: what waits to be said of it waits no more, unless it is wanted as it is now.

    `moved`: it is at another moment, so what was said counts for nothing, and each step may be said anew.
    """
    mine = {step: each for (id_, step), each in ledger.messages.items() if id_ == occurrence_id}
    for step, each in mine.items():
        if each.state in NOT_YET_TRIED:
            await _put(work, each, {"state": State.CLEARED, "why": Skip.CHANGED})
        elif moved and not is_called_back(each) and not step.startswith(WAS):
            named = (Mention.occurrence_id == occurrence_id, Mention.step == step)
            await work.session.execute(update(Mention).where(*named).values(step=f"{WAS}{each.id}"))
            await _put(work, each, {"key": f"{WAS}{each.id}"})
            del ledger.messages[occurrence_id, step]


def _own_key(each: Saying) -> str:
    return f"{each.key}:{each.occurrence_id}"


def _name(each: Saying) -> str:
    return f"{each.occurrence_id} {each.step}"


async def _move_in(work: Work, homeless: list[Saying], homes: dict[str, Message], ledger: Ledger) -> None:
    new, left = [], set()
    for each in homeless:
        home, before = homes[_name(each)], ledger.messages.get((each.occurrence_id, each.step))
        if before:
            mine = (Mention.occurrence_id == each.occurrence_id, Mention.step == each.step)
            await work.session.execute(update(Mention).where(*mine).values(message_id=home.id, said=each.said))
            left.add(before.id)
        else:
            new.append({"occurrence_id": each.occurrence_id, "step": each.step, "message_id": home.id, "said": each.said})
        if is_called_back(home):
            await _put(work, home, each.message | {"state": State.DUE, "why": None})
    await insert_new(work, Mention, new)
    await clear_unmentioned(work, left, Skip.CHANGED)


async def _put(work: Work, message: Message, values: dict[str, Any]) -> None:
    await work.session.execute(update(Message).where(Message.id == message.id).values(**values))


def _row(work: Work, owner: Whose, each: Saying, key: str) -> dict[str, Any]:
    ids = {"clinic_id": owner.clinic_id, "patient_id": owner.patient_id, "occurrence_id": each.occurrence_id}
    return {"id": new_id_at(work.now), "key": key, "created_at": work.now} | ids | each.message
