"""All that decides about a part of messages, read inside the transaction that writes their intents.

One statement and, on PostgreSQL, one that locks first: thousands are read in parts, and trips were most of their time.
"""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple, cast

from sqlalchemy import ScalarSelect, Select, String, Text, bindparam, column, func, or_, select, table
from sqlalchemy import cast as as_type

from care.content.message_rules import MessageRules
from care.kit.database import Moment, Work, dialect_of, give, given_rows, in_one, read_moment, read_rows
from care.messages.store import LOST, ROW
from care.messages.tables import Attempt, Mention, Message
from care.messages.types import Cause, Skip, State
from care.people.clocks import local, moment
from care.people.linking import DEVICE_LIFE, is_open_since
from care.people.tables import Consent, Device, Patient

CHECK_IN = "checkin"  # asks how they are: only of who agreed that this is kept
SAID = (State.INTENT, State.SENT, State.DELIVERED, State.READ, State.UNKNOWN)  # what a patient has, or may have
SAID_FIRST = {"topic": 0, "checkin": 1}  # of one moment: a dose, or the question about it, stands nearest to the thumb

# Plans stand above messages and may not be imported here: the columns we look at are named instead.
occurrence = table(
    "occurrence",
    *map(column, ("id", "plan_id", "hour", "due_at", "answer", "dropped")),
    column("answered_at", Moment()),
)
care_plan = table("care_plan", column("id"), column("paused_at"), column("ended_at"))


@dataclass
class Day:
    """How much a patient was told today without asking."""

    said: int = 0


class Named(NamedTuple):
    """One thing a message is about, as the plan's rows say it now."""

    occurrence_id: str
    said: dict[str, Any]
    answer: str | None = None
    answered_at: datetime | None = None
    dropped: bool = False
    paused: bool = False
    ended: bool = False
    hour: str = ""
    as_kept: str = ""  # `said` as JSON

    def closed(self, message: "Due | Message") -> Skip | None:
        """Why it must not be said any more; None while it is wanted."""
        if self.ended or self.paused:
            return Skip.PLAN_ENDED if self.ended else Skip.PAUSED
        if self.dropped:
            return Skip.CHANGED
        return Skip.ANSWERED if self._is_answered(message) else None

    def _is_answered(self, message: "Due | Message") -> bool:
        """Taken, or answered since this was planned.  "Missed" and then "remind me later" wants the later reminder."""
        if self.answer is None:
            return False
        return self.answer == "taken" or self.answered_at is None or self.answered_at > message.created_at


@dataclass(slots=True)
class Due:
    """A message as its sender sees it, with what decides whether it may go out now."""

    id: str
    attempt: int
    key: str
    patient_id: str
    occurrence_id: str | None
    kind: str
    phrase: str
    arguments_as_kept: str  # JSON; most are never read, for their words were found before
    urgent: bool
    useful_until: datetime
    created_at: datetime
    why: str | None
    form: str  # of the patient: language and script
    zone: str
    has_stopped: bool
    has_ended: bool
    consents: bool
    channels: frozenset[str]  # open, and not already closed to this message
    named: tuple[Named, ...] = ()
    day: Day = field(default_factory=Day)
    shut: frozenset[str] = frozenset()  # channels that were tried, and can take this message no more

    @property
    def arguments(self) -> dict[str, Any]:
        return parsed(self.arguments_as_kept)


@lru_cache(4_096)
def parsed(written: str) -> dict[str, Any]:
    """Of a herd many are told the same of the same."""
    return cast(dict[str, Any], json.loads(written))


async def read_due(work: Work, ids: Iterable[str], clock: str, rules: MessageRules) -> list[Due]:
    """What `clock` claimed of these and nobody has taken yet, by patient.  Locks patients until the intent is committed.

    By patient: two workers lock patients in one order and never wait in a ring.
    """
    ours, dialect = give([{"id": each} for each in ids]), dialect_of(work)
    if dialect == "postgresql":  # on SQLite the transaction is the lock
        await work.session.execute(_lock(dialect), ours)
    asked = ours | {"clock": clock, "since": work.now - DEVICE_LIFE}
    rows = read_rows(await work.session.scalar(_facts(dialect), asked))
    due = [_due(list(some)) for _, some in groupby(sorted(rows, key=_place), itemgetter(ID))]
    await _leave_out_shut(work, due)
    if waiting := [each for each in due if may_wait(each, rules)]:
        await _count_day(work, waiting, due)
    return due


@cache
def _lock(dialect: str) -> Select[Any]:
    """Before the facts, not with them: a statement that waited for a lock still sees other tables as they were before.

    FOR UPDATE of patients, not FOR SHARE: withdrawing inserts a row that refers to the patient, and only this lock makes it
    wait.  FOR SHARE of plans: a change of the plan is over by then, or has not begun.
    """
    ids = select(given_rows(dialect, ("id", String)).c.id)
    mine = select(Message.patient_id).where(Message.id.in_(ids))
    patients = select(Patient.id).where(Patient.id.in_(mine)).order_by(Patient.id).with_for_update().cte("patients")
    about = select(occurrence.c.plan_id).join(Mention, Mention.occurrence_id == occurrence.c.id)
    about = about.where(Mention.message_id.in_(ids))
    plans = select(care_plan.c.id).where(care_plan.c.id.in_(about)).order_by(care_plan.c.id)
    locked = plans.with_for_update(read=True).cte("plans")
    return select(*(select(func.count()).select_from(each).scalar_subquery() for each in (patients, locked)))


