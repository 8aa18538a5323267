"""The studio: drafts with every saved edition, recordings, and releases of the words in service.

Why: people who write no files write, record and sign patient words, and these count without a restart.  How long: at once.
The clinic made first keeps the content from now on: until today every text came from files, so nobody loses anything.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.String(length=32)


def upgrade() -> None:
    with op.batch_alter_table("clinic") as clinic:
        clinic.add_column(sa.Column("keeps_content", sa.Boolean(), nullable=False, server_default=sa.false()))
    clinics = sa.table("clinic", sa.column("id"), sa.column("created_at"), sa.column("keeps_content"))
    first = sa.select(clinics.c.id).order_by(clinics.c.created_at, clinics.c.id).limit(1).scalar_subquery()
    # house: sql - built of columns, nothing is glued
    op.execute(clinics.update().where(clinics.c.id == first).values(keeps_content=sa.true()))
    _make_drafts()
    _make_releases()


def _make_drafts() -> None:
    op.create_table(
        "draft",
        sa.Column("id", ID, nullable=False),
        sa.Column("clinic_id", ID, nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("base", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_draft_clinic_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
        sa.UniqueConstraint("clinic_id", "language", "place", name=op.f("uq_draft_clinic_id")),
    )
    op.create_table(
        "edition",
        sa.Column("draft_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("clinic_id", ID, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("words", sa.String(length=16), nullable=False),
        sa.Column("is_aside", sa.Boolean(), nullable=False),
        sa.Column("made_by", ID, nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_edition_clinic_id")),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"], name=op.f("fk_edition_draft_id")),
        sa.ForeignKeyConstraint(["made_by"], ["staff.id"], name=op.f("fk_edition_made_by")),
        sa.PrimaryKeyConstraint("draft_id", "number", name=op.f("pk_edition")),
    )
    op.create_table(
        "step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("clinic_id", ID, nullable=False),
        sa.Column("draft_id", ID, nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("by", ID, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["staff.id"], name=op.f("fk_step_by")),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_step_clinic_id")),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"], name=op.f("fk_step_draft_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_step")),
    )
    op.create_index(op.f("ix_step_draft_id"), "step", ["draft_id"], unique=False)


def _make_releases() -> None:
    op.create_table(
        "release",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("clinic_id", ID, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("content", sa.String(length=16), nullable=False),
        sa.Column("made_by", ID, nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_release_clinic_id")),
        sa.ForeignKeyConstraint(["made_by"], ["staff.id"], name=op.f("fk_release_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release")),
    )
    op.create_table(
        "publication",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("clinic_id", ID, nullable=False),
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("words", sa.String(length=16), nullable=False),
        sa.Column("base", sa.String(length=64), nullable=False),
        sa.Column("exported_in", sa.Integer(), nullable=True),
        sa.Column("dropped_in", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_publication_clinic_id")),
        sa.ForeignKeyConstraint(["dropped_in"], ["release.id"], name=op.f("fk_publication_dropped_in")),
        sa.ForeignKeyConstraint(["exported_in"], ["release.id"], name=op.f("fk_publication_exported_in")),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], name=op.f("fk_publication_release_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publication")),
    )
    op.create_index("ix_publication_place", "publication", ["clinic_id", "language", "place", "id"], unique=False)
    op.create_table(
        "recording",
        sa.Column("id", ID, nullable=False),
        sa.Column("clinic_id", ID, nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("words", sa.String(length=16), nullable=False),
        sa.Column("sound", sa.String(length=64), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("made_by", ID, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("heard_by", ID, nullable=True),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_in", sa.Integer(), nullable=True),
        sa.Column("exported_in", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_recording_clinic_id")),
        sa.ForeignKeyConstraint(["exported_in"], ["release.id"], name=op.f("fk_recording_exported_in")),
        sa.ForeignKeyConstraint(["heard_by"], ["staff.id"], name=op.f("fk_recording_heard_by")),
        sa.ForeignKeyConstraint(["made_by"], ["staff.id"], name=op.f("fk_recording_made_by")),
        sa.ForeignKeyConstraint(["published_in"], ["release.id"], name=op.f("fk_recording_published_in")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recording")),
    )
    op.create_index("ix_recording_key", "recording", ["clinic_id", "language", "key"], unique=False)
    op.create_table(
        "new_topic",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("clinic_id", ID, nullable=False),
        sa.Column("line", sa.JSON(), nullable=False),
        sa.Column("new_sources", sa.JSON(), nullable=False),
        sa.Column("made_by", ID, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("exported_in", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_new_topic_clinic_id")),
        sa.ForeignKeyConstraint(["exported_in"], ["release.id"], name=op.f("fk_new_topic_exported_in")),
        sa.ForeignKeyConstraint(["made_by"], ["staff.id"], name=op.f("fk_new_topic_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_new_topic")),
    )


def downgrade() -> None:
    for table in ("new_topic", "recording", "publication", "release", "step", "edition", "draft"):
        op.drop_table(table)
    with op.batch_alter_table("clinic") as clinic:
        clinic.drop_column("keeps_content")
