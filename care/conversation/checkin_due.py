"""Which check-ins are due: from the plan's occurrences, and from what a treatment asks about."""

from sqlalchemy import select

from care.content.checkin_types import Questionnaire
from care.content.library import Library
from care.conversation import checkin_rows as rows
from care.conversation.tables import CheckIn
from care.kit.database import Work
from care.messages.facts import CHECK_IN
from care.people.tables import Patient
from care.plans.tables import CarePlan, Occurrence


async def from_occurrence(work: Work, library: Library, patient: Patient, occurrence: Occurrence) -> CheckIn | None:
    """The check-in an occurrence asks for, made when it is not there yet; None when it is none, or content knows it no more."""
    questionnaire = questionnaire_of(library, occurrence)
    if questionnaire is None:
        return None
    row = await rows.of_occurrence(work, patient.id, occurrence.id)
    return row or await rows.make(work, patient, questionnaire.id, occurrence.due_at, occurrence.id)


def questionnaire_of(library: Library, occurrence: Occurrence) -> Questionnaire | None:
    """A check-in is called by its questionnaire and its place in the plan: `q-pain-2`."""
    name = occurrence.activity.rpartition("-")[0]
    return library.checkins.questionnaires.get(name) if occurrence.kind == CHECK_IN else None


async def of_treatment(work: Work, library: Library, patient_id: str) -> list[Questionnaire]:
    """Every questionnaire that belongs to one of a patient's living plans."""
    living = select(CarePlan.template).where(CarePlan.patient_id == patient_id, CarePlan.ended_at.is_(None))
    templates = set(await work.session.scalars(living))
    return [each for each in library.checkins.questionnaires.values() if templates.intersection(each.plans)]
