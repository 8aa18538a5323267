"""Rows of alerts: something dangerous was said and a nurse must answer for it."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from care.kit.database import Base, Moment
from care.people.tables import Id


class Alert(Base):
    """One alert on the worklist.  Closing needs a person and an outcome."""

    __tablename__ = "alert"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    clinic_id: Mapped[str] = mapped_column(ForeignKey("clinic.id"))
    patient_id: Mapped[str] = mapped_column(ForeignKey("patient.id"), index=True)
    flag: Mapped[str] = mapped_column(String(60))  # red flag id, or a reason: ask-nurse, not-understood, undelivered ...
    tier: Mapped[str] = mapped_column(String(20))  # emergency, urgent-1h, same-day, next-working-day
    source: Mapped[str] = mapped_column(String(20))  # rule, assistant, button, delivery
    evidence_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)  # the patient's own words
    opened_at: Mapped[datetime] = mapped_column(Moment)
    answer_by: Mapped[datetime] = mapped_column(Moment)  # hospital's time for an acknowledgement
    acknowledged_at: Mapped[datetime | None] = mapped_column(Moment)
    acknowledged_by: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_by: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))
    outcome: Mapped[str | None] = mapped_column(String(40))
    with_id: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))  # whose turn on the rota it is
    handed: Mapped[int] = mapped_column(default=0)  # place on the rota of the last person who had it
    on_call_list: Mapped[bool] = mapped_column(default=False)  # the whole rota let its time go by, or there is none
    times: Mapped[int] = mapped_column(default=1)  # repeats of the same flag while it is open
    __table_args__ = (Index("ix_alert_open", "clinic_id", "closed_at", "opened_at"),)


class Rota(Base):
    """One person's place in the order of a clinic, with the hours they answer in."""

    __tablename__ = "rota"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    clinic_id: Mapped[str] = mapped_column(ForeignKey("clinic.id"), index=True)
    position: Mapped[int]
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    from_hour: Mapped[int]  # of the clinic's clock, 0 to 23
    until_hour: Mapped[int]  # not included; the same hour twice is the whole day
