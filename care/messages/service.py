"""What may be done to messages from outside the delivery: call them back, tell a nurse, note that they arrived."""

from sqlalchemy import update

from care.alarms.service import raise_alert
from care.kit.database import Work
from care.messages.overview import undelivered as undelivered
from care.messages.tables import Message
from care.messages.types import State, overtaken_by
from care.people.tables import Patient

NOT_YET_TRIED = (State.DUE, State.CLAIMED)


async def clear_messages(work: Work, occurrence_id: str, why: str) -> None:
    """Call back what was not tried yet; a claimed one fails its guard, one already on the wire cannot be called back."""
    open_ones = update(Message).where(Message.occurrence_id == occurrence_id, Message.state.in_(NOT_YET_TRIED))
    await work.session.execute(open_ones.values(state=State.CLEARED, why=why))


async def tell_nurse(work: Work, message: Message) -> None:
    """A message that ended badly opens one entry on the worklist."""
    patient = await work.session.get_one(Patient, message.patient_id)
    await raise_alert(work, patient, "undelivered", "next-working-day", "delivery")


async def mark_delivered(work: Work, message_ids: list[str]) -> None:
    """The phone has these: true whatever we thought of them, so it closes orphans of a crash too.

    A state is only ever moved up (`settle_status`).
    """
    known = update(Message).where(Message.id.in_(message_ids), Message.state.in_(overtaken_by(State.DELIVERED)))
    await work.session.execute(known.values(state=State.DELIVERED, why=None))
