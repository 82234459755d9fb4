"""Add the decisions people make about computed stages: confirmed, overridden, renewed, withdrawn.

One purpose a migration; data changes apart from schema changes; removing a column takes two
releases; on SQLite a change of a table goes through `op.batch_alter_table`.
"""

import sqlalchemy as sa
from alembic import op

import db.models.base

revision = "2026_11_26_stage_decisions"
down_revision = "2026_11_22_first_tables"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stage_decision",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("branch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=200), nullable=False),
        sa.Column("stage", sa.String(length=200), nullable=False),
        sa.Column("computed_stage", sa.String(length=200), nullable=False),
        sa.Column("week_start", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("end_on", sa.Date(), nullable=True),
        sa.Column("decided_at", db.models.base.UtcMoment(timezone=True), nullable=False),
        sa.Column("decided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_stage_decision_branch_id_branch")),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["user_account.id"], name=op.f("fk_stage_decision_decided_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage_decision")),
        sa.UniqueConstraint("branch_id", "number", name=op.f("uq_stage_decision_branch_id_number")),
    )


def downgrade() -> None:
    op.drop_table("stage_decision")
