"""Which imports were made, by whom, with what result."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from core.facts import COMMAND_LINE, Actor, UserRole
from db.access import require_role
from db.models import ImportBatchRow, UserRow


@dataclass(frozen=True)
class ImportRecord:
    """One import. `counts` maps a dataset to accepted, inserted, updated and unchanged rows."""

    import_batch_id: int
    imported_at: datetime
    imported_by: str
    source_names: str
    counts: dict[str, Any]
    undone_at: datetime | None
    undone_by: str | None

    def total(self, name: str) -> int:
        """Return a count over all datasets."""
        return sum(counts.get(name, 0) for counts in self.counts.values() if isinstance(counts, dict))


def imports_made(session: Session, *, actor: Actor, limit: int = 50) -> list[ImportRecord]:
    """Return the latest imports, newest first: all for an administrator, else those of the actor.

    Raises:
        NotAllowedError: the role cannot import.
    """
    require_role(actor, UserRole.ADMIN, UserRole.MANAGER, UserRole.SUPERVISOR)
    undoer = aliased(UserRow)
    query = (
        select(ImportBatchRow, UserRow.display_name, undoer.display_name)
        .outerjoin(UserRow, UserRow.id == ImportBatchRow.imported_by)
        .outerjoin(undoer, undoer.id == ImportBatchRow.undone_by)
        .order_by(ImportBatchRow.id.desc())
        .limit(limit)
    )
    if actor.role is not UserRole.ADMIN:
        query = query.where(ImportBatchRow.imported_by == actor.user_id)
    return [
        ImportRecord(
            import_batch_id=row.id,
            imported_at=row.imported_at,
            imported_by=by or COMMAND_LINE.display_name,
            source_names=row.source_names,
            counts=row.counts,
            undone_at=row.undone_at,
            undone_by=(undone_by or COMMAND_LINE.display_name) if row.undone_at else None,
        )
        for row, by, undone_by in session.execute(query)
    ]
