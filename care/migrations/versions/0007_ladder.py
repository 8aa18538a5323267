"""What follows a dose nobody answered, medicines handed out, and visits that took place.

Why: the ladder looks at doses whose window ended without a word once each, adherence by supply needs the day and the days of each
supply, and a visit counts as kept only when somebody says so.  How long: one pass over the doses and one over the messages.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ID = sa.String(length=32)
WAITING = sa.text("kind = 'medicine' and answer is null and dropped is null and silence is null")


def upgrade() -> None:
    with op.batch_alter_table("occurrence") as occurrence:
        occurrence.add_column(sa.Column("silence", sa.String(length=10), nullable=True))
        occurrence.add_column(sa.Column("done_on", sa.Date(), nullable=True))
    # What ended unanswered before is history: it counts for adherence, and sets nothing off today.
    op.execute("update occurrence set silence = 'unasked' where kind = 'medicine' and answer is null")
    op.execute("update occurrence set silence = null where kind = 'medicine' and useful_until > CURRENT_TIMESTAMP")
    op.create_index("ix_occurrence_silent", "occurrence", ["useful_until"], sqlite_where=WAITING, postgresql_where=WAITING)
    op.drop_index("ix_message_patient_id", "message")
    op.create_index("ix_message_patient", "message", ["patient_id", "next_at"])
    op.create_table(
        "dispense",
        sa.Column("id", ID, nullable=False),
        sa.Column("clinic_id", ID, nullable=False),
        sa.Column("patient_id", ID, nullable=False),
        sa.Column("plan_id", ID, nullable=False),
        sa.Column("activity", sa.String(length=60), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", ID, nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_dispense_clinic_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_dispense_patient_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["care_plan.id"], name=op.f("fk_dispense_plan_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["staff.id"], name=op.f("fk_dispense_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispense")),
        sa.UniqueConstraint("plan_id", "activity", "day", name="uq_dispense_day"),
    )
    op.create_index(op.f("ix_dispense_patient_id"), "dispense", ["patient_id"])
