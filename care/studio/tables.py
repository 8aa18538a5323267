"""Rows of the studio.  All of them belong to the clinic that keeps this server's content, though every clinic speaks from it."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Float, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from care.kit.database import Base, Moment
from care.people.tables import Id

Digest = String(16)  # of the words (care.content.review)


class Draft(Base):
    """One file of content/ on its way: `language` ug and `place` topics/fever-infection.md."""

    __tablename__ = "draft"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    clinic_id: Mapped[str] = mapped_column(ForeignKey("clinic.id"))
    language: Mapped[str] = mapped_column(String(8))
    place: Mapped[str] = mapped_column(String(120))
    base: Mapped[str] = mapped_column(String(64))  # SHA-256 of the file it was begun from; empty: there was none
    state: Mapped[str] = mapped_column(String(12))  # care.studio.types.State
    edition: Mapped[int]  # the newest that counts; whoever saves says which one they saw
    __table_args__ = (UniqueConstraint("clinic_id", "language", "place"),)


class Edition(Base):
    """The whole text of a draft as it was saved once.  Rows are never changed."""

    __tablename__ = "edition"
    draft_id: Mapped[str] = mapped_column(ForeignKey("draft.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)  # 0: what stood there when the draft was begun
    clinic_id: Mapped[str] = mapped_column(ForeignKey("clinic.id"))
    text: Mapped[str] = mapped_column(Text)
    words: Mapped[str] = mapped_column(Digest)
    is_aside: Mapped[bool] = mapped_column(default=False)  # saved by somebody who had not seen the one before: kept, not taken
    made_by: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))  # None: it came from the file
    made_at: Mapped[datetime] = mapped_column(Moment)


class Step(Base):
    """What became of a draft, by whom and when."""

    __tablename__ = "step"
    id: Mapped[int] = mapped_column(primary_key=True)
    clinic_id: Mapped[str] = mapped_column(ForeignKey("clinic.id"))
    draft_id: Mapped[str] = mapped_column(ForeignKey("draft.id"), index=True)
    edition: Mapped[int]
    what: Mapped[str] = mapped_column(String(20))  # care.studio.types.Did
    by: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime] = mapped_column(Moment)
    comment: Mapped[str] = mapped_column(Text, default="")


class Release(Base):
    """One change of the words in service.  Every process looks for the newest and takes it."""

    __tablename__ = "release"
    id: Mapped[int] = mapped_column(primary_key=True)
    clinic_id: Mapped[str] = mapped_column(ForeignKey("clinic.id"))
    kind: Mapped[str] = mapped_column(String(12))  # published, exported, dropped
    content: Mapped[str] = mapped_column(String(16), default="")  # the folder that was checked: whoever builds the same trusts it
    made_by: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))  # None: the operator, by a command
    made_at: Mapped[datetime] = mapped_column(Moment)


class Publication(Base):
    """A text as it was published.  It speaks until it is exported; then its file does."""

    __tablename__ = "publication"
    id: Mapped[int] = mapped_column(primary_key=True)
    clinic_id: Mapped[str] = mapped_column(ForeignKey("clinic.id"))
    release_id: Mapped[int] = mapped_column(ForeignKey("release.id"))
    language: Mapped[str] = mapped_column(String(8))
    place: Mapped[str] = mapped_column(String(120))
    text: Mapped[str] = mapped_column(Text)
    words: Mapped[str] = mapped_column(Digest)
    base: Mapped[str] = mapped_column(String(64))  # SHA-256 of the file it stands for; empty: there was none
    exported_in: Mapped[int | None] = mapped_column(ForeignKey("release.id"))
    dropped_in: Mapped[int | None] = mapped_column(ForeignKey("release.id"))  # its file was preferred
    __table_args__ = (Index("ix_publication_place", "clinic_id", "language", "place", "id"),)


class Recording(Base):
    """A person's voice saying some words.  The sound lies under home/studio/audio by its hash."""

    __tablename__ = "recording"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    clinic_id: Mapped[str] = mapped_column(ForeignKey("clinic.id"))
    language: Mapped[str] = mapped_column(String(8))
    key: Mapped[str] = mapped_column(String(80))
    words: Mapped[str] = mapped_column(Digest)  # it is silent for any others
    sound: Mapped[str] = mapped_column(String(64))  # SHA-256 of the file
    seconds: Mapped[float] = mapped_column(Float)
    made_by: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    made_at: Mapped[datetime] = mapped_column(Moment)
    heard_by: Mapped[str | None] = mapped_column(ForeignKey("staff.id"))  # a second person, who says that it says these words
    heard_at: Mapped[datetime | None] = mapped_column(Moment)
    removed_at: Mapped[datetime | None] = mapped_column(Moment)
    published_in: Mapped[int | None] = mapped_column(ForeignKey("release.id"))
    exported_in: Mapped[int | None] = mapped_column(ForeignKey("release.id"))
    __table_args__ = (Index("ix_recording_key", "clinic_id", "language", "key"),)


class NewTopic(Base):
    """A line of content/topics.yml that is not there yet; it counts as soon as one language of the topic is published."""

    __tablename__ = "new_topic"
    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    clinic_id: Mapped[str] = mapped_column(ForeignKey("clinic.id"))
    line: Mapped[dict[str, Any]] = mapped_column(JSON)  # category, plans, red_flags, sources
    new_sources: Mapped[dict[str, Any]] = mapped_column(JSON)  # id: {ref, check}
    made_by: Mapped[str] = mapped_column(ForeignKey("staff.id"))
    made_at: Mapped[datetime] = mapped_column(Moment)
    exported_in: Mapped[int | None] = mapped_column(ForeignKey("release.id"))