@cache
def _facts(dialect: str) -> Select[str]:
    """A row for each thing a message names, or one if it names nothing.  Made once: building it takes longer than running it."""
    given, seen, plan = given_rows(dialect, ("id", String)), occurrence.c, care_plan.c
    wanted = (
        *(ROW.c[name] for name in ("id", "attempt", "key", "patient_id", "occurrence_id", "kind", "phrase")),
        as_type(ROW.c.arguments, Text),
        *(ROW.c[name] for name in ("urgent", "useful_until", "created_at", "why")),
        *(Patient.form, Patient.zone, Patient.stopped_at.is_not(None), Patient.ended_at.is_not(None)),
        _agreed("reminders"),
        _open_channels(),
        *(_agreed("symptoms"), ROW.c.due_at),
        *(seen.id, as_type(Mention.said, Text), seen.answer, seen.answered_at),
        *(seen.dropped, plan.paused_at, plan.ended_at, seen.hour, seen.due_at),
    )
    mine = select(in_one(dialect, *wanted)).select_from(given).join(ROW, ROW.c.id == given.c.id)
    mine = mine.join(Patient, Patient.id == ROW.c.patient_id).outerjoin(Mention, Mention.message_id == ROW.c.id)
    mine = mine.outerjoin(occurrence, seen.id == Mention.occurrence_id).outerjoin(care_plan, plan.id == seen.plan_id)
    return mine.where(ROW.c.state == State.CLAIMED, ROW.c.lease_owner == bindparam("clock", type_=String))


def _agreed(purpose: str) -> ScalarSelect[bool]:
    """A patient's latest word on a purpose."""
    said = select(Consent.given).where(Consent.patient_id == ROW.c.patient_id, Consent.purpose == purpose)
    return said.order_by(Consent.id.desc()).limit(1).scalar_subquery()


def _open_channels() -> ScalarSelect[str]:
    """The names of a patient's open channels, with commas between."""
    mine = (Device.patient_id == ROW.c.patient_id, is_open_since(bindparam("since", type_=Moment)))
    return select(func.aggregate_strings(Device.channel, ",")).where(*mine).scalar_subquery()


# Places in a row of `_facts`.
ID, PATIENT, KIND, URGENT, USEFUL_UNTIL, CREATED_AT, CHANNELS, SYMPTOMS, DUE_AT, ABOUT = 0, 3, 5, 8, 9, 10, 17, 18, 19, 20


def _place(row: list[Any]) -> tuple[Any, ...]:
    """In the order they are said; what one message names, by its hour."""
    return row[PATIENT], row[DUE_AT], SAID_FIRST.get(row[KIND], len(SAID_FIRST)), row[ID], row[-1] or "", row[ABOUT] or ""


def _due(rows: list[list[Any]]) -> Due:
    """A message from its rows, one for each thing it names."""
    first = rows[0]
    first[URGENT] = bool(first[URGENT])
    first[USEFUL_UNTIL], first[CREATED_AT] = read_moment(first[USEFUL_UNTIL]), read_moment(first[CREATED_AT])
    consents = bool(first[CHANNELS - 1]) and (first[KIND] != CHECK_IN or bool(first[SYMPTOMS]))
    named = in_order([_named(row) for row in rows if row[ABOUT]])
    return Due(*(*first[: CHANNELS - 1], consents, _names(first[CHANNELS] or ""), named))


def _named(row: list[Any]) -> Named:
    about, said, answer, answered_at, dropped, paused, ended, hour, _ = row[ABOUT:]
    at = read_moment(answered_at) if answered_at else None
    return Named(about, parsed(said), answer, at, bool(dropped), bool(paused), bool(ended), hour or "", said)


@lru_cache(64)
def _names(joined: str) -> frozenset[str]:
    """Of channels.  Most patients have the same ones."""
    return frozenset(joined.split(",")) if joined else frozenset()


def in_order(named: Iterable[Named]) -> tuple[Named, ...]:
    """Always in the same order, so that nobody wonders what has changed."""
    some = tuple(named)
    return some if len(some) < 2 else tuple(sorted(some, key=lambda each: (each.hour, str(each.said.get("subject")))))


def is_asked_for(message: "Due | Message") -> bool:
    """The patient said "later": it does not count for how much is said unasked."""
    return ":later-" in message.key


def may_wait(message: Due, rules: MessageRules) -> bool:
    """Whether it counts for less than a full day: nothing with an hour of its own, and nothing urgent."""
    return not message.urgent and rules.of(message.kind).over_cap != "send"


async def _leave_out_shut(work: Work, due: Collection[Due]) -> None:
    """A message goes to the next channel once one was found closed to it, or it was lost on the way.

    Asked of all that were claimed before: why they wait now may be another reason.
    """
    again = {each.id: each for each in due if each.attempt > 1}
    if not again:
        return
    shut = or_(Attempt.cause.in_((Cause.WINDOW_CLOSED, Cause.NOT_DELIVERED)), Attempt.outcome == LOST)
    closed = select(Attempt.message_id, Attempt.channel).where(shut)
    for message_id, channel in await work.session.execute(closed.where(Attempt.message_id.in_(again))):
        again[message_id].shut |= {channel}
        again[message_id].channels -= {channel}


async def _count_day(work: Work, waiting: Collection[Due], due: Collection[Due]) -> None:
    """Counted only for those who are to be told something that may wait: a medicine is never held up by it."""
    days = {each.patient_id: Day() for each in waiting}
    midnights = {each.patient_id: moment(local(work.now, each.zone).date(), "00:00", each.zone) for each in waiting}
    told = select(Message.patient_id, Message.next_at).where(Message.patient_id.in_(days), Message.state.in_(SAID))
    told = told.where(Message.next_at >= min(midnights.values()), Message.key.not_like("%:later-%"))  # "later" was asked for
    for patient_id, at in await work.session.execute(told):
        days[patient_id].said += at >= midnights[patient_id]
    for each in due:
        each.day = days.get(each.patient_id, each.day)
