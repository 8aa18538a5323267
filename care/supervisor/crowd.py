"""A crowd for measurements: invented patients with one plan each, a linked phone and consent, and a year behind them."""

from datetime import timedelta
from itertools import batched
from typing import Any

from sqlalchemy import ColumnElement, FromClause, String, cast, func, insert, inspect, literal, select

from care.content.library import Library
from care.content.plan_types import PlanTemplate
from care.kit.database import Base, Database, Work
from care.kit.ids import new_id
from care.messages.tables import Attempt, Message
from care.messages.types import State
from care.people.staff import create_staff
from care.people.tables import Consent, Device, Patient, PatientKey
from care.plans.tables import CarePlan, Occurrence
from care.supervisor.prepare import add_clinic

AT_ONCE = 1_000  # patients a commit
FORMS = (("ug-Arab", "Asia/Urumqi"), ("kk-Cyrl", "Asia/Almaty"), ("kk-Arab", "Asia/Urumqi"), ("zh-Hans", "Asia/Shanghai"))
DAYS = 365
TABLES = 3  # of a year: what fell due, what was said, what was tried


async def make_crowd(database: Database, library: Library, count: int, template: str) -> None:
    """`count` patients who begin `template` today, in every form in turn.  Nothing is looked ahead for them yet."""
    async with database.work() as work:
        clinic = await add_clinic(work, "Bench", "Asia/Shanghai")
        nurse = await create_staff(work, clinic.id, f"bench-{new_id()[:8]}", "Bench", "nurse")
        owner = (clinic.id, nurse.id)
    for part in batched(range(count), AT_ONCE):
        async with database.work() as work:
            await _add(work, library.plan(template), owner, part)


async def _add(work: Work, template: PlanTemplate, owner: tuple[str, str], part: tuple[int, ...]) -> None:
    ids = [new_id() for _ in part]
    clinic_id, nurse_id = owner
    mine = [{"clinic_id": clinic_id, "patient_id": id_} for id_ in ids]
    people = [
        {"id": id_, "clinic_id": clinic_id, "form": form, "zone": zone, "name_sealed": b"", "created_at": work.now}
        | {"created_by": nurse_id, "audio": True}
        for id_, (form, zone) in zip(ids, (FORMS[number % len(FORMS)] for number in part), strict=True)
    ]
    keys = [{"patient_id": id_, "wrapped": work.master.new_patient_key(id_)[1]} for id_ in ids]
    linked = {"channel": "web"} | dict.fromkeys(("created_at", "confirmed_at", "seen_at"), work.now)
    phones = [each | linked | {"id": new_id(), "fingerprint": new_id()} for each in mine]
    yes = {"purpose": "reminders", "given": True, "wording_hash": "", "form": "zh-Hans", "channel": "web", "at": work.now}
    anchors = {name: work.now.date().isoformat() for name in template.anchors}
    plan: dict[str, Any] = {"template": template.id, "template_version": template.version, "anchors": anchors, "slots": {}}
    plan |= {"created_at": work.now, "created_by": nurse_id, "since": work.now}
    for table, rows in (
        (Patient, people),
        (PatientKey, keys),
        (Device, phones),
        (Consent, [each | yes for each in mine]),
        (CarePlan, [each | {"id": new_id()} | plan for each in mine]),
    ):
        await work.session.execute(insert(table), rows)


async def add_year(database: Database, rows: int) -> int:
    """A year of reminders that were sent and answered, day by day.  Returns how many rows there are more, of three tables."""
    async with database.look() as work:
        patients = await work.session.scalar(select(func.count()).select_from(CarePlan)) or 0
    a_day = max(1, rows // DAYS // TABLES)
    for day in range(DAYS):
        async with database.work() as work:
            await _add_day(work, day, a_day, patients)
    return a_day * DAYS * TABLES


async def _add_day(work: Work, day: int, a_day: int, patients: int) -> None:
    """Made by the database itself, or ten million rows would take an hour."""
    numbers = select(literal(0).label("number")).cte("numbers", recursive=True)
    numbers = numbers.union_all(select(numbers.c.number + 1).where(numbers.c.number < a_day - 1))
    place = func.row_number().over(order_by=CarePlan.id) - 1
    plans = select(CarePlan.id, CarePlan.patient_id, CarePlan.clinic_id, place.label("place")).cte("plans")
    spread = numbers.join(plans, plans.c.place == numbers.c.number % patients)
    name = literal(f"{day:03d}-", String) + cast(numbers.c.number, String)
    at = work.now - timedelta(days=DAYS - day)
    ids = {"id": name, "clinic_id": plans.c.clinic_id, "patient_id": plans.c.patient_id, "kind": "medicine"}
    fell_due = {"plan_id": plans.c.id, "activity": "history", "local_date": at.date(), "slot": numbers.c.number // patients}
    fell_due |= {"hour": "08:00", "zone": "Asia/Shanghai", "due_at": at, "useful_until": at}
    said = {"key": name, "occurrence_id": name, "phrase": "reminder-medicine", "state": State.SENT.value}
    said |= {"due_at": at, "useful_until": at, "next_at": at, "created_at": at}
    tried = {"message_id": name, "number": 1, "channel": "web", "started_at": at, "finished_at": at, "outcome": "accepted"}
    await _fill(work, Occurrence, ids | fell_due | {"answer": "taken", "answered_at": at}, spread)
    await _fill(work, Message, ids | said, spread)
    await _fill(work, Attempt, tried, numbers)


async def _fill(work: Work, table: type[Base], values: dict[str, Any], source: FromClause) -> None:
    columns: Any = inspect(table).local_table.c
    chosen = [value if isinstance(value, ColumnElement) else literal(value, columns[name].type) for name, value in values.items()]
    await work.session.execute(insert(table).from_select(list(values), select(*chosen).select_from(source)))
