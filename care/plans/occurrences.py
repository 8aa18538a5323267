"""Rows of what falls due: made 48 hours ahead, answered by the patient, never made twice."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from care.alarms.service import has_open_alert, raise_alert
from care.content.library import Library
from care.content.types import PlanTemplate
from care.kit.database import Work, insert_new
from care.kit.ids import new_id
from care.kit.logs import get_log
from care.messages.service import clear_messages
from care.messages.tables import Message
from care.people.clocks import local
from care.people.tables import Patient
from care.plans.forecast import Expected, PlanFacts, expected
from care.plans.tables import CarePlan, Occurrence

AHEAD = timedelta(hours=48)
BEHIND = timedelta(days=7)  # after an outage: what fell due meanwhile still counts, and its reminders become `missed`
EARLY = timedelta(hours=2)  # a dose may be confirmed a little before its hour
LATE = timedelta(hours=24)  # and belongs to its due dose until the next day
SNOOZE = timedelta(minutes=30)
log = get_log("plans")


class PlanUnreadable(Exception):
    """Content has no template for this plan any more, or one that asks for a date this plan never had.  Holds a code."""


def read_plan(library: Library, plan: CarePlan, zone: str) -> tuple[PlanTemplate, PlanFacts]:
    """The template of a plan and what is this patient's own in it.  Raises PlanUnreadable."""
    template = library.plans.get(plan.template)
    if template is None:
        raise PlanUnreadable("template-missing")
    anchors = {name: date.fromisoformat(day) for name, day in plan.anchors.items()}
    if not anchors.keys() >= set(template.anchors):
        raise PlanUnreadable("anchor-missing")
    return template, PlanFacts(anchors, plan.slots, zone, plan.confirmed_cycles)


async def materialise(work: Work, library: Library) -> int:
    """Write the occurrences and messages of the next 48 hours for every living plan.  Returns new messages."""
    plans = select(CarePlan, Patient).join(Patient, Patient.id == CarePlan.patient_id)
    alive = plans.where(CarePlan.ended_at.is_(None), Patient.ended_at.is_(None))
    made = 0
    for plan, patient in (await work.session.execute(alive)).all():
        try:
            made += await materialise_plan(work, library, plan, patient)
        except PlanUnreadable as wrong:
            await _report(work, plan, patient, wrong)
    return made


async def _report(work: Work, plan: CarePlan, patient: Patient, wrong: PlanUnreadable) -> None:
    """One plan nobody can read must not hold up the others, and its patient must not go unreminded unseen."""
    log.error("plan.unreadable", plan_id=plan.id, reason=str(wrong))
    if not await has_open_alert(work, patient.id, "plan-unreadable"):
        await raise_alert(work, patient, "plan-unreadable", "same-day", "plan")


async def materialise_plan(work: Work, library: Library, plan: CarePlan, patient: Patient) -> int:
    """The same for one plan: right after enrolment, and each time something about it changed.  Raises PlanUnreadable."""
    template, facts = read_plan(library, plan, patient.zone)
    furthest = max((max(activity.remind_days_before) for activity in template.activities), default=0)
    begin = max(plan.created_at, work.now - BEHIND)
    first, last = local(begin, patient.zone).date(), local(work.now + AHEAD, patient.zone).date() + timedelta(days=furthest)
    wanted = [each for each in expected(template, facts, first, last) if each.due_at >= plan.created_at]
    await insert_new(work, Occurrence, [_occurrence(plan, patient, each) for each in wanted if _is_near(each, work.now)])
    ids = await _ids(work, plan, first)
    rows = [row for each in wanted for row in _messages(work, plan, patient, each, ids)]
    return len(await insert_new(work, Message, [row for row in rows if row["due_at"] <= work.now + AHEAD]))


def _is_near(each: Expected, now: datetime) -> bool:
    return min(each.due_at, *each.reminders) <= now + AHEAD


def _occurrence(plan: CarePlan, patient: Patient, each: Expected) -> dict[str, Any]:
    return {
        "id": new_id(),
        "clinic_id": plan.clinic_id,
        "patient_id": plan.patient_id,
        "plan_id": plan.id,
        "activity": each.activity.key,
        "kind": each.activity.kind,
        "local_date": each.day,
        "slot": each.slot,
        "hour": each.hour,
        "zone": patient.zone,
        "due_at": each.due_at,
        "useful_until": each.useful_until,
    }


async def _ids(work: Work, plan: CarePlan, first: date) -> dict[tuple[str, date, int], str]:
    rows = select(Occurrence.activity, Occurrence.local_date, Occurrence.slot, Occurrence.id)
    found = await work.session.execute(rows.where(Occurrence.plan_id == plan.id, Occurrence.local_date >= first))
    return {(activity, day, slot): id_ for activity, day, slot, id_ in found}


