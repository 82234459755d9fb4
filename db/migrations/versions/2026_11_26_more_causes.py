"""Let a miss have up to three causes, each with what shows it.

One purpose a migration; data changes apart from schema changes; removing a column takes two
releases; on SQLite a change of a table goes through `op.batch_alter_table`.
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_26_more_causes"
down_revision = "2026_11_26_audit_branches_filled"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("plan_item", schema=None) as batch_op:
        for number in (2, 3):
            batch_op.add_column(sa.Column(f"cause_{number}", sa.String(length=200), nullable=True))
            batch_op.add_column(sa.Column(f"cause_note_{number}", sa.Text(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("plan_item", schema=None) as batch_op:
        for number in (3, 2):
            batch_op.drop_column(f"cause_note_{number}")
            batch_op.drop_column(f"cause_{number}")
