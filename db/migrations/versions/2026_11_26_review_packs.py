"""Add the archive of weekly packs: every file as it was handed out.

One purpose a migration; data changes apart from schema changes; removing a column takes two
releases; on SQLite a change of a table goes through `op.batch_alter_table`.
"""

import sqlalchemy as sa
from alembic import op

import db.models.base

revision = "2026_11_26_review_packs"
down_revision = "2026_11_26_more_causes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "review_pack",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("scope", sa.String(length=200), nullable=False),
        sa.Column("region_path", sa.String(length=200), nullable=True),
        sa.Column("week_start", sa.Date(), nullable=False),
        sa.Column("language", sa.String(length=200), nullable=False),
        sa.Column("with_names", sa.Boolean(), nullable=False),
        sa.Column("file_format", sa.String(length=200), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=200), nullable=False),
        sa.Column("made_at", db.models.base.UtcMoment(timezone=True), nullable=False),
        sa.Column("made_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["made_by"], ["user_account.id"], name=op.f("fk_review_pack_made_by_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_pack")),
    )
    op.create_index(op.f("ix_review_pack_made_at"), "review_pack", ["made_at"])


def downgrade() -> None:
    op.drop_table("review_pack")
