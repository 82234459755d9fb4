"""Deciding about a suggestion: taken on, or put aside. What then becomes of it is in `db/action_changes.py`.

A row is stored once somebody decides. A branch has one open action for each
reason and for each action of the playbook: whoever takes a second one on refreshes the first.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from core.calendar import week_start_of
from core.coaching.actions import assignment_problems, expiry_of, reason_code
from core.coaching.dismissals import OTHER, dismissal_problems
from core.coaching.problems import Problem, ProblemKey, RefusedError
from core.coaching.suggestion import BY_STAGE
from core.facts import Actor, BranchStatus, SuggestionState
from db.access import NotAllowedError, branch_in_scope, require_role
from db.action_upkeep import close_expired, seen_again
from db.changes import (
    ChangedByOtherError,
    account_of,
    first_result,
    keep_result,
    last_change,
    lock_branch,
    record_audit,
    utc_now,
)
from db.coaching import OPEN, action_of, owners_of
from db.contacts import FIELD_ROLES
from db.models import BranchRow, SuggestionRow


@dataclass(frozen=True)
class TakenOn:
    """The open action there is now; `is_new` False where one stood already and was seen again."""

    suggestion_id: int
    is_new: bool
    action_key: str
    owner: str
    due_on: date | None


def take_on(
    session: Session,
    *,
    actor: Actor,
    branch_id: int,
    action_key: str,
    reason_key: str,
    facts: Mapping[str, Any],
    owner: str,
    due_on: date,
    today: date,
    key: str,
    shown_version: int | None = None,
) -> TakenOn:
    """Make a suggestion an open action with an owner and a due date.

    Where its reason or the action itself is open at the branch already, that action is seen again: its facts and
    week are refreshed, owner and due date stay, and it is what comes back. `shown_version` is the number of the last
    time the action was decided about at the branch when it was shown, 0 = never, None = it was no suggestion.

    Raises:
        NotAllowedError: not one of the actor's branches, a branch head, or no such action.
        RefusedError: the due date is over, or the owner does not look after the branch.
        ChangedByOtherError: a colleague dismissed it since it was shown.
    """
    require_role(actor, *FIELD_ROLES)
    branch = branch_in_scope(session, actor=actor, branch_id=branch_id)
    first = first_result(session, key=key, actor=actor)
    if first is not None:
        kept = session.get(SuggestionRow, first.get("suggestion_id", 0))
        if kept is None:
            raise NotAllowedError("not a form of yours")
        return _taken(kept, is_new=first.get("is_new", True))
    problems = assignment_problems(
        owners_of(session, actor=actor, branch_id=branch_id), owner=owner, due_on=due_on, today=today
    )
    _refuse(session, branch, action_key=action_key, today=today, problems=problems)
    lock_branch(session, branch.id)
    close_expired(session, today=today, branch_id=branch.id)
    code = reason_code(action_key, facts)
    _check_decided(session, branch_id=branch.id, action_key=action_key, shown=shown_version)
    row = _open_row(session, branch.id, action_key=action_key, code=code)
    is_new = row is None
    if row is None:
        row = add_decided(
            session,
            actor=actor,
            branch=branch,
            action_key=action_key,
            today=today,
            said={"state": OPEN, "owner": owner, "due_on": due_on},
            values={
                "reason_key": reason_key,
                "reason_code": code,
                "facts": dict(facts),
                "taken_on": today,
                "expires_on": expiry_of(due_on),
            },
        )
    else:
        facts_now = facts if row.reason_code == code else row.facts
        seen_again(session, row, actor=actor, week_start=week_start_of(today), facts=facts_now)
    keep_result(session, key=key, actor=actor, result={"suggestion_id": row.id, "is_new": is_new})
    return _taken(row, is_new=is_new)


def _taken(row: SuggestionRow, *, is_new: bool) -> TakenOn:
    return TakenOn(row.id, is_new, row.action_key, row.owner or "", row.due_on)


def _open_row(session: Session, branch_id: int, *, action_key: str, code: str) -> SuggestionRow | None:
    """Return the open action for the reason, else the one that is this action for another reason."""
    rows = session.scalars(
        select(SuggestionRow).where(
            SuggestionRow.branch_id == branch_id,
            SuggestionRow.state == OPEN,
            or_(SuggestionRow.reason_code == code, SuggestionRow.action_key == action_key),
        )
    ).all()
    return next((row for row in rows if row.reason_code == code), rows[0] if rows else None)


def _refuse(session: Session, branch: BranchRow, *, action_key: str, today: date, problems: list[Problem]) -> None:
    action_of(session, action_key=action_key, as_of=today)
    if branch.status == BranchStatus.CLOSED:
        problems = [*problems, Problem(ProblemKey.CLOSED, "branch")]
    if problems:
        raise RefusedError(problems)


def dismiss(
    session: Session,
    *,
    actor: Actor,
    branch_id: int,
    action_key: str,
    reason_key: str = BY_STAGE,
    facts: Mapping[str, Any],
    dismissal: str = OTHER,
    reason: str,
    today: date,
    key: str,
    shown_version: int,
) -> None:
    """Put a suggestion aside with a reason; it rests for its interval.

    Args:
        session: the writing transaction.
        actor: who decides.
        branch_id: the branch, re-checked against the scope.
        action_key: the action.
        reason_key: why it was suggested.
        facts: the facts of that.
        dismissal: the chosen reason, a key of `core.coaching.dismissals`.
        reason: a text beside it; needed where the choice says nothing itself.
        today: the day in Shanghai.
        key: drawn with the form.
        shown_version: of the last time the action was decided about there when the form was drawn, 0 = never.

    Raises:
        NotAllowedError: as for `take_on`.
        RefusedError: no reason, or one that may not be stored.
        ChangedByOtherError: the action is open there already, or a colleague dismissed it since it was shown.
    """
    require_role(actor, *FIELD_ROLES)
    branch = branch_in_scope(session, actor=actor, branch_id=branch_id)
    lock_branch(session, branch.id)
    if first_result(session, key=key, actor=actor) is not None:
        return
    problems = dismissal_problems(dismissal, reason)
    _refuse(session, branch, action_key=action_key, today=today, problems=problems)
    close_expired(session, today=today, branch_id=branch.id)
    open_row = _open_row(session, branch.id, action_key=action_key, code=f"step:{action_key}")
    if open_row is not None:
        raise _decided_by_other(session, open_row)
    _check_decided(session, branch_id=branch.id, action_key=action_key, shown=shown_version)
    row = add_decided(
        session,
        actor=actor,
        branch=branch,
        action_key=action_key,
        today=today,
        said={
            "state": SuggestionState.DISMISSED,
            "dismissal": dismissal,
            "dismissed_reason": reason.strip() or None,
        },
        values={"reason_key": reason_key, "reason_code": reason_code(action_key, facts), "facts": dict(facts)},
    )
    keep_result(session, key=key, actor=actor, result={"suggestion_id": row.id})


def _check_decided(session: Session, *, branch_id: int, action_key: str, shown: int | None) -> None:
    """Refuse what was decided about an action a colleague dismissed since it was shown; None = nothing was shown."""
    query = select(SuggestionRow).where(SuggestionRow.branch_id == branch_id, SuggestionRow.action_key == action_key)
    latest = session.scalar(query.order_by(SuggestionRow.id.desc()).limit(1))
    if shown is not None and latest and latest.id > shown and latest.state == SuggestionState.DISMISSED:
        raise _decided_by_other(session, latest)


def _decided_by_other(session: Session, row: SuggestionRow) -> ChangedByOtherError:
    by, at = last_change(session, subject="suggestion", subject_ids=[row.id])
    stands = ("state", "owner", "due_on", "dismissal", "dismissed_reason")
    return ChangedByOtherError(
        "decided since you opened it",
        {name: getattr(row, name) for name in stands if getattr(row, name) is not None},
        subject="suggestion",
        version=row.id,
        by=by,
        at=at,
    )


def add_decided(
    session: Session,
    *,
    actor: Actor,
    branch: BranchRow,
    action_key: str,
    today: date,
    said: dict[str, Any],
    values: dict[str, Any],
) -> SuggestionRow:
    """Store an action somebody decided about, of a branch the caller checked; `said` goes into the audit trail."""
    row = SuggestionRow(
        branch_id=branch.id,
        action_key=action_key,
        week_start=week_start_of(today),
        created_at=utc_now(),
        decided_at=utc_now(),
        decided_on=today,
        decided_by=account_of(actor),
        **said,
        **values,
    )
    session.add(row)
    session.flush()
    record_audit(
        session,
        actor=actor,
        action="take_on" if said["state"] is OPEN else "dismiss",
        subject="suggestion",
        subject_id=row.id,
        branch_id=row.branch_id,
        after={"branch": branch.branch_code, "action": action_key, **said},
    )
    return row
