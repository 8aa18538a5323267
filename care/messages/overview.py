"""What a nurse sees of delivery: messages that did not arrive, and how many stand where."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select, update

from care.kit.database import Work
from care.messages.store import OPEN
from care.messages.tables import Message
from care.messages.types import Skip, State
from care.people.patients import NotFound
from care.people.tables import PatientKey

NEEDS_A_NURSE = (State.FAILED, State.UNKNOWN, State.MISSED)
OVERDUE_AFTER = timedelta(minutes=15)  # promise P1: whatever holds a message up, a nurse can see it by then
OVERDUE = "overdue"
HELD_FOR = timedelta(days=14)


@dataclass(frozen=True)
class Undelivered:
    """A message that did not reach a patient.  `state` is failed, unknown, missed, or `overdue` while it is still tried."""

    message_id: str
    patient_id: str
    kind: str
    state: str
    why: str | None
    due_at: datetime


async def undelivered(work: Work, clinic_id: str, limit: int = 100) -> list[Undelivered]:
    """What failed, is unknown, was missed or is overdue, and no nurse of this clinic has taken off her list; newest first."""
    ended = and_(Message.state.in_(NEEDS_A_NURSE), Message.seen_by.is_(None))
    rows = select(Message).join(PatientKey, PatientKey.patient_id == Message.patient_id)  # an erased patient has no name to show
    rows = rows.where(Message.clinic_id == clinic_id, or_(ended, _is_overdue(work.now)))
    found = await work.session.scalars(rows.order_by(Message.due_at.desc()).limit(limit))
    return [_shown(each) for each in found]


def _is_overdue(now: datetime) -> ColumnElement[bool]:
    """Still open long after its moment; what only waits for the morning is not late before the morning."""
    waits = and_(Message.why.in_((Skip.QUIET_HOURS, Skip.DAILY_CAP)), Message.why.is_not(None))
    late = now - OVERDUE_AFTER
    return and_(OPEN, Message.due_at < late, or_(Message.why.is_(None), ~waits, Message.next_at < late))


def _shown(message: Message) -> Undelivered:
    state = message.state if message.state in NEEDS_A_NURSE else OVERDUE
    return Undelivered(message.id, message.patient_id, message.kind, state, message.why, message.due_at)


async def find_message(work: Work, clinic_id: str, message_id: str) -> Message:
    """The message, if it is this clinic's; else NotFound."""
    message = await work.session.get(Message, message_id)
    if message is None or message.clinic_id != clinic_id:
        raise NotFound(message_id)
    return message


async def take_off_list(work: Work, clinic_id: str, message_id: str, staff_id: str) -> bool:
    """A nurse has dealt with it.  False: not this clinic's, not on the list, or a colleague was first."""
    mine = (Message.id == message_id, Message.clinic_id == clinic_id)
    on_list = update(Message).where(*mine, Message.state.in_(NEEDS_A_NURSE), Message.seen_by.is_(None))
    return await work.session.scalar(on_list.values(seen_by=staff_id).returning(Message.id)) is not None


async def count_states(work: Work, clinic_id: str) -> dict[str, int]:
    """How many messages of a clinic stand in each state."""
    rows = select(Message.state, func.count()).where(Message.clinic_id == clinic_id).group_by(Message.state)
    counted = await work.session.execute(rows)
    return {row[0]: row[1] for row in counted}


@dataclass(frozen=True)
class HeldBack:
    """A message that the day's number held: still to come in the morning, or dropped."""

    kind: str
    state: str
    due_at: datetime


async def held_back(work: Work, patient_id: str) -> list[HeldBack]:
    """What of the last two weeks was held back or dropped because a patient had been told enough that day, newest first."""
    rows = select(Message).where(Message.patient_id == patient_id, Message.next_at > work.now - HELD_FOR)
    held = rows.where(Message.why == Skip.DAILY_CAP).order_by(Message.due_at.desc())
    return [HeldBack(each.kind, each.state, each.due_at) for each in await work.session.scalars(held)]
