"""What naming the cause of a miss brings about: the line in a later plan follows, and the chosen action is opened."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session

from core.coaching.actions import reason_code
from core.coaching.suggestion import BY_MISS
from core.facts import Actor, BranchStatus
from core.planning.causes import may_all_close
from core.planning.check import KEPT
from core.planning.items import ChangeKind, ItemOrigin, PlanKind, told_differences, told_line
from core.planning.lock import day_of, is_locked, is_over
from core.planning.rules import plan_rules_on
from db.access import branch_in_scope
from db.action_upkeep import close_expired
from db.calendar_days import working_calendar
from db.changes import lock_branch, record_audit
from db.coaching import OPEN, owners_of
from db.coaching_changes import TakenOn, take_on
from db.models import PlanItemRow, SuggestionRow, WeekPlanRow
from db.planning import keep_change
from db.planning_facts import plan_in_sight
from db.planning_rows import SUBJECT, line_of, lock_plans


@dataclass(frozen=True)
class Explained:
    """What stood about a miss: the words of what changes, whether its causes closed it, the first one, the action."""

    words: str | None
    is_closed: bool
    cause: str | None
    action_key: str | None


@dataclass(frozen=True)
class Answered:
    """What a cause brought about: the action that answers it, and whether the one of the cause before is open still.

    `action_key` None = none was looked for, `is_new` False = it was open at the branch already.
    """

    action_key: str | None = None
    is_new: bool = False
    is_before_open: bool = False


def explained(row: PlanItemRow) -> Explained:
    """Return what stands about a miss now."""
    codes = [code for code in (row.cause, row.cause_2, row.cause_3) if code]
    is_closed = may_all_close(codes) and not row.adjustment and not row.adjustment_action
    return Explained(row.adjustment, is_closed, row.cause, row.adjustment_action)


def plans_reached(item_id: int, *, today: date) -> Select[int]:
    """Return the question for the plans a cause changes lines of: with the carried line, or an intended answer."""
    branch = select(PlanItemRow.branch_id).where(PlanItemRow.id == item_id).scalar_subquery()
    return (
        select(PlanItemRow.plan_id)
        .join(WeekPlanRow, WeekPlanRow.id == PlanItemRow.plan_id)
        .where(or_(PlanItemRow.carried_from == item_id, and_(PlanItemRow.branch_id == branch, _is_intended(today))))
    )


def lock_answers(session: Session, *, row: PlanItemRow) -> None:
    """Lock the branch of a miss and its open actions before the audit trail: whoever holds them waits for that."""
    if row.branch_id is None:
        return
    lock_branch(session, row.branch_id)
    open_now = select(SuggestionRow).where(SuggestionRow.branch_id == row.branch_id, SuggestionRow.state == OPEN)
    query = open_now.order_by(SuggestionRow.id).with_for_update(key_share=True)
    session.scalars(query.execution_options(populate_existing=True)).all()


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


def answer_cause(
    session: Session,
    *,
    actor: Actor,
    row: PlanItemRow,
    before: Explained,
    plan: WeekPlanRow,
    today: date,
    key: str,
) -> Answered:
    """Make the action chosen with a cause an open one of the branch, and let planned lines point to it.

    Where the cause or the action is open there already, that one is seen again. Nothing is opened for a line
    without a branch, or at one that is not at work; nor where neither cause nor action is another one than before,
    or the action stayed and was closed since: what somebody put aside or did is not opened by a correction.
    """
    if row.branch_id is None:
        return Answered()
    branch = branch_in_scope(session, actor=actor, branch_id=row.branch_id)
    close_expired(session, today=today, branch_id=branch.id)
    taken = None
    if branch.status == BranchStatus.ACTIVE and _asks_for_action(session, row, before, plan):
        taken = _taken(session, actor, row, plan, today=today, key=key)
        _point_to(session, actor, branch.id, taken, today=today)
    earlier = _answers_before(row, before)
    if taken is not None:
        earlier &= SuggestionRow.id != taken.suggestion_id
    is_left = before.action_key is not None and before.action_key != row.adjustment_action
    stays = is_left and session.scalar(select(SuggestionRow.id).where(earlier, SuggestionRow.state == OPEN).limit(1))
    if taken is None:
        return Answered(is_before_open=bool(stays))
    return Answered(taken.action_key, taken.is_new, bool(stays))


def _asks_for_action(session: Session, row: PlanItemRow, before: Explained, plan: WeekPlanRow) -> bool:
    if row.adjustment_action is None or (row.adjustment_action, row.cause) == (before.action_key, before.cause):
        return False
    if row.adjustment_action != before.action_key:
        return True
    # the cause is another one, the action the same: it is what was decided about it since that counts
    since = SuggestionRow.decided_on >= plan.week_start
    query = select(SuggestionRow.state).where(_answers_before(row, before), since, SuggestionRow.taken_on.is_not(None))
    return session.scalar(query.order_by(SuggestionRow.id.desc()).limit(1)) in (None, OPEN)


def _answers_before(row: PlanItemRow, before: Explained) -> ColumnElement[bool]:
    """Return the condition on actions of the branch the cause before may have opened or found open."""
    code = reason_code(before.action_key or "", {"cause": before.cause})
    return and_(
        SuggestionRow.branch_id == row.branch_id,
        or_(SuggestionRow.action_key == before.action_key, SuggestionRow.reason_code == code),
    )


def _taken(session: Session, actor: Actor, row: PlanItemRow, plan: WeekPlanRow, *, today: date, key: str) -> TakenOn:
    branch_id, action_key = row.branch_id or 0, row.adjustment_action or ""
    known = [one.username for one in owners_of(session, actor=actor, branch_id=branch_id)]
    return take_on(
        session,
        actor=actor,
        branch_id=branch_id,
        action_key=action_key,
        reason_key=BY_MISS,
        facts={"cause": row.cause, "week": plan.week_start.isoformat()},
        owner=plan.supervisor if plan.supervisor in known else known[0],
        due_on=today + timedelta(days=plan_rules_on(today).cause_due_days),
        today=today,
        key=f"{key}-action",
    )


def _is_intended(today: date) -> ColumnElement[bool]:
    """Return the condition on action lines, with their plan, that no open action stands behind yet."""
    return and_(
        WeekPlanRow.week_start > today - timedelta(weeks=1),
        PlanItemRow.kind == PlanKind.ACTION.value,
        PlanItemRow.suggestion_id.is_(None),
        PlanItemRow.dropped_on.is_(None),
    )


def _point_to(session: Session, actor: Actor, branch_id: int, taken: TakenOn, *, today: date) -> None:
    """Let what was only intended point to the open action; the versions stay, as nothing a form holds is changed."""
    query = (
        select(PlanItemRow)
        .join(WeekPlanRow, WeekPlanRow.id == PlanItemRow.plan_id)
        .where(_is_intended(today), PlanItemRow.branch_id == branch_id, PlanItemRow.action_key == taken.action_key)
        .order_by(PlanItemRow.id)
    )
    for line in session.scalars(query).all():
        line.suggestion_id = taken.suggestion_id
        record_audit(
            session,
            actor=actor,
            action="link",
            subject=SUBJECT,
            subject_id=line.id,
            branch_id=line.branch_id,
            before={"suggestion_id": None},
            after={"suggestion_id": taken.suggestion_id, "due_on": taken.due_on},
        )
    session.flush()
