"""Add the official totals of the company by month and unit, entered from its statements.

One purpose a migration; data changes apart from schema changes; removing a column takes two
releases; on SQLite a change of a table goes through `op.batch_alter_table`.
"""

import sqlalchemy as sa
from alembic import op

import db.models.base

revision = "2026_11_26_official_totals"
down_revision = "2026_11_26_rule_versions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "official_total",
        sa.Column("measure", sa.String(length=200), nullable=False),
        sa.Column("region_path", sa.String(length=200), nullable=False),
        sa.Column("month_start", sa.Date(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("changed_at", db.models.base.UtcMoment(timezone=True), nullable=False),
        sa.Column("changed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["user_account.id"], name=op.f("fk_official_total_changed_by_user_account")
        ),
        sa.PrimaryKeyConstraint("measure", "region_path", "month_start", name=op.f("pk_official_total")),
    )


def downgrade() -> None:
    op.drop_table("official_total")
