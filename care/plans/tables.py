"""Rows of care plans: what a patient is enrolled in and each thing that falls due."""

from datetime import date, datetime

from sqlalchemy import JSON, Date, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from care.kit.database import Base, Moment
from care.people.tables import Id


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
    confirmed_cycles: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)  # activity key -> last cycle a nurse confirmed
    note_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    paused_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment)
    created_by: Mapped[str] = mapped_column(ForeignKey("staff.id"))


class Occurrence(Base):
    """One thing due once: a dose, a visit, a notice.  The slot is its identity, the hour may be edited."""

    __tablename__ = "occurrence"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    clinic_id: Mapped[str] = mapped_column(ForeignKey("clinic.id"), index=True)
    patient_id: Mapped[str] = mapped_column(ForeignKey("patient.id"))
    plan_id: Mapped[str] = mapped_column(ForeignKey("care_plan.id"))
    activity: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(20))  # medicine, appointment, lab, education, self-care
    local_date: Mapped[date] = mapped_column(Date)
    slot: Mapped[int]
    hour: Mapped[str] = mapped_column(String(5))  # wall clock as the patient reads it
    zone: Mapped[str] = mapped_column(String(40))
    due_at: Mapped[datetime] = mapped_column(Moment)
    useful_until: Mapped[datetime] = mapped_column(Moment)
    answer: Mapped[str | None] = mapped_column(String(10))  # taken, missed; None = unanswered
    answered_at: Mapped[datetime | None] = mapped_column(Moment)
    reason: Mapped[str | None] = mapped_column(String(40))
    __table_args__ = (
        UniqueConstraint("plan_id", "activity", "local_date", "slot", name="uq_occurrence_slot"),
        Index("ix_occurrence_patient_due", "patient_id", "due_at"),
    )
