"""Keep branch surveys: saved states of their parts with the answers, and sheets of the short questionnaire.

One purpose a migration; data changes apart from schema changes; removing a column takes two
releases; on SQLite a change of a table goes through `op.batch_alter_table`.
"""

import sqlalchemy as sa
from alembic import op

import db.models.base

revision = "2026_11_26_surveys"
down_revision = "2026_11_26_branch_events"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "survey_version",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("branch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("section", sa.String(length=200), nullable=False),
        sa.Column("surveyed_on", sa.Date(), nullable=False),
        sa.Column("methods", sa.String(length=200), nullable=False),
        sa.Column("confidence", sa.String(length=200), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("saved_on", sa.Date(), nullable=False),
        sa.Column("saved_at", db.models.base.UtcMoment(timezone=True), nullable=False),
        sa.Column("saved_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_survey_version_branch_id_branch")),
        sa.ForeignKeyConstraint(
            ["saved_by"], ["user_account.id"], name=op.f("fk_survey_version_saved_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_version")),
        sa.UniqueConstraint("branch_id", "number", name=op.f("uq_survey_version_branch_id_number")),
    )
    with op.batch_alter_table("survey_version", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_survey_version_branch_id_section_number"), ["branch_id", "section", "number"]
        )

    op.create_table(
        "survey_answer",
        sa.Column("version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("field_key", sa.String(length=200), nullable=False),
        sa.Column("value", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("is_unknown", sa.Boolean(), nullable=False),
        sa.Column("is_filled", sa.Boolean(), nullable=False),
        sa.Column("surveyed_on", sa.Date(), nullable=False),
        sa.Column("methods", sa.String(length=200), nullable=True),
        sa.Column("confidence", sa.String(length=200), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["version_id"], ["survey_version.id"], name=op.f("fk_survey_answer_version_id_survey_version")
        ),
        sa.PrimaryKeyConstraint("version_id", "field_key", name=op.f("pk_survey_answer")),
    )

    op.create_table(
        "survey_sheet",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("branch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("role", sa.String(length=200), nullable=False),
        sa.Column("answered_on", sa.Date(), nullable=False),
        sa.Column("points", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("recorded_at", db.models.base.UtcMoment(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_survey_sheet_branch_id_branch")),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_survey_sheet_recorded_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_sheet")),
    )
    with op.batch_alter_table("survey_sheet", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_survey_sheet_branch_id_answered_on"), ["branch_id", "answered_on"])


def downgrade() -> None:
    with op.batch_alter_table("survey_sheet", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_survey_sheet_branch_id_answered_on"))

    op.drop_table("survey_sheet")
    op.drop_table("survey_answer")
    with op.batch_alter_table("survey_version", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_survey_version_branch_id_section_number"))

    op.drop_table("survey_version")
