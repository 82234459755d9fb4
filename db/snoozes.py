"""Lines of Today laid aside with a reason until a day, missed contacts explained, and taking a rest back."""

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.coaching.problems import Problem, ProblemKey, RefusedError, text_problems
from core.facts import Actor
from core.today.lines import Snooze, Thing, snooze_problems
from core.today.rules import today_rules
from db.access import NotAllowedError, branch_in_scope, require_role, scoped
from db.changes import account_of, check_version, first_result, keep_result, record_audit, utc_now
from db.contacts import FIELD_ROLES
from db.models import SnoozeRow, UserRow


def snoozes(session: Session, *, actor: Actor) -> tuple[Snooze, ...]:
    """Return all rests and explanations at the branches in scope, ended ones too, the oldest first."""
    query = select(SnoozeRow, UserRow.display_name).outerjoin(UserRow, UserRow.id == SnoozeRow.snoozed_by)
    rows = session.execute(scoped(query, actor, SnoozeRow.branch_id).order_by(SnoozeRow.id)).all()
    return tuple(
        Snooze(
            snooze_id=row.id,
            thing=Thing(row.thing),
            branch_id=row.branch_id,
            subject=row.subject,
            snoozed_on=row.snoozed_on,
            until_on=row.until_on,
            reason=row.reason,
            is_explained=row.is_explained,
            snoozed_by=name,
            ended_on=row.ended_on,
            version=row.version,
        )
        for row, name in rows
    )


def snooze_line(
    session: Session,
    *,
    actor: Actor,
    branch_id: int,
    thing: Thing,
    subject: str,
    until_on: date,
    reason: str,
    today: date,
    key: str,
) -> None:
    """Lay a line aside; it is back on `until_on`.

    Raises:
        NotAllowedError: not one of the actor's branches, or a branch head.
        RefusedError: no reason, one that may not be stored, or a day that is over or too far ahead.
    """
    problems = snooze_problems(reason=reason, until_on=until_on, today=today)
    _store(
        session,
        actor,
        branch_id=branch_id,
        thing=thing,
        subject=subject,
        reason=reason,
        values={"until_on": until_on, "is_explained": False},
        problems=problems,
        today=today,
        key=key,
    )


def explain_contact(
    session: Session, *, actor: Actor, branch_id: int, subject: str, reason: str, today: date, key: str
) -> None:
    """Say why a contact was missed: what was missed is closed, the next one is due its interval from today.

    Raises:
        NotAllowedError: as for `snooze_line`.
        RefusedError: no reason, or one that may not be stored.
    """
    problems = text_problems("line_reason", reason, most=today_rules().most_text, needed=True)
    _store(
        session,
        actor,
        branch_id=branch_id,
        thing=Thing.CONTACT,
        subject=subject,
        reason=reason,
        values={"until_on": today, "is_explained": True},
        problems=problems,
        today=today,
        key=key,
    )


def _store(
    session: Session,
    actor: Actor,
    *,
    branch_id: int,
    thing: Thing,
    subject: str,
    reason: str,
    values: dict[str, Any],
    problems: tuple[Problem, ...],
    today: date,
    key: str,
) -> None:
    require_role(actor, *FIELD_ROLES)
    branch = branch_in_scope(session, actor=actor, branch_id=branch_id)
    if first_result(session, key=key, actor=actor) is not None:
        return
    if problems:
        raise RefusedError(problems)
    row = SnoozeRow(
        branch_id=branch.id,
        thing=thing.value,
        subject=subject,
        snoozed_on=today,
        reason=reason.strip(),
        snoozed_at=utc_now(),
        snoozed_by=account_of(actor),
        **values,
    )
    session.add(row)
    session.flush()
    record_audit(
        session,
        actor=actor,
        action="explain" if row.is_explained else "snooze",
        subject="today_line",
        subject_id=row.id,
        after={
            "branch": branch.branch_code,
            "thing": thing.value,
            "line": subject,
            "until_on": row.until_on,
            "reason": row.reason,
        },
    )
    keep_result(session, key=key, actor=actor, result={"snooze_id": row.id})


def end_snooze(session: Session, *, actor: Actor, snooze_id: int, shown_version: int, today: date, key: str) -> None:
    """Bring a line back before its day.

    Raises:
        NotAllowedError: no such rest at the actor's branches, or a branch head.
        ChangedByOtherError: somebody brought it back since it was shown.
        RefusedError: it is over already.
    """
    require_role(actor, *FIELD_ROLES)
    query = select(SnoozeRow).where(SnoozeRow.id == snooze_id)
    row = session.scalar(scoped(query, actor, SnoozeRow.branch_id).with_for_update())
    if row is None:
        raise NotAllowedError("not one of your branches")
    if first_result(session, key=key, actor=actor) is not None:
        return
    before = {"until_on": row.until_on, "ended_on": row.ended_on}
    check_version(
        session,
        shown=shown_version,
        stored=row.version,
        current=before,
        subject="today_line",
        subject_ids=[row.id],
    )
    if row.ended_on is not None or row.until_on <= today:
        raise RefusedError([Problem(ProblemKey.NOT_OPEN, "snooze")])
    row.ended_on = today
    row.version += 1
    session.flush()
    record_audit(
        session,
        actor=actor,
        action="end_snooze",
        subject="today_line",
        subject_id=row.id,
        before=before,
        after={"until_on": row.until_on, "ended_on": today},
    )
    keep_result(session, key=key, actor=actor, result={"snooze_id": row.id})
