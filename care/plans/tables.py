"""Rows of care plans: what a patient is enrolled in, each thing that falls due, and who changed what."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from care.kit.database import Base, Moment
from care.people.tables import Id

CHECK_IN = text("kind = 'checkin'")
# Doses that wait for a word, or for their window to end (care/plans/silence.py).
WAITING = text("kind = 'medicine' and answer is null and dropped is null and silence is null")


class CarePlan(Base):
    """One patient's plan: a template, its anchor dates and this patient's own numbers."""

    __tablename__ = "care_plan"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    clinic_id: Mapped[str] = mapped_column(ForeignKey("clinic.id"), index=True)
    patient_id: Mapped[str] = mapped_column(ForeignKey("patient.id"), index=True)
    template: Mapped[str] = mapped_column(String(60))
    template_version: Mapped[str] = mapped_column(String(20))
    anchors: Mapped[dict[str, str]] = mapped_column(JSON)  # anchor name -> ISO date
    slots: Mapped[dict[str, list[str]]] = mapped_column(JSON)  # activity key -> the patient's hours, "08:00"
    confirmed_cycles: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)  # "plan" -> last cycle a nurse confirmed
    cycle_starts: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)  # cycle -> ISO date, where it was moved
    special_times: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)  # hours of some days; never why
    overrides: Mapped[dict[str, dict[str, Any]]] = mapped_column(JSON, default=dict)  # activity key -> fields of its own
    ordered: Mapped[list[str]] = mapped_column(JSON, default=list)  # activities that only an order switches on
    bookings: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)  # "activity ISO-due-date" -> "ISO-date hour"
    note_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    paused_at: Mapped[datetime | None] = mapped_column(Moment)
    pause_kind: Mapped[str | None] = mapped_column(String(20))  # hospital, hold
    ask_on: Mapped[date | None] = mapped_column(Date)  # a pause nobody ends is asked about from this day on
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_because: Mapped[str | None] = mapped_column(String(20))
    created_at: Mapped[datetime] = mapped_column(Moment)
    created_by: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    since: Mapped[datetime | None] = mapped_column(Moment)  # nothing that fell due before is made: enrolled, resumed, changed
    look_again_at: Mapped[datetime | None] = mapped_column(Moment)  # when something new comes into sight
    __table_args__ = (Index("ix_care_plan_look", "look_again_at"),)


class Occurrence(Base):
    """One thing due once: a dose, a visit, a notice.  The slot is its identity, the hour may be edited."""

    __tablename__ = "occurrence"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    clinic_id: Mapped[str] = mapped_column(ForeignKey("clinic.id"), index=True)
    patient_id: Mapped[str] = mapped_column(ForeignKey("patient.id"))
    plan_id: Mapped[str] = mapped_column(ForeignKey("care_plan.id"))
    activity: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(20))  # care/content/plan_shapes.py: KINDS
    local_date: Mapped[date] = mapped_column(Date)
    slot: Mapped[int]
    hour: Mapped[str] = mapped_column(String(5))  # wall clock as the patient reads it
    zone: Mapped[str] = mapped_column(String(40))
    due_at: Mapped[datetime] = mapped_column(Moment)
    useful_until: Mapped[datetime] = mapped_column(Moment)
    earliest: Mapped[date | None] = mapped_column(Date)  # of a visit: the window in which a nurse books it
    latest: Mapped[date | None] = mapped_column(Date)
    booked_on: Mapped[date | None] = mapped_column(Date)
    dropped: Mapped[str | None] = mapped_column(String(20))  # paused, changed, ended: it is not due any more
    answer: Mapped[str | None] = mapped_column(String(10))  # of a dose: taken, missed; of a visit: done, not-done
    answered_at: Mapped[datetime | None] = mapped_column(Moment)
    reason: Mapped[str | None] = mapped_column(String(40))
    silence: Mapped[str | None] = mapped_column(String(10))  # its window ended without a word: unanswered, unasked
    done_on: Mapped[date | None] = mapped_column(Date)  # of a visit: the day it took place
    __table_args__ = (
        UniqueConstraint("plan_id", "activity", "local_date", "slot", name="uq_occurrence_slot"),
        Index("ix_occurrence_patient_due", "patient_id", "due_at"),
        Index("ix_occurrence_check_in", "due_at", sqlite_where=CHECK_IN, postgresql_where=CHECK_IN),
        Index("ix_occurrence_silent", "useful_until", sqlite_where=WAITING, postgresql_where=WAITING),
    )


class Dispense(Base):
    """A medicine handed out: on which day, and for how many days.  Recorded by a nurse."""

    __tablename__ = "dispense"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    clinic_id: Mapped[str] = mapped_column(ForeignKey("clinic.id"))
    patient_id: Mapped[str] = mapped_column(ForeignKey("patient.id"), index=True)
    plan_id: Mapped[str] = mapped_column(ForeignKey("care_plan.id"))
    activity: Mapped[str] = mapped_column(String(60))
    day: Mapped[date] = mapped_column(Date)
    days: Mapped[int]
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    __table_args__ = (UniqueConstraint("plan_id", "activity", "day", name="uq_dispense_day"),)


class PlanChange(Base):
    """One thing that was done to a patient's plans: who, when, why, and how it was before."""

    __tablename__ = "plan_change"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    clinic_id: Mapped[str] = mapped_column(ForeignKey("clinic.id"), index=True)
    patient_id: Mapped[str] = mapped_column(ForeignKey("patient.id"), index=True)
    plan_id: Mapped[str | None] = mapped_column(ForeignKey("care_plan.id"))  # None: of all plans of the patient
    kind: Mapped[str] = mapped_column(String(30))  # noun.past_verb, as in the audit record
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)  # row -> field -> [before, after]
    why_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    made_at: Mapped[datetime] = mapped_column(Moment)
    made_by: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    undone_at: Mapped[datetime | None] = mapped_column(Moment)
    undone_by: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
