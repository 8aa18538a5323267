"""All SQL of the delivery protocol.  Leases are compared with the database's clock, due times with `now`.

Names T1 to T4 are those of facts: trust, section 3, where the protocol and its measurements stand.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple, cast

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Insert,
    Integer,
    Select,
    String,
    Table,
    Update,
    and_,
    bindparam,
    case,
    false,
    func,
    insert,
    literal,
    or_,
    select,
    text,
    tuple_,
    update,
)

from care.kit.database import (
    Moment,
    Work,
    dbnow,
    dialect_of,
    ends_with_next,
    give,
    given_rows,
    in_one,
    read_moment,
    read_rows,
    write_moment,
)
from care.messages.tables import Attempt, Message
from care.messages.types import DEFAULT_LIMIT, UNKNOWN_LIMITS, Cause, State, UnknownLimit, overtaken_by
from care.people.tables import Device

LEASE_S: float = 30
WAIT = timedelta(minutes=2)  # before a message whose fate is unknown is tried again
REAPED_AT_ONCE = 20  # in one transaction: each may need a nurse told, and nobody else can write on SQLite meanwhile
# Written out, because neither database proves that a bound parameter falls inside the partial index ix_message_open.
OPEN = text("message.state in ('due', 'claimed', 'intent')")
TRIED = (("id", String), ("attempt", Integer))
ROW, TRY = cast(Table, Message.__table__), cast(Table, Attempt.__table__)
REFUSED = "refused"  # outcome of a try: known not to be taken
APART = timedelta(hours=1)  # what goes wrong twice within this went wrong once
LOST = "lost"  # outcome of a try: taken by the vendor, and reported later not to have reached the telephone
UNSYNCED = {"synchronize_session": False}


class Try(NamedTuple):
    """One try: message, its attempt number, the channel, and which wording was said."""

    message_id: str
    attempt: int
    channel: str = ""
    wording: str = ""


Place = tuple[datetime, str]  # of a message in the order of claims: its moment, then its id


@dataclass(frozen=True)
class Claimed:
    """What one claim took, and where it ended."""

    ids: list[str]
    last: Place | None = None


@dataclass(frozen=True)
class Reaped:
    """An intent whose sender died: put back, or given up."""

    message_id: str
    state: State


def lease_end(work: Work) -> ColumnElement[datetime]:
    """When a lease taken now runs out, on the database's clock."""
    return _lease_end(dialect_of(work))


def _lease_end(dialect: str) -> ColumnElement[datetime]:
    if dialect == "postgresql":
        return func.clock_timestamp() + timedelta(seconds=LEASE_S)  # house: clock - the database's own, as dbnow
    return func.strftime("%Y-%m-%d %H:%M:%f000", "now", f"+{LEASE_S} seconds")  # house: clock - the database's own, as dbnow


def _takeable(work: Work) -> ColumnElement[bool]:
    return or_(Message.state == State.DUE, and_(Message.state == State.CLAIMED, Message.lease_until < dbnow()))


async def is_work_waiting(work: Work) -> bool:
    """Whether a tick has anything to do; one look at an index, no lock taken."""
    waiting = select(Message.id).where(OPEN, Message.next_at <= work.now).limit(1)
    return await work.session.scalar(waiting) is not None


async def reap(work: Work, keyed: Collection[str], limit: int = REAPED_AT_ONCE) -> list[Reaped]:
    """T1: intents whose lease ran out go back to `due` or, past their limit, to `unknown`; up to `limit` of them.

    `keyed`: names of the channels that drop a second copy themselves.
    """
    lost = and_(OPEN, Message.state == State.INTENT, Message.lease_until < dbnow())
    some = select(Message.id).where(lost).limit(limit).with_for_update(skip_locked=True).cte("lost")
    put_back = (
        update(Message)
        .where(Message.id.in_(select(some.c.id)))
        .values(**_unclear(work, _limit_of_row(keyed)))
        .execution_options(**UNSYNCED)
    )
    rows = (await work.session.execute(put_back.returning(Message.id, Message.state))).all()
    ids = [message_id for message_id, _ in rows]
    unfinished = update(Attempt).where(Attempt.message_id.in_(ids), Attempt.outcome.is_(None))
    await work.session.execute(unfinished.values(outcome="unknown", finished_at=work.now).execution_options(**UNSYNCED))
    return [Reaped(message_id, State(state)) for message_id, state in rows]


def _limit_of_row(keyed: Collection[str]) -> ColumnElement[int]:
    """`unknown_limit` in SQL."""

    def by_kind(pick: Any) -> Any:
        named = {kind: pick(limit) for kind, limit in UNKNOWN_LIMITS.items()}
        return case(named, value=Message.kind, else_=pick(DEFAULT_LIMIT))

    def with_key(limit: UnknownLimit) -> int:
        return limit.with_key

    def without_key(limit: UnknownLimit) -> int:
        return limit.without_key

    return case((Message.channel.in_(keyed), by_kind(with_key)), else_=by_kind(without_key))


