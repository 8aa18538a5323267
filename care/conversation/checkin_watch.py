"""Check-ins that fell due and that are over: looked at by the scheduler, and told to a nurse when nobody answers."""

from datetime import timedelta

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import aliased

from care.alarms.service import raise_once
from care.content.checkin_types import Condition
from care.content.library import Library
from care.conversation import checkin_rows as rows
from care.conversation.checkin_due import from_occurrence
from care.conversation.tables import CheckIn, CheckInAnswer
from care.kit.database import Work
from care.messages.facts import CHECK_IN
from care.people.tables import Consent, Patient, PatientKey
from care.plans.tables import CarePlan, Occurrence

BEHIND = timedelta(days=7)  # after an outage: what fell due meanwhile still counts
BATCH = 500
SOURCE = "check-in"


async def watch(work: Work, library: Library) -> int:
    """Note which check-ins fell due and which are over.  Returns how many."""
    due = [(occurrence, patient) for occurrence, patient in await work.session.execute(_fell_due(work))]
    for occurrence, patient in reversed(due):  # the newest last: it is the one that stands
        row = await from_occurrence(work, library, patient, occurrence)
        if row and _follows(due, occurrence, patient):
            row.ends_at = row.due_at  # it never stood: noted when the next one was due already, and nobody was asked
        elif row:
            await tell_of_silence(work, library, patient)  # the one before it has ended with this
    over = [(row, patient) for row, patient in await work.session.execute(_are_over(work))]
    for row, patient in over:
        row.ended = "over"
        await work.session.flush()
        await tell_of_silence(work, library, patient)
    return len(due) + len(over)


def _follows(due: list[tuple[Occurrence, Patient]], before: Occurrence, patient: Patient) -> bool:
    """Whether a later one of the same questions is noted in the same look."""
    name = before.activity.rpartition("-")[0]
    mine = (each for each, whose in due if whose.id == patient.id and each.activity.rpartition("-")[0] == name)
    return any(each.due_at > before.due_at for each in mine)


def _fell_due(work: Work) -> Select[Occurrence, Patient]:
    """Occurrences nobody has noted yet.  What is not said to a patient is not asked either, and is no silence of theirs."""
    asked = select(Occurrence, Patient).join(Patient, Patient.id == Occurrence.patient_id)
    asked = asked.join(CarePlan, CarePlan.id == Occurrence.plan_id).join(PatientKey, PatientKey.patient_id == Patient.id)
    noted = exists().where(CheckIn.occurrence_id == Occurrence.id)
    due = asked.where(Occurrence.kind == CHECK_IN, Occurrence.due_at <= work.now, Occurrence.due_at > work.now - BEHIND, ~noted)
    due = due.where(Occurrence.dropped.is_(None))
    speaks = (Patient.stopped_at.is_(None), Patient.ended_at.is_(None), CarePlan.paused_at.is_(None), CarePlan.ended_at.is_(None))
    # The newest first: what content knows no more stays in the list, and must not stand before everything else.
    return due.where(*speaks, _agreed("symptoms"), _agreed("reminders")).order_by(Occurrence.due_at.desc()).limit(BATCH)


def _agreed(purpose: str) -> ColumnElement[bool]:
    said = aliased(Consent)  # or it would be the row outside it
    latest = select(func.max(said.id)).where(said.patient_id == Patient.id, said.purpose == purpose)
    return exists().where(Consent.id == latest.scalar_subquery(), Consent.given)


def _are_over(work: Work) -> Select[CheckIn, Patient]:
    open_ones = select(CheckIn, Patient).join(Patient, Patient.id == CheckIn.patient_id)
    return open_ones.where(CheckIn.ended.is_(None), CheckIn.ends_at <= work.now).order_by(CheckIn.ends_at).limit(BATCH)


async def tell_of_silence(work: Work, library: Library, patient: Patient) -> None:
    """Open an alert when so many check-ins in a row ended without a word that a rule is met."""
    silent = await _silent_in_a_row(work, patient.id)
    if not silent or patient.ended_at or patient.stopped_at:
        return
    plan = await _plan_of(work, silent[0])
    if plan.paused_at or plan.ended_at:
        return
    facts = await rows.facts_of(work, library.checkins, patient.id)
    for rule in library.checkins.rules:
        if rule.of == "check-in" and any(_is_met(each, len(silent), facts, _cycle(library, plan)) for each in rule.when):
            await raise_once(work, patient, "check-missed", rule.tier, SOURCE)


async def _silent_in_a_row(work: Work, patient_id: str) -> list[CheckIn]:
    """The last check-ins that ended and that nobody said a word to, the newest first."""
    spoken = exists().where(CheckInAnswer.check_in_id == CheckIn.id).label("spoken")
    mine = select(CheckIn, spoken).where(CheckIn.patient_id == patient_id).order_by(CheckIn.due_at.desc())
    found: list[CheckIn] = []
    for row, is_spoken in await work.session.execute(mine.limit(rows.LOOK_BACK)):
        if is_spoken:
            break
        if row.ended == "over" and row.occurrence_id and row.ends_at > row.due_at:
            found.append(row)
    return found


async def _plan_of(work: Work, row: CheckIn) -> CarePlan:
    occurrence = await work.session.get_one(Occurrence, row.occurrence_id)
    return await work.session.get_one(CarePlan, occurrence.plan_id)


def _cycle(library: Library, plan: CarePlan) -> int | None:
    """The cycle a plan is in; None for one without cycles, or whose template is gone."""
    template = library.plans.get(plan.template)
    return max(plan.confirmed_cycles.values(), default=1) if template and template.cycles else None


def _is_met(condition: Condition, silent: int, facts: frozenset[str], cycle: int | None) -> bool:
    if condition.unanswered_in_a_row is None or silent < condition.unanswered_in_a_row:
        return False
    if condition.treatment and facts.isdisjoint(condition.treatment):
        return False
    return condition.cycles_to is None or (cycle is not None and cycle <= condition.cycles_to)
