"""Keep the numbers of the stage engine an administrator changed, as versions with a start.

One purpose a migration; data changes apart from schema changes; removing a column takes two
releases; on SQLite a change of a table goes through `op.batch_alter_table`.
"""

import sqlalchemy as sa
from alembic import op

import db.models.base

revision = "2026_11_26_stage_rule_versions"
down_revision = "2026_11_26_stage_decisions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stage_rule_version",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("made_at", db.models.base.UtcMoment(timezone=True), nullable=False),
        sa.Column("made_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("withdrawn_at", db.models.base.UtcMoment(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["made_by"], ["user_account.id"], name=op.f("fk_stage_rule_version_made_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["withdrawn_by"], ["user_account.id"], name=op.f("fk_stage_rule_version_withdrawn_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage_rule_version")),
    )
    with op.batch_alter_table("stage_rule_version", schema=None) as batch_op:
        batch_op.create_index(
            "uq_stage_rule_version_start",
            ["valid_from"],
            unique=True,
            sqlite_where=sa.text("withdrawn_at IS NULL"),
            postgresql_where=sa.text("withdrawn_at IS NULL"),
        )

    op.create_table(
        "stage_rule_value",
        sa.Column("version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("before", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"], ["stage_rule_version.id"], name=op.f("fk_stage_rule_value_version_id_stage_rule_version")
        ),
        sa.PrimaryKeyConstraint("version_id", "subject", "key", name=op.f("pk_stage_rule_value")),
    )


def downgrade() -> None:
    op.drop_table("stage_rule_value")
    with op.batch_alter_table("stage_rule_version", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_stage_rule_version_start",
            sqlite_where=sa.text("withdrawn_at IS NULL"),
            postgresql_where=sa.text("withdrawn_at IS NULL"),
        )

    op.drop_table("stage_rule_version")
