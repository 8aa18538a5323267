"""Where a patient is reached in an app: found by the address a vendor names, confirmed by a nurse, opened and closed."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, or_, select, update

from care.kit.database import Work, insert_new
from care.kit.ids import new_id
from care.people.patients import NotFound
from care.people.tables import Device, DeviceAlias, LinkingCode, Patient, PatientKey
from care.people.vault import Vault

SEALED_AS, ALIAS_SEALED_AS = "device.address", "device_alias.alias"
REPLACED, NOT_MINE, LEFT, TAKEN_OFF, MOVED = "replaced", "not-mine", "left", "taken-off", "moved"
ERASED, DECLINED = "erased", "declined"
SEVEN = re.compile("[78]?[79][0-9]{9}")  # Kazakhstan and Russia, with 7 or 8 before it, or without
# They left, or a vendor said so, or that nobody is there (care.channels.base.Cause): who writes all the same is there.
LOST = (LEFT, REPLACED, DECLINED, "opted-out", "bad-address")
ELSEWHERE = (REPLACED, DECLINED)  # of these, whose messages come another way: "stop" said here ends nothing there


@dataclass(frozen=True)
class Person:
    """Who writes, as one vendor names them: an address, and other names of the same person."""

    channel: str
    address: str
    aliases: tuple[str, ...] = ()

    def index(self, work: Work) -> str:
        return address_index(work, self.channel, self.address)

    def indexes(self, work: Work) -> list[str]:
        return [address_index(work, self.channel, each) for each in dict.fromkeys((self.address, *self.aliases)) if each]


def international(phone: str, region: str) -> str:
    """A telephone number as vendors name it, with plus and country; as nurses write it in one country or the other."""
    bare = "".join(each for each in phone if each in "0123456789")
    if phone.strip().startswith("+") or bare.startswith("00"):
        return f"+{bare.removeprefix('00')}"
    if len(bare) == 11 and bare.startswith("1"):  # a Chinese mobile, on whichever side of the border it is written down
        return f"+86{bare}"
    if region == "KZ" and SEVEN.fullmatch(bare):
        return f"+7{bare[-10:]}"
    return f"+{bare}"


def address_index(work: Work, channel: str, address: str) -> str:
    return work.master.blind_index(f"device.{channel}", address)


async def contacts_of(work: Work, person: Person) -> list[Device]:
    """The open ones behind an address or any alias, the oldest first; several when patients share a telephone."""
    return await _behind(work, person, Device.closed_at.is_(None))


async def contacts_lost(work: Work, person: Person) -> list[Device]:
    """Those that ended without anybody saying that they are not this patient's, one a patient: nothing is sent there unasked."""
    left = await _behind(work, person, Device.closed_because.in_(LOST))
    return list({each.patient_id: each for each in left}.values())


async def _behind(work: Work, person: Person, which: ColumnElement[bool]) -> list[Device]:
    indexes = person.indexes(work)
    alias = select(DeviceAlias.device_id).where(DeviceAlias.alias_index.in_(indexes))
    mine = select(Device).where(Device.channel == person.channel, which)
    mine = mine.join(PatientKey, PatientKey.patient_id == Device.patient_id)  # an erased patient is nowhere
    found = mine.where(or_(Device.address_index.in_(indexes), Device.id.in_(alias)))
    devices = await work.session.scalars(found.order_by(Device.created_at, Device.id))
    return [each for each in devices if not person.aliases or await _may_be(work, each, person)]


async def _may_be(work: Work, device: Device, person: Person) -> bool:
    """A telephone number gets new owners; a vendor's own id does not.  Who comes with another id is somebody else."""
    ids = [each for each in (await address_of(work, device), *await aliases_of(work, device)) if not _is_number(each)]
    return _is_number(person.address) or not ids or person.address in ids


def _is_number(name: str) -> bool:
    return name.lstrip("+").isdecimal()


