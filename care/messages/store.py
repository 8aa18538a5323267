"""All SQL of the delivery protocol.  Leases are compared with the database's clock, due times with `now`.

Names T1 to T4 are those of facts: trust, section 3, where the protocol and its measurements stand.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select, text, update

from care.kit.database import Work, dbnow
from care.messages.tables import Attempt, Message
from care.messages.types import State

LEASE_S = 30
WAIT_S = 120  # before a message whose fate is unknown is tried again
UNKNOWN_LIMIT = 1  # unknown outcomes that are retried; the next one ends in `unknown` and on a nurse's list


def lease_end(work: Work, seconds: int = LEASE_S) -> ColumnElement[datetime]:
    """A moment on the database's clock some seconds from now."""
    if work.session.get_bind().dialect.name == "postgresql":
        return func.clock_timestamp() + text(f"interval '{seconds} seconds'")
    return func.strftime("%Y-%m-%d %H:%M:%f000", "now", f"+{seconds} seconds")


async def reap(work: Work) -> list[str]:
    """T1: intents whose lease ran out go back to `due` once, then to `unknown`.  Returns ids that became unknown."""
    lost = and_(Message.state == State.INTENT, Message.lease_until < dbnow())
    given_up = update(Message).where(lost, Message.ambiguous >= UNKNOWN_LIMIT)
    done = await work.session.scalars(given_up.values(state=State.UNKNOWN, why="no-answer").returning(Message.id))
    unknown = list(done)
    again = (
        update(Message)
        .where(lost)
        .values(state=State.DUE, ambiguous=Message.ambiguous + 1, next_at=work.now + timedelta(seconds=WAIT_S))
    )
    await work.session.execute(again)
    return unknown


async def claim(work: Work, owner: str, limit: int) -> list[tuple[str, int]]:
    """T2: take up to `limit` due messages under a lease.  Returns (id, attempt number)."""
    free = or_(
        and_(Message.state == State.DUE, Message.next_at <= work.now),
        and_(Message.state == State.CLAIMED, Message.lease_until < dbnow()),
    )
    oldest = select(Message.id).where(free, Message.next_at <= work.now).order_by(Message.next_at).limit(limit)
    take = (
        update(Message)
        .where(Message.id.in_(oldest.with_for_update(skip_locked=True)))
        .values(state=State.CLAIMED, lease_until=lease_end(work), lease_owner=owner, attempt=Message.attempt + 1)
        .returning(Message.id, Message.attempt)
        .execution_options(synchronize_session=False)
    )
    return list((await work.session.execute(take)).tuples())


async def own(work: Work, owner: str, ids: list[str], clock: str) -> list[tuple[str, int]]:
    """A worker takes what the clock claimed for it; a batch delivered twice finds nothing left to take."""
    mine = and_(Message.id.in_(ids), Message.state == State.CLAIMED, Message.lease_owner == clock)
    take = (
        update(Message)
        .where(mine)
        .values(lease_owner=owner, lease_until=lease_end(work))
        .returning(Message.id, Message.attempt)
        .execution_options(synchronize_session=False)
    )
    return list((await work.session.execute(take)).tuples())


async def load(work: Work, ids: list[str]) -> list[Message]:
    """The messages as they are now, oldest due first."""
    rows = select(Message).where(Message.id.in_(ids)).order_by(Message.due_at)
    return list(await work.session.scalars(rows.execution_options(populate_existing=True)))


async def intend(work: Work, message: Message, channel: str, wording: str) -> bool:
    """T3: write down what is about to be tried.  False: somebody else owns the message now; drop it."""
    guard = and_(Message.id == message.id, Message.state == State.CLAIMED, Message.attempt == message.attempt)
    moved = await _move(work, guard, state=State.INTENT, lease_until=lease_end(work), channel=channel)
    if moved:
        row = Attempt(message_id=message.id, number=message.attempt, channel=channel, started_at=work.now, wording=wording[:80])
        work.session.add(row)
        await work.session.flush()
    return moved


async def finish_unsent(work: Work, message: Message, state: State, why: str) -> bool:
    """End a claimed message that will not be tried."""
    guard = and_(Message.id == message.id, Message.state == State.CLAIMED, Message.attempt == message.attempt)
    return await _move(work, guard, state=state, why=why)


async def put_off(work: Work, message: Message, until: datetime, why: str) -> bool:
    """Back to `due` at a later moment, without a try."""
    guard = and_(Message.id == message.id, Message.state == State.CLAIMED, Message.attempt == message.attempt)
    return await _move(work, guard, state=State.DUE, next_at=until, why=why)


async def accepted(work: Work, message_id: str, attempt: int, provider_id: str | None) -> bool:
    """T4, taken: guarded by the attempt only, so a late yes still closes what the reaper had put back."""
    guard = and_(Message.id == message_id, Message.attempt == attempt)
    await _close_attempt(work, message_id, attempt, "accepted", None)
    return await _move(work, guard, state=State.SENT, provider_id=provider_id, why=None)


async def refused(work: Work, message_id: str, attempt: int, cause: str, again_at: datetime | None) -> bool:
    """T4, known not taken: again later, or the end."""
    guard = and_(Message.id == message_id, Message.state == State.INTENT, Message.attempt == attempt)
    await _close_attempt(work, message_id, attempt, "refused", cause)
    if again_at:
        return await _move(work, guard, state=State.DUE, next_at=again_at, why=cause)
    return await _move(work, guard, state=State.FAILED, why=cause)


async def unclear(work: Work, message_id: str, attempt: int) -> bool:
    """T4, no answer: wait and retry once, then `unknown`.  True when it ended unknown."""
    guard = and_(Message.id == message_id, Message.state == State.INTENT, Message.attempt == attempt)
    await _close_attempt(work, message_id, attempt, "unknown", None)
    over = Message.ambiguous >= UNKNOWN_LIMIT
    await _move(
        work,
        guard,
        state=case((over, State.UNKNOWN), else_=State.DUE),
        ambiguous=Message.ambiguous + 1,
        next_at=work.now + timedelta(seconds=WAIT_S),
        why="no-answer",
    )
    return await work.session.scalar(select(Message.state).where(Message.id == message_id)) == State.UNKNOWN


async def _close_attempt(work: Work, message_id: str, number: int, outcome: str, cause: str | None) -> None:
    mine = update(Attempt).where(Attempt.message_id == message_id, Attempt.number == number)
    await work.session.execute(mine.values(outcome=outcome, cause=cause, finished_at=work.now))


async def _move(work: Work, guard: ColumnElement[bool], **values: Any) -> bool:
    moved = update(Message).where(guard).values(**values).returning(Message.id).execution_options(synchronize_session=False)
    return (await work.session.execute(moved)).first() is not None
