"""Ways to enrol a patient and to let days pass for the stories of plans."""

from datetime import date, datetime, timedelta

from care.people.tables import Patient
from care.plans.enrol import Enrolment, enrol
from care.plans.occurrences import materialise
from care.plans.tables import CarePlan
from tests.ward import Message, Occurrence, Ward

CAPECITABINE, BOWEL = "capecitabine-14-7", "colorectal-surveillance"
TODAY = date(2026, 12, 1)


def tablets(start: str = "2026-12-01", hours: tuple[str, ...] = ("08:00", "20:00")) -> Enrolment:
    return Enrolment(CAPECITABINE, {"cycle1-day1": start}, {"capecitabine": list(hours)})


def follow_up(surgery: str = "2026-09-01") -> Enrolment:
    return Enrolment(BOWEL, {"surgery-date": surgery}, {})


async def enrolled(ward: Ward, patient: Patient, choice: Enrolment) -> CarePlan:
    async with ward.database.work() as work:
        return await enrol(work, ward.library, patient, choice, ward.nurse_id)


async def look_ahead(ward: Ward) -> int:
    async with ward.database.work() as work:
        return await materialise(work, ward.library)


async def until(ward: Ward, moment: datetime) -> None:
    """Let time pass as the scheduler lives it: awake whenever something is due, and a few times a day."""
    while ward.clock.now() < moment:
        now = ward.clock.now()
        coming = [each.next_at for each in await ward.all(Message) if each.state == "due" and each.next_at > now]
        ward.clock.turn_to(min([*coming, now + timedelta(hours=8), moment]))
        await ward.tick()


async def doses(ward: Ward) -> list[Occurrence]:
    rows = [each for each in await ward.all(Occurrence) if each.kind == "medicine"]
    return sorted(rows, key=lambda each: each.due_at)


async def reminders(ward: Ward) -> list[Message]:
    """What is said about things due, the repeats left out, in the order of their moments."""
    rows = [each for each in await ward.all(Message) if ":remind-" in each.key]
    return sorted(rows, key=lambda each: each.due_at)
