"""Visits and tests that took place, on a nurse's word: whether inside the window of their guideline."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from care.content.library import Library
from care.kit.database import Work
from care.messages.service import clear_messages
from care.people.clocks import local
from care.people.patients import NotFound
from care.plans.adherence import share
from care.plans.occurrences import subject_of
from care.plans.tables import Occurrence

BOOKABLE = ("appointment", "lab")
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


async def mark_visit(work: Work, patient_id: str, occurrence_id: str, done_on: date | None) -> Occurrence:
    """A visit took place on a day, or (None) did not take place at all.  A later word corrects an earlier one.

    Raises NotFound for no visit of this patient, ValueError for a day to come.
    """
    row = await work.session.get(Occurrence, occurrence_id)
    if row is None or row.patient_id != patient_id or row.kind not in BOOKABLE:
        raise NotFound(occurrence_id)
    if done_on and done_on > local(work.now, row.zone).date():
        raise ValueError("a visit cannot have taken place on a day to come")
    row.answer, row.done_on, row.answered_at = DONE if done_on else NOT_DONE, done_on, work.now
    await clear_messages(work, [row.id], "answered")
    await work.session.flush()
    return row


def kept(visits: list[Visit], today: date) -> Kept:
    """Of visits that took place, were said not to, or whose window is over."""
    over = [each for each in visits if each.answer or (each.latest or each.due) < today]
    inside = sum(each.in_window is True for each in over)
    outside = sum(each.in_window is False or each.answer == NOT_DONE for each in over)
    return Kept(len(over), inside, outside, len(over) - inside - outside)
