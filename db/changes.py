"""What every write shares: the audit row, the write key against double submits, the version check."""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from core.facts import Actor
from db.engine import is_sqlite
from db.models import AuditRow, BranchRow, UserRow, WriteKeyRow

AUDIT_LOCK = 4_205_118
"""Number of the PostgreSQL lock under which audit rows are chained one after another."""
NAME_LOCKS = 4_205_121
"""First number of the PostgreSQL locks on names; the second follows from the name."""
WITHOUT_A_VERSION = ("link", "see_again", "sign_in", "sign_out", "unlock")
"""What leaves an audit row but leaves the version of the record as it was."""


@dataclass(frozen=True)
class AuditChange:
    """One of several like changes: of which record, from what to what, about which branch."""

    subject_id: object = None
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    branch_id: int | None = None


class ChangedByOtherError(Exception):
    """Somebody else changed the record since it was shown.

    `current` holds the values as they stand now, under the names the audit trail has for them, `version` the
    number they have, `by` and `at` who stored them last (None = the command line) and when: for the form to show
    beside the refused ones.
    """

    def __init__(
        self,
        message: str,
        current: Mapping[str, Any],
        *,
        subject: str,
        version: int,
        by: str | None = None,
        at: datetime | None = None,
    ) -> None:
        """Keep the present values."""
        super().__init__(message)
        self.current = dict(current)
        self.subject, self.version = subject, version
        self.by, self.at = by, at


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


def lock_branch(session: Session, branch_id: int) -> None:
    """Lock a branch the caller checked, for a change of what hangs on it; rows may still be made to point to it.

    Were they not, whoever has written the trail and stores one would wait for a lock whose holder waits for the trail.
    """
    session.execute(select(BranchRow.id).where(BranchRow.id == branch_id).with_for_update(key_share=True))


def lock_name(session: Session, name: str) -> None:
    """Lock what may not be stored yet by a name of it, before it is looked for: a row that is not there locks nobody.

    Of two who store the first one at once, the second then finds it and is told, rather than fails at its key.
    """
    if not is_sqlite(session):  # there one writer at a time holds the lock anyway
        number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], signed=True)
        session.execute(select(func.pg_advisory_xact_lock(NAME_LOCKS, number)))


def check_version(
    session: Session,
    *,
    shown: int,
    stored: int,
    current: Mapping[str, Any],
    subject: str,
    subject_ids: Collection[object] = (),
    said_as: str | None = None,
) -> None:
    """Refuse an edit of a record that changed since it was shown.

    Args:
        session: the writing transaction.
        shown: version the form was drawn with, 0 = the record was not there.
        stored: version it has now.
        current: its present values.
        subject: what the audit trail calls it.
        subject_ids: under which the audit trail has its changes; none = whichever of the subject.
        said_as: the subject whose words its values have, where that is another one.

    Raises:
        ChangedByOtherError: the stored version is another one.
    """
    if shown != stored:
        by, at = last_change(session, subject=subject, subject_ids=subject_ids)
        message = "changed by somebody else since you opened it"
        raise ChangedByOtherError(message, current, subject=said_as or subject, version=stored, by=by, at=at)


def last_change(
    session: Session, *, subject: str, subject_ids: Collection[object] = ()
) -> tuple[str | None, datetime | None]:
    """Return who changed a record last, by name, and when; the name None for the command line, both for nothing."""
    query = select(UserRow.display_name, AuditRow.at).select_from(AuditRow).outerjoin(UserRow)
    query = query.where(AuditRow.subject == subject, AuditRow.action.not_in(WITHOUT_A_VERSION))
    if subject_ids:
        query = query.where(AuditRow.subject_id.in_([str(one) for one in subject_ids]))
    found = session.execute(query.order_by(AuditRow.id.desc()).limit(1)).one_or_none()
    return (found[0], found[1]) if found else (None, None)


def record_audit(
    session: Session,
    *,
    actor: Actor | None,
    action: str,
    subject: str,
    subject_id: object = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    branch_id: int | None = None,
) -> None:
    """Add one row to the audit trail, chained to the row before it.

    Values must not hold customer data or secrets; dates and numbers are kept as text. `branch_id` is the branch the
    change is about: it bounds who may read it. It follows from the subject and is no part of the chain.
    """
    change = AuditChange(subject_id=subject_id, before=before, after=after, branch_id=branch_id)
    record_audits(session, actor=actor, action=action, subject=subject, changes=[change])


def record_audits(
    session: Session, *, actor: Actor | None, action: str, subject: str, changes: Sequence[AuditChange]
) -> None:
    """Add a row to the audit trail for each of many like changes, as `record_audit` does for one."""
    if not changes:
        return
    if not is_sqlite(session):  # there one writer at a time holds the lock anyway
        session.execute(select(func.pg_advisory_xact_lock(AUDIT_LOCK)))
    digest = session.scalar(select(AuditRow.digest).order_by(AuditRow.id.desc()).limit(1)) or ""
    at, user_id = utc_now().replace(microsecond=0), account_of(actor)
    rows: list[dict[str, Any]] = []
    for one in changes:
        values = {
            "at": at,
            "user_id": user_id,
            "action": action,
            "subject": subject,
            "subject_id": None if one.subject_id is None else str(one.subject_id),
            "before": _plain(one.before),
            "after": _plain(one.after),
        }
        digest = chain_digest(digest, AuditRow(**values))
        rows.append({**values, "branch_id": one.branch_id, "digest": digest})
    session.execute(insert(AuditRow), rows)


def chain_digest(previous: str, row: AuditRow) -> str:
    """Return the digest of an audit row that follows `previous`."""
    parts = [previous, row.at.isoformat(), row.user_id, row.action, row.subject, row.subject_id, row.before, row.after]
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _plain(values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if values is None:
        return None
    return {key: value if isinstance(value, int | float | bool | None) else str(value) for key, value in values.items()}
