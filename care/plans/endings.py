"""What ends a course: comfort instead of cure, the illness that came back, death.  All curative reminders stop at once."""

from care.content.library import Library
from care.kit.database import Work
from care.plans.changes import BEGUN, Change, changing
from care.plans.enrol import Enrolment, enrol
from care.plans.tables import CarePlan, PlanChange


async def turn_palliative(
    work: Work, library: Library, patient_id: str, staff_id: str, comfort: Enrolment | None = None
) -> tuple[PlanChange, CarePlan | None]:
    """Comfort care: every plan that aims at cure ends, and the plan of comfort begins with it if it is given."""
    async with work.session.begin_nested():  # house: commit - where comfort cannot begin, cure has not ended either
        async with changing(work, library, patient_id, "care.palliative", staff_id) as change:
            _end(change, "palliative")
        begun = await enrol(work, library, change.patient, comfort, staff_id) if comfort else None
        if begun:
            change.made.detail = {**change.made.detail, BEGUN: {begun.id: [None, begun.template]}}
    return change.made, begun


async def record_recurrence(work: Work, library: Library, patient_id: str, staff_id: str) -> PlanChange:
    """The illness is back: follow-up of a cure ends; what treatment follows is a new plan, which a person begins."""
    async with changing(work, library, patient_id, "illness.returned", staff_id) as change:
        _end(change, "recurrence")
    return change.made


async def record_death(work: Work, library: Library, patient_id: str, staff_id: str) -> PlanChange:
    """Nothing is ever sent again: no plan, no notice, no answer that was waiting."""
    async with changing(work, library, patient_id, "patient.died", staff_id) as change:
        if change.patient_ended_at is not None:
            change.forbid("patient-ended")
        change.patient_ended_at = work.now
        for id_ in change.states:
            change.set(id_, ended_at=work.now, ended_because="death")
        change.dropped_as = "ended"
    return change.made


def _end(change: Change, because: str) -> None:
    """A plan whose template is gone ends too: nobody can say any more that it was for comfort."""
    change.dropped_as = "ended"
    for id_, plan in change.plans.items():
        template = change.library.plans.get(plan.template)
        if template is None or template.aim != "comfort":
            change.set(id_, ended_at=change.work.now, ended_because=because)
