"""The whole of a patient's care: its plans, the clock they run by, what ends them, and one more plan beside them."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api.console.care_acts import CARE_ACTS, on_both_clocks
from api.console.enrolment import DOSES_OFFERED, first_week
from api.console.history import history
from api.console.plan_acts import Hand
from api.console.plans import done_at, is_asked_first, load_view, typed_facts
from api.console.typed import Typed, read_form
from api.pages import page
from api.security import Nurse, TheDoor
from api.state import Door
from care.content.plan_types import PlanTemplate
from care.kit.database import Work
from care.languages.table import form as form_of
from care.people import audit
from care.people.clocks import CLOCKS, local
from care.people.patients import card, find
from care.people.tables import Patient
from care.plans.beginnings import add_plan
from care.plans.endings import turn_palliative
from care.plans.enrol import all_plans, clashes_with_others, find_problems
from care.plans.pauses import ASK_AFTER, PAUSES
from care.plans.problems import PlanProblem, PlanRefused

router = APIRouter(prefix="/patients/{patient_id}")
COMFORT = "palliative-home"  # offered first when care turns to comfort


@router.get("/care")
async def care_page(patient_id: str, request: Request, door: TheDoor, staff: Nurse, done: str = "") -> Response:
    return await _care_page(patient_id, request, door, staff, Typed(), done=done)


@router.post("/care")
async def change_care(patient_id: str, request: Request, door: TheDoor, staff: Nurse) -> Response:
    """Do one thing to all plans, named by the form.  What ends something, or moves every hour, is shown before it is done."""
    typed = await read_form(request)
    act = CARE_ACTS.get(typed.get("do"))
    if act is None or (is_asked_first(typed) and typed.get("zone") in ("", *CLOCKS)):
        return await _care_page(patient_id, request, door, staff, typed)
    try:
        async with door.database.work() as work:
            patient = await find(work, staff.clinic_id, patient_id)
            made = await act(Hand(work, door.library, staff.staff_id, typed, patient))
    except PlanRefused as refused:
        return await _care_page(patient_id, request, door, staff, typed, refused.problems)
    return RedirectResponse(f"/console/patients/{patient_id}/care{done_at(made)}", 303)


async def _care_page(
    patient_id: str,
    request: Request,
    door: Door,
    staff: Nurse,
    typed: Typed,
    problems: Sequence[PlanProblem] = (),
    done: str = "",
) -> Response:
    """Reading it is noted."""
    async with door.database.work() as work:
        patient = await find(work, staff.clinic_id, patient_id)
        await audit.note(work, staff.clinic_id, staff.staff_id, "care.read", patient_id)
        facts = await _facts(work, door, staff, patient, typed)
    facts |= {"done": next((each for each in facts["changes"] if each.id == done), None)}
    facts |= typed_facts(typed, problems) | {"back": f"/console/patients/{patient_id}/care" if typed.values else ""}
    return page(request, "console/care.html", 422 if problems else 200, staff=staff, **facts)


async def _facts(work: Work, door: Door, staff: Nurse, patient: Patient, typed: Typed) -> dict[str, Any]:
    rows = await all_plans(work, patient.id)
    views = [await load_view(work, door, plan, patient) for plan in rows]
    living = [each for each in views if not each.is_over]
    old, new = patient.zone, typed.get("zone")
    knows_both = old in CLOCKS and new in CLOCKS
    return {
        "patient": await card(work, patient),
        "plans": views,
        "living": living,
        "of_cure": [each for each in living if each.template is None or each.template.aim != "comfort"],
        "changes": await history(work, door.library, patient.id, staff.clinic_id, rows),
        "clocks": {zone: f"{local(work.now, zone):%H:%M}" for zone in CLOCKS},
        "moved": list(on_both_clocks(living, old, new)) if knows_both else [],
        "pauses": PAUSES,
        "ask_on": (local(work.now, staff.zone).date() + ASK_AFTER).isoformat(),
        "today": local(work.now, new if new in CLOCKS else staff.zone).date().isoformat(),
        "zone": clock_of(patient, staff),
    }


@router.get("/plan")
async def add_page(
    patient_id: str, request: Request, door: TheDoor, staff: Nurse, template: str = "", comfort: str = ""
) -> Response:
    typed = Typed({"template": template, "comfort": comfort})
    return await _add_page(patient_id, request, door, staff, typed, [])


@router.post("/plan")
async def add(patient_id: str, request: Request, door: TheDoor, staff: Nurse) -> Response:
    """The first week first, written on the second press.  `comfort`: and every plan of cure ends with it."""
    typed = await read_form(request)
    problems = [] if typed.has_changed_plan else await _find_problems(door, staff, patient_id, typed)
    if problems or typed.has_changed_plan or typed.get("step") != "save":
        return await _add_page(patient_id, request, door, staff, typed, problems)
    try:
        async with door.database.work() as work:
            await find(work, staff.clinic_id, patient_id)
            if typed.get("comfort"):
                change, _ = await turn_palliative(work, door.library, patient_id, staff.staff_id, typed.enrolment)
            else:
                change, _ = await add_plan(work, door.library, patient_id, typed.enrolment, staff.staff_id)
    except PlanRefused as refused:
        return await _add_page(patient_id, request, door, staff, typed, refused.problems)
    return RedirectResponse(f"/console/patients/{patient_id}/care{done_at(change)}", 303)


async def _find_problems(door: Door, staff: Nurse, patient_id: str, typed: Typed) -> list[PlanProblem]:
    """Everything wrong with the choice, and a medicine that another plan brings already."""
    async with door.database.look() as work:
        patient = await find(work, staff.clinic_id, patient_id)
        choice = typed.enrolment
        problems = find_problems(door.library, choice, local(work.now, clock_of(patient, staff)).date())
        if not problems and not typed.get("comfort"):  # comfort takes the place of what it could clash with
            problems = await clashes_with_others(work, door.library, patient, choice.template, choice.state)
    return problems


async def _add_page(
    patient_id: str, request: Request, door: Door, staff: Nurse, typed: Typed, problems: Sequence[PlanProblem]
) -> Response:
    async with door.database.work() as work:
        patient = await find(work, staff.clinic_id, patient_id)
        await audit.note(work, staff.clinic_id, staff.staff_id, "care.read", patient_id)
        person, today = await card(work, patient), local(work.now, staff.zone).date().isoformat()
    choices = _choices(door, typed)
    asked = typed.get("template") or (COMFORT if typed.get("comfort") else "")
    template = choices.get(asked) or next(iter(choices.values()))
    ready = typed.get("step") in ("preview", "save") and not problems and not typed.has_changed_plan
    typed.values |= {"zone": clock_of(patient, staff), "form": person.form}
    return page(
        request,
        "console/add_plan.html",
        422 if problems else 200,
        back=f"/console/patients/{patient_id}/plan?{urlencode({'template': template.id, 'comfort': typed.get('comfort')})}",
        staff=staff,
        patient=person,
        plans=choices,
        template=template,
        doses=range(1, DOSES_OFFERED + 1),
        today=today,
        days=first_week(door, typed) if ready else [],
        writing=form_of(person.form),
        **typed_facts(typed, problems),
    )


def clock_of(patient: Patient, staff: Nurse) -> str:
    """The patient's clock; the clinic's for a row that holds one nobody knows, so that its page opens and can be mended."""
    return patient.zone if patient.zone in CLOCKS else staff.zone


def _choices(door: Door, typed: Typed) -> dict[str, PlanTemplate]:
    """All plans, or those of comfort."""
    return {id_: each for id_, each in door.library.plans.items() if each.aim == "comfort" or not typed.get("comfort")}
