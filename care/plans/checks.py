"""What must hold of a plan's doses whoever changes it: enough of them, far enough apart, and none of them twice."""

from care.plans.changes import Change
from care.plans.clashes import clashes_within, doses_of
from care.plans.enrol import clashes_with_others
from care.plans.hours import slot_problems
from care.plans.problems import PlanProblem


async def check_doses(change: Change, plan_id: str) -> None:
    """Add every problem of a plan's doses to a change."""
    own, facts = change.read(plan_id)
    found = list(slot_problems(own, facts.slots))
    if not found:
        twice = clashes_within(list(doses_of(own, facts)))
        found += [PlanProblem("same-medicine-same-hour", f"slots-{dose.activity}", {"hour": dose.hour}) for dose in twice]
    if not found:
        template, state = change.plans[plan_id].template, change.state(plan_id)
        found += await clashes_with_others(change.work, change.library, change.patient, template, state, but=plan_id)
    change.problems += found
