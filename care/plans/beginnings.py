"""A plan that begins beside those a patient follows already: a change like any other, with who, when, and its way back."""

from care.content.library import Library
from care.kit.database import Work
from care.plans.changes import BEGUN, Change, changing
from care.plans.enrol import Enrolment, enrol
from care.plans.tables import CarePlan, PlanChange


async def add_plan(
    work: Work, library: Library, patient_id: str, choice: Enrolment, staff_id: str
) -> tuple[PlanChange, CarePlan]:
    """One more plan for a patient.  Raises ChangeRefused or EnrolmentRefused with every problem; nothing was written then."""
    async with work.session.begin_nested():  # house: commit - a plan that cannot begin leaves no change behind
        async with changing(work, library, patient_id, "plan.added", staff_id) as change:
            if change.patient_ended_at is not None:
                change.forbid("patient-ended", "template")
            # Two living copies of one template would say everything twice; a second press of the button comes here too.
            if choice.template in {plan.template for plan in change.plans.values()}:
                change.forbid("plan-twice", "template")
        begun = await begin(change, choice)
        change.made.plan_id = begun.id
    return change.made, begun


async def begin(change: Change, choice: Enrolment) -> CarePlan:
    """Enrol as a part of a change that was written, so that taking it back ends what began with it."""
    begun = await enrol(change.work, change.library, change.patient, choice, change.staff_id)
    change.made.detail = {**change.made.detail, BEGUN: {begun.id: [None, begun.template]}}
    return begun
