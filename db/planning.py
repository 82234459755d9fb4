"""The lines of a week plan: added, changed, dropped. Until the lock freely, from then on with a trail.

A line may be added from anywhere (the Today list plans a contact for a day): the plan of its week is
made where there is none yet. `now` is the moment in any zone; days are those of Shanghai.
"""

from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.calendar import week_start_of
from core.coaching.problems import Problem, ProblemKey, RefusedError, text_problems
from core.facts import Actor, BranchStatus
from core.planning.causes import told_causes
from core.planning.items import ChangeKind, ItemOrigin, PlanLine, stored_line, told_differences, told_line
from core.planning.lines import are_same, is_planned_anew, line_problems, locked_problems
from core.planning.lock import day_of, is_locked, is_over
from core.planning.rules import plan_rules_on
from db.access import branch_in_scope, require_role
from db.calendar_days import working_calendar
from db.changes import account_of, check_version, first_result, keep_result, record_audit, utc_now
from db.coaching import action_of
from db.contacts import FIELD_ROLES
from db.models import BranchRow, PlanItemChangeRow, PlanItemRow, SuggestionRow, WeekPlanRow
from db.planning_rows import SUBJECT, item_row, line_of, more_causes_of, plan_row, require_owner


def add_item(
    session: Session,
    *,
    actor: Actor,
    line: PlanLine,
    week_start: date,
    now: datetime,
    key: str,
    supervisor: str | None = None,
    origin: ItemOrigin = ItemOrigin.BY_HAND,
    reason: str | None = None,
) -> int:
    """Add a line to the plan of a week and return its key; a resend with the same key adds nothing more.

    Args:
        session: the writing transaction.
        actor: who plans.
        line: what is planned; its branch is re-checked against the scope.
        week_start: Monday of the week; the line's day must lie in it.
        now: the moment; from the lock of the week on the line counts as added late.
        key: drawn with the form.
        supervisor: whose plan; None = the supervisor of the branch, without a branch the actor.
        origin: where the line comes from. One added by hand to a locked plan needs a reason.
        reason: why a locked plan gets one more line.

    Raises:
        NotAllowedError: not one of the actor's branches or supervisors, a branch head, no such action.
        RefusedError: with all that is wrong with the line.
    """
    require_role(actor, *FIELD_ROLES)
    branch = None if line.branch_id is None else branch_in_scope(session, actor=actor, branch_id=line.branch_id)
    owner = supervisor or (branch.supervisor if branch else None) or actor.username
    require_owner(session, actor=actor, supervisor=owner)
    first = first_result(session, key=key, actor=actor)
    if first is not None:
        return int(first.get("item_id", 0))
    late = is_locked(week_start, now=now, calendar=working_calendar(session))
    problems = list(line_problems(line, week_start=week_start, today=day_of(now)))
    if late and origin is ItemOrigin.BY_HAND:
        problems += reason_problems(reason, today=day_of(now))
    if line.action_key is not None:
        action_of(session, action_key=line.action_key, as_of=week_start)
    plan = plan_made(session, supervisor=owner, week_start=week_start)
    problems += _known_problems(session, line, plan)
    if problems:
        raise RefusedError(problems)
    row = put_item(session, actor=actor, line=line, plan=plan, origin=origin, is_late=late, reason=reason)
    keep_result(session, key=key, actor=actor, result={"item_id": row.id})
    return row.id


def put_item(
    session: Session,
    *,
    actor: Actor,
    line: PlanLine,
    plan: WeekPlanRow,
    origin: ItemOrigin,
    is_late: bool,
    reason: str | None = None,
    carried_from: int | None = None,
    times_carried: int = 0,
) -> PlanItemRow:
    """Store a line the caller checked in a plan of its owner, with its audit row and, after the lock, its trail."""
    row = PlanItemRow(
        plan_id=plan.id,
        origin=origin.value,
        carried_from=carried_from,
        times_carried=times_carried,
        is_added_late=is_late,
        added_at=utc_now(),
        added_by=account_of(actor),
        **stored_line(line),
    )
    session.add(row)
    plan.version += 1
    session.flush()
    after = told_line(line)
    if is_late:
        keep_change(session, actor, row, ChangeKind.ADDED, reason=reason, before={}, after=after)
    whose = {"supervisor": plan.supervisor, "week_start": plan.week_start, "origin": origin.value}
    record_audit(
        session,
        actor=actor,
        action="add",
        subject=SUBJECT,
        subject_id=row.id,
        branch_id=row.branch_id,
        after=whose | after,
    )
    return row


