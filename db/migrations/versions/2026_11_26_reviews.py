"""Keep the weekly reviews that were held, who was there, and the decisions, of which a branch may have several open.

One purpose a migration; data changes apart from schema changes; removing a column takes two
releases; on SQLite a change of a table goes through `op.batch_alter_table`.
"""

import sqlalchemy as sa
from alembic import op

import db.models.base

revision = "2026_11_26_reviews"
down_revision = "2026_11_26_official_totals"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ANY_ACTION = sa.text("state = 'taken'")
NO_DECISION = sa.text("state = 'taken' AND action_key <> 'review_decision'")


def upgrade() -> None:
    op.create_table(
        "review_meeting",
        sa.Column("id", KEY, nullable=False),
        sa.Column("scope_kind", sa.String(length=200), nullable=False),
        sa.Column("scope_key", sa.String(length=200), nullable=False),
        sa.Column("week_start", sa.Date(), nullable=False),
        sa.Column("chair", sa.String(length=200), nullable=False),
        sa.Column("begun_at", db.models.base.UtcMoment(timezone=True), nullable=False),
        sa.Column("ended_at", db.models.base.UtcMoment(timezone=True), nullable=True),
        sa.Column("agenda", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("figures", sa.Text(), nullable=False),
        sa.Column("data_version", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_meeting")),
        sa.UniqueConstraint(
            "scope_kind", "scope_key", "week_start", name=op.f("uq_review_meeting_scope_kind_scope_key_week_start")
        ),
    )
    with op.batch_alter_table("review_meeting", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_review_meeting_week_start"), ["week_start"], unique=False)
    op.create_table(
        "review_attendance",
        sa.Column("id", KEY, nullable=False),
        sa.Column("meeting_id", KEY, nullable=False),
        sa.Column("username", sa.String(length=200), nullable=True),
        sa.Column("words", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["review_meeting.id"], name=op.f("fk_review_attendance_meeting_id_review_meeting")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_attendance")),
    )
    with op.batch_alter_table("review_attendance", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_review_attendance_meeting_id"), ["meeting_id"], unique=False)
    op.create_table(
        "review_decision",
        sa.Column("id", KEY, nullable=False),
        sa.Column("meeting_id", KEY, nullable=False),
        sa.Column("topic", sa.String(length=200), nullable=False),
        sa.Column("branch_id", KEY, nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("owner", sa.String(length=200), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("measure", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=200), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("suggestion_id", KEY, nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("decided_at", db.models.base.UtcMoment(timezone=True), nullable=False),
        sa.Column("decided_by", KEY, nullable=True),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["review_meeting.id"], name=op.f("fk_review_decision_meeting_id_review_meeting")
        ),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_review_decision_branch_id_branch")),
        sa.ForeignKeyConstraint(
            ["suggestion_id"], ["suggestion.id"], name=op.f("fk_review_decision_suggestion_id_suggestion")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["user_account.id"], name=op.f("fk_review_decision_decided_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_decision")),
        sa.UniqueConstraint("suggestion_id", name=op.f("uq_review_decision_suggestion_id")),
    )
    with op.batch_alter_table("review_decision", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_review_decision_meeting_id"), ["meeting_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_review_decision_branch_id"), ["branch_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_review_decision_owner_state"), ["owner", "state"], unique=False)
    _replace_index(NO_DECISION)


def downgrade() -> None:
    op.execute(
        sa.text("UPDATE suggestion SET state = 'expired' WHERE action_key = 'review_decision' AND state = 'taken'")
    )
    _replace_index(ANY_ACTION)
    op.drop_table("review_decision")
    op.drop_table("review_attendance")
    op.drop_table("review_meeting")


def _replace_index(where: sa.TextClause) -> None:
    op.drop_index("uq_suggestion_open", table_name="suggestion")
    op.create_index(
        "uq_suggestion_open",
        "suggestion",
        ["branch_id", "action_key"],
        unique=True,
        sqlite_where=where,
        postgresql_where=where,
    )
