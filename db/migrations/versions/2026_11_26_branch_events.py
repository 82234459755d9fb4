"""Add the customer events of branches, and the slots of the six ones.

One purpose a migration; data changes apart from schema changes; removing a column takes two
releases; on SQLite a change of a table goes through `op.batch_alter_table`.
"""

import sqlalchemy as sa
from alembic import op

import db.models.base

revision = "2026_11_26_branch_events"
down_revision = "2026_11_26_week_plans"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "branch_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("branch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=200), nullable=False),
        sa.Column("relation", sa.String(length=200), nullable=False),
        sa.Column("tier", sa.String(length=200), nullable=False),
        sa.Column("theme", sa.String(length=200), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=True),
        sa.Column("insurer_level", sa.String(length=200), nullable=False),
        sa.Column("bank_level", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=200), nullable=False),
        sa.Column("invited", sa.Integer(), nullable=True),
        sa.Column("confirmed", sa.Integer(), nullable=True),
        sa.Column("came", sa.Integer(), nullable=True),
        sa.Column("walk_ins", sa.Integer(), nullable=True),
        sa.Column("policies", sa.Integer(), nullable=True),
        sa.Column("approval_number", sa.String(length=200), nullable=True),
        sa.Column("approved_on", sa.Date(), nullable=True),
        sa.Column("event_ref", sa.String(length=200), nullable=True),
        sa.Column("is_project", sa.Boolean(), nullable=False),
        sa.Column("project_start_on", sa.Date(), nullable=True),
        sa.Column("project_end_on", sa.Date(), nullable=True),
        sa.Column("project_target", sa.Text(), nullable=True),
        sa.Column("project_resources", sa.Text(), nullable=True),
        sa.Column("project_result", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("recorded_at", db.models.base.UtcMoment(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_branch_event_branch_id_branch")),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_branch_event_recorded_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_branch_event")),
        sa.UniqueConstraint("event_ref", name=op.f("uq_branch_event_event_ref")),
    )
    op.create_index(op.f("ix_branch_event_branch_id_day"), "branch_event", ["branch_id", "day"])
    op.create_index(op.f("ix_branch_event_day"), "branch_event", ["day"])
    op.create_table(
        "six_one_slot",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("counts", sa.String(length=200), nullable=True),
        sa.Column("period", sa.String(length=200), nullable=False),
        sa.Column("target", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("changed_at", db.models.base.UtcMoment(timezone=True), nullable=False),
        sa.Column("changed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["user_account.id"], name=op.f("fk_six_one_slot_changed_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_six_one_slot")),
        sa.UniqueConstraint("slot", "valid_from", name=op.f("uq_six_one_slot_slot_valid_from")),
    )


def downgrade() -> None:
    op.drop_table("six_one_slot")
    op.drop_table("branch_event")