def _messages(
    work: Work, plan: CarePlan, patient: Patient, each: Expected, ids: dict[tuple[str, date, int], str]
) -> list[dict[str, Any]]:
    """The messages of one occurrence: each reminder, and one repeat where the template asks for it."""
    occurrence_id = ids.get((each.activity.key, each.day, each.slot))
    if occurrence_id is None:
        return []
    said = [(f"remind-{number}", at, each.activity.phrase) for number, at in enumerate(each.reminders)]
    if each.activity.again_after_min:
        again = each.reminders[-1] + timedelta(minutes=each.activity.again_after_min)
        said.append(("again", again, f"{each.activity.phrase}-again"))
    useful = timedelta(minutes=each.activity.useful_for_min)
    return [
        {
            "id": new_id(),
            "key": f"{plan.id}:{each.activity.key}:{each.day.isoformat()}:{each.slot}:{step}",
            "clinic_id": plan.clinic_id,
            "patient_id": patient.id,
            "occurrence_id": occurrence_id,
            "kind": each.activity.kind,
            "phrase": phrase,
            "arguments": _arguments(each),
            "due_at": at,
            "next_at": at,
            "useful_until": each.useful_until if each.activity.kind == "medicine" else at + useful,
            "created_at": work.now,
        }
        for step, at, phrase in said
        if at >= plan.created_at
    ]


def _arguments(each: Expected) -> dict[str, Any]:
    schedule = each.activity.schedule
    rest = schedule.cycle_days - min(schedule.on_days, default=1) + 1 if each.activity.kind == "education" else 0
    return {
        "subject": each.activity.subject,
        "after_food": each.activity.after_food,
        "days": rest,
        "date": each.day.isoformat(),
        "hour": each.hour,
    }


async def answer(work: Work, occurrence: Occurrence, said: str, reason: str | None = None) -> bool:
    """Record `taken` or `missed`; a later word corrects an earlier one.  False when it was already so."""
    if occurrence.answer == said and (reason is None or occurrence.reason == reason):
        return False
    occurrence.answer, occurrence.answered_at = said, work.now
    occurrence.reason = reason if said == "missed" else None
    await clear_messages(work, occurrence.id, "answered")
    await work.session.flush()
    return True


async def open_dose(work: Work, patient_id: str) -> Occurrence | None:
    """The dose an unaddressed "taken" belongs to: the latest due one that is unanswered, else one due very soon."""
    doses = select(Occurrence).where(
        Occurrence.patient_id == patient_id,
        Occurrence.kind == "medicine",
        Occurrence.answer.is_(None),
        Occurrence.due_at > work.now - LATE,
        Occurrence.due_at <= work.now + EARLY,
    )
    return await work.session.scalar(doses.order_by(Occurrence.due_at > work.now, Occurrence.due_at.desc()).limit(1))


async def last_answered_dose(work: Work, patient_id: str) -> Occurrence | None:
    """The dose answered most recently today, so that "taken" said twice is recognised as one dose."""
    doses = select(Occurrence).where(
        Occurrence.patient_id == patient_id, Occurrence.kind == "medicine", Occurrence.answered_at > work.now - LATE
    )
    return await work.session.scalar(doses.order_by(Occurrence.answered_at.desc()).limit(1))


async def find_occurrence(work: Work, patient_id: str, occurrence_id: str) -> Occurrence | None:
    occurrence = await work.session.get(Occurrence, occurrence_id)
    return occurrence if occurrence and occurrence.patient_id == patient_id else None


async def snooze(work: Work, occurrence: Occurrence) -> datetime | None:
    """Move the next reminder of this dose half an hour on; None when its window would be over by then."""
    again_at = work.now + SNOOZE
    if again_at >= occurrence.useful_until or occurrence.answer == "taken":
        return None
    await clear_messages(work, occurrence.id, "snoozed")
    first = await work.session.scalar(
        select(Message).where(Message.occurrence_id == occurrence.id).order_by(Message.due_at).limit(1)
    )
    if first is None:
        return None
    row = {column.name: getattr(first, column.name) for column in Message.__table__.columns}
    fresh: dict[str, Any] = {"id": new_id(), "key": f"{first.key.rsplit(':', 1)[0]}:later-{new_id()}", "state": "due"}
    fresh |= {"due_at": again_at, "next_at": again_at, "created_at": work.now, "attempt": 0, "ambiguous": 0}
    fresh |= dict.fromkeys(("why", "lease_until", "lease_owner", "channel", "provider_id", "seen_by"))
    await insert_new(work, Message, [row | fresh])
    return again_at


async def next_expected(work: Work, patient_id: str, kinds: tuple[str, ...]) -> Occurrence | None:
    """The next thing due of some kinds, already materialised."""
    coming = select(Occurrence).where(
        Occurrence.patient_id == patient_id, Occurrence.kind.in_(kinds), Occurrence.due_at > work.now, Occurrence.answer.is_(None)
    )
    return await work.session.scalar(coming.order_by(Occurrence.due_at).limit(1))
