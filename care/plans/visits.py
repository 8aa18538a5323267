"""Visits and tests that took place, on a nurse's word: whether inside the window of their guideline."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from care.content.library import Library
from care.kit.database import Work
from care.messages.service import clear_messages
from care.people.clocks import local
from care.people.patients import NotFound
from care.people.tables import Patient
from care.plans.adherence import share
from care.plans.materialise import materialise_plan
from care.plans.occurrences import subject_of
from care.plans.reconcile import BOOKABLE as BOOKABLE
from care.plans.state import PlanUnreadable
from care.plans.tables import CarePlan, Occurrence

DONE, NOT_DONE = "done", "not-done"
SHOWN_FOR = timedelta(days=120)


@dataclass(frozen=True)
class Visit:
    """One visit whose window has begun."""

    id: str
    subject: str
    due: date
    earliest: date | None
    latest: date | None
    booked_on: date | None
    answer: str | None
    done_on: date | None

    @property
    def in_window(self) -> bool | None:
        """None while nobody said that it took place."""
        return is_in_window(self.done_on, self.earliest or self.due, self.latest or self.due)


@dataclass(frozen=True)
class Kept:
    """How many visits took place inside their window, of those whose window is over or that took place."""

    due: int
    inside: int
    outside: int
    unknown: int  # nobody has said yet

    @property
    def percent(self) -> int | None:
        return share(self.inside, self.due)


def is_in_window(done_on: date | None, earliest: date, latest: date) -> bool | None:
    return None if done_on is None else earliest <= done_on <= latest


async def visits_of(work: Work, library: Library, patient_id: str, zone: str) -> list[Visit]:
    """The visits of the last months whose window has begun, newest first."""
    today = local(work.now, zone).date()
    mine = select(Occurrence).where(Occurrence.patient_id == patient_id, Occurrence.kind.in_(BOOKABLE))
    recent = mine.where(Occurrence.dropped.is_(None), Occurrence.due_at > work.now - SHOWN_FOR)
    rows = await work.session.scalars(recent.order_by(Occurrence.due_at.desc()))
    return [await _shown(work, library, row) for row in rows if (row.earliest or row.local_date) <= today]


async def _shown(work: Work, library: Library, row: Occurrence) -> Visit:
    subject = await subject_of(work, library, row)
    return Visit(row.id, subject, row.local_date, row.earliest, row.latest, row.booked_on, row.answer, row.done_on)


async def mark_visit(work: Work, library: Library, patient_id: str, occurrence_id: str, done_on: date | None) -> Occurrence:
    """A visit took place on a day, or (None) did not take place at all.  A later word corrects an earlier one.

    Nobody prepares any more for what is marked.  "Done" taken back before the appointment leaves it open as it was.
    Raises NotFound for no visit of this patient, ValueError for a day to come.
    """
    await work.session.execute(select(Patient.id).where(Patient.id == patient_id).with_for_update())  # a look ahead waits
    row = await work.session.get(Occurrence, occurrence_id)
    if row is None or row.patient_id != patient_id or row.kind not in BOOKABLE:
        raise NotFound(occurrence_id)
    if done_on and done_on > local(work.now, row.zone).date():
        raise ValueError("a visit cannot have taken place on a day to come")
    _answer(row, done_on, work.now)
    if row.answer:
        await clear_messages(work, [row.id], "answered")
    await work.session.flush()
    plan, patient = await work.session.get_one(CarePlan, row.plan_id), await work.session.get_one(Patient, patient_id)
    with suppress(PlanUnreadable):  # its patient is on the worklist already
        await materialise_plan(work, library, plan, patient)
    return row


def _answer(row: Occurrence, done_on: date | None, now: datetime) -> None:
    is_open_again = done_on is None and row.answer == DONE and row.due_at > now
    word = DONE if done_on else NOT_DONE
    row.answer, row.answered_at = (None, None) if is_open_again else (word, now)
    row.done_on = done_on


def kept(visits: list[Visit], today: date) -> Kept:
    """Of visits that took place, were said not to, or whose window is over."""
    over = [each for each in visits if each.answer or (each.latest or each.due) < today]
    inside = sum(each.in_window is True for each in over)
    outside = sum(each.in_window is False or each.answer == NOT_DONE for each in over)
    return Kept(len(over), inside, outside, len(over) - inside - outside)
