"""A database in which thousands of reminders fall due at one minute: patients with plans, consents and phones."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import batched
from typing import Any

from sqlalchemy import delete, insert, select, text, update

from care.content.library import Library
from care.kit.clock import HandClock
from care.kit.crypto import MasterKey
from care.kit.database import Base, Database, Work
from care.kit.ids import new_id, new_id_at
from care.messages.compose import compose
from care.messages.facts import Named
from care.messages.tables import Mention, Message
from care.people import consent
from care.people.clocks import CLOCKS, local
from care.people.linking import link, make_code
from care.people.patients import NewPatient, register
from care.people.staff import create_staff
from care.people.tables import Clinic, Consent, Device, Patient, PatientKey, Staff
from care.plans.enrol import Enrolment, enrol
from care.plans.materialise import BATCH
from care.plans.tables import CarePlan, Occurrence
from care.supervisor.prepare import add_clinic

DUE = datetime(2026, 12, 2, 4, 30, tzinfo=UTC)
LATER = timedelta(hours=11)
LOOK = timedelta(seconds=1)  # between two looks at so many plans
NOTHING_NEW = timedelta(hours=6)  # the look ahead of the clock has nothing to do in between
AT_ONCE = 2_000  # patients whose rows are written in one statement a table
COPIED = (Patient, PatientKey, Device, Consent, CarePlan, Occurrence, Message, Mention)
Row = dict[str, Any]


@dataclass(frozen=True)
class Herd:
    """What was written: how many reminders, and one of them as it will be worded."""

    count: int
    sample: dict[str, Any]


async def write_herd(url: str, master: MasterKey, library: Library, count: int, channel: str) -> Herd:
    """Enrol one patient in each form and on each clock as a nurse does, then copy their rows until there are `count`."""
    database = Database(url, HandClock(DUE - timedelta(hours=20)), master)
    try:
        async with database.work() as work:
            seeds = await _enrol_seeds(work, library, channel)
        async with database.work() as work:
            sample = await _word_one(work, library)
            rows = [await _rows_of(work, patient_id) for patient_id in seeds]
        for numbers in batched(range(len(seeds), count), AT_ONCE):
            async with database.work() as work:
                looked_at = (work.now + LOOK * (number // BATCH) for number in numbers)
                copies = [_copied(rows[number % len(rows)], master, at) for number, at in zip(numbers, looked_at, strict=True)]
                await _write(work, copies)
        async with database.work() as work:
            await work.session.execute(text("analyze"))  # a server that lives does it by itself, a minute after so many rows
    finally:
        await database.close()
    return Herd(max(count, len(seeds)), sample)


async def _enrol_seeds(work: Work, library: Library, channel: str) -> list[str]:
    clinic = await add_clinic(work, "Bench", "Asia/Shanghai")
    nurse = await create_staff(work, clinic.id, "bench", "Bench", "nurse")
    return [await _enrol(work, library, clinic, nurse, form, zone, channel) for form in library.forms for zone in CLOCKS]


async def _enrol(work: Work, library: Library, clinic: Clinic, nurse: Staff, form: str, zone: str, channel: str) -> str:
    """A patient whose first tablet is due at DUE.  Returns their id."""
    patient = await register(work, clinic.id, nurse.id, NewPatient("Bench", form, zone))
    await link(work, await make_code(work, patient, nurse.id), patient.id, channel)
    await consent.record(work, patient, "reminders", True, "bench", channel)
    hours = [f"{local(at, zone):%H:%M}" for at in (DUE, DUE + LATER)]
    choice = Enrolment("capecitabine-14-7", {"cycle1-day1": f"{local(DUE, zone):%Y-%m-%d}"}, {"capecitabine": hours})
    await enrol(work, library, patient, choice, nurse.id)
    # Only what falls due at the minute that is measured: tomorrow's rows would make a herd take minutes to write.
    others = select(Message.id).where(Message.patient_id == patient.id, Message.due_at != DUE)
    await work.session.execute(delete(Mention).where(Mention.message_id.in_(others)))
    await work.session.execute(delete(Message).where(Message.id.in_(others)))
    await work.session.execute(update(CarePlan).where(CarePlan.patient_id == patient.id).values(look_again_at=DUE + NOTHING_NEW))
    return patient.id


async def _word_one(work: Work, library: Library) -> dict[str, Any]:
    rows = select(Message, Patient, Mention, Occurrence).join(Patient, Patient.id == Message.patient_id)
    rows = rows.join(Mention, Mention.message_id == Message.id).join(Occurrence, Occurrence.id == Mention.occurrence_id)
    message, patient, mention, occurrence = (await work.session.execute(rows.limit(1))).one()
    named = Named(occurrence.id, mention.said, hour=occurrence.hour)
    return compose(library, message, patient, DUE, (named,)).to_json()


async def _rows_of(work: Work, patient_id: str) -> dict[type[Base], list[Row]]:
    """A patient's rows by table, those of tables that are written first first."""
    found: dict[type[Base], list[Row]] = {}
    for each in COPIED:
        table: Any = each.__table__
        if each is Patient:
            where = table.c.id == patient_id
        elif each is Mention:
            where = table.c.message_id.in_(select(Message.id).where(Message.patient_id == patient_id))
        else:
            where = table.c.patient_id == patient_id
        found[each] = [dict(row._mapping) for row in await work.session.execute(select(table).where(where))]
    said = {row["occurrence_id"] for row in found[Mention]}
    found[Occurrence] = [row for row in found[Occurrence] if row["id"] in said]
    return found


def _copied(rows: dict[type[Base], list[Row]], master: MasterKey, at: datetime) -> dict[type[Base], list[Row]]:
    """The same rows of somebody else, whose plan was looked at then."""
    renamed = {row["id"]: new_id() for each in rows.values() for row in each if isinstance(row.get("id"), str)}
    renamed |= {row["id"]: new_id_at(at) for table in (Occurrence, Message) for row in rows[table]}
    copy = {table: [_renamed(row, renamed) for row in each] for table, each in rows.items()}
    for key in copy[PatientKey]:
        key["wrapped"] = master.new_patient_key(key["patient_id"])[1]
    return copy


def _renamed(row: Row, renamed: dict[str, str]) -> Row:
    fresh = {name: renamed.get(value, value) if isinstance(value, str) else value for name, value in row.items()}
    if isinstance(fresh.get("id"), int):
        del fresh["id"]
    for name in ("key", "fingerprint"):
        if name in fresh:
            fresh[name] = new_id()
    return fresh


async def _write(work: Work, copies: list[dict[type[Base], list[Row]]]) -> None:
    for table in COPIED:
        rows = [row for copy in copies for row in copy[table]]
        await work.session.execute(insert(table.__table__), rows)  # type: ignore[arg-type]
