"""The audit trail: what was exported, who changed what, and whether anybody tampered with the record."""

from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.facts import Actor, UserRole
from db.access import require_role
from db.changes import chain_digest, record_audit
from db.models import AuditRow, UserRow


@dataclass(frozen=True)
class AuditEntry:
    """One change as the screens show it; `who` is None for the command line."""

    entry_id: int
    at: datetime
    who: str | None
    action: str
    subject: str
    subject_id: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None


def record_export(session: Session, *, actor: Actor, name: str, file_format: str, rows: int) -> None:
    """Add the audit row of one export."""
    taken = {"name": name, "format": file_format, "rows": rows}
    record_audit(session, actor=actor, action="export", subject="table", after=taken)


def audit_entries(session: Session, *, actor: Actor, limit: int = 500) -> list[AuditEntry]:
    """Return the newest entries of the audit trail, newest first; for administrators.

    Raises:
        NotAllowedError: the actor is no administrator.
    """
    require_role(actor, UserRole.ADMIN)
    query = (
        select(AuditRow, UserRow.username)
        .outerjoin(UserRow, UserRow.id == AuditRow.user_id)
        .order_by(AuditRow.id.desc())
        .limit(limit)
    )
    return [
        AuditEntry(row.id, row.at, who, row.action, row.subject, row.subject_id, row.before, row.after)
        for row, who in session.execute(query)
    ]


def first_broken_entry(session: Session) -> int | None:
    """Return the id of the first audit row that does not follow from the rows before it, None where all do."""
    previous = ""
    query = select(AuditRow).order_by(AuditRow.id).execution_options(yield_per=1000)
    with closing(session.scalars(query)) as rows:
        for row in rows:
            if row.digest != chain_digest(previous, row):
                return row.id
            previous = row.digest
    return None
