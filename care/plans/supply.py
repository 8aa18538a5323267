"""Medicines handed out: what a nurse records, and how many days it lasts."""

from collections.abc import Iterable
from datetime import date, timedelta

from sqlalchemy import select

from care.kit.database import Work
from care.kit.ids import new_id
from care.people.clocks import local
from care.people.tables import Patient
from care.plans.tables import CarePlan, Dispense

LONGEST_DAYS = 366
Medicine = tuple[str, str]  # plan, activity


async def record_supply(work: Work, plan: CarePlan, activity: str, day: date, days: int, staff_id: str) -> Dispense | None:
    """A medicine was handed out on a day, for so many days.  None: that day is recorded already.

    Raises ValueError for a day to come or a number of days nobody hands out.
    """
    if day > work.now.date() + timedelta(days=1) or not 0 < days <= LONGEST_DAYS:
        raise ValueError("a supply lasts 1 to 366 days, from a day that has come")
    same = select(Dispense.id).where(Dispense.plan_id == plan.id, Dispense.activity == activity, Dispense.day == day)
    if await work.session.scalar(same):
        return None
    ids = {"id": new_id(), "clinic_id": plan.clinic_id, "patient_id": plan.patient_id, "plan_id": plan.id}
    row = Dispense(**ids, activity=activity, day=day, days=days, recorded_at=work.now, recorded_by=staff_id)
    work.session.add(row)
    await work.session.flush()
    return row


async def supplies(work: Work, patient_id: str) -> dict[Medicine, list[Dispense]]:
    """What was handed out to a patient, by medicine, oldest first."""
    rows = select(Dispense).where(Dispense.patient_id == patient_id).order_by(Dispense.day)
    found: dict[Medicine, list[Dispense]] = {}
    for each in await work.session.scalars(rows):
        found.setdefault((each.plan_id, each.activity), []).append(each)
    return found


async def days_left(work: Work, patient: Patient) -> dict[Medicine, int]:
    """For how many days from today each recorded medicine lasts, this day included; 0 when it is used up."""
    today = local(work.now, patient.zone).date()
    found = await supplies(work, patient.id)
    return {medicine: max(0, (runs_out(rows) - today).days) for medicine, rows in found.items()}


def runs_out(rows: Iterable[Dispense]) -> date:
    """The first day without medicine, if each day's is used on its day.  What came early is carried forward."""
    end = date.min
    for each in rows:
        end = max(end, each.day) + timedelta(days=each.days)
    return end


def pdc(rows: Iterable[Dispense], until: date) -> tuple[int, int] | None:
    """(days with medicine on hand, days) from the first supply to `until`, both included.  None without a supply.

    Proportion of days covered, of one medicine: what is handed out early is carried forward, no day is covered twice,
    so that it never exceeds 1.  Rest days and holds are not taken out.
    """
    supply = [each for each in rows if each.day <= until]
    if not supply:
        return None
    first, end, covered = supply[0].day, supply[0].day, 0
    for each in supply:
        begin = max(end, each.day)
        end = begin + timedelta(days=each.days)
        covered += max(0, (min(end, until + timedelta(days=1)) - begin).days)
    return covered, (until - first).days + 1


def mpr(rows: Iterable[Dispense], until: date) -> tuple[int, int] | None:
    """(days' supply, days) over the same days: medication possession ratio.  It may exceed 1; None without a supply.

    All supplies count in full, the last one too.
    """
    supply = [each for each in rows if each.day <= until]
    if not supply:
        return None
    return sum(each.days for each in supply), (until - supply[0].day).days + 1
