"""Where a patient is reached in an app, as a nurse sees it: confirmed or taken off by her, open or closed by the vendor."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from api.security import Nurse, TheDoor
from api.state import Door
from care.channels.base import Contact, Said
from care.inbox.service import Inbox
from care.kit.database import Work
from care.messages.windows import Reach, reach, reminder
from care.people import audit, consent, contacts
from care.people.patients import PatientCard, card, find
from care.people.tables import Device, Patient

SHORTEST_NUMBER = 7  # digits; "her son's phone" is no number
router = APIRouter()
Field = Annotated[str, Form(max_length=20)]


@dataclass(frozen=True)
class ContactView:
    """One app of a patient."""

    id: str
    channel: str
    confirmed: bool
    since: datetime
    reach: Reach | None  # None: the app is not configured here
    abroad_refused: bool


async def contact_views(work: Work, door: Door, patient_id: str) -> list[ContactView]:
    """All that are open, and how a reminder would go through each now."""
    agreed = await consent.allows(work, patient_id, "cross-border")
    patient = await work.session.get_one(Patient, patient_id)
    said = reminder(patient.form, address=door.settings.address)
    return [await _view(work, door, each, agreed, said) for each in await contacts.app_contacts(work, patient_id)]


async def _view(work: Work, door: Door, device: Device, agreed: bool, said: Said) -> ContactView:
    channel = door.channels.get(device.channel)
    found = None
    if channel:
        contact = Contact(await contacts.address_of(work, device), device.opened_at, device.opened_by, device.spent)
        found = reach(channel, contact, work.now, said)
    is_abroad = bool(channel and channel.can.servers not in ("", door.settings.region))
    return ContactView(
        device.id, device.channel, device.confirmed_at is not None, device.created_at, found, is_abroad and not agreed
    )


def by_number(door: Door, shown: PatientCard, known: list[ContactView]) -> list[str]:
    """Channels that need no card, only the patient's telephone number, and do not reach them yet."""
    taken = {each.channel for each in known}
    can_be_dialled = sum(each.isdecimal() for each in shown.phone or "") >= SHORTEST_NUMBER
    return [name for name, each in door.channels.items() if can_be_dialled and each.can.by_number and name not in taken]


async def waiting(work: Work, clinic_id: str) -> list[tuple[str, str, datetime]]:
    """For the worklist: (patient, their name, since when) of each contact a nurse has to confirm."""
    rows = []
    for device in await contacts.waiting_contacts(work, clinic_id):
        patient = await find(work, clinic_id, device.patient_id)
        rows.append((patient.id, (await card(work, patient)).name, device.created_at))
    return rows


def inbox_of(request: Request) -> Inbox:
    inbox: Inbox = request.app.state.inbox
    return inbox


@router.post("/patients/{patient_id}/contacts")
async def add(patient_id: str, channel: Field, door: TheDoor, staff: Nurse) -> Response:
    """By text message or call from now on, at the number that stands in the record: the nurse took it down herself."""
    async with door.database.work() as work:
        patient = await find(work, staff.clinic_id, patient_id)
        shown = await card(work, patient)
        if channel in by_number(door, shown, await contact_views(work, door, patient_id)):
            number = contacts.international(shown.phone or "", door.settings.region)
            await contacts.add_contact(work, patient, contacts.Person(channel, number), confirmed=True)
            await audit.note(work, staff.clinic_id, staff.staff_id, "contact.added", patient_id)
    return RedirectResponse(f"/console/patients/{patient_id}", 303)


@router.post("/patients/{patient_id}/contacts/{device_id}/confirm")
async def confirm(patient_id: str, device_id: str, request: Request, door: TheDoor, staff: Nurse) -> Response:
    """The nurse has asked, and it is theirs."""
    inbox = inbox_of(request)
    async with door.database.work() as work:
        await find(work, staff.clinic_id, patient_id)
        if await inbox.confirm(work, staff.clinic_id, device_id):
            await audit.note(work, staff.clinic_id, staff.staff_id, "contact.confirmed", patient_id)
    inbox.wake()
    return RedirectResponse(f"/console/patients/{patient_id}", 303)


@router.post("/patients/{patient_id}/contacts/{device_id}/take-off")
async def take_off(patient_id: str, device_id: str, request: Request, door: TheDoor, staff: Nurse) -> Response:
    """Nothing more goes there."""
    async with door.database.work() as work:
        await find(work, staff.clinic_id, patient_id)
        await inbox_of(request).take_off(work, staff.clinic_id, device_id)
        await audit.note(work, staff.clinic_id, staff.staff_id, "contact.taken-off", patient_id)
    return RedirectResponse(f"/console/patients/{patient_id}", 303)


@router.get("/attachments/{attachment_id}")
async def attachment(attachment_id: str, request: Request, door: TheDoor, staff: Nurse) -> Response:
    """A voice message or a picture, opened for this nurse; that she did stands in the patient's log."""
    async with door.database.work() as work:
        row, content = await inbox_of(request).shelf.open(work, staff.clinic_id, attachment_id)
        await audit.note(work, staff.clinic_id, staff.staff_id, "attachment.opened", row.patient_id, kind=row.kind)
    return Response(content, media_type=row.media_type)