def _unclear(work: Work, limit: ColumnElement[int] | int) -> dict[str, Any]:
    return {
        "state": case((Message.ambiguous >= limit, State.UNKNOWN), else_=State.DUE),
        "ambiguous": Message.ambiguous + 1,
        "next_at": work.now + WAIT,
        "why": "no-answer",
    }


async def claim(work: Work, owner: str, limit: int, due_by: datetime, after: Place | None = None) -> Claimed:
    """T2: take up to `limit` messages due by a moment under a lease, the longest due first.

    `after`: where the last claim of the same round ended.  Without it each claim would walk again over all that were taken.
    """
    waiting = select(Message.id, Message.next_at).where(OPEN, Message.next_at <= due_by, _takeable(work))
    if after:
        waiting = waiting.where(tuple_(Message.next_at, Message.id) > tuple_(literal(after[0], Moment), literal(after[1])))
    oldest = waiting.order_by(Message.next_at, Message.id).limit(limit).with_for_update(skip_locked=True).subquery()
    dialect = dialect_of(work)
    found = read_rows(await work.session.scalar(select(in_one(dialect, oldest.c.next_at, oldest.c.id))))
    if not found:
        return Claimed([])
    places = sorted((read_moment(next_at), message_id) for next_at, message_id in found)
    rows = give([{"id": message_id} for _, message_id in places])
    await work.session.execute(_take(dialect), rows | {"owner": owner})
    return Claimed([message_id for _, message_id in places], places[-1])


@cache
def _take(dialect: str) -> Update:
    given = given_rows(dialect, ("id", String))
    take = update(ROW).where(ROW.c.id.in_(select(given.c.id)))
    owner = bindparam("owner", type_=String)
    return take.values(state=State.CLAIMED, lease_until=_lease_end(dialect), lease_owner=owner, attempt=ROW.c.attempt + 1)


async def count_waiting(work: Work, clock: str, ids: Collection[str]) -> int:
    """How many of these no worker has taken yet, and may still take."""
    mine = (Message.id.in_(ids), Message.state == State.CLAIMED, Message.lease_owner == clock, Message.lease_until > dbnow())
    return await work.session.scalar(select(func.count()).where(*mine)) or 0


async def intend(work: Work, owner: str, tries: list[Try], ends: bool = False) -> set[str]:
    """T3: write down what is about to be tried, by whom.  Ids that are missing from the answer belong to somebody else now.

    `ends`: nothing is written after this in the unit of work.
    """
    rows = [_given(each, channel=each.channel, wording=each.wording[:80]) for each in tries]
    if not rows:
        return set()
    move, note, moved = _intend(dialect_of(work))
    done = await work.session.execute(move, give(rows) | {"owner": owner})
    if cast(CursorResult[Any], done).rowcount != len(rows):
        mine = set(await work.session.scalars(moved, give(rows)))
        rows = [each for each in rows if each["id"] in mine]
    if ends:
        await ends_with_next(work)
    await work.session.execute(note, give(rows) | {"now": work.now})
    return {each["id"] for each in rows}


@cache
def _intend(dialect: str) -> tuple[Update, Insert, Select[str]]:
    """Made once: building a statement takes longer than running it."""
    given, by = given_rows(dialect, *TRIED, ("channel", String), ("wording", String)), bindparam("owner", type_=String)
    mine = (ROW.c.id == given.c.id, ROW.c.attempt == given.c.attempt)
    note = select(given.c.id, given.c.attempt, given.c.channel, bindparam("now", type_=Moment), given.c.wording)
    columns = ["message_id", "number", "channel", "started_at", "wording"]
    return (
        update(ROW)
        .where(*mine, ROW.c.state == State.CLAIMED)
        .values(state=State.INTENT, lease_until=_lease_end(dialect), lease_owner=by, channel=given.c.channel),
        insert(TRY).from_select(columns, note),
        select(ROW.c.id).where(*mine, ROW.c.state == State.INTENT),
    )


def _given(each: Try, **more: Any) -> dict[str, Any]:
    return {"id": each.message_id, "attempt": each.attempt, **more}


async def finish_unsent(work: Work, each: Try, state: State, why: str) -> bool:
    """End a claimed message that will not be tried."""
    return bool(await _move(work, _still_claimed(each), state=state, why=why))


async def put_off(work: Work, waiting: list[tuple[Try, datetime, str]]) -> None:
    """Back to `due`, each at its moment and with its reason, without a try."""
    if waiting:
        dialect = dialect_of(work)
        rows = [_given(each, next_at=write_moment(dialect, until), why=why) for each, until, why in waiting]
        await work.session.execute(_put_off(dialect), give(rows))


@cache
def _put_off(dialect: str) -> Update:
    given = given_rows(dialect, *TRIED, ("next_at", Moment), ("why", String))
    mine = (ROW.c.id == given.c.id, ROW.c.attempt == given.c.attempt, ROW.c.state == State.CLAIMED)
    return update(ROW).where(*mine).values(state=State.DUE, next_at=given.c.next_at, why=given.c.why)


