"""Name the branch of the changes the audit trail holds already; it follows from what they are about.

One purpose a migration; data changes apart from schema changes; removing a column takes two releases.
"""

from alembic import op

revision = "2026_11_26_audit_branches_filled"
down_revision = "2026_11_26_audit_branches"
branch_labels = None
depends_on = None

BY_RECORD = {
    "branch_event": "branch_event",
    "coaching_note": "coaching_note",
    "contact": "contact",
    "plan_item": "plan_item",
    "self_check": "self_check",
    "stage_decision": "stage_decision",
    "suggestion": "suggestion",
    "survey_sheet": "survey_sheet",
    "survey_version": "survey_version",
    "today_line": "snooze",
}
"""The table that holds the record of each subject; its key is what the trail goes by."""
BY_CODE = "(subject = 'handover' OR (subject = 'contact' AND action = 'record'))"
NOT_BY_NUMBER = "(action = 'record' AND subject = 'contact') OR (action = 'note' AND subject = 'today_line')"


def upgrade() -> None:
    for subject, table in BY_RECORD.items():
        op.execute(
            f"UPDATE audit SET branch_id = (SELECT branch_id FROM {table} WHERE id = CAST(audit.subject_id AS BIGINT)) "  # noqa: S608  # names from this file
            f"WHERE subject = '{subject}' AND subject_id IS NOT NULL AND NOT ({NOT_BY_NUMBER})"
        )
    op.execute(
        f"UPDATE audit SET branch_id = (SELECT id FROM branch WHERE branch_code = audit.subject_id) WHERE {BY_CODE}"  # noqa: S608  # as above
    )
    op.execute(
        "UPDATE audit SET branch_id = (SELECT id FROM branch WHERE branch_code = "
        "substr(audit.subject_id, 1, length(audit.subject_id) - 8)) WHERE subject = 'branch_total'"
    )
    is_postgres = op.get_bind().dialect.name == "postgresql"
    code = "audit.after ->> 'branch'" if is_postgres else "json_extract(audit.after, '$.branch')"
    op.execute(
        f"UPDATE audit SET branch_id = (SELECT id FROM branch WHERE branch_code = {code}) "  # noqa: S608  # as above
        "WHERE subject = 'today_line' AND action = 'note'"
    )


def downgrade() -> None:
    """Leave the column to the migration that drops it."""
