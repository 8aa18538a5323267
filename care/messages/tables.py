"""Rows of delivery: what should be said (Message) and what was tried (Attempt) are two tables."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from care.kit.database import Base, Moment
from care.people.tables import Id


class Message(Base):
    """One message that should reach one patient.  `key` makes it unique, whatever is run twice."""

    __tablename__ = "message"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    key: Mapped[str] = mapped_column(String(160), unique=True)  # plan:activity:date:slot:step
    clinic_id: Mapped[str] = mapped_column(ForeignKey("clinic.id"), index=True)
    patient_id: Mapped[str] = mapped_column(ForeignKey("patient.id"))
    occurrence_id: Mapped[str | None] = mapped_column(ForeignKey("occurrence.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))  # medicine, visit, notice, reply-later ...: picks phrase and policy
    phrase: Mapped[str] = mapped_column(String(60))  # what to say; the words are found when it is due
    arguments: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    urgent: Mapped[bool] = mapped_column(default=False)
    due_at: Mapped[datetime] = mapped_column(Moment)
    useful_until: Mapped[datetime] = mapped_column(Moment)
    state: Mapped[str] = mapped_column(String(10), default="due")
    why: Mapped[str | None] = mapped_column(String(40))  # the reason of an end state
    next_at: Mapped[datetime] = mapped_column(Moment)
    lease_until: Mapped[datetime | None] = mapped_column(Moment)
    lease_owner: Mapped[str | None] = mapped_column(String(40))
    attempt: Mapped[int] = mapped_column(default=0)
    ambiguous: Mapped[int] = mapped_column(default=0)
    channel: Mapped[str | None] = mapped_column(String(20))
    provider_id: Mapped[str | None] = mapped_column(String(120), index=True)
    seen_by: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))  # the nurse who took a failed one off her list
    created_at: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = (
        Index("ix_message_patient", "patient_id", "next_at"),
        Index(
            "ix_message_open",
            "next_at",
            "id",  # thousands are due at one moment: the next claim begins where the last one ended
            sqlite_where=text("state in ('due', 'claimed', 'intent')"),
            postgresql_where=text("state in ('due', 'claimed', 'intent')"),
        ),
    )


class Listening(Base):
    """A link that plays one message without a sign-in.  The address holds the secret, the row its fingerprint."""

    __tablename__ = "listening"
    fingerprint: Mapped[str] = mapped_column(String(64), primary_key=True)
    clinic_id: Mapped[str] = mapped_column(ForeignKey("clinic.id"))
    patient_id: Mapped[str] = mapped_column(ForeignKey("patient.id"), index=True)
    line_key: Mapped[str] = mapped_column(String(80))  # the line it plays
    form: Mapped[str] = mapped_column(String(12))  # in which an old link says that it is old
    said_sealed: Mapped[bytes] = mapped_column(LargeBinary)  # JSON: spoken, recording, notice
    expires_at: Mapped[datetime] = mapped_column(Moment)
    heard_at: Mapped[datetime | None] = mapped_column(Moment)


class Attempt(Base):
    """One try on the wire, written before the wire is touched and filled with the outcome."""

    __tablename__ = "attempt"  # house: clinic - its message has one
    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(ForeignKey("message.id"), index=True)
    number: Mapped[int]
    channel: Mapped[str] = mapped_column(String(20))
    started_at: Mapped[datetime] = mapped_column(Moment)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)
    outcome: Mapped[str | None] = mapped_column(String(20))  # accepted, refused, unknown, lost
    beside: Mapped[bool] = mapped_column(default=False)  # words followed it that may have arrived alone
    cause: Mapped[str | None] = mapped_column(String(20))
    wording: Mapped[str | None] = mapped_column(String(80))  # content revision the patient was told


class Mention(Base):
    """One occurrence said in one message.  An occurrence is said once a step, whatever is run twice or moved meanwhile."""

    __tablename__ = "mention"  # house: clinic - its message has one
    occurrence_id: Mapped[str] = mapped_column(ForeignKey("occurrence.id"), primary_key=True)
    step: Mapped[str] = mapped_column(String(40), primary_key=True)  # remind-0, again, later-...
    message_id: Mapped[str] = mapped_column(ForeignKey("message.id"), index=True)
    said: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # what it is called there


class ChannelNote(Base):
    """What a channel must remember between processes: tokens, ids of uploaded sounds."""

    __tablename__ = "channel_note"  # house: clinic - a channel serves all of them
    channel: Mapped[str] = mapped_column(String(20), primary_key=True)
    note_index: Mapped[str] = mapped_column(String(64), primary_key=True)
    value_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    value_index: Mapped[str] = mapped_column(String(64))
    expires_at: Mapped[datetime] = mapped_column(Moment)
