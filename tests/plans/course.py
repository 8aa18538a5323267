"""Ways to enrol a patient and to let days pass for the stories of plans."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from care.messages.tables import Mention
from care.people.clocks import local
from care.people.tables import Audit, Patient
from care.plans.enrol import Enrolment, enrol
from care.plans.forecast import Expected
from care.plans.materialise import materialise_some
from care.plans.problems import PlanRefused
from care.plans.tables import CarePlan, PlanChange
from tests.ward import Message, Occurrence, Ward

CAPECITABINE, BOWEL = "capecitabine-14-7", "colorectal-surveillance"
TODAY = date(2026, 12, 1)


def tablets(start: str = "2026-12-01", hours: tuple[str, ...] = ("08:00", "20:00")) -> Enrolment:
    return Enrolment(CAPECITABINE, {"cycle1-day1": start}, {"capecitabine": list(hours)})


def one_tablet(*hours: str, start: str = "2026-12-01", gap: str = "20") -> Enrolment:
    """A medicine of which only the clinician knows how often."""
    return Enrolment("nsclc-egfr-tki", {"tki-start": start}, {"tki": list(hours)}, prescribed={"tki": gap})


def follow_up(surgery: str = "2026-09-01") -> Enrolment:
    return Enrolment(BOWEL, {"surgery-date": surgery}, {})


async def enrolled(ward: Ward, patient: Patient, choice: Enrolment) -> CarePlan:
    async with ward.database.work() as work:
        return await enrol(work, ward.library, patient, choice, ward.nurse_id)


async def look_ahead(ward: Ward) -> int:
    async with ward.database.work() as work:
        made, _ = await materialise_some(work, ward.library)
        return made


async def until(ward: Ward, moment: datetime) -> None:
    """Let time pass as the scheduler lives it: awake whenever something is due, and a few times a day."""
    while ward.clock.now() < moment:
        now = ward.clock.now()
        coming = [each.next_at for each in await ward.all(Message) if each.state == "due" and each.next_at > now]
        ward.clock.turn_to(min([*coming, now + timedelta(hours=8), moment]))
        await ward.tick()


def is_on_its_day(dose: Expected, zone: str) -> bool:
    """Due on its own day; or at the first minute of the next, where the clock leaves out the last hour of a day."""
    here = local(dose.due_at, zone)
    return here.date() == dose.day or f"{here - timedelta(days=1):%Y-%m-%d %H:%M}" == f"{dose.day} 00:00"


async def doses(ward: Ward) -> list[Occurrence]:
    rows = [each for each in await ward.all(Occurrence) if each.kind == "medicine"]
    return sorted(rows, key=lambda each: each.due_at)


async def reminders(ward: Ward) -> list[Message]:
    """What is said about things due, the repeats left out, in the order of their moments."""
    rows = [each for each in await ward.all(Message) if ":remind-" in each.key]
    return sorted(rows, key=lambda each: each.due_at)


async def act[Done](ward: Ward, verb: Callable[..., Awaitable[Done]], *about: Any, **more: Any) -> Done:
    """A nurse does one thing to a plan."""
    async with ward.database.work() as work:
        return await verb(work, ward.library, *about, **more)


async def refused(ward: Ward, verb: Callable[..., Awaitable[Any]], *about: Any, **more: Any) -> list[str]:
    """The codes of what is wrong with it; nothing may be written then."""
    before = await rows(ward)
    with pytest.raises(PlanRefused) as why:
        await act(ward, verb, *about, **more)
    assert await rows(ward) == before
    return [problem.code for problem in why.value.problems]


async def rows(ward: Ward) -> list[list[dict[str, Any]]]:
    """Everything that a change of a plan may write."""
    tables = (Patient, CarePlan, PlanChange, Occurrence, Message, Mention, Audit)
    return [[vars(row) | {"_sa_instance_state": None} for row in await ward.all(table)] for table in tables]


async def coming(ward: Ward, activity: str = "capecitabine") -> list[str]:
    """The open things of an activity that are still to come, as day and hour on their own clock."""
    found = [each for each in await ward.all(Occurrence) if each.activity == activity and not each.dropped and not each.answer]
    ahead = sorted((each.due_at, each.zone) for each in found if each.due_at > ward.clock.now())
    return [f"{local(at, zone):%d %H:%M}" for at, zone in ahead]


async def said(ward: Ward, kind: str = "medicine") -> list[str]:
    """When something was said, on Beijing's clock, in order."""
    sent = [each for each in await ward.all(Message) if each.kind == kind and each.state in ("sent", "delivered")]
    return [f"{local(at, 'Asia/Shanghai'):%d %H:%M}" for at in sorted(each.due_at for each in sent)]


async def waiting(ward: Ward, kind: str = "medicine") -> list[str]:
    """When something is going to be said, the repeats left out."""
    due = [each for each in await ward.all(Message) if each.kind == kind and each.state == "due" and ":remind-" in each.key]
    return [f"{local(at, 'Asia/Shanghai'):%d %H:%M}" for at in sorted(each.due_at for each in due)]


async def plan_of(ward: Ward, plan_id: str) -> CarePlan:
    async with ward.database.look() as work:
        return await work.session.get_one(CarePlan, plan_id)
