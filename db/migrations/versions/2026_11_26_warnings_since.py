"""Keep since which week an early warning has held at a branch.

One purpose a migration. When the warnings of before began is not known: they count from the week that shows them.
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_26_warnings_since"
down_revision = "2026_11_26_rest_due_days"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "warning_since",
        sa.Column("branch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("badge", sa.String(length=200), nullable=False),
        sa.Column("week_start", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_warning_since_branch_id_branch")),
        sa.PrimaryKeyConstraint("branch_id", "badge", name=op.f("pk_warning_since")),
    )


def downgrade() -> None:
    op.drop_table("warning_since")
