"""What may be done to messages from outside the delivery: call them back, see what became of them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update

from care.alarms.service import raise_alert
from care.kit.database import Work
from care.messages.tables import Message
from care.messages.types import State
from care.people.tables import Patient

NOT_YET_TRIED = (State.DUE, State.CLAIMED)
NEEDS_A_NURSE = (State.FAILED, State.UNKNOWN, State.MISSED)
OPEN = (State.DUE, State.CLAIMED, State.INTENT)


@dataclass(frozen=True)
class Undelivered:
    """A message that did not reach a patient, for the worklist."""

    message_id: str
    patient_id: str
    kind: str
    state: str
    why: str | None
    due_at: datetime


async def clear_messages(work: Work, occurrence_id: str, why: str) -> None:
    """Call back what was not tried yet; a claimed one fails its guard, one already on the wire cannot be called back."""
    open_ones = update(Message).where(Message.occurrence_id == occurrence_id, Message.state.in_(NOT_YET_TRIED))
    await work.session.execute(open_ones.values(state=State.CLEARED, why=why))


async def tell_nurse(work: Work, message: Message) -> None:
    """A message that ended badly opens one entry on the worklist."""
    patient = await work.session.get_one(Patient, message.patient_id)
    await raise_alert(work, patient, "undelivered", "next-working-day", "delivery")


async def undelivered(work: Work, clinic_id: str, limit: int = 100) -> list[Undelivered]:
    """What failed, is unknown or was missed and no nurse has taken off the list, newest first."""
    rows = select(Message).where(Message.clinic_id == clinic_id, Message.state.in_(NEEDS_A_NURSE), Message.seen_by.is_(None))
    found = await work.session.scalars(rows.order_by(Message.due_at.desc()).limit(limit))
    return [Undelivered(each.id, each.patient_id, each.kind, each.state, each.why, each.due_at) for each in found]


async def count_states(work: Work, patient_id: str) -> dict[str, int]:
    """How many messages of a patient stand in each state."""
    rows = select(Message.state, func.count()).where(Message.patient_id == patient_id).group_by(Message.state)
    return dict((await work.session.execute(rows)).tuples().all())


async def mark_delivered(work: Work, message_ids: list[str]) -> None:
    """The phone has fetched these."""
    sent = update(Message).where(Message.id.in_(message_ids), Message.state == State.SENT)
    await work.session.execute(sent.values(state=State.DELIVERED))
