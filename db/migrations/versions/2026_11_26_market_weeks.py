"""Keep the season and the swing of the market the stages were worked out with.

One purpose a migration; data changes apart from schema changes; removing a column takes two
releases; on SQLite a change of a table goes through `op.batch_alter_table`.
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_26_market_weeks"
down_revision = "2026_11_26_coaching_notes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "market_week",
        sa.Column("week_start", sa.Date(), nullable=False),
        sa.Column("season", sa.Double(), nullable=False),
        sa.Column("swing", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("week_start", name=op.f("pk_market_week")),
    )
    op.create_table(
        "learned_month",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("month", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("default_factor", sa.Double(), nullable=False),
        sa.Column("factor", sa.Double(), nullable=False),
        sa.Column("learned_on", sa.Date(), nullable=False),
        sa.Column("weeks", sa.Integer(), nullable=False),
        sa.Column("branches", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("year", "month", name=op.f("pk_learned_month")),
    )


def downgrade() -> None:
    op.drop_table("learned_month")
    op.drop_table("market_week")
