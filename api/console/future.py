"""What happens next to one patient, day by day: the scheduler plays it beside, on a page of its own."""

from fastapi import APIRouter, Request, Response

from api.pages import locale_of, page
from api.security import Nurse, TheDoor
from care.languages.table import form as form_of
from care.people import audit
from care.people.patients import card, find
from care.people.words import StaffWords
from care.plans.future import Future, PreviewRefused, Wish, read_day
from care.plans.problems import PlanProblem
from care.plans.telling import Teller
from care.supervisor.preview import PreviewFailed, ask, second_form

router = APIRouter()


@router.get("/patients/{patient_id}/next")
async def next_page(
    patient_id: str, request: Request, door: TheDoor, staff: Nurse, first: str = "", unanswered: bool = False
) -> Response:
    """Seven days from today, or from another day.  Reading it is noted."""
    async with door.database.work() as work:
        patient = await find(work, staff.clinic_id, patient_id)
        await audit.note(work, staff.clinic_id, staff.staff_id, "patient.foretold", patient_id)
        shown = await card(work, patient)
    locale = locale_of(request, staff.locale)
    now = door.database.clock.now()
    future: Future | None = None
    problems: list[PlanProblem] = []
    try:
        wish = Wish(patient_id, now, read_day(first), form=second_form(locale), answered=not unanswered)
        problems = list(wish.problems(patient.zone))
        future = None if problems else await ask(door.settings, wish)
    except PreviewRefused as refused:
        problems = refused.problems
    except (PreviewFailed, TimeoutError):
        problems = [PlanProblem("not-foretold", "")]
    teller = Teller(future, StaffWords(locale, now)) if future else None
    facts = {"future": future, "teller": teller, "problems": problems, "first": first, "unanswered": unanswered}
    status = 200 if future else 422
    return page(request, "console/future.html", status, staff=staff, patient=shown, forms=form_of, **facts)
