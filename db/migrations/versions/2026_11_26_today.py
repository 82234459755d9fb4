"""Keep what people do with the lines of Today: laid aside with a reason, noted, and when each user last looked.

One purpose a migration; data changes apart from schema changes; removing a column takes two
releases; on SQLite a change of a table goes through `op.batch_alter_table`.
"""

import sqlalchemy as sa
from alembic import op

import db.models.base

revision = "2026_11_26_today"
down_revision = "2026_11_26_action_reason_once"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "snooze",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("branch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("thing", sa.String(length=200), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("snoozed_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("is_explained", sa.Boolean(), nullable=False),
        sa.Column("snoozed_at", db.models.base.UtcMoment(timezone=True), nullable=False),
        sa.Column("snoozed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_snooze_branch_id_branch")),
        sa.ForeignKeyConstraint(["snoozed_by"], ["user_account.id"], name=op.f("fk_snooze_snoozed_by_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_snooze")),
    )
    with op.batch_alter_table("snooze", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_snooze_branch_id_thing_subject"), ["branch_id", "thing", "subject"], unique=False
        )
    op.create_table(
        "today_visit",
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("previous_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_today_visit_user_id_user_account")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_today_visit")),
    )
    op.create_table(
        "today_news",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("branch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("thing", sa.String(length=200), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("first_seen_on", sa.Date(), nullable=False),
        sa.Column("noted_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_today_news_branch_id_branch")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_today_news_user_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_today_news")),
        sa.UniqueConstraint(
            "user_id", "branch_id", "thing", "subject", name=op.f("uq_today_news_user_id_branch_id_thing_subject")
        ),
    )
    with op.batch_alter_table("today_news", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_today_news_branch_id"), ["branch_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("today_news", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_today_news_branch_id"))
    op.drop_table("today_news")
    op.drop_table("today_visit")
    with op.batch_alter_table("snooze", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_snooze_branch_id_thing_subject"))
    op.drop_table("snooze")
