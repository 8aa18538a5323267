"""Linking codes: how a phone becomes a patient's own, without a password."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, exists, func, literal, or_, select, update

from care.kit.database import Moment, Work
from care.kit.ids import CODE_LENGTH, fingerprint, new_code, new_id, new_token, tidy_code
from care.people.contacts import Person, add_contact, contacts_of
from care.people.tables import Device, FailedTry, LinkingCode, Patient, PatientKey

CODE_LIFE = timedelta(days=3)  # on paper; the nurse hands it over in person (facts: trust, assertion 13)
TRIES = 10
TRIES_WITHIN = timedelta(minutes=15)
DEVICE_LIFE = timedelta(days=180)  # sliding (facts: trust, assertion 17)
RENEW_AFTER = timedelta(days=1)  # one write a day, however often the phone asks


class CodeRefused(Exception):
    """Why a linking code did not work: wrong, expired, used or too-many-tries."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Linked:
    """A linked device: the token is shown to the device once and kept only as a fingerprint."""

    token: str
    patient_id: str


async def make_code(work: Work, patient: Patient, staff_id: str) -> str:
    """A fresh code; older unused codes of this patient stop working."""
    await work.session.execute(
        update(LinkingCode)
        .where(LinkingCode.patient_id == patient.id, LinkingCode.used_at.is_(None), LinkingCode.expires_at > work.now)
        .values(expires_at=work.now)
    )
    code = new_code()
    row = LinkingCode(
        fingerprint=fingerprint(code),
        clinic_id=patient.clinic_id,
        patient_id=patient.id,
        created_by=staff_id,
        expires_at=work.now + CODE_LIFE,
    )
    work.session.add(row)
    await work.session.flush()
    return code


async def link(work: Work, typed: str, address: str, channel: str = "web") -> Linked:
    """Use a code once.  Raises CodeRefused; the failed try is counted, so commit also after a refusal."""
    return await _new_device(work, await _use_code(work, typed, address), channel)


async def link_contact(work: Work, typed: str, person: Person) -> Device:
    """Use a code once, for an address in an app.  A nurse confirms it before anything of the patient goes there.

    The same code of the same address again is the same contact.  Raises CodeRefused, as `link`.
    """
    row = await work.session.get(LinkingCode, fingerprint(tidy_code(typed)))
    if row and row.used_at:
        for device in await contacts_of(work, person):
            if device.patient_id == row.patient_id:
                return device
    row = await _use_code(work, typed, f"{person.channel} {person.address}")
    return await add_contact(work, await work.session.get_one(Patient, row.patient_id), person)


async def is_code(work: Work, typed: str) -> bool:
    """Whether somebody of ours was given this code, used or not."""
    tidy = tidy_code(typed)
    return len(tidy) == CODE_LENGTH and await work.session.get(LinkingCode, fingerprint(tidy)) is not None


async def _use_code(work: Work, typed: str, address: str) -> LinkingCode:
    key_index = work.master.blind_index("address", address)
    if await _tries(work, key_index) >= TRIES:
        raise CodeRefused("too-many-tries")
    row = await work.session.get(LinkingCode, fingerprint(tidy_code(typed)))
    reason = "wrong" if row is None else "used" if row.used_at else "expired" if row.expires_at <= work.now else None
    if row is None or reason or not await _take(work, row):
        work.session.add(FailedTry(key_index=key_index, tried_at=work.now))
        await work.session.flush()
        raise CodeRefused(reason or "used")
    return row


async def _tries(work: Work, key_index: str) -> int:
    recent = (FailedTry.key_index == key_index, FailedTry.tried_at > work.now - TRIES_WITHIN)
    return await work.session.scalar(select(func.count()).where(*recent)) or 0


async def _take(work: Work, row: LinkingCode) -> bool:
    # Two phones with one card: whoever updates the row first is linked, the other is told the code was used.
    take = update(LinkingCode).where(LinkingCode.fingerprint == row.fingerprint, LinkingCode.used_at.is_(None))
    done = await work.session.execute(take.values(used_at=work.now).returning(LinkingCode.patient_id))
    return done.first() is not None


