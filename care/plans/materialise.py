"""Rows of what falls due: made 48 hours ahead for every living plan, never made twice."""

from typing import Any, cast

from sqlalchemy import CursorResult, select, update

from care.alarms.service import raise_once
from care.content.library import Library
from care.kit.database import Work
from care.kit.logs import get_log
from care.people.tables import Patient
from care.plans.reconcile import LOOK_AT_LEAST, look, reconcile
from care.plans.state import PlanUnreadable
from care.plans.tables import CarePlan

BATCH = 100  # plans whose rows share a commit: reminders that fall due meanwhile wait for it, about half a second
log = get_log("plans")


async def materialise_some(work: Work, library: Library) -> tuple[int, bool]:
    """Write what came into sight of living plans that have something new, of so many that nobody waits for it.

    Returns new messages, and whether more plans wait.
    """
    plans = await _waiting(work)
    return await _write(work, library, plans), len(plans) == BATCH


async def look_at_all_again(work: Work) -> int:
    """Every living plan is looked at with the next tick.  Returns how many."""
    alive = update(CarePlan).where(CarePlan.ended_at.is_(None)).values(look_again_at=work.now)
    return cast(CursorResult[Any], await work.session.execute(alive.execution_options(synchronize_session=False))).rowcount


async def _waiting(work: Work) -> list[tuple[CarePlan, Patient]]:
    """Plans in which something comes into sight, the longest overdue first.

    Whoever is changing a plan holds its patient, and writes the rows of the change: such a plan is left for the next time.
    A moment far in the future was written before the clock went back.  Asked one by one, and in no other order than the
    index has: of a hundred thousand plans with one moment all would be read and sorted for each hundred.
    """
    plans = select(CarePlan, Patient).join(Patient, Patient.id == CarePlan.patient_id)
    alive = plans.where(CarePlan.ended_at.is_(None), Patient.ended_at.is_(None)).with_for_update(of=Patient, skip_locked=True)
    seen = CarePlan.look_again_at
    waiting: list[tuple[CarePlan, Patient]] = []
    for why in (seen <= work.now, seen.is_(None), seen > work.now + LOOK_AT_LEAST):
        some = alive.where(why).order_by(seen).limit(BATCH - len(waiting))
        waiting += [(plan, patient) for plan, patient in await work.session.execute(some)]
        if len(waiting) == BATCH:
            break
    return waiting


async def _write(work: Work, library: Library, plans: list[tuple[CarePlan, Patient]]) -> int:
    looks = []
    for plan, patient in plans:
        try:
            looks.append(look(work, library, plan, patient))
        except PlanUnreadable as wrong:
            await _report(work, plan, patient, wrong)
            plan.look_again_at = work.now + LOOK_AT_LEAST
        await _ask_about_pause(work, plan, patient)
    return await reconcile(work, looks) if looks else 0


async def _report(work: Work, plan: CarePlan, patient: Patient, wrong: PlanUnreadable) -> None:
    """One plan nobody can read must not hold up the others, and its patient must not go unreminded unseen."""
    log.error("plan.unreadable", plan_id=plan.id, reason=str(wrong))
    await raise_once(work, patient, "plan-unreadable", "same-day", "plan")


async def _ask_about_pause(work: Work, plan: CarePlan, patient: Patient) -> None:
    """A pause nobody thinks of is a patient nobody reminds: from its day on a nurse is asked."""
    over = plan.paused_at and plan.ask_on and plan.ask_on <= work.now.date()
    if over:
        await raise_once(work, patient, "pause-over", "same-day", "plan")


async def materialise_plan(work: Work, library: Library, plan: CarePlan, patient: Patient) -> int:
    """The same for one plan: right after enrolment.  Raises PlanUnreadable."""
    return await reconcile(work, [look(work, library, plan, patient)])
