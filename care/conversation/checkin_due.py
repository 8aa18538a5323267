"""Which check-ins are due: from the plan's occurrences, and from what a treatment asks about."""

from sqlalchemy import select

from care.content.checkin_types import Questionnaire
from care.content.library import Library
from care.conversation import checkin_rows as rows
from care.conversation.tables import CheckIn
from care.kit.database import Work
from care.people.tables import Patient
from care.plans.tables import CarePlan, Occurrence

KIND = "checkin"  # of an occurrence


async def from_occurrence(work: Work, library: Library, patient: Patient, occurrence: Occurrence) -> CheckIn | None:
    """The check-in an occurrence asks for, made when it is not there yet; None when content knows no such questions."""
    if occurrence.kind != KIND:
        return None
    row = await rows.of_occurrence(work, patient.id, occurrence.id)
    if row:
        return row
    plan = await work.session.get_one(CarePlan, occurrence.plan_id)
    questionnaire = questionnaire_of(library, plan.template, occurrence.activity)
    return await rows.make(work, patient, questionnaire.id, occurrence.due_at, occurrence.id) if questionnaire else None


def questionnaire_of(library: Library, template: str, activity: str) -> Questionnaire | None:
    """What an activity of a plan asks; None when the plan or the questions are gone from content."""
    plan = library.plans.get(template)
    subjects = [each.subject for each in plan.everything if each.key == activity] if plan else []
    return library.checkins.questionnaires.get(subjects[0]) if subjects else None


async def of_treatment(work: Work, library: Library, patient_id: str) -> list[Questionnaire]:
    """Every questionnaire that belongs to one of a patient's living plans."""
    living = select(CarePlan.template).where(CarePlan.patient_id == patient_id, CarePlan.ended_at.is_(None))
    templates = set(await work.session.scalars(living))
    return [each for each in library.checkins.questionnaires.values() if templates.intersection(each.plans)]
