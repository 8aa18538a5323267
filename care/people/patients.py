"""Patients: registering them, finding them inside one clinic, and their own choices."""

from dataclasses import dataclass

from sqlalchemy import Select, delete, select

from care.kit.database import Work
from care.kit.ids import new_id
from care.people.tables import Patient, PatientKey
from care.people.vault import Vault


class NotFound(Exception):
    """No such record in this clinic.  Another clinic's record looks exactly the same."""


@dataclass(frozen=True)
class NewPatient:
    """What a nurse writes down: as little as the service needs (birth year, not date; no id number, no address)."""

    name: str
    form: str
    zone: str
    phone: str | None = None
    birth_year: int | None = None


@dataclass(frozen=True)
class PatientCard:
    """A patient as staff of the clinic may see them."""

    id: str
    name: str
    phone: str | None
    birth_year: int | None
    form: str
    zone: str
    stopped: bool
    ended: bool


async def register(work: Work, clinic_id: str, staff_id: str, new: NewPatient, patient_id: str = "") -> Patient:
    """Write a new patient with a key of their own."""
    patient_id, vault = patient_id or new_id(), Vault(work)
    patient = Patient(
        id=patient_id,
        clinic_id=clinic_id,
        form=new.form,
        zone=new.zone,
        audio=True,
        created_at=work.now,
        created_by=staff_id,
        name_sealed=b"",
    )
    work.session.add(patient)
    await work.session.flush()
    await vault.create(patient_id)
    patient.name_sealed = await vault.seal(patient_id, "patient.name", new.name)
    if new.phone:
        patient.phone_sealed = await vault.seal(patient_id, "patient.phone", new.phone)
        patient.phone_index = work.master.blind_index("phone", new.phone)
    if new.birth_year:
        patient.birth_year_sealed = await vault.seal(patient_id, "patient.birth_year", str(new.birth_year))
    await work.session.flush()
    return patient


async def find(work: Work, clinic_id: str, patient_id: str) -> Patient:
    """The patient, if they belong to this clinic and were not erased; else NotFound."""
    patient: Patient | None = await work.session.scalar(_readable(clinic_id).where(Patient.id == patient_id))
    if patient is None:
        raise NotFound(patient_id)
    return patient


def _readable(clinic_id: str) -> Select[Patient]:
    """A clinic's patients whose key is there: one erased person must not make a whole list unreadable."""
    return select(Patient).join(PatientKey, PatientKey.patient_id == Patient.id).where(Patient.clinic_id == clinic_id)


async def list_for(work: Work, clinic_id: str) -> list[PatientCard]:
    """All patients of a clinic, newest first."""
    rows = await work.session.scalars(_readable(clinic_id).order_by(Patient.created_at.desc()))
    return [await card(work, patient) for patient in rows]


async def forget(work: Work, patient: Patient) -> None:
    """Nothing that names them can be read again, by anybody: the key goes, and by what they could be found."""
    patient.name_sealed, patient.phone_sealed, patient.birth_year_sealed = b"", None, None
    patient.phone_index = None
    await work.session.flush()
    await work.session.execute(delete(PatientKey).where(PatientKey.patient_id == patient.id))


async def card(work: Work, patient: Patient) -> PatientCard:
    """The patient's record opened for staff.  Whoever shows it writes the audit note."""
    vault = Vault(work)

    async def opened(column: str, sealed: bytes | None) -> str | None:
        return await vault.open(patient.id, f"patient.{column}", sealed) if sealed else None

    year = await opened("birth_year", patient.birth_year_sealed)
    return PatientCard(
        id=patient.id,
        name=await opened("name", patient.name_sealed) or "",
        phone=await opened("phone", patient.phone_sealed),
        birth_year=int(year) if year else None,
        form=patient.form,
        zone=patient.zone,
        stopped=patient.stopped_at is not None,
        ended=patient.ended_at is not None,
    )
