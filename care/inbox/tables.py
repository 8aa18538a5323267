"""Rows of what came in: the vendor's post as it was, and one row for each thing it said."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from care.kit.database import Base, Moment
from care.people.tables import Id


class RawPost(Base):
    """A request of a vendor's, whole and sealed with the master key, for as long as somebody may need to read it again."""

    __tablename__ = "raw_post"  # house: clinic - nobody knows whose it is before it was read
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    channel: Mapped[str] = mapped_column(String(20))
    raw_sealed: Mapped[bytes] = mapped_column(LargeBinary)  # JSON: method, query, headers, body
    received_at: Mapped[datetime] = mapped_column(Moment, index=True)


class Received(Base):
    """One thing that came in, once, whatever the vendor repeats.  Its content is forgotten when it has been worked off."""

    __tablename__ = "received"  # house: clinic - nobody knows whose it is before it was read
    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(20))
    key_index: Mapped[str] = mapped_column(String(64))  # the vendor's own key may hold an address
    address_index: Mapped[str | None] = mapped_column(String(64))  # what one person sends is worked off in order
    raw_post_id: Mapped[str | None] = mapped_column(ForeignKey("raw_post.id", ondelete="SET NULL"), index=True)
    content_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(String(10), default="new")  # new, waiting, done, dead
    why: Mapped[str | None] = mapped_column(String(40))
    tries: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime] = mapped_column(Moment)
    lease_until: Mapped[datetime | None] = mapped_column(Moment)
    received_at: Mapped[datetime] = mapped_column(Moment, index=True)
    done_at: Mapped[datetime | None] = mapped_column(Moment)
    __table_args__ = (
        UniqueConstraint("channel", "key_index", name="uq_received_key"),
        Index("ix_received_address", "address_index", "id"),
        Index(
            "ix_received_open",
            "next_at",
            "id",
            sqlite_where=text("state in ('new', 'waiting', 'dead')"),
            postgresql_where=text("state in ('new', 'waiting', 'dead')"),
        ),
    )


class Attachment(Base):
    """A voice message or a picture a patient sent.  The file lies sealed in the home folder, named by the id."""

    __tablename__ = "attachment"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    clinic_id: Mapped[str] = mapped_column(ForeignKey("clinic.id"))
    patient_id: Mapped[str] = mapped_column(ForeignKey("patient.id"))
    line_key: Mapped[str] = mapped_column(String(80))  # the line of the conversation it stands in
    kind: Mapped[str] = mapped_column(String(10))  # sound, picture, other
    media_type: Mapped[str] = mapped_column(String(60))
    seconds: Mapped[int | None]
    received_at: Mapped[datetime] = mapped_column(Moment, index=True)
    forgotten_at: Mapped[datetime | None] = mapped_column(Moment)  # the file was deleted when its time was over
    __table_args__ = (UniqueConstraint("patient_id", "line_key", name="uq_attachment_line"),)
