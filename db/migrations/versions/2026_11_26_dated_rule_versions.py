"""Count the changes of targets, settings and slots of the six ones, so that one still to come can be replaced.

One purpose a migration; removing a column takes two releases; on SQLite a change of a table goes through
`op.batch_alter_table`.
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_26_dated_rule_versions"
down_revision = "2026_11_26_check_finished_filled"
branch_labels = None
depends_on = None

TABLES = ("target", "setting", "six_one_slot")


def upgrade() -> None:
    for table in TABLES:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.alter_column("version", existing_type=sa.Integer(), nullable=False, server_default=None)


def downgrade() -> None:
    for table in TABLES:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column("version")
