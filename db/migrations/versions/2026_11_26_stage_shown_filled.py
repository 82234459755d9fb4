"""Keep the stages a store holds when it is upgraded as those first shown; on which day they were is not known.

One purpose a migration; data changes apart from schema changes; removing a column takes two
releases; on SQLite a change of a table goes through `op.batch_alter_table`.
"""

from alembic import op

revision = "2026_11_26_stage_shown_filled"
down_revision = "2026_11_26_stage_shown"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "INSERT INTO stage_shown (branch_id, week_start, stage, confidence, most_likely, rules_on) "
        "SELECT branch_id, week_start, stage, confidence, most_likely, rules_on "
        "FROM stage_week ORDER BY branch_id, week_start"
    )


def downgrade() -> None:
    """Leave the rows to the migration that drops the table."""