def _still_claimed(each: Try) -> ColumnElement[bool]:
    return and_(Message.id == each.message_id, Message.state == State.CLAIMED, Message.attempt == each.attempt)


async def accepted(work: Work, taken: list[tuple[Try, str]], ends: bool = False) -> None:
    """T4, taken, each with the channel's own id.  `ends`: nothing is written after this in the unit of work.

    Guarded by the attempt and the status order only: a late yes still closes what the reaper had put back, and never
    pulls down what the phone has already fetched.
    """
    if not taken:
        return
    close, finish = _accepted(dialect_of(work))
    rows = give([_given(each, provider_id=provider_id) for each, provider_id in taken])
    await work.session.execute(close, rows)
    if ends:
        await ends_with_next(work)
    await work.session.execute(finish, rows | {"now": work.now})


@cache
def _accepted(dialect: str) -> tuple[Update, Update]:
    given = given_rows(dialect, *TRIED, ("provider_id", String))
    below = ROW.c.state.in_(overtaken_by(State.SENT))
    close = update(ROW).where(ROW.c.id == given.c.id, ROW.c.attempt == given.c.attempt, below)
    finish = update(TRY).where(TRY.c.message_id == given.c.id, TRY.c.number == given.c.attempt)
    return (
        close.values(state=State.SENT, provider_id=given.c.provider_id, why=None),
        finish.values(outcome="accepted", finished_at=bindparam("now", type_=Moment)),
    )


async def refused(work: Work, each: Try, cause: str, again_at: datetime | None) -> bool:
    """T4, known not taken: again later, or the end."""
    await _close_attempt(work, each, REFUSED, cause)
    if again_at:
        return bool(await _move(work, _still_intent(each), state=State.DUE, next_at=again_at, why=cause))
    return bool(await _move(work, _still_intent(each), state=State.FAILED, why=cause))


async def count_tries(work: Work, message_id: str) -> int:
    """How often it has touched the wire."""
    return await work.session.scalar(select(func.count()).where(Attempt.message_id == message_id)) or 0


async def unclear(work: Work, each: Try, limit: int) -> bool:
    """T4, no answer: wait and retry up to `limit` times, then `unknown`.  True when it ended unknown."""
    await _close_attempt(work, each, "unknown", None)
    put_back = update(Message).where(_still_intent(each)).values(**_unclear(work, limit)).returning(Message.state)
    return await work.session.scalar(put_back.execution_options(**UNSYNCED)) == State.UNKNOWN


def _still_intent(each: Try) -> ColumnElement[bool]:
    return and_(Message.id == each.message_id, Message.state == State.INTENT, Message.attempt == each.attempt)


async def close_contact(work: Work, patient_id: str, tried: Try, why: str) -> None:
    """No more sending to where this try went until it is linked again.  A contact confirmed since, or waiting, is another."""
    begun = select(Attempt.started_at).where(Attempt.message_id == tried.message_id, Attempt.number == tried.attempt)
    mine = (Device.patient_id == patient_id, Device.channel == tried.channel, Device.closed_at.is_(None))
    meant = update(Device).where(*mine, Device.confirmed_at <= begun.scalar_subquery())
    await work.session.execute(meant.values(closed_at=work.now, closed_because=why).execution_options(**UNSYNCED))


async def failed_so_before(work: Work, patient_id: str, tried: Try, cause: Cause) -> bool:
    """Whether the last try but this one that went to the same contact, APART ago or longer, failed for the same cause."""
    begun = await work.session.scalar(
        select(Attempt.started_at).where(Attempt.message_id == tried.message_id, Attempt.number == tried.attempt)
    )
    confirmed = select(func.max(Device.confirmed_at)).where(
        Device.patient_id == patient_id, Device.channel == tried.channel, Device.closed_at.is_(None)
    )
    earlier = select(Attempt.cause).join(Message, Message.id == Attempt.message_id)
    earlier = earlier.where(Message.patient_id == patient_id, Attempt.channel == tried.channel)
    earlier = earlier.where(Attempt.started_at <= (begun or work.now) - APART, Attempt.started_at >= confirmed.scalar_subquery())
    return await work.session.scalar(earlier.order_by(Attempt.started_at.desc()).limit(1)) == cause


def failed_already() -> ColumnElement[bool]:
    """Whether the last try of a message has had its failure: vendors report some twice, by other codes."""
    last = select(Attempt.outcome).where(Attempt.message_id == Message.id).order_by(Attempt.number.desc()).limit(1)
    return func.coalesce(last.scalar_subquery().in_((LOST, REFUSED)), false())


async def _close_attempt(work: Work, each: Try, outcome: str, cause: str | None) -> None:
    mine = update(Attempt).where(Attempt.message_id == each.message_id, Attempt.number == each.attempt)
    await work.session.execute(mine.values(outcome=outcome, cause=cause, finished_at=work.now))


async def _move(work: Work, guard: ColumnElement[bool], **values: Any) -> list[str]:
    moved = update(Message).where(guard).values(**values).returning(Message.id).execution_options(**UNSYNCED)
    return list(await work.session.scalars(moved))
