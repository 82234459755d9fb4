"""Let a branch have one open action for each reason, and require the reason.

One purpose a migration; data changes apart from schema changes; removing a column takes two
releases; on SQLite a change of a table goes through `op.batch_alter_table`.
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_26_action_reason_once"
down_revision = "2026_11_26_action_reasons"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("suggestion", schema=None) as batch_op:
        batch_op.alter_column("seen_count", existing_type=sa.Integer(), nullable=False)
        batch_op.alter_column("reason_code", existing_type=sa.String(length=200), nullable=False)
        batch_op.create_index(
            "uq_suggestion_open_reason",
            ["branch_id", "reason_code"],
            unique=True,
            sqlite_where=sa.text("state = 'taken'"),
            postgresql_where=sa.text("state = 'taken'"),
        )


def downgrade() -> None:
    with op.batch_alter_table("suggestion", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_suggestion_open_reason",
            sqlite_where=sa.text("state = 'taken'"),
            postgresql_where=sa.text("state = 'taken'"),
        )
        batch_op.alter_column("reason_code", existing_type=sa.String(length=200), nullable=True)
        batch_op.alter_column("seen_count", existing_type=sa.Integer(), nullable=True)
