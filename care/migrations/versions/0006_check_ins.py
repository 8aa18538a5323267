"""Check-ins with their answers, the one a patient is in the middle of, and which clinics can answer at once.

Why: questions about how a patient is are asked one at a time and go on after days where they stood.  How long: at once.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0004"
branch_labels = None
depends_on = None

ID = sa.String(length=32)
OPEN = sa.text("ended is null")
DUE = sa.text("kind = 'checkin'")


def upgrade() -> None:
    op.create_table(
        "check_in",
        sa.Column("id", ID, nullable=False),
        sa.Column("clinic_id", ID, nullable=False),
        sa.Column("patient_id", ID, nullable=False),
        sa.Column("questionnaire", sa.String(length=60), nullable=False),
        sa.Column("occurrence_id", ID, nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended", sa.String(length=10), nullable=True),
        sa.Column("by_relative", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_check_in_clinic_id")),
        sa.ForeignKeyConstraint(["occurrence_id"], ["occurrence.id"], name=op.f("fk_check_in_occurrence_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_check_in_patient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_in")),
        sa.UniqueConstraint("occurrence_id", name=op.f("uq_check_in_occurrence_id")),
    )
    op.create_index("ix_check_in_patient", "check_in", ["patient_id", "due_at"])
    op.create_index("ix_check_in_open", "check_in", ["ends_at"], sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_index("ix_occurrence_check_in", "occurrence", ["due_at"], sqlite_where=DUE, postgresql_where=DUE)
    _make_answers()
    with op.batch_alter_table("dialog") as dialog:
        dialog.add_column(sa.Column("check_in_id", ID, nullable=True))
        dialog.create_foreign_key(op.f("fk_dialog_check_in_id"), "check_in", ["check_in_id"], ["id"])
    with op.batch_alter_table("clinic") as clinic:
        clinic.add_column(sa.Column("live_response", sa.Boolean(), nullable=False, server_default=sa.false()))


def _make_answers() -> None:
    op.create_table(
        "check_in_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("clinic_id", ID, nullable=False),
        sa.Column("patient_id", ID, nullable=False),
        sa.Column("check_in_id", ID, nullable=False),
        sa.Column("item", sa.String(length=40), nullable=False),
        sa.Column("value_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("left_open", sa.String(length=20), nullable=True),
        sa.Column("said_by", sa.String(length=10), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["check_in_id"], ["check_in.id"], name=op.f("fk_check_in_answer_check_in_id")),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_check_in_answer_clinic_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_check_in_answer_patient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_in_answer")),
        sa.UniqueConstraint("check_in_id", "item", name="uq_check_in_answer_item"),
    )
    op.create_index("ix_check_in_answer_history", "check_in_answer", ["patient_id", "item", "at"])
