"""Tell for the actions of before what they answer, when they were taken on, and until when they stand.

No row is lost. Where a branch had two open actions for one reason, the earlier one keeps it and the
others go by their own step: no two open actions of a branch were ever of one step.
"""

from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "2026_11_26_action_reasons"
down_revision = "2026_11_26_action_facts"
branch_labels = None
depends_on = None

EXPIRES_AFTER = timedelta(days=28)
SUBJECTS = ("badge", "role", "cause")

suggestion = sa.table(
    "suggestion",
    sa.column("id", sa.BigInteger),
    sa.column("branch_id", sa.BigInteger),
    sa.column("action_key", sa.String),
    sa.column("facts", sa.JSON),
    sa.column("state", sa.String),
    sa.column("due_on", sa.Date),
    sa.column("decided_on", sa.Date),
    sa.column("created_at", sa.DateTime(timezone=True)),
    sa.column("seen_count", sa.Integer),
    sa.column("reason_code", sa.String),
    sa.column("taken_on", sa.Date),
    sa.column("expires_on", sa.Date),
)


def upgrade() -> None:
    connection = op.get_bind()
    answered: set[tuple[int, str]] = set()
    for row in connection.execute(sa.select(suggestion).order_by(suggestion.c.id)).all():
        own = f"step:{row.action_key}"
        subject = next((name for name in SUBJECTS if row.facts.get(name)), None)
        code = f"{subject}:{row.facts[subject]}" if subject else own
        if row.state == "taken":
            code = own if (row.branch_id, code) in answered else code
            answered.add((row.branch_id, code))
        connection.execute(
            sa.update(suggestion)
            .where(suggestion.c.id == row.id)
            .values(
                seen_count=1,
                reason_code=code,
                taken_on=_taken_on(row),
                expires_on=row.due_on + EXPIRES_AFTER if row.due_on else None,
            )
        )


def _taken_on(row: Any) -> date | None:
    """Return the day an action was taken on; those put aside at once never had a due date."""
    if row.due_on is None:
        return None
    day: date | None = row.decided_on
    if row.state == "taken" or day is None:
        return day
    return min(date(row.created_at.year, row.created_at.month, row.created_at.day), day)


def downgrade() -> None:
    """Leave the columns to the revision before."""
