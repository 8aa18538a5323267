"""Claims of one moment in an order: the index of open messages holds the id too.

Why: thousands fall due at one minute, and a claim that begins where the last one ended needs their order; without it each
claim walked over all rows claimed before.  How long: seconds, for the index holds open messages only.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None
OPEN = sa.text("state in ('due', 'claimed', 'intent')")


def upgrade() -> None:
    op.drop_index("ix_message_open", table_name="message")
    op.create_index("ix_message_open", "message", ["next_at", "id"], sqlite_where=OPEN, postgresql_where=OPEN)


def downgrade() -> None:
    op.drop_index("ix_message_open", table_name="message")
    op.create_index("ix_message_open", "message", ["next_at"], sqlite_where=OPEN, postgresql_where=OPEN)
