"""Keep beside each answer and line of a self-check what it was when the head finished last.

One purpose a migration; data changes apart from schema changes; removing a column takes two releases. Columns that
may be empty are added as they stand on both databases.
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_26_check_finished"
down_revision = "2026_11_26_usual_minutes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("self_check", sa.Column("finished_need", sa.String(length=200), nullable=True))
    op.add_column("self_check_answer", sa.Column("finished_value", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("self_check_answer", "finished_value")
    op.drop_column("self_check", "finished_need")
