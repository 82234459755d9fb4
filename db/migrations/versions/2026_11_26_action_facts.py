"""Add what an action answers, how often that was seen, when it was taken on and expires, and what proves it.

One purpose a migration; data changes apart from schema changes; removing a column takes two
releases; on SQLite a change of a table goes through `op.batch_alter_table`. The reason is required once
the rows of before have one.
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_26_action_facts"
down_revision = "2026_11_26_market_weeks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("suggestion", schema=None) as batch_op:
        batch_op.add_column(sa.Column("seen_count", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("reason_code", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("taken_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("expires_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("dismissal", sa.String(length=200), nullable=True))
        batch_op.add_column(
            sa.Column("proof_contact_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_suggestion_proof_contact_id_contact"), "contact", ["proof_contact_id"], ["id"]
        )
        batch_op.create_index(batch_op.f("ix_suggestion_proof_contact_id"), ["proof_contact_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("suggestion", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_suggestion_proof_contact_id"))
        batch_op.drop_constraint(batch_op.f("fk_suggestion_proof_contact_id_contact"), type_="foreignkey")
        for name in ("proof_contact_id", "dismissal", "expires_on", "taken_on", "reason_code", "seen_count"):
            batch_op.drop_column(name)
