"""Doses whose window ended without a word: each is looked at once, and the ladder after it is asked."""

from collections.abc import Iterable
from itertools import groupby

from sqlalchemy import or_, select, text

from care.content.library import Library
from care.kit.database import Work
from care.messages.facts import SAID
from care.messages.tables import Mention, Message
from care.messages.types import Skip
from care.people.consent import allows
from care.people.tables import Patient
from care.plans.missed import UNANSWERED, watch_doses
from care.plans.tables import CarePlan, Occurrence

BATCH = 200  # a look: reminders that fall due meanwhile wait for it
# Written out as the index ix_occurrence_silent is: neither database proves that a bound value lies in it.
WAITING = text(
    "occurrence.kind = 'medicine' and occurrence.answer is null and occurrence.dropped is null and occurrence.silence is null"
)
UNASKED = "unasked"  # nothing was said about it: not the patient's silence


async def watch_silence(work: Work, library: Library) -> bool:
    """Note which doses ended unanswered and ask the rules about them.  Returns whether more wait.

    One read of a partial index that holds nothing but doses nobody answered yet.
    """
    rows = await _ended(work)
    asked = await _asked(work, [dose.id for dose, _, _ in rows])
    for dose, patient, plan in rows:
        heard = dose.id in asked and not (patient.stopped_at or patient.ended_at or plan.paused_at or plan.ended_at)
        dose.silence = UNANSWERED if heard else UNASKED
    await work.session.flush()
    await _watch(work, library, [(dose, patient) for dose, patient, _ in rows if dose.silence == UNANSWERED])
    return len(rows) == BATCH


async def _ended(work: Work) -> list[tuple[Occurrence, Patient, CarePlan]]:
    ended = select(Occurrence, Patient, CarePlan).join(Patient, Patient.id == Occurrence.patient_id)
    ended = ended.join(CarePlan, CarePlan.id == Occurrence.plan_id).where(WAITING, Occurrence.useful_until <= work.now)
    ended = ended.order_by(Occurrence.useful_until).limit(BATCH)  # as the index is: thousands end at one moment
    # Whoever answers or changes a plan holds the patient: such a dose is left for the next look.
    locked = ended.with_for_update(of=(Occurrence, Patient), skip_locked=True)
    return [(dose, patient, plan) for dose, patient, plan in await work.session.execute(locked)]


async def _watch(work: Work, library: Library, silent: Iterable[tuple[Occurrence, Patient]]) -> None:
    by_patient = sorted(silent, key=lambda row: row[1].id)
    for _, rows in groupby(by_patient, key=lambda row: row[1].id):
        doses = list(rows)
        if await allows(work, doses[0][1].id, "reminders"):
            await watch_doses(work, library, doses[0][1], [dose for dose, _ in doses])


async def _asked(work: Work, ids: list[str]) -> set[str]:
    """Those that a patient was told of; what a restore held back was not said, or nobody knows."""
    told = select(Mention.occurrence_id).join(Message, Message.id == Mention.message_id)
    told = told.where(Mention.occurrence_id.in_(ids), Message.state.in_(SAID))
    return set(await work.session.scalars(told.where(or_(Message.why.is_(None), Message.why != Skip.RESTORED))))
