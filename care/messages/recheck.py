"""The checks inside the transaction of the intent: what was withdrawn, stopped or answered a moment ago wins."""

from datetime import datetime, timedelta

from sqlalchemy import select

from care.kit.database import Work
from care.messages.tables import Message
from care.messages.types import Skip
from care.people.consent import allows
from care.people.linking import open_devices
from care.people.tables import Patient

QUIET_FROM, QUIET_TO = "22:00", "07:30"  # on the patient's clock (facts: clinical, section 10)
CHOSEN_HOUR_KINDS = ("medicine",)  # read at an hour the patient chose themselves


async def find_skip(work: Work, message: Message, patient: Patient) -> Skip | None:
    """Why this message must not go out now; None when it may."""
    if message.useful_until <= work.now:
        return Skip.TOO_LATE
    if patient.ended_at:
        return Skip.ENDED
    if patient.stopped_at:
        return Skip.STOPPED
    # On PostgreSQL the patient's row is locked, so that a withdrawal cannot slip in between this check and the intent.
    await work.session.execute(select(Patient.id).where(Patient.id == patient.id).with_for_update(read=True))
    if not await allows(work, patient.id, "reminders"):
        return Skip.NO_CONSENT
    if not await open_devices(work, patient.id):
        return Skip.NO_DEVICE
    return None


def quiet_until(message: Message, local_now: datetime) -> timedelta | None:
    """How long to wait for the morning; None outside quiet hours, for urgent ones and for hours the patient chose."""
    clock = f"{local_now:%H:%M}"
    if message.urgent or message.kind in CHOSEN_HOUR_KINDS or QUIET_TO <= clock < QUIET_FROM:
        return None
    hour, minute = map(int, QUIET_TO.split(":"))
    morning = local_now.replace(hour=hour, minute=minute, second=0, microsecond=0)
    return (morning if morning > local_now else morning + timedelta(days=1)) - local_now
