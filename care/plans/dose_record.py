"""One patient's doses: how they were taken, medicine by medicine, and the month as a calendar."""

import calendar
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from care.content.library import Library
from care.kit.database import Work
from care.people.clocks import local
from care.people.tables import Patient
from care.plans.adherence import PERSISTENT_GAP_DAYS, Adherence, Persistence, dose_taking, persistence, reasons, standing, timing
from care.plans.changes import BEGUN, PATIENT
from care.plans.supply import Medicine, days_left, mpr, pdc, supplies
from care.plans.tables import CarePlan, Occurrence, PlanChange

DAY_STATES = ("taken", "partly", "missed", "unanswered", "open", "held", "rest", "none")


@dataclass(frozen=True)
class MedicineRecord:
    """One medicine.  `covered` and `supplied`: (days, of days); None where nobody recorded a supply."""

    plan_id: str
    activity: str
    subject: str
    taking: Adherence
    persistence: Persistence | None
    covered: tuple[int, int] | None
    supplied: tuple[int, int] | None
    left: int | None


@dataclass(frozen=True)
class DoseRecord:
    """Everything of a patient's doses until now."""

    taking: Adherence
    in_time: tuple[int, int]
    reasons: list[tuple[str, int]]
    medicines: list[MedicineRecord]
    doses: list[Occurrence]
    held: list[tuple[date, date]]  # first and last day of each pause


@dataclass(frozen=True)
class CalendarDay:
    """One day of a month; None outside it.  `state`: one of DAY_STATES."""

    day: date
    state: str
    taken: int
    due: int


async def read_doses(work: Work, library: Library, patient: Patient, gap_days: int = PERSISTENT_GAP_DAYS) -> DoseRecord:
    """What was dropped by a hold, a change or an end was never due, and is not here."""
    mine = (Occurrence.patient_id == patient.id, Occurrence.kind == "medicine", Occurrence.dropped.is_(None))
    known = (Occurrence.due_at <= work.now) | Occurrence.answer.is_not(None)
    doses = list(await work.session.scalars(select(Occurrence).where(*mine, known).order_by(Occurrence.due_at)))
    return DoseRecord(
        taking=dose_taking(doses, work.now),
        in_time=timing(doses),
        reasons=reasons(doses),
        medicines=await _medicines(work, library, patient, doses, gap_days),
        doses=doses,
        held=await _held(work, patient),
    )


async def _medicines(
    work: Work, library: Library, patient: Patient, doses: Sequence[Occurrence], gap_days: int
) -> list[MedicineRecord]:
    plans = {plan.id: plan for plan in await work.session.scalars(select(CarePlan).where(CarePlan.patient_id == patient.id))}
    given, left = await supplies(work, patient.id), await days_left(work, patient)
    today, found = local(work.now, patient.zone).date(), []
    for medicine in sorted({(each.plan_id, each.activity) for each in doses} | given.keys()):
        own = [each for each in doses if (each.plan_id, each.activity) == medicine]
        found.append(
            MedicineRecord(
                *medicine,
                subject=_subject(library, plans, medicine),
                taking=dose_taking(own, work.now),
                persistence=persistence(own, work.now, gap_days),
                covered=pdc(given.get(medicine, ()), today),
                supplied=mpr(given.get(medicine, ()), today),
                left=left.get(medicine),
            )
        )
    return found


def _subject(library: Library, plans: dict[str, CarePlan], medicine: Medicine) -> str:
    plan = plans.get(medicine[0])
    template = library.plans.get(plan.template) if plan else None
    return next((each.subject for each in template.activities if each.key == medicine[1]), "") if template else ""


async def _held(work: Work, patient: Patient) -> list[tuple[date, date]]:
    """The days of pauses, from what nurses did: doses of a long hold were never written."""
    changes = select(PlanChange).where(PlanChange.patient_id == patient.id).order_by(PlanChange.made_at)
    since: dict[str, datetime] = {}
    fields: defaultdict[str, dict[str, Any]] = defaultdict(dict)
    held = []
    for change in await work.session.scalars(changes):
        for plan_id in change.detail.keys() - {PATIENT, BEGUN}:
            fields[plan_id] |= {name: pair[1] for name, pair in change.detail[plan_id].items()}
            if fields[plan_id].get("paused_at") and not fields[plan_id].get("ended_at"):
                since.setdefault(plan_id, change.made_at)
            elif plan_id in since:
                held.append((since.pop(plan_id), change.made_at))
    held += [(begun, work.now) for begun in since.values()]
    return [(local(first, patient.zone).date(), local(last, patient.zone).date()) for first, last in held]


def month_of(record: DoseRecord, year: int, month: int, now: datetime) -> list[list[CalendarDay | None]]:
    """The weeks of a month, Monday first."""
    by_day: dict[date, list[Occurrence]] = {}
    for dose in record.doses:
        by_day.setdefault(dose.local_date, []).append(dose)
    weeks = calendar.Calendar().monthdatescalendar(year, month)
    return [[_day(record, by_day, day, now) if day.month == month else None for day in week] for week in weeks]


def _day(record: DoseRecord, by_day: dict[date, list[Occurrence]], day: date, now: datetime) -> CalendarDay:
    doses = by_day.get(day, [])
    said = [standing(each, now) for each in doses]
    return CalendarDay(day, next(_states(record, by_day, day, said)), said.count("taken"), len(doses))


def _states(record: DoseRecord, by_day: dict[date, list[Occurrence]], day: date, said: list[str]) -> Iterator[str]:
    """What a day is called, the first that fits: what was missed and what nobody answered before what was taken."""
    if said:
        yield from (each for each in ("missed", "unanswered", "open") if each in said and "taken" not in said)
        yield "taken" if set(said) == {"taken"} else "partly"
    if any(first <= day <= last for first, last in record.held):
        yield "held"
    began = min(by_day, default=None)
    yield "rest" if began and began < day < max(by_day) else "none"


def month_before(year: int, month: int) -> tuple[int, int]:
    last = date(year, month, 1) - timedelta(days=1)
    return last.year, last.month
