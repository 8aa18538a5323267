"""Who is on duty, in order: an alert nobody acknowledges goes to the next one and ends on the call list."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from care.alarms.tables import Alert, Rota
from care.kit.database import Work
from care.kit.ids import new_id
from care.people.clocks import local
from care.people.patients import NotFound
from care.people.tables import Clinic, Staff

TIERS = ("emergency", "urgent-1h", "same-day", "next-working-day")
# Minutes until somebody must have acknowledged: proposals until the hospital sets its own (facts: clinical, section 5).
PROPOSED = {"emergency": 10, "urgent-1h": 60, "same-day": 240, "next-working-day": 24 * 60}
LONGEST_MIN = 7 * 24 * 60


@dataclass(frozen=True)
class Duty:
    """One line of the rota."""

    id: str
    position: int
    staff_id: str
    name: str
    from_hour: int
    until_hour: int


def is_on_duty(from_hour: int, until_hour: int, hour: int) -> bool:
    """Whether an hour of the clinic's clock is within; 20 to 8 runs over midnight, equal hours are the whole day."""
    if from_hour == until_hour:
        return True
    if from_hour < until_hour:
        return from_hour <= hour < until_hour
    return hour >= from_hour or hour < until_hour


def answer_within(clinic: Clinic, tier: str) -> timedelta:
    return timedelta(minutes=int((clinic.answer_within_min or {}).get(tier, PROPOSED[tier])))


async def rota(work: Work, clinic_id: str) -> list[Duty]:
    """Everybody on the rota of a clinic, in order."""
    rows = select(Rota.id, Rota.position, Staff.id, Staff.name, Rota.from_hour, Rota.until_hour).join(
        Staff, Staff.id == Rota.staff_id
    )
    found = await work.session.execute(
        rows.where(Rota.clinic_id == clinic_id, Staff.disabled_at.is_(None)).order_by(Rota.position)
    )
    return [Duty(*row) for row in found]


async def add_duty(work: Work, clinic_id: str, staff_id: str, from_hour: int, until_hour: int) -> None:
    """Put a person at the end of the rota.  Raises NotFound for somebody of another clinic, ValueError for no hour."""
    staff = await work.session.get(Staff, staff_id)
    if staff is None or staff.clinic_id != clinic_id:
        raise NotFound(staff_id)
    if not (0 <= from_hour <= 23 and 0 <= until_hour <= 23):
        raise ValueError("hours run from 0 to 23")
    last = await work.session.scalar(select(func.max(Rota.position)).where(Rota.clinic_id == clinic_id)) or 0
    row = Rota(id=new_id(), clinic_id=clinic_id, position=last + 1, staff_id=staff_id, from_hour=from_hour, until_hour=until_hour)
    work.session.add(row)
    await work.session.flush()


async def remove_duty(work: Work, clinic_id: str, duty_id: str) -> None:
    """Take a line off the rota.  Raises NotFound when it is not this clinic's."""
    row = await work.session.get(Rota, duty_id)
    if row is None or row.clinic_id != clinic_id:
        raise NotFound(duty_id)
    await work.session.delete(row)


async def set_answer_within(work: Work, clinic_id: str, minutes: dict[str, int]) -> None:
    """The hospital's own times by tier, in minutes.  Raises ValueError outside 1 to LONGEST_MIN."""
    if minutes.keys() != PROPOSED.keys() or not all(1 <= each <= LONGEST_MIN for each in minutes.values()):
        raise ValueError(f"minutes for each of {', '.join(PROPOSED)}, from 1 to {LONGEST_MIN}")
    clinic = await work.session.get_one(Clinic, clinic_id)
    clinic.answer_within_min = dict(minutes)


async def answer_until(work: Work, clinic_id: str, tier: str) -> datetime:
    """Until when somebody must have acknowledged what is said now."""
    return work.now + answer_within(await work.session.get_one(Clinic, clinic_id), tier)


async def hand_out(work: Work, alert: Alert) -> bool:
    """Give an alert to the next person on duty, with a time of their own.  False: there is nobody left to give it to."""
    clinic = await work.session.get_one(Clinic, alert.clinic_id)
    here = await _on_duty(work, clinic, work.now)
    following = next((duty for duty in here if duty.position > alert.handed), None)
    if following is None and alert.handed:  # whoever came on duty since the last one was asked was never asked
        asked_at = alert.answer_by - answer_within(clinic, alert.tier)
        asked = {duty.id for duty in await _on_duty(work, clinic, asked_at)}
        following = next((duty for duty in here if duty.id not in asked), None)
    if following:
        alert.handed, alert.with_id = following.position, following.staff_id
    alert.answer_by = work.now + answer_within(clinic, alert.tier)
    return following is not None


async def _on_duty(work: Work, clinic: Clinic, at: datetime) -> list[Duty]:
    hour = local(at, clinic.zone).hour
    return [duty for duty in await rota(work, clinic.id) if is_on_duty(duty.from_hour, duty.until_hour, hour)]


async def is_anybody_on_duty(work: Work, clinic: Clinic) -> bool:
    """Whether the rota names somebody for this hour.  Without a rota nobody knows, and nobody is promised."""
    return bool(await _on_duty(work, clinic, work.now))


async def pass_on(work: Work) -> list[Alert]:
    """Hand on every alert whose time is over and that nobody has acknowledged.  Returns them."""
    waiting = select(Alert).where(Alert.closed_at.is_(None), Alert.acknowledged_at.is_(None), Alert.on_call_list.is_(False))
    late = list(await work.session.scalars(waiting.where(Alert.answer_by <= work.now).with_for_update(skip_locked=True)))
    for alert in late:
        alert.on_call_list = not await hand_out(work, alert)
    return late
