"""Lines of Today laid aside with a reason until a day, missed contacts explained, and taking a rest back."""

from datetime import date
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from core.coaching.problems import Problem, ProblemKey, RefusedError, text_problems
from core.facts import Actor, UserRole
from core.planning.items import PlanItem
from core.today.lines import Snooze, Thing, TodayLine, snooze_problems
from core.today.rules import today_rules
from db.access import NotAllowedError, branch_in_scope, require_role, scoped
from db.changes import account_of, check_version, first_result, keep_result, lock_branch, record_audit, utc_now
from db.contacts import FIELD_ROLES
from db.models import ContactRow, PlanItemRow, SnoozeRow, SuggestionRow, UserRow
from db.owed import is_real
from db.planning_facts import plan_in_sight


def snoozes(session: Session, *, actor: Actor) -> tuple[Snooze, ...]:
    """Return all rests and explanations at the branches in scope, ended ones too, the oldest first.

    Their reasons are the field staff's own: a branch head gets none.
    """
    is_head = actor.role is UserRole.BRANCH_HEAD
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
            reason="" if is_head else row.reason,
            is_explained=row.is_explained,
            snoozed_by=name,
            ended_on=row.ended_on,
            version=row.version,
            due_on=row.due_on,
        )
        for row, name in rows
    )


def snooze_line(
    session: Session, *, actor: Actor, line: TodayLine, until_on: date, reason: str, today: date, key: str
) -> None:
    """Lay a line aside as it was shown; it is back on `until_on`, or when something falls due anew.

    A rest the line has already is replaced.

    Raises:
        NotAllowedError: not one of the actor's branches, or a branch head.
        ChangedByOtherError: the line does not stand any more as it was shown.
        RefusedError: no reason, one that may not be stored, a day that is over or too far ahead, or one after the
            last day of the action.
    """
    _store(session, actor, line=line, reason=reason, until_on=until_on, is_explained=False, today=today, key=key)


def explain_contact(session: Session, *, actor: Actor, line: TodayLine, reason: str, today: date, key: str) -> None:
    """Say why a contact was missed: what was missed is closed, the next one is due its interval from today.

    Raises:
        NotAllowedError: as for `snooze_line`.
        ChangedByOtherError: as for `snooze_line`; the contact was made meanwhile.
        RefusedError: no reason, or one that may not be stored.
    """
    _store(session, actor, line=line, reason=reason, until_on=today, is_explained=True, today=today, key=key)


def _store(
    session: Session,
    actor: Actor,
    *,
    line: TodayLine,
    reason: str,
    until_on: date,
    is_explained: bool,
    today: date,
    key: str,
) -> None:
    require_role(actor, *FIELD_ROLES)
    branch = branch_in_scope(session, actor=actor, branch_id=line.branch_id)
    if first_result(session, key=key, actor=actor) is not None:
        return
    lock_branch(session, branch.id)
    action = _check_shown(session, actor, line, today=today)
    if is_explained:
        problems = text_problems("line_reason", reason, most=today_rules().most_text, needed=True)
    else:
        last = action.expires_on if action else None
        problems = snooze_problems(reason=reason, until_on=until_on, today=today, expires_on=last)
    if problems:
        raise RefusedError(problems)
    replaced = [row for row in _rests_of(session, line) if row.ended_on is None and row.until_on > today]
    for old in replaced:
        old.ended_on = today
        old.version += 1
    row = SnoozeRow(
        branch_id=branch.id,
        thing=line.thing.value,
        subject=line.subject,
        snoozed_on=today,
        due_on=line.due_on,
        until_on=until_on,
        is_explained=is_explained,
        reason=reason.strip(),
        snoozed_at=utc_now(),
        snoozed_by=account_of(actor),
    )
    session.add(row)
    session.flush()
    record_audit(
        session,
        actor=actor,
        action="explain" if row.is_explained else "snooze",
        subject="today_line",
        subject_id=row.id,
        branch_id=row.branch_id,
        before={"until_on": replaced[-1].until_on, "reason": replaced[-1].reason} if replaced else None,
        after={
            "branch": branch.branch_code,
            "thing": row.thing,
            "line": row.subject,
            "until_on": row.until_on,
            "reason": row.reason,
        },
    )
    keep_result(session, key=key, actor=actor, result={"snooze_id": row.id})


