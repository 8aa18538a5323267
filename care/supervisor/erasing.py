"""`karez patient erase`: what names a patient is destroyed here, and again whenever an older copy is put back."""

import asyncio
import tarfile
from collections.abc import Callable, Iterable
from pathlib import Path

from sqlalchemy import select, text

from care.content.library import Library
from care.inbox.shelf import Shelf
from care.inbox.store import forget_people
from care.kit.clock import clock_of
from care.kit.database import Database, Work
from care.kit.settings import Settings
from care.kit.sqlite import leave_no_trace
from care.people import audit
from care.people.contacts import forget_contacts, patients_at
from care.people.patients import card, forget
from care.people.tables import Clinic, Patient, PatientKey, Staff
from care.plans.endings import record_discharge
from care.supervisor.backup import ERASED, Say, to_disk
from care.supervisor.prepare import CannotStart, is_new, open_database

HOWTO = "docs/howto/erase-a-patient.md"


async def erase_patient(settings: Settings, patient_id: str, login: str, agrees: Callable[[str], bool], say: Say) -> None:
    """Destroy the key of a patient once `agrees` to the sentence that says who it is.  Raises CannotStart.

    `login`: of the member of staff whose decision it is; it stands in the record of who changed what.
    """
    if is_new(settings):
        raise CannotStart("There is no database yet, so nobody can be erased.")
    database = open_database(settings, clock_of(settings.clock_file))
    leave_no_trace(database.engine)
    try:
        async with database.look() as work:
            staff_id, who = await _whose(work, patient_id, login)
        if not agrees(who):
            raise CannotStart("Nothing was erased.")
        library = await asyncio.to_thread(Library.load, settings.content)
        async with database.work() as work:
            sealed_files = await erase(work, library, patient_id, staff_id)
            _mark(settings.home, patient_id, staff_id)  # before the commit: a copy put back later must know of it
        Shelf(settings.home / "attachments").remove(sealed_files)
        await _sweep(database)
    finally:
        await database.close()
    say(f"Erased. Copies made before still hold the patient: delete them, or let their time pass ({HOWTO}).")


async def _whose(work: Work, patient_id: str, login: str) -> tuple[str, str]:
    """Who decides, and the patient in a sentence."""
    row = await work.session.execute(
        select(Patient, Clinic)
        .join(Clinic, Clinic.id == Patient.clinic_id)
        .join(PatientKey, PatientKey.patient_id == Patient.id)
        .where(Patient.id == patient_id)
    )
    found = row.one_or_none()
    if found is None:
        raise CannotStart(f"There is no patient {patient_id}, or not any more; the id stands in the address of their page.")
    patient, clinic = found
    mine = select(Staff).where(Staff.login == login.lower(), Staff.clinic_id == clinic.id, Staff.disabled_at.is_(None))
    staff = await work.session.scalar(mine)
    if staff is None:
        raise CannotStart(f"Nobody called {login} works at {clinic.name}: name whose decision it is with --by.")
    shown = await card(work, patient)
    return staff.id, f"{shown.name}, of {clinic.name}, enrolled on {patient.created_at:%Y-%m-%d}"


async def erase(work: Work, library: Library, patient_id: str, staff_id: str) -> list[str]:
    """End what is under way, forget where they are reached, and destroy the key.  Returns the ids of sealed files to remove."""
    patient = await work.session.get_one(Patient, patient_id)
    if patient.ended_at is None:
        await record_discharge(work, library, patient_id, staff_id)
    indexes = await forget_contacts(work, patient_id)
    alone = {name: [each for each in some if not await patients_at(work, name, each)] for name, some in indexes.items()}
    await forget_people(work, alone)  # what waits of a telephone that another patient has too may be theirs
    files = await Shelf.forget_of(work, patient_id)
    await forget(work, patient)
    await audit.note(work, patient.clinic_id, staff_id, "patient.erased", patient_id)
    return files


def _mark(home: Path, patient_id: str, staff_id: str) -> None:
    folder = home / ERASED
    folder.mkdir(mode=0o700, exist_ok=True)
    mark = folder / patient_id
    mark.write_text(staff_id, encoding="ascii")
    to_disk(mark)
    to_disk(folder)


async def _sweep(database: Database) -> None:
    """PostgreSQL keeps what was deleted until its place is wanted; SQLite was told to write over it."""
    if database.engine.dialect.name == "postgresql":
        async with database.engine.connect() as connection:
            alone = await connection.execution_options(isolation_level="AUTOCOMMIT")
            await alone.execute(text("vacuum patient_key"))


async def erase_again(database: Database, library: Library, home: Path) -> int:
    """Whoever was erased after a copy was made is erased in it too.  Returns how many."""
    async with database.work() as work:
        known = set(await work.session.scalars(select(PatientKey.patient_id)))
        marks = {mark.name: mark.read_text(encoding="ascii") for mark in _marks(home) if mark.name in known}
        for patient_id, staff_id in marks.items():
            patient = await work.session.get_one(Patient, patient_id)
            is_known = await work.session.get(Staff, staff_id)
            files = await erase(work, library, patient_id, staff_id if is_known else patient.created_by)
            Shelf(home / "attachments").remove(files)
    if marks:
        await _sweep(database)
    return len(marks)


def _marks(home: Path) -> Iterable[Path]:
    return sorted((home / ERASED).iterdir()) if (home / ERASED).is_dir() else ()


def bring_newer_marks(archive: Path, to: Path) -> None:
    """Copies beside this one that were made later know who was erased since: the newest that can be read is asked."""
    later = [each for each in archive.parent.glob("karez-*.tar.gz") if each.name > archive.name]
    for newer in sorted(later, reverse=True):
        try:
            with tarfile.open(newer) as packed:
                marks = [each for each in packed if each.name.startswith(f"{ERASED}/")]
                packed.extractall(to, members=marks, filter="data")
            return
        except (OSError, tarfile.TarError, EOFError):
            continue
