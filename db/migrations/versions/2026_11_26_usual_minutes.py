"""Mark contacts whose minutes nobody said: the usual ones of the method.

One purpose a migration. The table is large: a column that may be empty is added as it stands on both databases.
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_26_usual_minutes"
down_revision = "2026_11_26_warnings_since"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("contact", sa.Column("is_usual_minutes", sa.Boolean(), nullable=True))


def downgrade() -> None:
    op.drop_column("contact", "is_usual_minutes")
