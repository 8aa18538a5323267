"""The rota's page: who answers alerts in which order, and how soon."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from api.pages import page
from api.security import Nurse, TheDoor
from care.alarms.rota import LONGEST_MIN, PROPOSED, add_duty, answer_within, remove_duty, rota, set_answer_within
from care.people import audit
from care.people.staff import colleagues
from care.people.tables import Clinic

router = APIRouter(prefix="/rota")
Hour = Annotated[int, Form(ge=0, le=23)]
Id = Annotated[str, Form(max_length=32)]
Minutes = Annotated[int, Form(ge=1, le=LONGEST_MIN)]


@router.get("")
async def rota_page(request: Request, door: TheDoor, staff: Nurse) -> Response:
    async with door.database.look() as work:
        clinic = await work.session.get_one(Clinic, staff.clinic_id)
        duties = await rota(work, clinic.id)
        people = await colleagues(work, clinic.id)
    times = {tier: int(answer_within(clinic, tier).total_seconds() // 60) for tier in PROPOSED}
    return page(
        request,
        "console/rota.html",
        staff=staff,
        duties=duties,
        colleagues=people,
        times=times,
        longest=LONGEST_MIN,
        zone=staff.zone,
        live_response=clinic.live_response,
    )


@router.post("")
async def add(door: TheDoor, staff: Nurse, person: Id, from_hour: Hour, until_hour: Hour) -> Response:
    async with door.database.work() as work:
        await add_duty(work, staff.clinic_id, person, from_hour, until_hour)
        await audit.note(work, staff.clinic_id, staff.staff_id, "rota.added", person=person)
    return RedirectResponse("/console/rota", 303)


@router.post("/times")
async def set_times(
    door: TheDoor,
    staff: Nurse,
    emergency: Minutes,
    urgent: Annotated[int, Form(ge=1, le=LONGEST_MIN, alias="urgent-1h")],
    same_day: Annotated[int, Form(ge=1, le=LONGEST_MIN, alias="same-day")],
    next_day: Annotated[int, Form(ge=1, le=LONGEST_MIN, alias="next-working-day")],
) -> Response:
    minutes = dict(zip(PROPOSED, (emergency, urgent, same_day, next_day), strict=True))
    async with door.database.work() as work:
        await set_answer_within(work, staff.clinic_id, minutes)
        await audit.note(
            work, staff.clinic_id, staff.staff_id, "rota.times", **{tier.replace("-", "_"): n for tier, n in minutes.items()}
        )
    return RedirectResponse("/console/rota", 303)


@router.post("/live-response")
async def set_live_response(door: TheDoor, staff: Nurse, live: Annotated[bool, Form()] = False) -> Response:
    """Whether whoever is on duty can answer a patient at once: only then some questions are asked at all."""
    async with door.database.work() as work:
        clinic = await work.session.get_one(Clinic, staff.clinic_id)
        clinic.live_response = live
        await audit.note(work, staff.clinic_id, staff.staff_id, "rota.live_response", live=live)
    return RedirectResponse("/console/rota", 303)


@router.post("/{duty_id}/remove")
async def remove(duty_id: str, door: TheDoor, staff: Nurse) -> Response:
    async with door.database.work() as work:
        await remove_duty(work, staff.clinic_id, duty_id)
        await audit.note(work, staff.clinic_id, staff.staff_id, "rota.removed", duty=duty_id)
    return RedirectResponse("/console/rota", 303)