def change_item(
    session: Session,
    *,
    actor: Actor,
    item_id: int,
    line: PlanLine,
    shown_version: int,
    reason: str | None = None,
    now: datetime,
    key: str,
) -> None:
    """Change what a line plans; its kind and branch stay. A day that is over may stay, not be chosen.

    Another day takes back the cause of the day that was missed; the trails keep it, an action opened for it stays.
    Once the plan is locked, whom or what it is about stays too: else a miss would become something that was done.

    Raises:
        NotAllowedError: no such line in the actor's scope, a branch head.
        ChangedByOtherError: somebody changed it since it was shown.
        RefusedError: what is wrong with the line, or no reason though the plan is locked.
    """
    require_role(actor, *FIELD_ROLES)
    row, plan = item_row(session, actor=actor, item_id=item_id)
    if first_result(session, key=key, actor=actor) is not None:
        return
    before = line_of(row)
    check_version(
        session,
        shown=shown_version,
        stored=row.version,
        current=told_line(before),
        subject=SUBJECT,
        subject_ids=[row.id],
    )
    line = replace(line, kind=before.kind, branch_id=before.branch_id, suggestion_id=before.suggestion_id)
    today, late = day_of(now), is_locked(plan.week_start, now=now, calendar=working_calendar(session))
    judged = replace(line, day=None) if line.day == before.day else line
    problems = list(line_problems(judged, week_start=plan.week_start, today=today))
    if late:
        problems += [*locked_problems(before, line), *reason_problems(reason, today=today)]
    if _stands_already(session, line, plan, beside=row.id):
        problems.append(Problem(ProblemKey.ALREADY_PLANNED, "line"))
    if problems:
        raise RefusedError(problems)
    old, new = told_differences(told_line(before), told_line(line))
    if new:
        for name, value in stored_line(line).items():
            setattr(row, name, value)
        if is_planned_anew(before, line):
            taken_back = _without_cause(row)
            old, new = old | taken_back, new | dict.fromkeys(taken_back)
        tell_change(session, actor, plan, row, before=old, after=new, is_late=late, reason=reason)
    keep_result(session, key=key, actor=actor, result={"item_id": row.id})


def drop_item(
    session: Session,
    *,
    actor: Actor,
    item_id: int,
    shown_version: int,
    reason: str | None = None,
    now: datetime,
    key: str,
) -> None:
    """Take a line out of a plan; from the lock on it stays on show as dropped, with the reason.

    Raises:
        NotAllowedError, ChangedByOtherError: as for `change_item`.
        RefusedError: the week is over, or no reason though the plan is locked.
    """
    require_role(actor, *FIELD_ROLES)
    row, plan = item_row(session, actor=actor, item_id=item_id)
    if first_result(session, key=key, actor=actor) is not None:
        return
    before = told_line(line_of(row))
    check_version(
        session,
        shown=shown_version,
        stored=row.version,
        current=before,
        subject=SUBJECT,
        subject_ids=[row.id],
    )
    today, late = day_of(now), is_locked(plan.week_start, now=now, calendar=working_calendar(session))
    problems = list(reason_problems(reason, today=today)) if late else []
    if is_over(plan.week_start, today=today):
        problems.insert(0, Problem(ProblemKey.WEEK_OVER, "week", {"week": plan.week_start}))
    if problems:
        raise RefusedError(problems)
    row.dropped_on, row.is_dropped_late = today, late
    row.version += 1
    plan.version += 1
    if late:
        keep_change(session, actor, row, ChangeKind.DROPPED, reason=reason, before=before, after={})
    after = {"dropped_on": today, "reason": reason}
    record_audit(
        session,
        actor=actor,
        action="drop",
        subject=SUBJECT,
        subject_id=row.id,
        branch_id=row.branch_id,
        before=before,
        after=after,
    )
    keep_result(session, key=key, actor=actor, result={"item_id": row.id})


