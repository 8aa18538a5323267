"""Links to a page that plays one message, and when it was first listened to.

Why: where a voice message cannot be pushed, the text carries a link; a nurse sees whether it was heard.  How long: at once.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "listening",
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("clinic_id", sa.String(length=32), nullable=False),
        sa.Column("patient_id", sa.String(length=32), nullable=False),
        sa.Column("line_key", sa.String(length=80), nullable=False),
        sa.Column("form", sa.String(length=12), nullable=False),
        sa.Column("said_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_listening_clinic_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_listening_patient_id")),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_listening")),
    )
    op.create_index(op.f("ix_listening_patient_id"), "listening", ["patient_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_listening_patient_id"), table_name="listening")
    op.drop_table("listening")
