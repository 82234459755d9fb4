"""The audit trail: who changed what, what was exported, and whether anybody tampered with the record.

An administrator reads all of it. Others read what is about a branch in their scope, and what they did themselves
about none; a manager also the week plans and the daily feedback of his supervisors. A branch head reads nothing.
What he filled into a self-check is his draft: it is kept, and listed for everybody else once he finishes it.
"""

from contextlib import closing
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from core.calendar import SHANGHAI
from core.facts import Actor, UserRole
from core.trail.entries import MOST_LINES, QUIET_ACTIONS, TrailChoice, TrailEntry
from db.access import is_visible, require_role
from db.changes import account_of, chain_digest, record_audit
from db.contacts import FIELD_ROLES
from db.models import AuditRow, BranchRow, UserRow
from db.planning_rows import owner_is_visible

OF_A_SUPERVISOR = ("daily_feedback", "plan_item", "week_plan")
"""Subjects that belong to whoever made the change where they are about no branch."""


def record_export(session: Session, *, actor: Actor, name: str, file_format: str, rows: int) -> None:
    """Add the audit row of one export."""
    taken = {"name": name, "format": file_format, "rows": rows}
    record_audit(session, actor=actor, action="export", subject="table", after=taken)


def newest_entry(session: Session) -> int:
    """Return the number of the newest audit row, 0 where there is none: the trail only grows."""
    return session.scalar(select(func.max(AuditRow.id))) or 0


def trail_entries(
    session: Session, *, actor: Actor, choice: TrailChoice, limit: int = MOST_LINES
) -> tuple[tuple[TrailEntry, ...], bool]:
    """Return the newest changes that are asked for, newest first, and whether there are more of them.

    Raises:
        NotAllowedError: a branch head.
    """
    require_role(actor, *FIELD_ROLES)
    query = (
        select(AuditRow, UserRow.display_name, BranchRow.branch_code, BranchRow.branch_name)
        .outerjoin(UserRow, UserRow.id == AuditRow.user_id)
        .outerjoin(BranchRow, BranchRow.id == AuditRow.branch_id)
        .where(*_asked(actor, choice))
    )
    at = session.scalar(select(AuditRow.at).where(AuditRow.id == choice.before_id))
    if choice.before_id is not None and at is not None:
        same_moment = and_(AuditRow.at == at, AuditRow.id < choice.before_id)
        query = query.where(or_(AuditRow.at < at, same_moment))
    rows = session.execute(query.order_by(AuditRow.at.desc(), AuditRow.id.desc()).limit(limit + 1)).all()
    entries = tuple(
        TrailEntry(row.id, row.at, who, row.action, row.subject, row.subject_id, row.before, row.after, code, name)
        for row, who, code, name in rows[:limit]
    )
    return entries, len(rows) > limit


def trail_people(session: Session, *, actor: Actor, first: date, last: date) -> dict[int, str | None]:
    """Return who changed anything in a period the actor may read, by account; 0 and None = the command line.

    Raises:
        NotAllowedError: a branch head.
    """
    require_role(actor, *FIELD_ROLES)
    query = (
        select(AuditRow.user_id, UserRow.display_name)
        .select_from(AuditRow)
        .outerjoin(UserRow, UserRow.id == AuditRow.user_id)
        .where(*_asked(actor, TrailChoice(first, last)))
        .distinct()
    )
    found = {user_id or 0: name for user_id, name in session.execute(query)}
    return dict(sorted(found.items(), key=lambda one: (one[1] is None, one[1] or "")))


def _asked(actor: Actor, choice: TrailChoice) -> list[ColumnElement[bool]]:
    """Return the conditions of a choice, bound to what the actor may read."""
    start = datetime.combine(choice.first, time.min, SHANGHAI)
    end = datetime.combine(choice.last + timedelta(days=1), time.min, SHANGHAI)
    found = [AuditRow.at >= start, AuditRow.at < end, _may_read(actor), _is_no_draft()]
    if choice.subject is None:
        found.append(AuditRow.action.not_in(QUIET_ACTIONS))
    else:
        found.append(AuditRow.subject == choice.subject)
    if choice.user_id is not None:
        found.append(AuditRow.user_id == choice.user_id if choice.user_id else AuditRow.user_id.is_(None))
    if choice.branch_code is not None:
        found.append(AuditRow.branch_id.in_(select(BranchRow.id).where(BranchRow.branch_code == choice.branch_code)))
    return found


def _may_read(actor: Actor) -> ColumnElement[bool]:
    if actor.role is UserRole.ADMIN:
        return true()
    in_scope = AuditRow.branch_id.in_(select(BranchRow.id).where(is_visible(actor)))
    about_none = [AuditRow.user_id == (account_of(actor) or -1)]
    if actor.role is UserRole.MANAGER:
        supervisors = select(UserRow.id).where(owner_is_visible(actor, UserRow.username))
        about_none.append(and_(AuditRow.subject.in_(OF_A_SUPERVISOR), AuditRow.user_id.in_(supervisors)))
    return or_(in_scope, and_(AuditRow.branch_id.is_(None), or_(*about_none)))


def _is_no_draft() -> ColumnElement[bool]:
    """Leave out answers to a self-check that was not finished after them."""
    later = aliased(AuditRow)
    same = and_(later.subject == AuditRow.subject, later.subject_id == AuditRow.subject_id)
    is_finished = exists().where(same, later.action == "finish", later.id > AuditRow.id)
    return or_(AuditRow.subject != "self_check", AuditRow.action != "answer", is_finished)


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