async def add_contact(work: Work, patient: Patient, person: Person, confirmed: bool = False) -> Device:
    """This patient is reached there from now on, once a nurse has confirmed it.  Twice is the same contact."""
    for known in await contacts_of(work, person):
        if known.patient_id == patient.id:
            return known
    device = Device(
        id=new_id(),
        clinic_id=patient.clinic_id,
        patient_id=patient.id,
        channel=person.channel,
        address_sealed=await Vault(work).seal(patient.id, SEALED_AS, person.address),
        address_index=person.index(work),
        created_at=work.now,
        confirmed_at=work.now if confirmed else None,
        seen_at=work.now,
        opened_by="",
        spent=0,
    )
    work.session.add(device)
    await work.session.flush()
    await keep_aliases(work, [device], person)
    return device


async def keep_aliases(work: Work, devices: Sequence[Device], person: Person) -> None:
    """Other names under which the same person may come next time; the vendor's newer name becomes one of them."""
    named = {address_index(work, person.channel, each): each for each in (person.address, *person.aliases) if each}
    for device in devices:
        kept = select(DeviceAlias.alias_index).where(DeviceAlias.device_id == device.id, DeviceAlias.alias_sealed.is_not(None))
        new = named.keys() - {device.address_index, *await work.session.scalars(kept)}
        for index in sorted(new):
            await insert_new(work, DeviceAlias, [{"device_id": device.id, "alias_index": index}], DeviceAlias.device_id)
            alias = update(DeviceAlias).where(DeviceAlias.device_id == device.id, DeviceAlias.alias_index == index)
            sealed = alias.values(alias_sealed=await Vault(work).seal(device.patient_id, ALIAS_SEALED_AS, named[index]))
            await work.session.execute(sealed)


async def move(work: Work, device: Device, person: Person) -> None:
    """They have other names from now on; the old ones may be somebody else's tomorrow."""
    device.address_sealed = await Vault(work).seal(device.patient_id, SEALED_AS, person.address)
    device.address_index = person.index(work)
    await work.session.execute(delete(DeviceAlias).where(DeviceAlias.device_id == device.id))
    await work.session.flush()
    await keep_aliases(work, [device], person)


async def aliases_of(work: Work, device: Device) -> tuple[str, ...]:
    """Other names of the same person, as a vendor named them: a telephone number beside its own id."""
    kept = select(DeviceAlias.alias_sealed).where(DeviceAlias.device_id == device.id, DeviceAlias.alias_sealed.is_not(None))
    rows = await work.session.scalars(kept.order_by(DeviceAlias.alias_index))
    return tuple([await Vault(work).open(device.patient_id, ALIAS_SEALED_AS, each) for each in rows if each])


async def indexes_of(work: Work, device: Device) -> list[str]:
    """Of its address and of every other name of the same person."""
    aliases = await work.session.scalars(select(DeviceAlias.alias_index).where(DeviceAlias.device_id == device.id))
    return [*([device.address_index] if device.address_index else []), *aliases]


async def contacts_of_index(work: Work, device: Device) -> list[Device]:
    """Contacts of other patients at the same address that are still open."""
    same = (Device.channel == device.channel, Device.address_index == device.address_index, Device.closed_at.is_(None))
    return list(await work.session.scalars(select(Device).where(*same, Device.id != device.id)))


async def patients_at(work: Work, channel: str, index: str) -> list[Patient]:
    """Whoever may be meant by an address."""
    alias = select(DeviceAlias.device_id).where(DeviceAlias.alias_index == index)
    here = and_(Device.channel == channel, Device.closed_at.is_(None), or_(Device.address_index == index, Device.id.in_(alias)))
    mine = select(Patient).join(Device, Device.patient_id == Patient.id).where(here)
    return list(await work.session.scalars(mine.join(PatientKey, PatientKey.patient_id == Patient.id).distinct()))


async def address_of(work: Work, device: Device) -> str:
    """Where a vendor is told to send; of our own app the patient's id."""
    if device.address_sealed is None:
        return device.patient_id
    return await Vault(work).open(device.patient_id, SEALED_AS, device.address_sealed)


