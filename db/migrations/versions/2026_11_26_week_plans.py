"""Add the week plans of supervisors: lines, changes after the lock, daily feedback.

One purpose a migration; data changes apart from schema changes; removing a column takes two
releases; on SQLite a change of a table goes through `op.batch_alter_table`.
"""

import sqlalchemy as sa
from alembic import op

import db.models.base

revision = "2026_11_26_week_plans"
down_revision = "2026_11_26_stage_shown_filled"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "daily_feedback",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("supervisor", sa.String(length=200), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("written_at", db.models.base.UtcMoment(timezone=True), nullable=False),
        sa.Column("written_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["written_by"], ["user_account.id"], name=op.f("fk_daily_feedback_written_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_daily_feedback")),
        sa.UniqueConstraint("supervisor", "day", name=op.f("uq_daily_feedback_supervisor_day")),
    )
    with op.batch_alter_table("daily_feedback", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_daily_feedback_day"), ["day"], unique=False)

    op.create_table(
        "week_plan",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("supervisor", sa.String(length=200), nullable=False),
        sa.Column("week_start", sa.Date(), nullable=False),
        sa.Column("started_at", db.models.base.UtcMoment(timezone=True), nullable=True),
        sa.Column("approved_on", sa.Date(), nullable=True),
        sa.Column("approved_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("approved_version", sa.Integer(), nullable=True),
        sa.Column("approval_comment", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["approved_by"], ["user_account.id"], name=op.f("fk_week_plan_approved_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_week_plan")),
        sa.UniqueConstraint("supervisor", "week_start", name=op.f("uq_week_plan_supervisor_week_start")),
    )
    with op.batch_alter_table("week_plan", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_week_plan_week_start"), ["week_start"], unique=False)

    op.create_table(
        "plan_item",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("plan_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=200), nullable=False),
        sa.Column("branch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("role", sa.String(length=200), nullable=True),
        sa.Column("topic", sa.Text(), nullable=True),
        sa.Column("method", sa.String(length=200), nullable=True),
        sa.Column("action_key", sa.String(length=200), nullable=True),
        sa.Column("suggestion_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("event_kind", sa.String(length=200), nullable=True),
        sa.Column("measure", sa.String(length=200), nullable=True),
        sa.Column("goal", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("gap", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("origin", sa.String(length=200), nullable=False),
        sa.Column("carried_from", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("times_carried", sa.Integer(), nullable=False),
        sa.Column("is_added_late", sa.Boolean(), nullable=False),
        sa.Column("is_changed_late", sa.Boolean(), nullable=False),
        sa.Column("dropped_on", sa.Date(), nullable=True),
        sa.Column("is_dropped_late", sa.Boolean(), nullable=False),
        sa.Column("ticked_on", sa.Date(), nullable=True),
        sa.Column("tick_note", sa.Text(), nullable=True),
        sa.Column("cause", sa.String(length=200), nullable=True),
        sa.Column("cause_note", sa.Text(), nullable=True),
        sa.Column("adjustment", sa.Text(), nullable=True),
        sa.Column("adjustment_action", sa.String(length=200), nullable=True),
        sa.Column("added_at", db.models.base.UtcMoment(timezone=True), nullable=False),
        sa.Column("added_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["added_by"], ["user_account.id"], name=op.f("fk_plan_item_added_by_user_account")),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_plan_item_branch_id_branch")),
        sa.ForeignKeyConstraint(["carried_from"], ["plan_item.id"], name=op.f("fk_plan_item_carried_from_plan_item")),
        sa.ForeignKeyConstraint(["plan_id"], ["week_plan.id"], name=op.f("fk_plan_item_plan_id_week_plan")),
        sa.ForeignKeyConstraint(
            ["suggestion_id"], ["suggestion.id"], name=op.f("fk_plan_item_suggestion_id_suggestion")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_item")),
    )
    with op.batch_alter_table("plan_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_plan_item_branch_id"), ["branch_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_plan_item_carried_from"), ["carried_from"], unique=False)
        batch_op.create_index(batch_op.f("ix_plan_item_plan_id"), ["plan_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_plan_item_suggestion_id"), ["suggestion_id"], unique=False)

    op.create_table(
        "plan_item_change",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("before", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("after", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("changed_at", db.models.base.UtcMoment(timezone=True), nullable=False),
        sa.Column("changed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["user_account.id"], name=op.f("fk_plan_item_change_changed_by_user_account")
        ),
        sa.ForeignKeyConstraint(["item_id"], ["plan_item.id"], name=op.f("fk_plan_item_change_item_id_plan_item")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_item_change")),
    )
    with op.batch_alter_table("plan_item_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_plan_item_change_item_id"), ["item_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("plan_item_change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_plan_item_change_item_id"))

    op.drop_table("plan_item_change")
    with op.batch_alter_table("plan_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_plan_item_suggestion_id"))
        batch_op.drop_index(batch_op.f("ix_plan_item_plan_id"))
        batch_op.drop_index(batch_op.f("ix_plan_item_carried_from"))
        batch_op.drop_index(batch_op.f("ix_plan_item_branch_id"))

    op.drop_table("plan_item")
    with op.batch_alter_table("week_plan", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_week_plan_week_start"))

    op.drop_table("week_plan")
    with op.batch_alter_table("daily_feedback", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_daily_feedback_day"))

    op.drop_table("daily_feedback")
