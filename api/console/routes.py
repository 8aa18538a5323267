"""Signing in, the worklist, patients: load, decide, render."""

from contextlib import suppress
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from api.console.adherence import adherence_view
from api.console.adherence import router as adherence
from api.console.cards import card_page
from api.console.care import router as care
from api.console.check_ins import check_ins_by_day
from api.console.contacts import by_number, contact_views, waiting
from api.console.contacts import router as contacts
from api.console.enrolment import router as enrolment
from api.console.future import router as future
from api.console.plans import load_view
from api.console.plans import router as plans
from api.console.rota import router as rota
from api.console.talk import by_day, topic_titles
from api.pages import locale_of, page
from api.security import (
    MAY_SEE_PATIENTS,
    STAFF_COOKIE,
    Nurse,
    Staff,
    TheDoor,
    client_address,
    cookie_name,
    forget_cookie,
    set_cookie,
)
from api.state import Door
from care.alarms.service import OUTCOMES, acknowledge, close, worklist
from care.conversation.checkin_view import CheckInReader, check_ins_of
from care.conversation.record import lines_after
from care.languages.table import form as form_of
from care.messages.listening import heard_lines
from care.messages.overview import NEEDS_A_NURSE, find_message, held_back, take_off_list
from care.messages.service import undelivered
from care.people import audit, consent
from care.people.linking import make_code, open_devices
from care.people.patients import card, find, list_for
from care.people.staff import ABSOLUTE, LinkRefused, SignInRefused, sign_in, sign_out, signed_in, use_signin_link
from care.plans.enrol import living_plans

router = APIRouter(prefix="/console")
router.include_router(enrolment)
router.include_router(future)
router.include_router(rota)
router.include_router(plans)
router.include_router(care)
router.include_router(adherence)
router.include_router(contacts)
Field = Annotated[str, Form(max_length=200)]


@router.get("/sign-in")
async def sign_in_page(request: Request) -> Response:
    return page(request, "console/sign_in.html", problem="")


@router.post("/sign-in")
async def do_sign_in(request: Request, door: TheDoor, login: Field, password: Field) -> Response:
    """Wrong name, wrong password and locked look the same."""
    token = ""
    async with door.database.work() as work:
        with suppress(SignInRefused):  # the failed try is committed with the work
            token, _ = await sign_in(work, login, password, client_address(request))
    return await _signed_in(door, token) if token else page(request, "console/sign_in.html", 401, problem="refused")


@router.get("/welcome")
async def welcome(request: Request, token: str = "") -> Response:
    return page(request, "console/welcome.html", token=token, problem="")


@router.post("/welcome")
async def set_password(request: Request, door: TheDoor, token: Field, password: Field) -> Response:
    """Use a one-time link: set a password and be signed in."""
    try:
        async with door.database.work() as work:
            cookie, _ = await use_signin_link(work, token, password)
    except LinkRefused as refused:
        back = f"/console/welcome?{urlencode({'token': token})}"
        return page(request, "console/welcome.html", 400, back=back, token=token, problem=refused.reason)
    return await _signed_in(door, cookie)


async def _signed_in(door: Door, token: str) -> Response:
    """To the patients, or to the texts: whoever only writes has no business with patients."""
    async with door.database.look() as work:
        staff = await signed_in(work, token)
    response = RedirectResponse("/console" if staff and staff.role in MAY_SEE_PATIENTS else "/studio", 303)
    set_cookie(door, response, STAFF_COOKIE, token, int(ABSOLUTE.total_seconds()))
    return response


@router.post("/sign-out")
async def do_sign_out(request: Request, door: TheDoor, staff: Staff) -> Response:
    async with door.database.work() as work:
        await sign_out(work, request.cookies.get(cookie_name(door, STAFF_COOKIE), ""))
    response = RedirectResponse("/console/sign-in", 303)
    response.headers["clear-site-data"] = '"cache", "storage"'
    forget_cookie(door, response, STAFF_COOKIE)
    return response