async def confirm(work: Work, clinic_id: str, device_id: str) -> Device | None:
    """A nurse knows that it is theirs.  An older one in the same app gives way.  None: it is confirmed, or closed, already."""
    device = await find_contact(work, clinic_id, device_id)
    if device.confirmed_at or device.closed_at:
        return None
    older = (Device.patient_id == device.patient_id, Device.channel == device.channel, Device.id != device.id)
    replaced = update(Device).where(*older, Device.closed_at.is_(None), Device.confirmed_at.is_not(None))
    await work.session.execute(replaced.values(closed_at=work.now, closed_because=REPLACED))
    device.confirmed_at = work.now
    await work.session.flush()
    return device


async def find_contact(work: Work, clinic_id: str, device_id: str) -> Device:
    """A contact of this clinic's; else NotFound."""
    device = await work.session.get(Device, device_id, populate_existing=True)
    if device is None or device.clinic_id != clinic_id or device.address_index is None:
        raise NotFound(device_id)
    return device


async def hold_contacts(work: Work, devices: Sequence[Device]) -> list[Device]:
    """The same as they stand now; a nurse who confirms one, or takes it off, waits for this unit of work."""
    mine = select(Device).where(Device.id.in_([each.id for each in devices]))
    held = mine.order_by(Device.created_at, Device.id).with_for_update()
    return list(await work.session.scalars(held.execution_options(populate_existing=True)))


async def close_contacts(work: Work, devices: Collection[Device], why: str) -> None:
    """Nothing more is sent there until it is linked again."""
    for device in devices:
        device.closed_at, device.closed_because = device.closed_at or work.now, device.closed_because or why
    await work.session.flush()


async def forget_contacts(work: Work, patient_id: str) -> dict[str, list[str]]:
    """Every address of a patient, open or not, and the codes of their cards.  Returns by channel what it was found by."""
    devices = list(await work.session.scalars(select(Device).where(Device.patient_id == patient_id).with_for_update()))
    found: dict[str, list[str]] = {}
    for device in devices:
        found.setdefault(device.channel, []).extend(await indexes_of(work, device))
        device.address_sealed = device.address_index = None
    await close_contacts(work, devices, ERASED)
    await work.session.execute(delete(DeviceAlias).where(DeviceAlias.device_id.in_([each.id for each in devices])))
    await work.session.execute(delete(LinkingCode).where(LinkingCode.patient_id == patient_id))
    return found


async def waiting_contacts(work: Work, clinic_id: str) -> list[Device]:
    """Those a nurse has not confirmed yet, the oldest first."""
    mine = and_(Device.clinic_id == clinic_id, Device.confirmed_at.is_(None), Device.closed_at.is_(None))
    rows = select(Device).join(PatientKey, PatientKey.patient_id == Device.patient_id).where(mine)
    return list(await work.session.scalars(rows.order_by(Device.created_at)))


async def app_contacts(work: Work, patient_id: str) -> list[Device]:
    """All of a patient that are open, confirmed or not."""
    mine = (Device.patient_id == patient_id, Device.closed_at.is_(None), Device.address_index.is_not(None))
    return list(await work.session.scalars(select(Device).where(*mine).order_by(Device.created_at)))


def note_opening(device: Device, opened_by: str, at: datetime, spent: int = 0) -> None:
    """The patient did what opens a window; whether it gives more than what is open is for the caller to know."""
    device.opened_at, device.opened_by, device.spent = at, opened_by, spent


async def note_shut(work: Work, device: ColumnElement[bool], known_at: datetime) -> bool:
    """The vendor says that the window is shut, whatever we counted.  One that was opened after `known_at` is not meant.

    False: we took it for shut ourselves.
    """
    meant = update(Device).where(device, Device.opened_at <= known_at)
    shut = await work.session.scalars(meant.values(opened_at=None, opened_by="", spent=0).returning(Device.id))
    return bool(shut.all())
