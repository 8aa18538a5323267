"""Care plans that can be changed: moved cycles, special times, orders, bookings, pauses, and who did what.

Why: a plan of five years is postponed, paused, booked and overridden, each by a person who stands beside it; medicines of
one hour share a message, so what a message names is a table of its own.  How long: a second for each 50,000 messages.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0005"
branch_labels = None
depends_on = None

EMPTY = {"cycle_starts": "{}", "special_times": "[]", "overrides": "{}", "ordered": "[]", "bookings": "{}"}
PAGE = 5_000


def upgrade() -> None:
    _plans()
    with op.batch_alter_table("occurrence") as occurrence:
        for name in ("earliest", "latest", "booked_on"):
            occurrence.add_column(sa.Column(name, sa.Date(), nullable=True))
        occurrence.add_column(sa.Column("dropped", sa.String(length=20), nullable=True))
    _changes()
    op.create_table(
        "mention",
        sa.Column("occurrence_id", sa.String(length=32), nullable=False),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("message_id", sa.String(length=32), nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_mention_message_id")),
        sa.ForeignKeyConstraint(["occurrence_id"], ["occurrence.id"], name=op.f("fk_mention_occurrence_id")),
        sa.PrimaryKeyConstraint("occurrence_id", "step", name=op.f("pk_mention")),
    )
    op.create_index(op.f("ix_mention_message_id"), "mention", ["message_id"], unique=False)
    _name_what_messages_say()


def _plans() -> None:
    with op.batch_alter_table("care_plan") as plan:
        for name, empty in EMPTY.items():
            plan.add_column(sa.Column(name, sa.JSON(), nullable=False, server_default=empty))
        plan.add_column(sa.Column("pause_kind", sa.String(length=20), nullable=True))
        plan.add_column(sa.Column("ask_on", sa.Date(), nullable=True))
        plan.add_column(sa.Column("ended_because", sa.String(length=20), nullable=True))
        plan.add_column(sa.Column("since", sa.DateTime(timezone=True), nullable=True))
        plan.add_column(sa.Column("look_again_at", sa.DateTime(timezone=True), nullable=True))
        plan.create_index("ix_care_plan_look", ["look_again_at"], unique=False)


def _changes() -> None:
    op.create_table(
        "plan_change",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("clinic_id", sa.String(length=32), nullable=False),
        sa.Column("patient_id", sa.String(length=32), nullable=False),
        sa.Column("plan_id", sa.String(length=32), nullable=True),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("why_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(length=32), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_plan_change_clinic_id")),
        sa.ForeignKeyConstraint(["made_by"], ["staff.id"], name=op.f("fk_plan_change_made_by")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_plan_change_patient_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["care_plan.id"], name=op.f("fk_plan_change_plan_id")),
        sa.ForeignKeyConstraint(["undone_by"], ["staff.id"], name=op.f("fk_plan_change_undone_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_change")),
    )
    op.create_index(op.f("ix_plan_change_clinic_id"), "plan_change", ["clinic_id"], unique=False)
    op.create_index(op.f("ix_plan_change_patient_id"), "plan_change", ["patient_id"], unique=False)


def _name_what_messages_say() -> None:
    """Each message of before names the one occurrence it was about; its step is the end of its key."""
    message = sa.table(
        "message", sa.column("id"), sa.column("key"), sa.column("occurrence_id"), sa.column("arguments", sa.JSON())
    )
    mention = sa.table(
        "mention", *(sa.column(name) for name in ("occurrence_id", "step", "message_id")), sa.column("said", sa.JSON())
    )
    connection, last = op.get_bind(), ""
    about = sa.select(message).where(message.c.occurrence_id.is_not(None)).order_by(message.c.id).limit(PAGE)
    while rows := connection.execute(about.where(message.c.id > last)).all():
        names = [{"occurrence_id": row.occurrence_id, "step": row.key.rsplit(":", 1)[1], "message_id": row.id} for row in rows]
        said = [{name: row.arguments.get(name) for name in ("subject", "after_food")} for row in rows]
        connection.execute(sa.insert(mention), [name | {"said": what} for name, what in zip(names, said, strict=True)])
        last = rows[-1].id


def downgrade() -> None:
    op.drop_table("mention")
    op.drop_table("plan_change")
    with op.batch_alter_table("occurrence") as occurrence:
        for name in ("dropped", "booked_on", "latest", "earliest"):
            occurrence.drop_column(name)
    with op.batch_alter_table("care_plan") as plan:
        plan.drop_index("ix_care_plan_look")
        for name in ("look_again_at", "since", "ended_because", "ask_on", "pause_kind", *EMPTY):
            plan.drop_column(name)