@router.get("")
async def worklist_page(request: Request, door: TheDoor, staff: Nurse) -> Response:
    """Who needs a person now: alerts by danger, then messages that did not arrive."""
    async with door.database.work() as work:
        alerts = await worklist(work, staff.clinic_id)
        failures = await undelivered(work, staff.clinic_id)
        unconfirmed = await waiting(work, staff.clinic_id)
        names = {row.patient_id: (await card(work, await find(work, staff.clinic_id, row.patient_id))).name for row in failures}
        shown = [*(each.patient_id for each in alerts), *names, *(patient_id for patient_id, *_ in unconfirmed)]
        renews_itself = "refresh" in request.query_params  # every few seconds; opening it is what a person does
        await audit.note_list(work, staff.clinic_id, staff.staff_id, "worklist.read", shown, renews_itself)
    return page(
        request,
        "console/worklist.html",
        staff=staff,
        alerts=alerts,
        in_words=CheckInReader(door.library, locale_of(request, staff.locale)).evidence,
        failures=failures,
        unconfirmed=unconfirmed,
        names=names,
        ended=NEEDS_A_NURSE,
        zone=staff.zone,
        outcomes=OUTCOMES,
    )


@router.post("/alerts/{alert_id}/acknowledge")
async def acknowledge_alert(alert_id: str, door: TheDoor, staff: Nurse) -> Response:
    async with door.database.work() as work:
        if await acknowledge(work, staff.clinic_id, alert_id, staff.staff_id):
            await audit.note(work, staff.clinic_id, staff.staff_id, "alert.acknowledged", alert=alert_id)
    return RedirectResponse("/console", 303)


@router.post("/alerts/{alert_id}/close")
async def close_alert(alert_id: str, door: TheDoor, staff: Nurse, outcome: Field = "") -> Response:
    """Closing needs a person and what came of it; without an outcome the alert stays open, nothing is filled in for her."""
    if outcome in OUTCOMES:
        async with door.database.work() as work:
            if await close(work, staff.clinic_id, alert_id, staff.staff_id, outcome):
                await audit.note(work, staff.clinic_id, staff.staff_id, "alert.closed", alert=alert_id)
    return RedirectResponse("/console", 303)


@router.post("/messages/{message_id}/seen")
async def message_seen(message_id: str, door: TheDoor, staff: Nurse) -> Response:
    """A nurse has dealt with a message that did not arrive: it leaves the list."""
    async with door.database.work() as work:
        await find_message(work, staff.clinic_id, message_id)
        if await take_off_list(work, staff.clinic_id, message_id, staff.staff_id):
            await audit.note(work, staff.clinic_id, staff.staff_id, "message.seen", message=message_id)
    return RedirectResponse("/console", 303)


@router.get("/patients")
async def patients_page(request: Request, door: TheDoor, staff: Nurse) -> Response:
    async with door.database.work() as work:
        cards = await list_for(work, staff.clinic_id)
        await audit.note_list(work, staff.clinic_id, staff.staff_id, "patients.listed", [each.id for each in cards])
    return page(request, "console/patients.html", staff=staff, patients=cards, forms=form_of)


@router.get("/patients/{patient_id}")
async def patient_page(patient_id: str, request: Request, door: TheDoor, staff: Nurse) -> Response:
    """One patient: what was said, what was taken, what comes next.  Reading it is noted."""
    async with door.database.work() as work:
        patient = await find(work, staff.clinic_id, patient_id)
        await audit.note(work, staff.clinic_id, staff.staff_id, "patient.read", patient_id)
        locale = locale_of(request, staff.locale)
        facts: dict[str, Any] = {
            "check_ins": check_ins_by_day(await check_ins_of(work, door.library, patient_id, locale), staff.zone),
            "patient": await card(work, patient),
            "talk": by_day(await lines_after(work, patient_id), staff.zone, await heard_lines(work, patient_id)),
            "adherence": await adherence_view(work, door, patient, request.query_params),
            "held": await held_back(work, patient_id),
            "plans": [await load_view(work, door, plan, patient) for plan in await living_plans(work, patient_id)],
            "consents": await consent.current(work, patient_id),
            "linked": bool(await open_devices(work, patient_id)),
            "contacts": await contact_views(work, door, patient_id),
        }
    facts["by_number"] = by_number(door, facts["patient"], facts["contacts"])
    facts["topics"] = topic_titles(door.library, locale, patient.form)
    facts["answers"] = CheckInReader(door.library, locale).pressed
    return page(request, "console/patient.html", staff=staff, zone=staff.zone, forms=form_of, **facts)


@router.post("/patients/{patient_id}/code")
async def new_code(patient_id: str, request: Request, door: TheDoor, staff: Nurse) -> Response:
    """A fresh linking code; older unused ones stop working."""
    async with door.database.work() as work:
        patient = await find(work, staff.clinic_id, patient_id)
        code = await make_code(work, patient, staff.staff_id)
        await audit.note(work, staff.clinic_id, staff.staff_id, "code.made", patient_id)
        shown = await card(work, patient)
    return await card_page(request, door, staff, shown.id, shown.name, shown.form, code)