async def _new_device(work: Work, row: LinkingCode, channel: str) -> Linked:
    token = new_token()
    device = Device(
        id=new_id(),
        clinic_id=row.clinic_id,
        patient_id=row.patient_id,
        channel=channel,
        fingerprint=fingerprint(token),
        created_at=work.now,
        confirmed_at=work.now,  # whoever holds the card holds the phone
        seen_at=work.now,
        opened_by="",
        spent=0,
    )
    work.session.add(device)
    await work.session.flush()
    return Linked(token, row.patient_id)


@dataclass(frozen=True)
class Phone:
    """An open device, and how its patient wants to be spoken to."""

    id: str
    patient_id: str
    seen_at: datetime
    form: str
    audio: bool

    def as_seen(self, now: datetime) -> dict[str, Any]:
        """What STILL_THEIRS asks for."""
        return {"device": self.id, "since": now - DEVICE_LIFE, "form": self.form, "audio": self.audio}


class NotAsSeen(Exception):
    """The phone was taken off, or its patient chose another language or sound, since it was looked up."""


async def device_of(work: Work, token: str) -> Phone | None:
    """The open device behind a token; None when unknown, closed, unused for DEVICE_LIFE, or of an erased patient."""
    wanted = {"fingerprint": fingerprint(token), "since": work.now - DEVICE_LIFE}
    row = (await work.session.execute(DEVICE_OF, wanted)).one_or_none()
    return Phone(*row) if row else None


async def is_linked(work: Work, device_id: str) -> bool:
    """Whether a device that was open a while ago still is."""
    still = select(Device.id).join(PatientKey, PatientKey.patient_id == Device.patient_id)
    return await work.session.scalar(still.where(Device.id == device_id, is_open(work.now))) is not None


async def renew(work: Work, device_id: str) -> None:
    """The phone was used: its half year begins again."""
    await work.session.execute(update(Device).where(Device.id == device_id).values(seen_at=work.now))


def is_open(now: datetime) -> ColumnElement[bool]:
    """Where somebody can still read what is said to them.  A browser unused for DEVICE_LIFE is a stranger: nothing reaches it.

    An address in an app is kept by its vendor, and is theirs once a nurse has confirmed it.
    """
    return is_open_since(literal(now - DEVICE_LIFE, Moment))


def is_open_since(since: ColumnElement[datetime]) -> ColumnElement[bool]:
    """`is_open` for a statement that is made once."""
    is_used = or_(Device.address_index.is_not(None), Device.seen_at >= since)
    return and_(Device.closed_at.is_(None), Device.confirmed_at.is_not(None), is_used)


# Made once, for it runs with every request: building a statement takes longer than running it.
DEVICE_OF = (
    select(Device.id, Device.patient_id, Device.seen_at, Patient.form, Patient.audio)
    .join(Patient, Patient.id == Device.patient_id)
    # A patient is erased by their key: without it nothing of theirs can be read or written, so nobody is behind the token.
    .join(PatientKey, PatientKey.patient_id == Patient.id)
    .where(Device.fingerprint == bindparam("fingerprint"), is_open_since(bindparam("since", type_=Moment)))
)


# The condition of a statement about a patient: their phone is still open, and they are still spoken to as when it was looked up.
STILL_THEIRS = and_(
    exists()
    .where(Device.id == bindparam("device"), Device.patient_id == Patient.id, is_open_since(bindparam("since", type_=Moment)))
    .where(PatientKey.patient_id == Patient.id),
    Patient.form == bindparam("form"),
    Patient.audio == bindparam("audio"),
)


async def open_devices(work: Work, patient_id: str) -> list[Device]:
    """Where the patient can be reached now."""
    rows = await work.session.scalars(select(Device).where(Device.patient_id == patient_id, is_open(work.now)))
    return list(rows)
