"""The demo clinic: a nurse and three patients, one in each language, enrolled from today."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from care.content.library import Library
from care.kit.database import Database, Work
from care.people.clocks import local
from care.people.linking import make_code
from care.people.patients import NewPatient, card, register
from care.people.staff import create_staff, make_signin_link
from care.people.tables import Clinic, Patient, Staff
from care.plans.enrol import Enrolment, enrol
from care.supervisor.prepare import add_clinic

DEMO_CLINIC = "Karez demo clinic"
# Invented people.  The clock is asked of a patient, never guessed; here it is part of the invention.
# house: letters - names of invented people
PEOPLE = (("گۈلنار", "ug-Arab", "Asia/Urumqi"), ("Айгүл", "kk-Cyrl", "Asia/Almaty"), ("王秀英", "zh-Hans", "Asia/Shanghai"))


@dataclass(frozen=True)
class DemoPatient:
    """A demo patient with a fresh linking code."""

    name: str
    form: str
    code: str


async def make_demo(database: Database, library: Library) -> list[DemoPatient]:
    """The demo clinic, made once; each start gives fresh linking codes."""
    async with database.work() as work:
        clinic = await work.session.scalar(select(Clinic).where(Clinic.name == DEMO_CLINIC))
        if clinic is None:
            clinic = await _make(work, library)
        mine = select(Patient).where(Patient.clinic_id == clinic.id)
        rows = await work.session.scalars(mine.order_by(Patient.created_at, Patient.form))
        return [
            DemoPatient((await card(work, each)).name, each.form, await make_code(work, each, each.created_by)) for each in rows
        ]


async def _make(work: Work, library: Library) -> Clinic:
    clinic = await add_clinic(work, DEMO_CLINIC, "Asia/Shanghai")
    nurse = await create_staff(work, clinic.id, "aynur", "Aynur", "nurse")
    for name, form, zone in PEOPLE:
        patient = await register(work, clinic.id, nurse.id, NewPatient(name=name, form=form, zone=zone))
        await enrol(work, library, patient, _first_week(work, zone), nurse.id)
    return clinic


def _first_week(work: Work, zone: str) -> Enrolment:
    """Capecitabine from today, the evening dose a few minutes from now, so that a demo shows a reminder soon."""
    soon = local(work.now + timedelta(minutes=3), zone)
    other = soon + timedelta(hours=12)
    return Enrolment(
        "capecitabine-14-7",
        {"cycle1-day1": soon.date().isoformat()},
        {"capecitabine": sorted([f"{soon:%H:%M}", f"{other:%H:%M}"])},
    )


async def demo_signin(database: Database) -> str | None:
    """A one-time sign-in for the demo nurse; None outside a demo."""
    async with database.work() as work:
        nurse = await work.session.scalar(select(Staff).where(Staff.login == "aynur"))
        return await make_signin_link(work, nurse.id) if nurse else None