def _rests_of(session: Session, line: TodayLine) -> list[SnoozeRow]:
    query = select(SnoozeRow).where(
        SnoozeRow.branch_id == line.branch_id, SnoozeRow.thing == line.thing.value, SnoozeRow.subject == line.subject
    )
    return list(session.scalars(query.order_by(SnoozeRow.id)))


def _check_shown(session: Session, actor: Actor, line: TodayLine, *, today: date) -> SuggestionRow | None:
    """Refuse what is said about a line that changed since it was shown; return the action it is about.

    Raises:
        ChangedByOtherError: it was laid aside or explained, a contact was logged, or the action or the line of the
            plan was changed.
    """
    rests = _rests_of(session, line)
    if len(rests) != line.snoozes:
        last = rests[-1]
        stands: dict[str, Any] = {"until_on": last.until_on, "reason": last.reason}
        _check(session, "today_line", last.id, stands, shown=line.snoozes, stored=len(rests))
    if line.thing is Thing.CONTACT:
        _check_contacts(session, actor, line, today=today)
    if line.item is not None:
        item = session.get_one(PlanItemRow, line.item.item_id)
        stands = {"ticked_on": item.ticked_on, "dropped_on": item.dropped_on, "cause": item.cause}
        _check(session, "plan_item", item.id, stands, shown=line.item.version, stored=item.version)
    if line.item is not None and line.thing is Thing.PLAN:
        _check_planned(session, actor, line, line.item, today=today)
    if line.action is None:
        return None
    action = session.get_one(SuggestionRow, line.action.suggestion_id)
    stands = {"state": action.state, "owner": action.owner, "due_on": action.due_on}
    _check(session, "suggestion", action.id, stands, shown=line.action.version, stored=action.version)
    return action


def _check_contacts(session: Session, actor: Actor, line: TodayLine, *, today: date) -> None:
    """Refuse where a contact was logged since the line was shown; of the person it is about, where it is about one."""
    row, staff_id = ContactRow, line.facts.get("staff_id")
    query = select(row).where(row.role == line.subject, row.contact_on <= today, is_real())
    latest = _latest(session, actor, query.where(row.staff_id == staff_id) if staff_id else query, line)
    if latest is not None and (line.last_on is None or latest.contact_on > line.last_on):
        _refuse_done(session, latest)


def _check_planned(session: Session, actor: Actor, line: TodayLine, item: PlanItem, *, today: date) -> None:
    """Refuse where a contact was logged since the line of the plan was shown which fulfils it."""
    week, of = item.week_start, item.supervisor
    checked = plan_in_sight(session, actor=actor, supervisor=of, week_start=week, today=today)
    kept_on = next((one.kept_on for one in checked if one.item.item_id == item.item_id), None)
    if kept_on is not None and item.line.role:
        query = select(ContactRow).where(ContactRow.role == item.line.role.value, ContactRow.contact_on == kept_on)
        latest = _latest(session, actor, query, line)
        if latest is not None:
            _refuse_done(session, latest)


def _latest(session: Session, actor: Actor, query: Select[ContactRow], line: TodayLine) -> ContactRow | None:
    row = ContactRow
    query = query.where(row.branch_id == line.branch_id).order_by(row.contact_on.desc(), row.id.desc()).limit(1)
    return session.scalar(scoped(query, actor, row.branch_id))


def _refuse_done(session: Session, contact: ContactRow) -> None:
    stands = {"contact_on": contact.contact_on, "method": contact.method, "topic": contact.topic}
    _check(session, "contact", contact.id, stands, shown=0, stored=contact.version)


def _check(session: Session, subject: str, number: int, stands: dict[str, Any], *, shown: int, stored: int) -> None:
    check_version(session, shown=shown, stored=stored, current=stands, subject=subject, subject_ids=[number])


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
        branch_id=row.branch_id,
        before=before,
        after={"until_on": row.until_on, "ended_on": today},
    )
    keep_result(session, key=key, actor=actor, result={"snooze_id": row.id})
