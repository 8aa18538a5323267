"""A pause: in hospital, or because a clinician holds the treatment.  Nothing falls due until a nurse ends it."""

from datetime import date, timedelta

from care.content.library import Library
from care.kit.database import Work
from care.plans.changes import changing
from care.plans.tables import PlanChange

PAUSES = ("hospital", "hold")
ASK_AFTER = timedelta(days=7)  # a proposal: then a nurse is asked whether the pause still holds
LONGEST = timedelta(days=365)


async def pause(
    work: Work,
    library: Library,
    patient_id: str,
    kind: str,
    staff_id: str,
    plan_id: str | None = None,
    ask_on: date | None = None,
) -> PlanChange:
    """Stop a plan, or all plans of a patient, at once.  What falls due meanwhile does not count as missed."""
    async with changing(work, library, patient_id, "plan.paused", staff_id, plan_id) as change:
        change.dropped_as = "paused"
        today = change.today
        ask_on = ask_on or today + ASK_AFTER
        wanted = [id_ for id_, state in change.states.items() if state.paused_at is None and plan_id in (None, id_)]
        if kind not in PAUSES:
            change.forbid("pause-unknown", "kind")
        if not today < ask_on <= today + LONGEST:
            change.forbid("date-far-away", "ask_on", date=ask_on.isoformat())
        if not wanted:
            change.forbid("already-paused")
        for id_ in wanted:
            change.set(id_, paused_at=work.now, pause_kind=kind, ask_on=ask_on)
    return change.made


async def resume(work: Work, library: Library, patient_id: str, staff_id: str, plan_id: str | None = None) -> PlanChange:
    """Go on from now.  What fell due in the pause stays away: it was not to be taken."""
    async with changing(work, library, patient_id, "plan.resumed", staff_id, plan_id) as change:
        waiting = [id_ for id_, state in change.states.items() if state.paused_at is not None and plan_id in (None, id_)]
        if not waiting:
            change.forbid("not-paused")
        for id_ in waiting:
            change.set(id_, paused_at=None, pause_kind=None, ask_on=None)
    return change.made
