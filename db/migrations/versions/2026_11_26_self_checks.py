"""Add the self-checks of branch heads and their answers.

One purpose a migration; data changes apart from schema changes; removing a column takes two
releases; on SQLite a change of a table goes through `op.batch_alter_table`.
"""

import sqlalchemy as sa
from alembic import op

import db.models.base

revision = "2026_11_26_self_checks"
down_revision = "2026_11_26_stage_rule_versions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "self_check",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("branch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("month_start", sa.Date(), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("started_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("finished_on", sa.Date(), nullable=True),
        sa.Column("finished_at", db.models.base.UtcMoment(timezone=True), nullable=True),
        sa.Column("need", sa.String(length=200), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_self_check_branch_id_branch")),
        sa.ForeignKeyConstraint(
            ["started_by"], ["user_account.id"], name=op.f("fk_self_check_started_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_self_check")),
        sa.UniqueConstraint("branch_id", "month_start", name=op.f("uq_self_check_branch_id_month_start")),
    )
    op.create_index(op.f("ix_self_check_finished_on"), "self_check", ["finished_on"])
    op.create_table(
        "self_check_answer",
        sa.Column("check_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("question_key", sa.String(length=200), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("answered_at", db.models.base.UtcMoment(timezone=True), nullable=False),
        sa.Column("answered_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["check_id"], ["self_check.id"], name=op.f("fk_self_check_answer_check_id_self_check")),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["user_account.id"], name=op.f("fk_self_check_answer_answered_by_user_account")
        ),
        sa.PrimaryKeyConstraint("check_id", "question_key", name=op.f("pk_self_check_answer")),
    )


def downgrade() -> None:
    op.drop_table("self_check_answer")
    op.drop_table("self_check")
