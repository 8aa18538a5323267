"""One page a care plan: what it is, what waits for a nurse's word, and the forms that change it."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api.console.history import history
from api.console.own_numbers import own_round, own_rows
from api.console.plan_acts import ASKED_TWICE, PLAN_ACTS, Hand
from api.console.plan_view import PlanView, view_plan
from api.console.typed import Typed, by_field, read_form
from api.pages import locale_of, page
from api.security import Nurse, TheDoor
from api.state import Door
from care.conversation.checkin_view import CheckInReader
from care.kit.database import Work
from care.people import audit
from care.people.patients import card
from care.people.tables import Patient
from care.plans.enrol import all_plans, find_plan
from care.plans.occurrences import coming_of_plan
from care.plans.pauses import ASK_AFTER, PAUSES
from care.plans.problems import PlanProblem, PlanRefused
from care.plans.tables import CarePlan, PlanChange

router = APIRouter(prefix="/plans")
COMING = 4  # things told of what comes next


@router.get("/{plan_id}")
async def plan_page(plan_id: str, request: Request, door: TheDoor, staff: Nurse, done: str = "") -> Response:
    return await _plan_page(plan_id, request, door, staff, Typed(), done=done)


@router.post("/{plan_id}")
async def change_plan(plan_id: str, request: Request, door: TheDoor, staff: Nurse) -> Response:
    """Do one thing, named by the form.  Whatever is refused is shown where it was typed, and nothing of it is written."""
    typed = await read_form(request)
    act = PLAN_ACTS.get(typed.get("do"))
    if act is None or is_asked_first(typed):
        return await _plan_page(plan_id, request, door, staff, typed)
    try:
        async with door.database.work() as work:
            plan, patient = await find_plan(work, staff.clinic_id, plan_id)
            made = await act(Hand(work, door.library, staff.staff_id, typed, patient, plan))
    except PlanRefused as refused:
        return await _plan_page(plan_id, request, door, staff, typed, refused.problems)
    return RedirectResponse(f"/console/plans/{plan_id}{done_at(made)}", 303)


def done_at(made: PlanChange | None) -> str:
    """The end of an address that tells what was done.  A browser would go to the form that was sent: it is told where to look."""
    return f"?done={made.id}#done" if made else "#top"


def is_asked_first(typed: Typed) -> bool:
    """What ends something is said in one sentence before it is done."""
    return typed.get("do") in ASKED_TWICE and typed.get("sure") != "yes"


def typed_facts(typed: Typed, problems: Sequence[PlanProblem]) -> dict[str, Any]:
    """What a page with several forms must know of the one that was sent."""
    return {
        "typed": typed,
        "did": typed.get("form") or typed.get("do"),
        "asked": typed.get("do") if is_asked_first(typed) else "",
        "problems": by_field(problems),
    }


async def _plan_page(
    plan_id: str,
    request: Request,
    door: Door,
    staff: Nurse,
    typed: Typed,
    problems: Sequence[PlanProblem] = (),
    done: str = "",
) -> Response:
    """Reading it is noted."""
    async with door.database.work() as work:
        plan, patient = await find_plan(work, staff.clinic_id, plan_id)
        await audit.note(work, staff.clinic_id, staff.staff_id, "plan.read", patient.id, plan=plan.id)
        facts = await _facts(work, door, staff, plan, patient)
    facts["done"] = next((each for each in facts["changes"] if each.id == done), None)
    facts["back"] = f"/console/plans/{plan_id}" if typed.values else ""
    facts |= typed_facts(typed, problems) | {"asked_in": CheckInReader(door.library, locale_of(request, staff.locale)).title}
    return page(request, "console/plan.html", 422 if problems else 200, staff=staff, **facts)


async def _facts(work: Work, door: Door, staff: Nurse, plan: CarePlan, patient: Patient) -> dict[str, Any]:
    view = await load_view(work, door, plan, patient)
    changes = await history(work, door.library, patient.id, staff.clinic_id, await all_plans(work, patient.id))
    return {
        "patient": await card(work, patient),
        "plan": view,
        "changes": [each for each in changes if each.plan_id in (None, plan.id)],
        "rows": own_rows(view.template, view.state) if view.template else [],
        "rounds": own_round(view.template, view.state) if view.template else {},
        "pauses": PAUSES,
        "ask_on": (view.today + ASK_AFTER).isoformat(),
        "zone": view.zone or staff.zone,
    }


async def load_view(work: Work, door: Door, plan: CarePlan, patient: Patient) -> PlanView:
    return view_plan(door.library, plan, patient, work.now, await coming_of_plan(work, plan.id, COMING))
