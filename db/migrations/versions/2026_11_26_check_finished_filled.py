"""Take what finished self-checks hold as what they were finished with; until now nothing told the two apart.

One purpose a migration; data changes apart from schema changes; removing a column takes two releases.
"""

from alembic import op

revision = "2026_11_26_check_finished_filled"
down_revision = "2026_11_26_check_finished"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("UPDATE self_check SET finished_need = need WHERE finished_on IS NOT NULL")
    op.execute(
        "UPDATE self_check_answer SET finished_value = value "
        "WHERE check_id IN (SELECT id FROM self_check WHERE finished_on IS NOT NULL)"
    )


def downgrade() -> None:
    """Leave the columns to the migration that drops them."""
