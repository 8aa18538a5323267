"""What may be done to messages from outside the delivery: call them back, tell a nurse, note that they arrived."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, and_, column, false, or_, select, table, update

from care.alarms.service import raise_alert
from care.channels.base import Inbound
from care.content.message_rules import REPLY
from care.kit.database import Work
from care.kit.logs import get_log
from care.messages.overview import undelivered as undelivered
from care.messages.store import LOST, OPEN, REFUSED, Try, close_contact, failed_already, failed_so_before
from care.messages.tables import Attempt, Mention, Message
from care.messages.types import POLICY, Cause, Skip, State, overtaken_by
from care.people.contacts import note_shut
from care.people.linking import is_open
from care.people.tables import Device, Patient

WINDOW_SHUT = "window-shut"  # of an attempt: a window that we took for open
UNDELIVERED, CONTACT_LOST = "undelivered", "contact-lost"  # flags
KEY = "message:"  # begins the key a channel is given, and the key of the line a message becomes
NOT_YET_TRIED = (State.DUE, State.CLAIMED)
log = get_log("messages")
# Plans stand above messages and may not be imported here: the columns we look at are named instead.
occurrence = table("occurrence", column("id"), column("answer"), column("dropped"))


async def clear_messages(work: Work, occurrence_ids: Collection[str], why: str, kind: str = "") -> None:
    """Call back what was not tried yet and names none but these; a claimed one fails its guard, one on the wire is out.

    `kind`: only what is of this kind.
    """
    mine = select(Mention.message_id).where(Mention.occurrence_id.in_(occurrence_ids))
    others = select(Mention.message_id).join(occurrence, occurrence.c.id == Mention.occurrence_id)
    others = others.where(_is_wanted(), Mention.occurrence_id.not_in(occurrence_ids), Mention.message_id.in_(mine))
    open_ones = update(Message).where(Message.id.in_(mine), Message.id.not_in(others), Message.state.in_(NOT_YET_TRIED))
    if kind:
        open_ones = open_ones.where(Message.kind == kind)
    await work.session.execute(open_ones.values(state=State.CLEARED, why=why))


async def clear_unmentioned(work: Work, message_ids: Collection[str], why: str) -> None:
    """Call back what names nothing any more that a patient should hear of."""
    if not message_ids:
        return
    live = select(Mention.message_id).join(occurrence, occurrence.c.id == Mention.occurrence_id).where(_is_wanted())
    empty = update(Message).where(Message.id.in_(message_ids), Message.state.in_(NOT_YET_TRIED))
    empty = empty.where(Message.id.not_in(live.where(Mention.message_id.in_(message_ids))))
    await work.session.execute(empty.values(state=State.CLEARED, why=why))


def _is_wanted() -> ColumnElement[bool]:
    return and_(occurrence.c.answer.is_(None), occurrence.c.dropped.is_(None))


async def tell_nurse(work: Work, patient_id: str, flag: str = UNDELIVERED) -> None:
    """A message that ended badly, or an address that did, opens one entry on the worklist."""
    patient = await work.session.get_one(Patient, patient_id)
    await raise_alert(work, patient, flag, "next-working-day", "delivery")


async def set_aside(work: Work) -> int:
    """After a restore nobody knows what went out since the copy: all that has fallen due goes to a nurse, none of it out.

    Returns how many.  Whoever said stop, or is gone, is left to the checks before a sending: no nurse need look.
    """
    reached = select(Patient.id).where(Patient.stopped_at.is_(None), Patient.ended_at.is_(None))
    due = update(Message).where(OPEN, Message.due_at <= work.now, Message.patient_id.in_(reached))
    due = due.values(state=State.UNKNOWN, why=Skip.RESTORED)
    rows = (await work.session.execute(due.returning(Message.patient_id))).all()
    for patient_id in {row[0] for row in rows}:  # one entry a patient
        await tell_nurse(work, patient_id)
    return len(rows)


async def mark_delivered(work: Work, message_ids: list[str]) -> None:
    """The phone has these: true whatever we thought of them, so it closes orphans of a crash too.

    A state is only ever moved up (`settle_status`).
    """
    known = update(Message).where(Message.id.in_(message_ids), Message.state.in_(overtaken_by(State.DELIVERED)))
    await work.session.execute(known.values(state=State.DELIVERED, why=None))


async def message_of(work: Work, told: Inbound, channel: str) -> Message | None:
    """The message a vendor speaks of: a call in which a key was pressed, a report."""
    if not (told.our_key or told.provider_id):
        return None
    found: Message | None = await work.session.scalar(select(Message).where(_is_about(told, channel)).limit(1))
    return found


async def settle(work: Work, report: Inbound, channel: str) -> None:
    """What a vendor reports of a message, found by its id or by our own key.  A state only ever climbs.

    A failure speaks of one person's telephone: it never holds up the channel.  The message goes on to the next channel if
    nothing of it can arrive any more, else a nurse is told (docs/decisions/0020).
    """
    reported = State(report.status)
    cause = None if reported != State.FAILED else Cause(report.cause) if report.cause in set(Cause) else Cause.UNKNOWN
    known = update(Message).where(_is_about(report, channel), Message.state.in_(overtaken_by(reported)))
    known = known.where(~failed_already()) if cause else known
    known = known.values(state=reported, why=cause).returning(Message.id).execution_options(synchronize_session=False)
    for message_id in (await work.session.scalars(known)).all():
        if cause:
            message = await work.session.get_one(Message, message_id, populate_existing=True)
            await _note_failure(work, message, channel, cause)


def _is_about(report: Inbound, channel: str) -> ColumnElement[bool]:
    """By whichever name comes back whole: some vendors cut our key, some answers with their own id are lost."""
    here, named = Message.channel == channel, []
    if report.our_key.startswith(KEY):
        # A row from a copy that is older than its sending knows no channel yet; the key is ours, so it is that message.
        untried = Message.channel.is_(None)
        named.append(and_(Message.id == report.our_key.removeprefix(KEY), or_(here, untried)))
    if report.provider_id:
        named.append(and_(Message.provider_id == report.provider_id, here))
    return or_(false(), *named)


async def _note_failure(work: Work, message: Message, channel: str, cause: Cause) -> None:
    policy = POLICY[cause]
    tried = await work.session.scalar(select(Attempt).where(Attempt.message_id == message.id, Attempt.number == message.attempt))
    moves_on = tried is not None and await _settle_try(work, message, tried, cause)
    if moves_on:
        message.state, message.next_at = State.DUE, work.now
    is_over = await end_contact(work, message.patient_id, Try(message.id, message.attempt, channel), cause)
    if is_over or not moves_on:
        await tell_nurse(work, message.patient_id, CONTACT_LOST if moves_on else UNDELIVERED)
    if policy.tell_us:
        log.error("channel.failed", channel=channel, cause=cause, message_id=message.id)


async def _settle_try(work: Work, message: Message, tried: Attempt, cause: Cause) -> bool:
    """Whether the message is said another way now."""
    here = and_(Device.patient_id == message.patient_id, Device.channel == tried.channel, Device.closed_at.is_(None))
    if cause == Cause.WINDOW_CLOSED and await note_shut(work, here, tried.started_at):
        # We took it for open: the same channel may still send its notice, which `window-closed` would forbid.
        tried.outcome, tried.cause = REFUSED, WINDOW_SHUT
        return message.useful_until > work.now and message.kind != REPLY
    moves_on = POLICY[cause].moves_on and await _may_move_on(work, message, tried, cause)
    tried.outcome, tried.cause = LOST, cause
    return moves_on


async def _may_move_on(work: Work, message: Message, tried: Attempt, cause: Cause) -> bool:
    """Nothing of it can arrive any more, and there is somewhere else to go.

    Words that stood beside a call may have arrived, and so may what nobody knows was taken alone: two reminders of one
    medicine are worse than a late one.  A vendor's own "closed" holds for what stood beside it too.
    """
    if message.useful_until <= work.now or message.kind == REPLY:
        return False
    if cause != Cause.WINDOW_CLOSED and (tried.outcome != "accepted" or tried.beside):
        return False
    return await has_other_way(work, message.patient_id, tried.channel)


async def end_contact(work: Work, patient_id: str, tried: Try, cause: Cause) -> bool:
    """Write no more to where this try went, if its failure says that nobody is there.  Whether it does."""
    policy = POLICY[cause]
    is_again = policy.close_if_again and await failed_so_before(work, patient_id, tried, cause)
    if policy.close_contact or is_again:
        await close_contact(work, patient_id, tried, Cause.BAD_ADDRESS if is_again else cause)
    return policy.close_contact or is_again


async def has_other_way(work: Work, patient_id: str, channel: str) -> bool:
    """Whether the patient has opened another channel than this."""
    others = select(Device.id).where(Device.patient_id == patient_id, Device.channel != channel, is_open(work.now))
    return await work.session.scalar(others.limit(1)) is not None
