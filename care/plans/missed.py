"""Doses that were missed, by the plan's own record: what the rules of content/checkins/rules.yml make of them."""

from datetime import timedelta

from sqlalchemy import select

from care.alarms.service import raise_alert
from care.content.checkin_types import Condition
from care.content.library import Library
from care.kit.database import Work
from care.people.tables import Patient
from care.plans.tables import Occurrence

LOOK_BACK = timedelta(days=60)  # for doses in a row; a weekly medicine has eight of them in it
SOURCE = "dose"


async def watch_missed(work: Work, library: Library, patient: Patient, missed: list[Occurrence]) -> None:
    """After doses were answered "missed": open an alert when a rule is met by them and those before them."""
    due = await _due(work, patient.id)
    for rule in library.checkins.rules:
        if rule.of == "doses" and any(_is_met(each, due, dose, work) for each in rule.when for dose in missed):
            await raise_alert(work, patient, "doses-missed", rule.tier, SOURCE)


async def _due(work: Work, patient_id: str) -> list[Occurrence]:
    """Doses that have fallen due or were answered before, oldest first."""
    mine = (Occurrence.patient_id == patient_id, Occurrence.kind == "medicine", Occurrence.dropped.is_(None))
    known = (Occurrence.due_at <= work.now) | Occurrence.answer.is_not(None)
    recent = select(Occurrence).where(*mine, Occurrence.due_at > work.now - LOOK_BACK, known)
    return list(await work.session.scalars(recent.order_by(Occurrence.due_at)))


def _is_met(condition: Condition, due: list[Occurrence], dose: Occurrence, work: Work) -> bool:
    if condition.missed_in_a_row is not None:
        return _run(due, dose) >= condition.missed_in_a_row
    since = work.now - timedelta(days=condition.within_days or 0)
    # Two medicines missed at one hour are missed once.
    hours = {each.due_at for each in due if each.answer == "missed" and each.due_at > since}
    return condition.missed is not None and len(hours) >= condition.missed


def _run(due: list[Occurrence], dose: Occurrence) -> int:
    """How many doses of this medicine in a row were missed, this one among them.  One nobody answered is none of them."""
    mine = [each for each in due if (each.plan_id, each.activity) == (dose.plan_id, dose.activity)]
    at = next((place for place, each in enumerate(mine) if each.id == dose.id), None)
    if at is None:
        return 0
    before = _missed_first(mine[at::-1])
    return before + _missed_first(mine[at + 1 :]) if before else 0


def _missed_first(doses: list[Occurrence]) -> int:
    answers = [each.answer == "missed" for each in doses]
    return answers.index(False) if False in answers else len(answers)
