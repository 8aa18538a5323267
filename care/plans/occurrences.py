"""What a patient says of a dose, and which dose it belongs to."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased

from care.content.library import Library
from care.content.message_rules import QUESTION
from care.kit.database import Work, insert_new
from care.kit.ids import new_id, new_id_at
from care.messages.facts import SAID
from care.messages.service import clear_messages
from care.messages.tables import Mention, Message
from care.plans.tables import CarePlan, Occurrence

EARLY = timedelta(hours=2)  # a dose may be confirmed a little before its hour
LATE = timedelta(hours=24)  # and belongs to its due dose until the next day
SNOOZE = timedelta(minutes=30)


async def answer(work: Work, occurrence: Occurrence, said: str, reason: str | None = None) -> bool:
    """Record `taken` or `missed`; a later word corrects an earlier one.  False when it was already so."""
    if occurrence.answer == said and (reason is None or occurrence.reason == reason):
        return False
    occurrence.answer, occurrence.answered_at = said, work.now
    occurrence.reason = reason if said == "missed" else None
    await clear_messages(work, [occurrence.id], "answered")
    await work.session.flush()
    return True


async def open_dose(work: Work, patient_id: str, early: timedelta = EARLY) -> Occurrence | None:
    """The dose an unaddressed "taken" belongs to: the latest due one that is unanswered, else one due very soon."""
    doses = select(Occurrence).where(
        Occurrence.patient_id == patient_id,
        Occurrence.kind == "medicine",
        Occurrence.answer.is_(None),
        Occurrence.dropped.is_(None),
        Occurrence.due_at > work.now - LATE,
        Occurrence.due_at <= work.now + early,
    )
    return await work.session.scalar(doses.order_by(Occurrence.due_at > work.now, Occurrence.due_at.desc()).limit(1))


async def last_answered_dose(work: Work, patient_id: str) -> Occurrence | None:
    """The dose answered most recently today, so that "taken" said twice is recognised as one dose."""
    doses = select(Occurrence).where(
        Occurrence.patient_id == patient_id, Occurrence.kind == "medicine", Occurrence.answered_at > work.now - LATE
    )
    return await work.session.scalar(doses.order_by(Occurrence.answered_at.desc()).limit(1))


async def find_occurrence(work: Work, patient_id: str, occurrence_id: str) -> Occurrence | None:
    occurrence = await work.session.get(Occurrence, occurrence_id)
    return occurrence if occurrence and occurrence.patient_id == patient_id else None


async def said_together(work: Work, occurrence: Occurrence) -> list[Occurrence]:
    """This dose and those that were named in one reminder with it, as far as they are still open."""
    here, there = aliased(Mention), aliased(Mention)
    with_it = select(there.occurrence_id).join(here, here.message_id == there.message_id)
    named = with_it.where(here.occurrence_id == occurrence.id)
    still_open = (Occurrence.answer.is_(None), Occurrence.dropped.is_(None), Occurrence.id != occurrence.id)
    rows = select(Occurrence).where(Occurrence.id.in_(named), Occurrence.due_at == occurrence.due_at, *still_open)
    return [occurrence, *await work.session.scalars(rows.order_by(Occurrence.activity, Occurrence.plan_id))]


async def asked_together(work: Work, occurrence: Occurrence, answered: bool = False) -> list[Occurrence]:
    """The doses of one morning's question that nobody answered yet, this one among them if it is; oldest first."""
    of = select(Mention.message_id).join(Message, Message.id == Mention.message_id).where(Message.state.in_(SAID))
    of = of.where(Mention.occurrence_id == occurrence.id, Mention.step == QUESTION)
    named = select(Mention.occurrence_id).where(Mention.step == QUESTION, Mention.message_id.in_(of))
    if not answered:
        return await _unanswered(work, named)
    rows = select(Occurrence).where(Occurrence.id.in_(named), Occurrence.dropped.is_(None))
    return list(await work.session.scalars(rows.order_by(Occurrence.due_at, Occurrence.activity)))


async def asked_this_morning(work: Work, patient_id: str) -> list[Occurrence]:
    """What a word without a button is about when the question was the last thing we said; nothing when it was not."""
    said = select(Message).where(
        Message.patient_id == patient_id, Message.kind.in_(("medicine", QUESTION)), Message.state.in_(SAID)
    )
    last = await work.session.scalar(said.where(Message.next_at <= work.now).order_by(Message.next_at.desc()).limit(1))
    if last is None or last.kind != QUESTION or await _answered_since(work, patient_id, last.next_at):
        return []
    return await _unanswered(work, select(Mention.occurrence_id).where(Mention.message_id == last.id))


