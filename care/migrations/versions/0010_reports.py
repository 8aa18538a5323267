"""What reports and other names need: whether words stood beside a try, and an alias as its vendor knows it.

Why: a call that nobody answered may go another way only if no words followed it; and WhatsApp takes some messages only
by telephone number, of which nothing but an index was kept.  How long: seconds.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("attempt", sa.Column("beside", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("device_alias", sa.Column("alias_sealed", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("device_alias", "alias_sealed")
    op.drop_column("attempt", "beside")
