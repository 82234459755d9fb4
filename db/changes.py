"""What every write shares: the audit row, the write key against double submits, the version check."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.facts import Actor
from db.engine import is_sqlite
from db.models import AuditRow, WriteKeyRow

AUDIT_LOCK = 4_205_118
"""Number of the PostgreSQL lock under which audit rows are chained one after another."""


class ChangedByOtherError(Exception):
    """Somebody else changed the record since it was shown.

    `current` holds the values as they stand now, for the form to show beside the refused ones.
    """

    def __init__(self, message: str, current: Mapping[str, Any]) -> None:
        """Keep the present values."""
        super().__init__(message)
        self.current = dict(current)


def utc_now() -> datetime:
    """Return the moment of a write; rules never read it."""
    return datetime.now(UTC)


def account_of(actor: Actor | None) -> int | None:
    """Return the account a write is kept under; the command line has none."""
    return actor.user_id if actor and actor.user_id > 0 else None


def first_result(session: Session, *, key: str, actor: Actor) -> dict[str, Any] | None:
    """Return what the first submit with this key gave, None where there was none."""
    row = session.get(WriteKeyRow, key)
    if row is None:
        return None
    return row.result if row.user_id == account_of(actor) else {}


def keep_result(session: Session, *, key: str, actor: Actor, result: dict[str, Any]) -> dict[str, Any]:
    """Remember the result of a submit under its key, and return it."""
    session.add(WriteKeyRow(key=key, user_id=account_of(actor), at=utc_now(), result=result))
    return result


def check_version(*, shown: int, stored: int, current: Mapping[str, Any]) -> None:
    """Refuse an edit of a record that changed since it was shown.

    Raises:
        ChangedByOtherError: the stored version is another one.
    """
    if shown != stored:
        raise ChangedByOtherError("changed by somebody else since you opened it", current)


def record_audit(
    session: Session,
    *,
    actor: Actor | None,
    action: str,
    subject: str,
    subject_id: object = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Add one row to the audit trail, chained to the row before it.

    Values must not hold customer data or secrets; dates and numbers are kept as text.
    """
    if not is_sqlite(session):  # there one writer at a time holds the lock anyway
        session.execute(select(func.pg_advisory_xact_lock(AUDIT_LOCK)))
    previous = session.scalar(select(AuditRow.digest).order_by(AuditRow.id.desc()).limit(1)) or ""
    row = AuditRow(
        at=utc_now().replace(microsecond=0),
        user_id=account_of(actor),
        action=action,
        subject=subject,
        subject_id=None if subject_id is None else str(subject_id),
        before=_plain(before),
        after=_plain(after),
        digest="",
    )
    row.digest = chain_digest(previous, row)
    session.add(row)
    session.flush()


def chain_digest(previous: str, row: AuditRow) -> str:
    """Return the digest of an audit row that follows `previous`."""
    parts = [previous, row.at.isoformat(), row.user_id, row.action, row.subject, row.subject_id, row.before, row.after]
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _plain(values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if values is None:
        return None
    return {key: value if isinstance(value, int | float | bool | None) else str(value) for key, value in values.items()}
