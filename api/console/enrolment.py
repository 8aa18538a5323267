"""Enrolling a patient: one form, every problem at its field, the first week readable before anything is written."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api.console.typed import Typed, by_field, read_form
from api.pages import page
from api.security import Nurse, TheDoor
from api.state import Door
from care.kit.database import Work
from care.kit.ids import new_id
from care.languages.table import form as form_of
from care.messages.compose import Words
from care.people import audit
from care.people.clocks import CLOCKS, local
from care.people.patients import NewPatient, register
from care.people.tables import Patient
from care.people.tables import Staff as StaffRow
from care.plans.enrol import PreviewDay, enrol, find_problems, preview
from care.plans.problems import EnrolmentRefused, PlanProblem

router = APIRouter()
OLDEST = 120
ID_LENGTH = 32  # of a row's id
DOSES_OFFERED = 6  # fields for hours, where only the clinician knows how many


@router.get("/enrol")
async def enrol_page(request: Request, door: TheDoor, staff: Nurse, template: str = "") -> Response:
    return _form_page(request, door, staff, Typed({"template": template}), [])


@router.post("/enrol")
async def do_enrol(request: Request, door: TheDoor, staff: Nurse) -> Response:
    """Preview first, write on the second press; one transaction for patient and plan."""
    typed = await read_form(request)
    if typed.has_changed_plan:
        return _form_page(request, door, staff, typed, [])
    problems = find_all_problems(door, typed)
    if problems or typed.get("step") != "save":
        return _form_page(request, door, staff, typed, problems, 422 if problems else 200)
    try:
        async with door.database.work() as work:
            patient_id = await _write_once(work, door, staff, typed)
    except EnrolmentRefused as refused:
        return _form_page(request, door, staff, typed, refused.problems, 422)
    return RedirectResponse(f"/console/patients/{patient_id}", 303)


async def _write_once(work: Work, door: Door, staff: Nurse, typed: Typed) -> str:
    """Patient and plan of one filled form, however often it is sent: a second patient would mean every reminder twice."""
    await work.session.get_one(StaffRow, staff.staff_id, with_for_update=True)  # her presses come one after the other
    form_id = typed.get("once") or new_id()
    patient_id = work.master.blind_index("enrolment", f"{staff.staff_id} {form_id}")[:ID_LENGTH]
    if await work.session.get(Patient, patient_id) is None:
        patient = await register(work, staff.clinic_id, staff.staff_id, _new_patient(typed), patient_id)
        await enrol(work, door.library, patient, typed.enrolment, staff.staff_id)
        await audit.note(work, staff.clinic_id, staff.staff_id, "patient.enrolled", patient_id)
    return patient_id


def find_all_problems(door: Door, typed: Typed) -> list[PlanProblem]:
    """Everything wrong with the whole form at once."""
    problems = [] if any(map(str.isalnum, typed.get("name"))) else [PlanProblem("name-missing", "name", {})]
    if typed.get("form") not in door.library.forms:
        problems.append(PlanProblem("language-missing", "form", {}))
    if typed.get("zone") not in CLOCKS:
        return [*problems, PlanProblem("clock-missing", "zone", {})]
    today = local(door.database.clock.now(), typed.get("zone")).date()
    year = typed.get("birth_year")
    if year and not (year.isascii() and year.isdigit() and today.year - OLDEST <= int(year) <= today.year):
        problems.append(PlanProblem("year-wrong", "birth_year", {"year": year}))
    return problems + find_problems(door.library, typed.enrolment, today)


def _new_patient(typed: Typed) -> NewPatient:
    year = typed.get("birth_year")
    return NewPatient(
        name=typed.get("name"),
        form=typed.get("form"),
        zone=typed.get("zone"),
        phone=typed.get("phone") or None,
        birth_year=int(year) if year else None,
    )


def _form_page(
    request: Request, door: Door, staff: Nurse, typed: Typed, problems: list[PlanProblem], status: int = 200
) -> Response:
    now = door.database.clock.now()
    template = door.library.plans.get(typed.get("template")) or next(iter(door.library.plans.values()))
    ready = typed.get("step") in ("preview", "save") and not problems and not typed.has_changed_plan
    return page(
        request,
        "console/enrol.html",
        status,
        back=f"/console/enrol?template={template.id}" if request.method == "POST" else "",
        staff=staff,
        once=typed.get("once") or new_id(),
        typed=typed,
        did="",
        problems=by_field(problems),
        plans=door.library.plans,
        template=template,
        doses=range(1, DOSES_OFFERED + 1),
        forms=[form_of(tag) for tag in door.library.forms],
        clocks={zone: f"{local(now, zone):%H:%M}" for zone in CLOCKS},
        today=local(now, staff.zone).date().isoformat(),
        days=first_week(door, typed) if ready else [],
        writing=form_of(typed.get("form")) if ready else None,
    )


def first_week(door: Door, typed: Typed) -> list[tuple[str, PreviewDay, list[str]]]:
    """The first week as the patient will hear of it: (day in their words, day, subjects in their words)."""
    now, zone, tag = door.database.clock.now(), typed.get("zone"), typed.get("form")
    words = Words(door.library, tag, zone, now)
    first = max(local(now, zone).date(), min(typed.enrolment.state.facts(zone).anchors.values()))
    subjects = {each.key: (each.kind, each.subject) for each in door.library.plan(typed.get("template")).everything}
    days = preview(door.library, typed.enrolment, zone, first, now=now)
    shown = []
    for day in days:
        said = words.phrase("date-day", month=words.authored(f"month-{day.day.month}"), day=str(day.day.day)).text
        shown.append((said, day, [words.named(*subjects[line.activity]).text for line in day.lines]))
    return shown
