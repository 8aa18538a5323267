"""The rota: who answers alerts in which order, and a hospital's own times.

Why: an alert nobody acknowledges goes to the next person and ends on the call list.  How long: at once.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rota",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("clinic_id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.String(length=32), nullable=False),
        sa.Column("from_hour", sa.Integer(), nullable=False),
        sa.Column("until_hour", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_rota_clinic_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_rota_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rota")),
    )
    op.create_index(op.f("ix_rota_clinic_id"), "rota", ["clinic_id"], unique=False)
    with op.batch_alter_table("clinic") as clinic:
        clinic.add_column(sa.Column("answer_within_min", sa.JSON(), nullable=True))
    with op.batch_alter_table("alert") as alert:
        alert.add_column(sa.Column("with_id", sa.String(length=32), nullable=True))
        alert.add_column(sa.Column("handed", sa.Integer(), nullable=False, server_default="0"))
        alert.add_column(sa.Column("on_call_list", sa.Boolean(), nullable=False, server_default=sa.false()))
        alert.create_foreign_key(op.f("fk_alert_with_id"), "staff", ["with_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("alert") as alert:
        alert.drop_constraint(op.f("fk_alert_with_id"), type_="foreignkey")
        alert.drop_column("on_call_list")
        alert.drop_column("handed")
        alert.drop_column("with_id")
    with op.batch_alter_table("clinic") as clinic:
        clinic.drop_column("answer_within_min")
    op.drop_index(op.f("ix_rota_clinic_id"), table_name="rota")
    op.drop_table("rota")