def plan_made(session: Session, *, supervisor: str, week_start: date) -> WeekPlanRow:
    """Return the plan of a week, made now where there is none; its owner was checked by the caller."""
    plan = plan_row(session, supervisor=supervisor, week_start=week_start)
    if plan is None:
        with suppress(IntegrityError), session.begin_nested():  # made by somebody else this very moment
            session.add(WeekPlanRow(supervisor=supervisor, week_start=week_start_of(week_start)))
        plan = plan_row(session, supervisor=supervisor, week_start=week_start)
    if plan is None:
        raise LookupError(f"no plan of {supervisor} for {week_start} could be made")
    return plan


def reason_problems(reason: str | None, *, today: date) -> tuple[Problem, ...]:
    """Return what is wrong with the reason for a change of a locked plan."""
    return text_problems("plan_reason", reason, most=plan_rules_on(today).text_most_characters, needed=True)


def tell_change(
    session: Session,
    actor: Actor,
    plan: WeekPlanRow,
    row: PlanItemRow,
    *,
    before: dict[str, Any],
    after: dict[str, Any],
    is_late: bool,
    reason: str | None = None,
) -> None:
    """Raise the versions of a changed line and its plan, and put the change into the trails it belongs to."""
    row.version += 1
    plan.version += 1
    if is_late:
        row.is_changed_late = True
        keep_change(session, actor, row, ChangeKind.CHANGED, reason=reason, before=before, after=after)
    record_audit(
        session,
        actor=actor,
        action="change",
        subject=SUBJECT,
        subject_id=row.id,
        branch_id=row.branch_id,
        before=before,
        after=after,
    )


def keep_change(
    session: Session,
    actor: Actor,
    row: PlanItemRow,
    kind: ChangeKind,
    *,
    reason: str | None,
    before: dict[str, Any],
    after: dict[str, Any],
) -> None:
    """Add a row to the trail of a locked plan."""
    session.add(
        PlanItemChangeRow(
            item_id=row.id,
            kind=kind.value,
            reason=reason.strip() if reason else None,
            before=before,
            after=after,
            changed_at=utc_now(),
            changed_by=account_of(actor),
        )
    )
    session.flush()


def _without_cause(row: PlanItemRow) -> dict[str, Any]:
    """Take causes and what was to change off a line, and return them under the names the trails have for them."""
    words = {"cause": row.cause, "cause_note": row.cause_note, "adjustment": row.adjustment}
    stood = words | {"action": row.adjustment_action} | told_causes(more_causes_of(row))
    row.cause = row.cause_note = row.adjustment = row.adjustment_action = None
    row.cause_2 = row.cause_note_2 = row.cause_3 = row.cause_note_3 = None
    return {name: value for name, value in stood.items() if value}


def _known_problems(session: Session, line: PlanLine, plan: WeekPlanRow) -> list[Problem]:
    """Return what only the store knows to be wrong with a new line."""
    found = []
    if _stands_already(session, line, plan):
        found.append(Problem(ProblemKey.ALREADY_PLANNED, "line"))
    if line.branch_id is None:
        return found
    branch = session.get_one(BranchRow, line.branch_id)
    if branch.supervisor != plan.supervisor:
        found.append(Problem(ProblemKey.NOT_SUPERVISED, "plan_branch", {"supervisor": plan.supervisor}))
    if branch.status == BranchStatus.CLOSED:
        found.append(Problem(ProblemKey.CLOSED, "branch"))
    if branch.status == BranchStatus.SUSPENDED:
        found.append(Problem(ProblemKey.SUSPENDED, "branch"))
    if line.suggestion_id is not None:
        action = session.get(SuggestionRow, line.suggestion_id)
        if action is None or (action.branch_id, action.action_key) != (line.branch_id, line.action_key):
            found.append(Problem(ProblemKey.NOT_OPEN, "plan_action"))
    return found


def _stands_already(session: Session, line: PlanLine, plan: WeekPlanRow, *, beside: int | None = None) -> bool:
    """Tell whether a plan has the line already, in another row than the one it is held beside."""
    present = select(PlanItemRow).where(PlanItemRow.plan_id == plan.id, PlanItemRow.dropped_on.is_(None))
    return any(one.id != beside and are_same(line_of(one), line) for one in session.scalars(present))
