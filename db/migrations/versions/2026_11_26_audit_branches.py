"""Let a change in the audit trail name its branch, and find changes by period, branch and person.

One purpose a migration; data changes apart from schema changes; removing a column takes two
releases; on SQLite a change of a table goes through `op.batch_alter_table`.
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_26_audit_branches"
down_revision = "2026_11_26_reviews"
branch_labels = None
depends_on = None

INDEXES = (["at", "id"], ["branch_id", "id"], ["user_id", "id"])


def upgrade() -> None:
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.add_column(sa.Column("branch_id", sa.BigInteger(), nullable=True))
        for columns in INDEXES:
            batch_op.create_index(batch_op.f(f"ix_audit_{'_'.join(columns)}"), columns)


def downgrade() -> None:
    with op.batch_alter_table("audit", schema=None) as batch_op:
        for columns in INDEXES:
            batch_op.drop_index(batch_op.f(f"ix_audit_{'_'.join(columns)}"))
        batch_op.drop_column("branch_id")
