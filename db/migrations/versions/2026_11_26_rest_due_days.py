"""Keep since when a line of Today waited that is laid aside.

One purpose a migration; on SQLite a change of a table goes through `op.batch_alter_table`. Rests of before keep
none: they are held against the day they were given.
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_26_rest_due_days"
down_revision = "2026_11_26_gap_diagnoses"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("snooze", schema=None) as batch_op:
        batch_op.add_column(sa.Column("due_on", sa.Date(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("snooze", schema=None) as batch_op:
        batch_op.drop_column("due_on")
