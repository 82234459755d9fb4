"""Add coaching notes with their commitments, and who confirmed the handover of a branch.

One purpose a migration; data changes apart from schema changes; removing a column takes two
releases; on SQLite a change of a table goes through `op.batch_alter_table`.
"""

import sqlalchemy as sa
from alembic import op

import db.models.base

revision = "2026_11_26_coaching_notes"
down_revision = "2026_11_26_self_checks"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "coaching_note",
        sa.Column("id", KEY, nullable=False),
        sa.Column("branch_id", KEY, nullable=False),
        sa.Column("session_on", sa.Date(), nullable=False),
        sa.Column("role", sa.String(length=200), nullable=False),
        sa.Column("goal", sa.Text(), nullable=False),
        sa.Column("reality", sa.Text(), nullable=False),
        sa.Column("options", sa.Text(), nullable=False),
        sa.Column("will", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("written_at", db.models.base.UtcMoment(timezone=True), nullable=False),
        sa.Column("written_by", KEY, nullable=True),
        sa.Column("acknowledged_on", sa.Date(), nullable=True),
        sa.Column("acknowledged_by", KEY, nullable=True),
        sa.Column("kept", sa.String(length=200), nullable=True),
        sa.Column("kept_on", sa.Date(), nullable=True),
        sa.Column("kept_by", KEY, nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_coaching_note_branch_id_branch")),
        *(
            sa.ForeignKeyConstraint([column], ["user_account.id"], name=op.f(f"fk_coaching_note_{column}_user_account"))
            for column in ("written_by", "acknowledged_by", "kept_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coaching_note")),
    )
    op.create_index(op.f("ix_coaching_note_branch_id_session_on"), "coaching_note", ["branch_id", "session_on"])
    op.create_index(op.f("ix_coaching_note_kept_due_on"), "coaching_note", ["kept", "due_on"])
    op.create_table(
        "handover_read",
        sa.Column("id", KEY, nullable=False),
        sa.Column("branch_id", KEY, nullable=False),
        sa.Column("kind", sa.String(length=200), nullable=False),
        sa.Column("changed_on", sa.Date(), nullable=False),
        sa.Column("read_on", sa.Date(), nullable=False),
        sa.Column("read_by", KEY, nullable=True),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_handover_read_branch_id_branch")),
        sa.ForeignKeyConstraint(["read_by"], ["user_account.id"], name=op.f("fk_handover_read_read_by_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover_read")),
        sa.UniqueConstraint("branch_id", "kind", "changed_on", name=op.f("uq_handover_read_branch_id_kind_changed_on")),
    )


def downgrade() -> None:
    op.drop_table("handover_read")
    op.drop_table("coaching_note")
