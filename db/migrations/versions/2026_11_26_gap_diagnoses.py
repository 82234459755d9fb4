"""Keep the diagnoses of gaps, their causes, and the actions of branches they led to.

One purpose a migration; data changes apart from schema changes; removing a column takes two
releases; on SQLite a change of a table goes through `op.batch_alter_table`.
"""

import sqlalchemy as sa
from alembic import op

import db.models.base

revision = "2026_11_26_gap_diagnoses"
down_revision = "2026_11_26_review_packs"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "gap_diagnosis",
        sa.Column("id", KEY, nullable=False),
        sa.Column("scope_kind", sa.String(length=200), nullable=False),
        sa.Column("scope_key", sa.String(length=200), nullable=False),
        sa.Column("branch_id", KEY, nullable=True),
        sa.Column("kpi", sa.String(length=200), nullable=False),
        sa.Column("period_kind", sa.String(length=200), nullable=False),
        sa.Column("start_on", sa.Date(), nullable=False),
        sa.Column("end_on", sa.Date(), nullable=False),
        sa.Column("counted_to", sa.Date(), nullable=False),
        sa.Column("actual", sa.Double(), nullable=False),
        sa.Column("target", sa.Double(), nullable=False),
        sa.Column("due_share", sa.Double(), nullable=False),
        sa.Column("own_level", sa.Double(), nullable=True),
        sa.Column("owner", sa.String(length=200), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("expected", sa.Text(), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("lesson", sa.Text(), nullable=True),
        sa.Column("now_start_on", sa.Date(), nullable=True),
        sa.Column("now_end_on", sa.Date(), nullable=True),
        sa.Column("now_actual", sa.Double(), nullable=True),
        sa.Column("now_own_level", sa.Double(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("decided_at", db.models.base.UtcMoment(timezone=True), nullable=False),
        sa.Column("decided_by", KEY, nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_gap_diagnosis_branch_id_branch")),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["user_account.id"], name=op.f("fk_gap_diagnosis_decided_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gap_diagnosis")),
        sa.UniqueConstraint(
            "scope_kind",
            "scope_key",
            "kpi",
            "period_kind",
            "start_on",
            name=op.f("uq_gap_diagnosis_scope_kind_scope_key_kpi_period_kind_start_on"),
        ),
    )
    with op.batch_alter_table("gap_diagnosis", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_gap_diagnosis_branch_id"), ["branch_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_gap_diagnosis_owner_review_on"), ["owner", "review_on"], unique=False)
    op.create_table(
        "gap_diagnosis_cause",
        sa.Column("diagnosis_id", KEY, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=200), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("action_key", sa.String(length=200), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["diagnosis_id"], ["gap_diagnosis.id"], name=op.f("fk_gap_diagnosis_cause_diagnosis_id_gap_diagnosis")
        ),
        sa.PrimaryKeyConstraint("diagnosis_id", "number", name=op.f("pk_gap_diagnosis_cause")),
    )
    op.create_table(
        "gap_diagnosis_action",
        sa.Column("diagnosis_id", KEY, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("branch_id", KEY, nullable=False),
        sa.Column("suggestion_id", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["diagnosis_id"], ["gap_diagnosis.id"], name=op.f("fk_gap_diagnosis_action_diagnosis_id_gap_diagnosis")
        ),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_gap_diagnosis_action_branch_id_branch")),
        sa.ForeignKeyConstraint(
            ["suggestion_id"], ["suggestion.id"], name=op.f("fk_gap_diagnosis_action_suggestion_id_suggestion")
        ),
        sa.PrimaryKeyConstraint("diagnosis_id", "number", "branch_id", name=op.f("pk_gap_diagnosis_action")),
    )
    with op.batch_alter_table("gap_diagnosis_action", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_gap_diagnosis_action_branch_id"), ["branch_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_gap_diagnosis_action_suggestion_id"), ["suggestion_id"], unique=False)


def downgrade() -> None:
    op.drop_table("gap_diagnosis_action")
    op.drop_table("gap_diagnosis_cause")
    op.drop_table("gap_diagnosis")
