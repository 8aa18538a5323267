"""Messaging apps: addresses beside tokens, what came in through the apps, and what a channel remembers.

Why: a patient may be reached in an app, where an address takes the place of a token, a nurse confirms whose it is, and a
window decides what may be said.  What a vendor posts is kept before it is answered.  How long: seconds; `device` is copied.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ID = sa.String(length=32)
INDEX = sa.String(length=64)
MOMENT = sa.DateTime(timezone=True)
ADDRESSED = sa.text("closed_at is null and address_index is not null")
OPEN = sa.text("state in ('new', 'waiting', 'dead')")


def upgrade() -> None:
    with op.batch_alter_table("device") as device:
        device.alter_column("fingerprint", existing_type=INDEX, nullable=True)
        device.add_column(sa.Column("address_sealed", sa.LargeBinary(), nullable=True))
        device.add_column(sa.Column("address_index", INDEX, nullable=True))
        device.add_column(sa.Column("confirmed_at", MOMENT, nullable=True))
        device.add_column(sa.Column("chosen_at", MOMENT, nullable=True))
        device.add_column(sa.Column("opened_at", MOMENT, nullable=True))
        device.add_column(sa.Column("opened_by", sa.String(length=20), nullable=False, server_default=""))
        device.add_column(sa.Column("spent", sa.Integer(), nullable=False, server_default="0"))
    op.execute("update device set confirmed_at = created_at")
    op.create_index(
        "ix_device_address",
        "device",
        ["channel", "address_index", "patient_id"],
        unique=True,
        sqlite_where=ADDRESSED,
        postgresql_where=ADDRESSED,
    )
    op.create_table(
        "device_alias",
        sa.Column("device_id", ID, nullable=False),
        sa.Column("alias_index", INDEX, nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_device_alias_device_id")),
        sa.PrimaryKeyConstraint("device_id", "alias_index", name=op.f("pk_device_alias")),
    )
    op.create_index(op.f("ix_device_alias_alias_index"), "device_alias", ["alias_index"])
    add_inbox()
    op.create_table(
        "channel_note",
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("note_index", INDEX, nullable=False),
        sa.Column("value_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("value_index", INDEX, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("channel", "note_index", name=op.f("pk_channel_note")),
    )


def add_inbox() -> None:
    op.create_table(
        "raw_post",
        sa.Column("id", ID, nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("raw_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_raw_post")),
    )
    op.create_index(op.f("ix_raw_post_received_at"), "raw_post", ["received_at"])
    op.create_table(
        "received",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("key_index", INDEX, nullable=False),
        sa.Column("address_index", INDEX, nullable=True),
        sa.Column("raw_post_id", ID, nullable=True),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("why", sa.String(length=40), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_at", MOMENT, nullable=False),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["raw_post_id"], ["raw_post.id"], name=op.f("fk_received_raw_post_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_received")),
        sa.UniqueConstraint("channel", "key_index", name="uq_received_key"),
    )
    op.create_index("ix_received_address", "received", ["address_index", "id"])
    op.create_index("ix_received_open", "received", ["next_at", "id"], sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_index(op.f("ix_received_raw_post_id"), "received", ["raw_post_id"])
    op.create_index(op.f("ix_received_received_at"), "received", ["received_at"])
    op.create_table(
        "attachment",
        sa.Column("id", ID, nullable=False),
        sa.Column("clinic_id", ID, nullable=False),
        sa.Column("patient_id", ID, nullable=False),
        sa.Column("line_key", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("media_type", sa.String(length=60), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=True),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("forgotten_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_attachment_clinic_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_attachment_patient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
        sa.UniqueConstraint("patient_id", "line_key", name="uq_attachment_line"),
    )
    op.create_index(op.f("ix_attachment_received_at"), "attachment", ["received_at"])


def downgrade() -> None:
    for table in ("channel_note", "attachment", "received", "raw_post", "device_alias"):
        op.drop_table(table)
    op.drop_index("ix_device_address", table_name="device")
    op.execute("delete from device where fingerprint is null")
    with op.batch_alter_table("device") as device:
        for column in ("spent", "opened_by", "opened_at", "chosen_at", "confirmed_at", "address_index", "address_sealed"):
            device.drop_column(column)
        device.alter_column("fingerprint", existing_type=INDEX, nullable=False)
