"""Rows of the conversation: every line said, and what we are waiting for."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from care.kit.database import Base, Moment


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
