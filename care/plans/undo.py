"""Taking a change back, as long as it is safe: nobody has changed the same since, and nothing of it has been acted upon."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select

from care.content.library import Library
from care.kit.database import Work
from care.messages.tables import Mention, Message
from care.people.patients import NotFound
from care.plans.changes import BEGUN, PATIENT, Change, before, changing
from care.plans.checks import check_doses
from care.plans.cycles import begun_cycles, moved_cycles
from care.plans.sayings import may_speak
from care.plans.tables import CarePlan, Occurrence, PlanChange

DONE_AGAIN = ("plan.paused", "plan.resumed", "clock.changed")  # time has passed in them


def may_try(change: PlanChange) -> bool:
    """Whether a change can be taken back at all; whether it is safe by now, `undo` looks."""
    return change.undone_at is None and change.kind not in ("change.undone", *DONE_AGAIN)


async def undo(work: Work, library: Library, clinic_id: str, change_id: str, staff_id: str) -> PlanChange:
    """Put everything back as it was before a change.  Raises ChangeRefused where that would be no mend.

    A pause is ended and a clock changed back by a word of its own: time has passed meanwhile, and cannot be taken back.
    """
    done = await _find(work, clinic_id, change_id)
    async with changing(work, library, done.patient_id, "change.undone", staff_id) as change:
        if done.kind == "plan.paused":
            change.forbid("resume-instead")
        elif done.kind == "plan.resumed":
            change.forbid("pause-instead")
        elif done.kind == "clock.changed":
            change.forbid("travel-instead")
        elif done.undone_at is not None or done.kind == "change.undone":
            change.forbid("already-undone")
        else:
            await _put_back(change, done)
    done.undone_at, done.undone_by = work.now, staff_id
    await work.session.flush()
    return change.made


async def _find(work: Work, clinic_id: str, change_id: str) -> PlanChange:
    done = await work.session.get(PlanChange, change_id, populate_existing=True)
    if done is None or done.clinic_id != clinic_id:
        raise NotFound(change_id)
    return done


async def _put_back(change: Change, done: PlanChange) -> None:
    await _add_ended_plans(change, done)
    if not _is_as_left(change, done.detail):
        change.forbid("changed-since")
        return
    change.plan_id = done.plan_id
    for plan_id in change.plans.keys() & done.detail.keys():
        begun = begun_cycles(change, plan_id)
        change.set(plan_id, **before(done.detail, plan_id))
        if not change.states[plan_id].is_quiet:
            await _check(change, plan_id, begun)
    if PATIENT in done.detail:
        change.patient_ended_at = before(done.detail, PATIENT).get("ended_at", change.patient_ended_at)
    await _end_begun(change, done)
    _check_living(change)


async def _end_begun(change: Change, done: PlanChange) -> None:
    """What began with a change ends with it, unless it has ended meanwhile."""
    for plan_id in done.detail.get(BEGUN, {}):
        if await _was_heard_of(change.work, plan_id):
            change.forbid("already-told")
        if plan_id in change.plans:
            change.set(plan_id, ended_at=change.work.now, ended_because="undone")
        elif not done.detail.keys() - {BEGUN}:
            change.forbid("changed-since")


def _check_living(change: Change) -> None:
    """No plan comes back beside another of its kind, which would say everything twice, nor to whom nothing is said any more."""
    living = [plan for plan_id, plan in change.plans.items() if change.states[plan_id].ended_at is None]
    back = [plan for plan in living if plan.ended_at is not None]
    kinds = [plan.template for plan in living]
    if any(kinds.count(plan.template) > 1 for plan in back):
        change.forbid("plan-twice")
    if back and change.patient_ended_at is not None:
        change.forbid("patient-ended")


async def _add_ended_plans(change: Change, done: PlanChange) -> None:
    """Plans that this change ended are not living ones, and come back with it."""
    rows = select(CarePlan).where(CarePlan.id.in_(list(done.detail)), CarePlan.patient_id == change.patient.id)
    for plan in await change.work.session.scalars(rows.with_for_update()):
        change.add(plan)


def _is_as_left(change: Change, detail: Mapping[str, Mapping[str, list[Any]]]) -> bool:
    """Whether every field still holds what the change wrote."""
    now = {plan_id: change.as_json(plan_id) for plan_id in change.plans}
    now[PATIENT] = change.patient_as_json()
    left = {row: {name: pair[1] for name, pair in fields.items()} for row, fields in detail.items() if row != BEGUN}
    return all(row in now and now[row].get(name) == value for row, fields in left.items() for name, value in fields.items())


async def _check(change: Change, plan_id: str, begun: Mapping[int, date]) -> None:
    """A cycle that has begun cannot be taken back or put on other days, and none may begin by being put back."""
    would_have = begun_cycles(change, plan_id)
    for number in moved_cycles(begun, would_have):
        if number in begun and number in would_have:
            change.forbid("cycle-under-way", "cycle", number=str(number))
        elif number in begun:
            change.forbid("cycle-begun", "cycle", number=str(number))
        else:
            change.forbid("cycle-would-begin", "cycle", number=str(number))
    await check_doses(change, plan_id)


async def _was_heard_of(work: Work, plan_id: str) -> bool:
    said = (
        select(Message).join(Mention, Mention.message_id == Message.id).join(Occurrence, Occurrence.id == Mention.occurrence_id)
    )
    return any(not may_speak(message) for message in await work.session.scalars(said.where(Occurrence.plan_id == plan_id)))
