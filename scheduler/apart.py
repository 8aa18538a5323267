"""One patient's rows in a database of their own, where what the scheduler does to them touches nobody."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import ColumnElement, Table, event, insert, select

from care.kit.clock import HandClock
from care.kit.database import Base, Database, Work
from care.people.tables import Patient

BACK = timedelta(days=90)  # as far as any rule of doses or check-ins looks back
# Nothing the scheduler does looks at them: what was said, links and codes, and the record of changes.
LEFT = frozenset({"audit", "line", "linking_code", "listening", "plan_change"})
EVERYBODYS = ("staff", "rota")  # the patient's rows point to who did something; alerts go round
Row = dict[str, Any]


@asynccontextmanager
async def set_apart(source: Database, patient_id: str, clock: HandClock) -> AsyncIterator[Database]:
    """A database that holds this patient and whatever hangs on them, and is gone afterwards."""
    with TemporaryDirectory(prefix="karez-") as folder:
        apart = Database(f"sqlite+aiosqlite:///{Path(folder) / 'apart.db'}", clock, source.master)
        event.listen(apart.engine.sync_engine, "connect", _hurry)
        try:
            async with source.look() as theirs, apart.work() as work:
                await (await work.session.connection()).run_sync(Base.metadata.create_all, taken())
                await _copy(theirs, work, await theirs.session.get_one(Patient, patient_id))
            yield apart
        finally:
            await apart.close()


def is_taken(table: Table) -> bool:
    """Whether a patient's rows of a table are taken along: those that name the patient, a message or a contact of theirs."""
    pointers = {"patient_id", "message_id", "device_id"} & set(table.c.keys())
    named = table.name in ("clinic", "patient", *EVERYBODYS) or bool(pointers)
    return named and table.name not in LEFT


def taken() -> list[Table]:
    """In an order in which each is written after those it points to."""
    return list(filter(is_taken, Base.metadata.sorted_tables))


def _hurry(connection: Any, record: Any) -> None:
    """Nothing here need outlive a power cut, so that nobody waits for the disk."""
    cursor = connection.cursor()
    for pragma in ("PRAGMA journal_mode=MEMORY", "PRAGMA synchronous=OFF"):
        cursor.execute(pragma)
    cursor.close()


async def _copy(theirs: Work, work: Work, patient: Patient) -> None:
    """Table by table, what others point to first.  A row whose own pointer was left behind stays behind too."""
    kept: dict[str, set[Any]] = {}
    for table in taken():
        found = await theirs.session.execute(select(table).where(_whose(table, patient, theirs)))
        rows = [dict(row) | (_nobody(row["id"], patient) if table.name == "staff" else {}) for row in found.mappings()]
        rows = [row for row in rows if _is_whole(table, row, kept)]
        kept[table.name] = {row[next(iter(table.primary_key.columns)).name] for row in rows}
        if rows:
            await work.session.execute(insert(table), rows)


def _whose(table: Table, patient: Patient, theirs: Work) -> ColumnElement[bool]:
    columns = table.c
    if table.name in ("clinic", "patient"):
        return columns.id == (patient.clinic_id if table.name == "clinic" else patient.id)
    if table.name in EVERYBODYS:
        return columns.clinic_id.is_not(None)
    if "patient_id" in columns:
        mine = columns.patient_id == patient.id
        return mine & (columns.due_at > theirs.now - BACK) if "due_at" in columns else mine
    owner, pointer = ("device", "device_id") if "device_id" in columns else ("message", "message_id")
    theirs_too = Base.metadata.tables[owner].c
    return columns[pointer].in_(select(theirs_too.id).where(theirs_too.patient_id == patient.id))


def _nobody(staff_id: str, patient: Patient) -> Row:
    """Who they are, where, and how they sign in is nobody's business here."""
    return {"clinic_id": patient.clinic_id, "login": staff_id, "name": "", "password_hash": None}


def _is_whole(table: Table, row: Row, kept: Mapping[str, set[Any]]) -> bool:
    pointers = ((row[column.name], key.column.table.name) for column in table.c for key in column.foreign_keys)
    return all(value is None or value in kept.get(name, ()) for value, name in pointers)
