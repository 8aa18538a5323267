"""How medicines were taken and visits kept: on a patient's page, and as figures of the clinic."""

from collections.abc import Mapping
from datetime import MAXYEAR, MINYEAR, date
from typing import Annotated, Any

from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from api.pages import page
from api.security import Nurse, TheDoor
from api.state import Door
from care.conversation.self_report import last_self_report
from care.kit.database import Work
from care.people import audit
from care.people.clocks import CLOCKS, local
from care.people.patients import find
from care.people.tables import Patient
from care.plans.adherence import PERSISTENT_GAP_DAYS
from care.plans.clinic_figures import FEWEST, clinic_figures
from care.plans.dose_record import month_before, month_of, read_doses
from care.plans.enrol import living_plans
from care.plans.supply import record_supply
from care.plans.visits import kept, mark_visit, visits_of

router = APIRouter()
GAPS = ("30", "45", "60", "90", "180")  # days without a dose, of which a clinician chooses (facts: clinical, section 7)
Day = Annotated[date | None, Form()]


async def adherence_view(work: Work, door: Door, patient: Patient, asked: Mapping[str, str]) -> dict[str, Any]:
    """What the patient's page shows of doses, supplies and visits.  `asked`: a month, 2026-12, and the gap in days.

    Nothing for a patient on a clock nobody knows, whose days cannot be told: the page stays open, and the clock is mended there.
    """
    if patient.zone not in CLOCKS:
        return {}
    today = local(work.now, patient.zone).date()
    gap = int(asked["gap"]) if asked.get("gap") in GAPS else PERSISTENT_GAP_DAYS
    record = await read_doses(work, door.library, patient, gap)
    year, number = _read_month(asked.get("month", ""), today)
    visits = await visits_of(work, door.library, patient.id, patient.zone)
    return {
        "record": record,
        "gap": gap,
        "gaps": GAPS,
        "weeks": month_of(record, year, number, work.now),
        "month": date(year, number, 1),
        "earlier": "{:04}-{:02}".format(*month_before(year, number)),
        "self_report": await last_self_report(work, patient.id),
        "visits": visits,
        "kept": kept(visits, today),
        "today": today,
    }


def _read_month(written: str, today: date) -> tuple[int, int]:
    try:
        found = date.fromisoformat(f"{written}-01")
    except ValueError:
        found = today
    if found.year in (MINYEAR, MAXYEAR):  # its neighbours may be no months
        found = today
    return found.year, found.month


@router.post("/visits/{patient_id}/{occurrence_id}")
async def visit_took_place(patient_id: str, occurrence_id: str, door: TheDoor, staff: Nurse, day: Day = None) -> Response:
    """A nurse says that a visit took place on a day; without a day, that it did not."""
    async with door.database.work() as work:
        await find(work, staff.clinic_id, patient_id)
        try:
            row = await mark_visit(work, door.library, patient_id, occurrence_id, day)
        except ValueError as wrong:
            raise HTTPException(422) from wrong
        said = "visit.done" if day else "visit.not-done"
        await audit.note(work, staff.clinic_id, staff.staff_id, said, row.patient_id, occurrence=row.id)
    return RedirectResponse(f"/console/patients/{patient_id}#visits", 303)


@router.post("/supplies/{patient_id}")
async def medicine_handed_out(
    patient_id: str,
    door: TheDoor,
    staff: Nurse,
    medicine: Annotated[str, Form(max_length=60)],
    day: Annotated[date, Form()],
    days: Annotated[int, Form()],
) -> Response:
    """A medicine was handed out.  `medicine`: the key of its activity, which no two living plans of a patient share."""
    async with door.database.work() as work:
        await find(work, staff.clinic_id, patient_id)
        plan = next((each for each in await living_plans(work, patient_id) if medicine in each.slots), None)
        if plan is None:
            raise HTTPException(404)
        try:
            row = await record_supply(work, plan, medicine, day, days, staff.staff_id)
        except ValueError as wrong:
            raise HTTPException(422) from wrong
        if row:
            await audit.note(work, staff.clinic_id, staff.staff_id, "supply.recorded", patient_id, supply=row.id)
    return RedirectResponse(f"/console/patients/{patient_id}#adherence", 303)


@router.get("/figures")
async def figures_page(request: Request, door: TheDoor, staff: Nurse) -> Response:
    """The clinic and its plans: nobody's record is read, and ten patients stand behind every number."""
    async with door.database.look() as work:
        figures = await clinic_figures(work, staff.clinic_id)
    titles = {name: plan.title for name, plan in door.library.plans.items()}
    return page(request, "console/figures.html", staff=staff, figures=figures, titles=titles, fewest=FEWEST)
