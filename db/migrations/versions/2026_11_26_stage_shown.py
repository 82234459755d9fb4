"""Keep the stage of each week as it was first shown, and every change of it afterwards.

One purpose a migration; data changes apart from schema changes; removing a column takes two
releases; on SQLite a change of a table goes through `op.batch_alter_table`.
"""

import sqlalchemy as sa
from alembic import op

import db.models.base

revision = "2026_11_26_stage_shown"
down_revision = "2026_11_26_today"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stage_shown",
        sa.Column("branch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("week_start", sa.Date(), nullable=False),
        sa.Column("stage", sa.String(length=200), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("most_likely", sa.String(length=200), nullable=False),
        sa.Column("rules_on", sa.Date(), nullable=False),
        sa.Column("shown_at", db.models.base.UtcMoment(timezone=True), nullable=True),
        sa.Column("data_version", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("branch_id", "week_start", name=op.f("pk_stage_shown")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "stage_restatement",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("branch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("week_start", sa.Date(), nullable=False),
        sa.Column("before", sa.String(length=200), nullable=True),
        sa.Column("after", sa.String(length=200), nullable=True),
        sa.Column("cause", sa.String(length=200), nullable=False),
        sa.Column("import_batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("changed_at", db.models.base.UtcMoment(timezone=True), nullable=False),
        sa.Column("changed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_stage_restatement_branch_id_branch")),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["user_account.id"], name=op.f("fk_stage_restatement_changed_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["import_batch_id"], ["import_batch.id"], name=op.f("fk_stage_restatement_import_batch_id_import_batch")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage_restatement")),
    )
    with op.batch_alter_table("stage_restatement", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_stage_restatement_branch_id_week_start"), ["branch_id", "week_start"], unique=False
        )


def downgrade() -> None:
    op.drop_table("stage_restatement")
    op.drop_table("stage_shown")