async def _answered_since(work: Work, patient_id: str, moment: datetime) -> bool:
    before = await last_answered_dose(work, patient_id)
    return bool(before and before.answered_at and before.answered_at > moment)


async def _unanswered(work: Work, ids: Select[str]) -> list[Occurrence]:
    still_open = (Occurrence.answer.is_(None), Occurrence.dropped.is_(None))
    rows = select(Occurrence).where(Occurrence.id.in_(ids), *still_open)
    return list(await work.session.scalars(rows.order_by(Occurrence.due_at, Occurrence.activity)))


async def missed_with(work: Work, occurrence: Occurrence) -> list[Occurrence]:
    """This dose and those that were answered "missed" in the same word: one reason is told for all of them."""
    rows = select(Occurrence).where(Occurrence.patient_id == occurrence.patient_id, Occurrence.id != occurrence.id)
    same = rows.where(
        Occurrence.answer == "missed", Occurrence.answered_at == occurrence.answered_at, Occurrence.reason.is_(None)
    )
    return [occurrence, *await work.session.scalars(same)]


async def subject_of(work: Work, library: Library, occurrence: Occurrence) -> str:
    """The phrase that names a medicine or a visit; "your medicine" when its template is gone."""
    plan = await work.session.get_one(CarePlan, occurrence.plan_id)
    template = library.plans.get(plan.template)
    named = {each.key: each.subject for each in template.activities} if template else {}
    return named.get(occurrence.activity, "medicine-your")


async def snooze(work: Work, occurrence: Occurrence) -> datetime | None:
    """Say this dose, and those said with it, half an hour later again.

    None when it would not be said: its window is over by then, it was taken or called off, or its plan is paused or over.
    """
    again_at = work.now + SNOOZE
    if again_at >= occurrence.useful_until or occurrence.answer == "taken" or occurrence.dropped:
        return None
    plan = await work.session.get_one(CarePlan, occurrence.plan_id)
    if plan.paused_at or plan.ended_at:
        return None
    doses = [each.id for each in await said_together(work, occurrence)]
    await clear_messages(work, doses, "snoozed", "medicine")  # the question of the morning after still waits
    named = select(Mention, Message).join(Message, Message.id == Mention.message_id).where(Mention.occurrence_id.in_(doses))
    rows = (await work.session.execute(named.order_by(Message.due_at))).all()
    if not rows:
        return None
    said = {mention.occurrence_id: mention.said for mention, _ in reversed(rows)}
    later = _again(rows[0][1], again_at, work.now)
    await insert_new(work, Message, [later])
    step = later["key"].rsplit(":", 1)[1]
    names = [{"occurrence_id": id_, "step": step, "message_id": later["id"], "said": said[id_]} for id_ in doses if id_ in said]
    await insert_new(work, Mention, names)
    return again_at


def _again(first: Message, at: datetime, now: datetime) -> dict[str, Any]:
    """The same reminder as a new row."""
    row = {column.name: getattr(first, column.name) for column in Message.__table__.columns}
    fresh: dict[str, Any] = {"id": new_id_at(now), "key": f"{first.key.rsplit(':', 1)[0]}:later-{new_id()}", "state": "due"}
    fresh |= {"due_at": at, "next_at": at, "created_at": now, "attempt": 0, "ambiguous": 0}
    return row | fresh | dict.fromkeys(("why", "lease_until", "lease_owner", "channel", "provider_id", "seen_by"))


async def next_expected(work: Work, patient_id: str, kinds: tuple[str, ...]) -> Occurrence | None:
    """The next thing due of some kinds, already materialised."""
    coming = select(Occurrence).where(
        Occurrence.patient_id == patient_id,
        Occurrence.kind.in_(kinds),
        Occurrence.due_at > work.now,
        Occurrence.answer.is_(None),
        Occurrence.dropped.is_(None),
    )
    return await work.session.scalar(coming.order_by(Occurrence.due_at).limit(1))


async def coming_of_plan(work: Work, plan_id: str, most: int) -> list[Occurrence]:
    """What falls due next of one plan, already materialised: as it will really be said, whatever was changed meanwhile."""
    open_ones = (Occurrence.due_at > work.now, Occurrence.answer.is_(None), Occurrence.dropped.is_(None))
    rows = select(Occurrence).where(Occurrence.plan_id == plan_id, *open_ones)
    return list(await work.session.scalars(rows.order_by(Occurrence.due_at, Occurrence.activity).limit(most)))
