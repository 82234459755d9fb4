"""Take away the weeks of people whose contacts were corrected to somebody else or withdrawn; no write did until now.

One purpose a migration; data changes apart from schema changes; removing a column takes two releases.
"""

from alembic import op

revision = "2026_11_27_person_weeks_left"
down_revision = "2026_11_26_dated_rule_versions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "DELETE FROM contact_person_week WHERE (staff_id, week_start) IN ("
        "SELECT staff_id, week_start FROM contact_person_week EXCEPT SELECT staff_id, week_start FROM contact)"
    )


def downgrade() -> None:
    """Bring nothing back: what was taken away stood for no contact."""
