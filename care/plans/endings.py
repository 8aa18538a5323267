"""What ends a course: its own end, comfort instead of cure, the illness that came back, discharge, death.

Reminders stop at once, before the next claim.
"""

from care.content.library import Library
from care.kit.database import Work
from care.plans.beginnings import begin
from care.plans.changes import Change, changing
from care.plans.enrol import Enrolment
from care.plans.tables import CarePlan, PlanChange

ENDED = ("finished", "palliative", "recurrence", "discharge", "death")  # why a plan is over


async def turn_palliative(
    work: Work, library: Library, patient_id: str, staff_id: str, comfort: Enrolment | None = None
) -> tuple[PlanChange, CarePlan | None]:
    """Comfort care: every plan that aims at cure ends, and the plan of comfort begins with it if it is given."""
    async with work.session.begin_nested():  # house: commit - where comfort cannot begin, cure has not ended either
        async with changing(work, library, patient_id, "care.palliative", staff_id) as change:
            _end(change, "palliative")
        begun = await begin(change, comfort) if comfort else None
    return change.made, begun


async def record_recurrence(work: Work, library: Library, patient_id: str, staff_id: str) -> PlanChange:
    """The illness is back: follow-up of a cure ends; what treatment follows is a new plan, which a person begins."""
    async with changing(work, library, patient_id, "illness.returned", staff_id) as change:
        _end(change, "recurrence")
    return change.made


async def end_plan(work: Work, library: Library, plan: CarePlan, staff_id: str, why: str = "") -> PlanChange:
    """One plan has done its work, or is not wanted any more; the others go on."""
    async with changing(work, library, plan.patient_id, "plan.ended", staff_id, plan.id) as change:
        change.why, change.dropped_as = why.strip(), "ended"
        change.set(plan.id, ended_at=work.now, ended_because="finished")
    return change.made


async def record_discharge(work: Work, library: Library, patient_id: str, staff_id: str) -> PlanChange:
    """The clinic follows this patient no longer: every plan ends, and nothing is sent any more."""
    return await _end_all(work, library, patient_id, "patient.discharged", "discharge", staff_id)


async def record_death(work: Work, library: Library, patient_id: str, staff_id: str) -> PlanChange:
    """Nothing is ever sent again: no plan, no notice, no answer that was waiting."""
    return await _end_all(work, library, patient_id, "patient.died", "death", staff_id)


async def _end_all(work: Work, library: Library, patient_id: str, kind: str, because: str, staff_id: str) -> PlanChange:
    async with changing(work, library, patient_id, kind, staff_id) as change:
        if change.patient_ended_at is not None:
            change.forbid("patient-ended")
        change.patient_ended_at = work.now
        for id_ in change.states:
            change.set(id_, ended_at=work.now, ended_because=because)
        change.dropped_as = "ended"
    return change.made


def _end(change: Change, because: str) -> None:
    """A plan whose template is gone ends too: nobody can say any more that it was for comfort."""
    change.dropped_as = "ended"
    for id_, plan in change.plans.items():
        template = change.library.plans.get(plan.template)
        if template is None or template.aim != "comfort":
            change.set(id_, ended_at=change.work.now, ended_because=because)
