"""Rows of the conversation: every line said, what we are waiting for, and check-ins with their answers."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from care.kit.database import Base, Moment
from care.people.tables import Id


class Line(Base):
    """One line of a conversation.  The web app reads this table; its id is the resume point of the stream."""

    __tablename__ = "line"
    id: Mapped[int] = mapped_column(primary_key=True)
    clinic_id: Mapped[str] = mapped_column(ForeignKey("clinic.id"))
    patient_id: Mapped[str] = mapped_column(ForeignKey("patient.id"))
    said_by: Mapped[str] = mapped_column(String(10))  # patient, karez, nurse
    channel: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(80))  # dedupe: the app's own id, or message:<id>
    content_sealed: Mapped[bytes] = mapped_column(LargeBinary)  # JSON: text, act, topic, buttons ...
    at: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = (
        UniqueConstraint("patient_id", "key", name="uq_line_key"),
        Index("ix_line_patient", "patient_id", "id"),
    )


class Dialog(Base):
    """What we wait for from a patient now."""

    __tablename__ = "dialog"
    patient_id: Mapped[str] = mapped_column(ForeignKey("patient.id"), primary_key=True)
    clinic_id: Mapped[str] = mapped_column(ForeignKey("clinic.id"))
    expecting: Mapped[str] = mapped_column(String(20), default="none")
    about: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # e.g. {"occurrence": id}
    misses: Mapped[int] = mapped_column(default=0)  # times in a row we did not understand
    alarm_at: Mapped[datetime | None] = mapped_column(Moment)
    turned_at: Mapped[datetime] = mapped_column(Moment)
    check_in_id: Mapped[str | None] = mapped_column(ForeignKey("check_in.id"))  # being asked; other talk does not end it


class CheckIn(Base):
    """One round of questions, due once or asked for.  Where it stands follows from its answers."""

    __tablename__ = "check_in"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    clinic_id: Mapped[str] = mapped_column(ForeignKey("clinic.id"))
    patient_id: Mapped[str] = mapped_column(ForeignKey("patient.id"))
    questionnaire: Mapped[str] = mapped_column(String(60))  # content/checkins/questionnaires.yml
    occurrence_id: Mapped[str | None] = mapped_column(ForeignKey("occurrence.id"), unique=True)  # None: they asked for it
    due_at: Mapped[datetime] = mapped_column(Moment)
    begun_at: Mapped[datetime | None] = mapped_column(Moment)
    ends_at: Mapped[datetime] = mapped_column(Moment)
    ended: Mapped[str | None] = mapped_column(String(10))  # done; over, whatever was left open
    by_relative: Mapped[bool] = mapped_column(default=False)  # a relative said they answer for the patient
    __table_args__ = (
        Index("ix_check_in_patient", "patient_id", "due_at"),
        Index("ix_check_in_open", "ends_at", sqlite_where=text("ended is null"), postgresql_where=text("ended is null")),
    )


class CheckInAnswer(Base):
    """What was said to one question.  Without a value it stands open: no answer, and never a "no"."""

    __tablename__ = "check_in_answer"
    id: Mapped[int] = mapped_column(primary_key=True)
    clinic_id: Mapped[str] = mapped_column(ForeignKey("clinic.id"))
    patient_id: Mapped[str] = mapped_column(ForeignKey("patient.id"))
    check_in_id: Mapped[str] = mapped_column(ForeignKey("check_in.id"))
    item: Mapped[str] = mapped_column(String(40))  # or item.reason: why doses were missed
    value_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    left_open: Mapped[str | None] = mapped_column(String(20))  # skip, not-measured
    said_by: Mapped[str] = mapped_column(String(10))  # patient, relative
    at: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = (
        UniqueConstraint("check_in_id", "item", name="uq_check_in_answer_item"),
        Index("ix_check_in_answer_history", "patient_id", "item", "at"),
    )
