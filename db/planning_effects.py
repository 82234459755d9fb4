"""What naming the cause of a miss brings about: the line in a later plan follows, and the chosen action is opened."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.coaching.suggestion import BY_MISS
from core.facts import Actor, BranchStatus
from core.planning.causes import may_all_close
from core.planning.check import KEPT
from core.planning.items import ChangeKind, ItemOrigin, PlanKind, told_differences, told_line
from core.planning.lock import day_of, is_locked, is_over
from core.planning.rules import plan_rules_on
from db.access import branch_in_scope
from db.calendar_days import working_calendar
from db.changes import record_audit
from db.coaching import owners_of
from db.coaching_changes import take_on
from db.models import PlanItemRow, WeekPlanRow
from db.planning import keep_change
from db.planning_facts import plan_in_sight
from db.planning_rows import SUBJECT, line_of, lock_plans


@dataclass(frozen=True)
class Explained:
    """What stood about a miss: the words of what changes, and whether its causes closed it."""

    words: str | None
    is_closed: bool


def explained(row: PlanItemRow) -> Explained:
    """Return what stands about a miss now."""
    codes = [code for code in (row.cause, row.cause_2, row.cause_3) if code]
    return Explained(row.adjustment, may_all_close(codes) and not row.adjustment and not row.adjustment_action)


def follow_cause(session: Session, *, actor: Actor, row: PlanItemRow, before: Explained, now: datetime) -> None:
    """Let the line a miss was carried on to follow its cause, in plans whose week is not over.

    It gets the words of what changes unless somebody wrote others; a cause that closes the miss takes it out, a
    later one that does not brings it back. From the lock on that leaves a trail with the cause as the reason.
    """
    today, calendar = day_of(now), working_calendar(session)
    stands = explained(row)
    query = select(PlanItemRow).where(PlanItemRow.carried_from == row.id).order_by(PlanItemRow.id)
    plans = lock_plans(session, set(session.scalars(query.with_only_columns(PlanItemRow.plan_id).order_by(None))))
    for line in session.scalars(query.execution_options(populate_existing=True)).all():
        plan = plans[line.plan_id]
        if is_over(plan.week_start, today=today):
            continue
        late = is_locked(plan.week_start, now=now, calendar=calendar)
        old = told_line(line_of(line)) | {"dropped_on": line.dropped_on}
        if stands.is_closed:
            if line.dropped_on or line.origin != ItemOrigin.CARRIED or _is_kept(session, actor, line, plan, today):
                continue
            line.dropped_on, line.is_dropped_late = today, late
        else:
            if line.dropped_on and not before.is_closed:
                continue
            line.dropped_on, line.is_dropped_late = None, False
            if line.text in (row.text, before.words):
                line.text = row.adjustment or row.text
        new = told_line(line_of(line)) | {"dropped_on": line.dropped_on}
        old, new = told_differences(old, new)
        if not new:
            continue
        line.version += 1
        plan.version += 1
        kind = ChangeKind.DROPPED if line.dropped_on else ChangeKind.CHANGED
        if late:
            line.is_changed_late = line.is_changed_late or kind is ChangeKind.CHANGED
            told = ({name: str(value) if value else None for name, value in side.items()} for side in (old, new))
            told_old, told_new = told
            keep_change(session, actor, line, kind, reason=row.cause, before=told_old, after=told_new)
        record_audit(
            session,
            actor=actor,
            action="drop" if line.dropped_on else "change",
            subject=SUBJECT,
            subject_id=line.id,
            branch_id=line.branch_id,
            before=old,
            after=new,
        )


def _is_kept(session: Session, actor: Actor, line: PlanItemRow, plan: WeekPlanRow, today: date) -> bool:
    week = plan_in_sight(session, actor=actor, supervisor=plan.supervisor, week_start=plan.week_start, today=today)
    return any(one.item.item_id == line.id and one.state in KEPT for one in week)


def answer_cause(session: Session, *, actor: Actor, row: PlanItemRow, plan: WeekPlanRow, today: date, key: str) -> None:
    """Make the action chosen with a cause an open one of the branch, and let planned lines point to it.

    Where the cause or the action is open there already, that one is seen again. Nothing is opened for a line
    without a branch, or at one that is not at work.
    """
    if row.adjustment_action is None or row.branch_id is None:
        return
    branch = branch_in_scope(session, actor=actor, branch_id=row.branch_id)
    if branch.status != BranchStatus.ACTIVE:
        return
    known = [one.username for one in owners_of(session, actor=actor, branch_id=branch.id)]
    taken = take_on(
        session,
        actor=actor,
        branch_id=branch.id,
        action_key=row.adjustment_action,
        reason_key=BY_MISS,
        facts={"cause": row.cause, "week": plan.week_start.isoformat()},
        owner=plan.supervisor if plan.supervisor in known else known[0],
        due_on=today + timedelta(days=plan_rules_on(today).cause_due_days),
        today=today,
        key=f"{key}-action",
    )
    query = (
        select(PlanItemRow)
        .join(WeekPlanRow, WeekPlanRow.id == PlanItemRow.plan_id)
        .where(
            WeekPlanRow.week_start > today - timedelta(weeks=1),
            PlanItemRow.kind == PlanKind.ACTION.value,
            PlanItemRow.branch_id == branch.id,
            PlanItemRow.action_key == taken.action_key,
            PlanItemRow.suggestion_id.is_(None),
            PlanItemRow.dropped_on.is_(None),
        )
    )
    for line in session.scalars(query):
        line.suggestion_id = taken.suggestion_id
        line.version += 1
    session.flush()
