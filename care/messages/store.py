"""All SQL of the delivery protocol.  Leases are compared with the database's clock, due times with `now`.

Names T1 to T4 are those of facts: trust, section 3, where the protocol and its measurements stand.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, case, func, insert, or_, select, text, tuple_, update

from care.kit.database import Work, dbnow
from care.messages.tables import Attempt, Message
from care.messages.types import DEFAULT_LIMIT, UNKNOWN_LIMITS, State, UnknownLimit, overtaken_by
from care.people.tables import Device

LEASE_S: float = 30
WAIT = timedelta(minutes=2)  # before a message whose fate is unknown is tried again
REAPED_AT_ONCE = 20  # in one transaction: each may need a nurse told, and nobody else can write on SQLite meanwhile
# Written out, because neither database proves that a bound parameter falls inside the partial index ix_message_open.
OPEN = text("message.state in ('due', 'claimed', 'intent')")
UNSYNCED = {"synchronize_session": False}


@dataclass(frozen=True)
class Try:
    """One try: message, its attempt number, the channel, and which wording was said."""

    message_id: str
    attempt: int
    channel: str = ""
    wording: str = ""


@dataclass(frozen=True)
class Reaped:
    """An intent whose sender died: put back, or given up."""

    message_id: str
    state: State


def lease_end(work: Work) -> ColumnElement[datetime]:
    """When a lease taken now runs out, on the database's clock."""
    if work.session.get_bind().dialect.name == "postgresql":
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


async def claim(work: Work, owner: str, limit: int) -> list[str]:
    """T2: take up to `limit` due messages under a lease, the longest due first.  Returns their ids."""
    oldest = (
        select(Message.id)
        .where(OPEN, Message.next_at <= work.now, _takeable(work))
        .order_by(Message.next_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("oldest")
    )
    take = (
        update(Message)
        .where(Message.id.in_(select(oldest.c.id)))
        .values(state=State.CLAIMED, lease_until=lease_end(work), lease_owner=owner, attempt=Message.attempt + 1)
        .returning(Message.id)
    )
    return list(await work.session.scalars(take.execution_options(**UNSYNCED)))


async def own(work: Work, owner: str, ids: list[str], clock: str) -> list[Try]:
    """A worker takes what the clock claimed for it; a batch delivered twice finds nothing left to take."""
    mine = and_(Message.id.in_(ids), Message.state == State.CLAIMED, Message.lease_owner == clock)
    take = update(Message).where(mine).values(lease_owner=owner, lease_until=lease_end(work))
    taken = await work.session.execute(take.returning(Message.id, Message.attempt).execution_options(**UNSYNCED))
    return [Try(message_id, attempt) for message_id, attempt in taken]


async def load(work: Work, owned: Iterable[Try]) -> list[Message]:
    """The messages that are still ours, by patient: two workers lock patients in one order and never wait in a ring."""
    pairs = [(each.message_id, each.attempt) for each in owned]
    mine = select(Message).where(tuple_(Message.id, Message.attempt).in_(pairs), Message.state == State.CLAIMED)
    rows = await work.session.scalars(mine.order_by(Message.patient_id, Message.due_at).execution_options(populate_existing=True))
    return list(rows)


async def intend(work: Work, tries: list[Try]) -> set[str]:
    """T3: write down what is about to be tried.  Ids that are missing from the answer belong to somebody else now."""
    moved: set[str] = set()
    for channel in {each.channel for each in tries}:
        pairs = [(each.message_id, each.attempt) for each in tries if each.channel == channel]
        guard = and_(tuple_(Message.id, Message.attempt).in_(pairs), Message.state == State.CLAIMED)
        moved |= set(await _move(work, guard, state=State.INTENT, lease_until=lease_end(work), channel=channel))
    rows = [
        {
            "message_id": each.message_id,
            "number": each.attempt,
            "channel": each.channel,
            "started_at": work.now,
            "wording": each.wording[:80],
        }
        for each in tries
        if each.message_id in moved
    ]
    if rows:
        await work.session.execute(insert(Attempt), rows)
    return moved


async def finish_unsent(work: Work, message: Message, state: State, why: str) -> bool:
    """End a claimed message that will not be tried."""
    return bool(await _move(work, _still_claimed(message), state=state, why=why))


async def put_off(work: Work, message: Message, until: datetime, why: str) -> bool:
    """Back to `due` at a later moment, without a try."""
    return bool(await _move(work, _still_claimed(message), state=State.DUE, next_at=until, why=why))


def _still_claimed(message: Message) -> ColumnElement[bool]:
    return and_(Message.id == message.id, Message.state == State.CLAIMED, Message.attempt == message.attempt)


async def accepted(work: Work, taken: list[tuple[Try, str]]) -> None:
    """T4, taken, each with the channel's own id.

    Guarded by the attempt and the status order only: a late yes still closes what the reaper had put back, and never
    pulls down what the phone has already fetched.
    """
    if not taken:
        return
    table, tries = Message.__table__, Attempt.__table__
    below = or_(*(table.c.state == state for state in overtaken_by(State.SENT)))  # IN (...) cannot be sent many rows at once
    close = update(table).where(table.c.id == bindparam("m"), table.c.attempt == bindparam("a"), below)  # type: ignore[arg-type]
    rows = [{"m": each.message_id, "a": each.attempt, "p": provider_id} for each, provider_id in taken]
    await work.session.execute(close.values(state=State.SENT, provider_id=bindparam("p"), why=None), rows)
    finish = update(tries).where(tries.c.message_id == bindparam("m"), tries.c.number == bindparam("a"))  # type: ignore[arg-type]
    await work.session.execute(
        finish.values(outcome="accepted", finished_at=work.now), [{"m": row["m"], "a": row["a"]} for row in rows]
    )


async def refused(work: Work, each: Try, cause: str, again_at: datetime | None) -> bool:
    """T4, known not taken: again later, or the end."""
    await _close_attempt(work, each, "refused", cause)
    if again_at:
        return bool(await _move(work, _still_intent(each), state=State.DUE, next_at=again_at, why=cause))
    return bool(await _move(work, _still_intent(each), state=State.FAILED, why=cause))


async def unclear(work: Work, each: Try, limit: int) -> bool:
    """T4, no answer: wait and retry up to `limit` times, then `unknown`.  True when it ended unknown."""
    await _close_attempt(work, each, "unknown", None)
    put_back = update(Message).where(_still_intent(each)).values(**_unclear(work, limit)).returning(Message.state)
    return await work.session.scalar(put_back.execution_options(**UNSYNCED)) == State.UNKNOWN


def _still_intent(each: Try) -> ColumnElement[bool]:
    return and_(Message.id == each.message_id, Message.state == State.INTENT, Message.attempt == each.attempt)


async def close_contact(work: Work, patient_id: str, channel: str, why: str) -> None:
    """No more sending to this patient through this channel until it is linked again."""
    mine = (Device.patient_id == patient_id, Device.channel == channel, Device.closed_at.is_(None))
    await work.session.execute(update(Device).where(*mine).values(closed_at=work.now, closed_because=why))


async def _close_attempt(work: Work, each: Try, outcome: str, cause: str | None) -> None:
    mine = update(Attempt).where(Attempt.message_id == each.message_id, Attempt.number == each.attempt)
    await work.session.execute(mine.values(outcome=outcome, cause=cause, finished_at=work.now))


async def _move(work: Work, guard: ColumnElement[bool], **values: Any) -> list[str]:
    moved = update(Message).where(guard).values(**values).returning(Message.id).execution_options(**UNSYNCED)
    return list(await work.session.scalars(moved))
