"""What all dated rules share: a row in force is never changed, one still to come may be replaced, both with a trail."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, cast

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.coaching.problems import MOST_RULE_TEXT, RefusedError, text_problems
from core.facts import Actor, UserRole
from db.access import require_role
from db.changes import account_of, check_version, first_result, keep_result, record_audit, utc_now
from db.engine import is_sqlite
from db.models import SettingRow, SixOneSlotRow, TargetRow

RULE_LOCK = 4_205_120
"""Number of the PostgreSQL lock under which dated rows are stored one after another."""
RuleRow = TargetRow | SettingRow | SixOneSlotRow


class RuleRefusedError(Exception):
    """A rule row cannot be stored. `mistake` is the key of what is wrong.

    `current` holds the values of the row that stands in the way, under the names the audit trail has for them,
    `subject` what it calls the row.
    """

    def __init__(self, mistake: str, *, subject: str = "", current: Mapping[str, Any] | None = None) -> None:
        """Keep the key."""
        super().__init__(mistake)
        self.mistake, self.subject, self.current = mistake, subject, dict(current or {})


def put_rule(
    session: Session,
    *,
    actor: Actor,
    row: RuleRow,
    subject: str,
    same: Sequence[str],
    told: Sequence[str],
    held: Mapping[str, Any] | None,
    shown_version: int,
    today: date,
    key: str,
) -> dict[str, Any]:
    """Store a dated row, or replace the one with the same first day where that is still to come; return its id.

    Args:
        session: the writing transaction.
        actor: an administrator.
        row: as it is to stand, not yet of the session.
        subject: what the audit trail calls it.
        same: the columns that make it the same row, beside its first day.
        told: the columns the audit trail keeps.
        held: what held on the day without the row, for the trail, but not which row it is; None = nothing.
        shown_version: of the row of that day as the form was drawn with, 0 = there was none.
        today: the day in Shanghai.
        key: of the form as drawn.

    Raises:
        NotAllowedError: the actor is no administrator.
        ChangedByOtherError: somebody stored a row of that day, or changed it, since it was shown.
        RuleRefusedError: `starts_in_the_past`, or `in_force`: a row of that day holds already.
        RefusedError: no source, or one that may not be stored.
    """
    require_role(actor, UserRole.ADMIN)
    first = first_result(session, key=key, actor=actor)
    if first is not None:
        return first
    if row.valid_from < today:
        raise RuleRefusedError("starts_in_the_past")
    problems = text_problems("source", row.source, most=MOST_RULE_TEXT, needed=True)
    if problems:
        raise RefusedError(problems)
    row.source = row.source.strip()
    _one_at_a_time(session)
    at = {name: getattr(row, name) for name in ("valid_from", *same)}
    query = select(type(row)).filter_by(**at).execution_options(populate_existing=True)  # as it is under the lock
    stored = cast("RuleRow | None", session.scalar(query))
    before = _told(stored, told) if stored else None
    if before is not None and row.valid_from <= today:
        raise RuleRefusedError("in_force", subject=subject, current=before)
    check_version(
        session,
        shown=shown_version,
        stored=stored.version if stored else 0,
        current=before or {},
        subject=subject,
        subject_ids=[stored.id] if stored else (),
    )
    if stored is None:
        stored = row
        stored.version = 0
        session.add(stored)
    else:
        for name in told:
            setattr(stored, name, getattr(row, name))
    stored.version += 1
    stored.changed_at, stored.changed_by = utc_now(), account_of(actor)
    session.flush()
    which = ("valid_from", *same)  # told by the row as it is now alone, so that each change says which row it is
    record_audit(
        session,
        actor=actor,
        action="add" if before is None else "change",
        subject=subject,
        subject_id=stored.id,
        before=held if before is None else {name: before[name] for name in told if name not in which},
        after=_told(stored, told),
    )
    return keep_result(session, key=key, actor=actor, result={"id": stored.id})


def _told(row: RuleRow, names: Sequence[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _one_at_a_time(session: Session) -> None:
    if not is_sqlite(session):  # there one writer at a time holds the lock anyway
        session.execute(select(func.pg_advisory_xact_lock(RULE_LOCK)))
