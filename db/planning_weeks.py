"""The week plan as a whole: what a new one takes over, its changes since the lock, and how a line was carried."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.calendar import month_end
from core.coaching.actions import DECISION_ACTION, is_expired
from core.coaching.problems import Problem, ProblemKey, RefusedError
from core.facts import Actor, BranchStatus, SizeTier, SuggestionState, UserRole
from core.kpis.definitions import KpiTarget, kpi_target_on
from core.planning.goals import KPI_OF, months_of
from core.planning.items import ChangeKind, ItemChange, PlanItem, WeekPlan
from core.planning.lock import day_of, is_locked, is_over, is_workless, working_week_before
from core.planning.seeding import (
    MonthTarget,
    OpenAction,
    Seed,
    action_seeds,
    carried,
    goal_seeds,
    handed_over,
    not_yet,
    without_target,
)
from db.access import require_role, scoped
from db.branches import branches_in_scope
from db.calendar_days import working_calendar
from db.changes import first_result, keep_result, record_audit
from db.contacts import FIELD_ROLES
from db.models import BranchRow, PlanItemChangeRow, PlanItemRow, SuggestionRow, UserRow, WeekPlanRow
from db.planning import plan_made, put_item
from db.planning_carry import lines_before, plans_before, take_into
from db.planning_rows import (
    all_items,
    is_owner_known,
    items_found,
    items_in_sight,
    line_is_in_sight,
    lock_plans,
    plan_of,
    require_owner,
)
from db.playbook import playbook
from db.targets import kpi_targets

WEEK = timedelta(weeks=1)
MOST_CARRIED = 52
"""Weeks a chain is followed back."""


@dataclass(frozen=True)
class TakeOver:
    """What a plan does not hold yet of what it should: lines to take over, and branches nobody set a target for."""

    seeds: tuple[Seed, ...]
    without_target: tuple[int, ...]


def find_plan(session: Session, *, actor: Actor, supervisor: str, week_start: date) -> WeekPlan | None:
    """Return the plan of a supervisor's week, None where there is none in the actor's scope."""
    if not is_owner_known(session, actor=actor, supervisor=supervisor):
        return None
    query = (
        select(WeekPlanRow, UserRow.display_name)
        .outerjoin(UserRow, UserRow.id == WeekPlanRow.approved_by)
        .where(WeekPlanRow.supervisor == supervisor, WeekPlanRow.week_start == week_start)
    )
    found = session.execute(query).one_or_none()
    return None if found is None else plan_of(found[0], found[1])


def has_plans(session: Session, *, actor: Actor, supervisor: str) -> bool:
    """Tell whether there is a plan of a supervisor's the actor may see, of whichever week."""
    query = select(WeekPlanRow.id).where(WeekPlanRow.supervisor == supervisor).limit(1)
    return is_owner_known(session, actor=actor, supervisor=supervisor) and session.scalar(query) is not None


def changes_of(session: Session, *, actor: Actor, supervisor: str, week_start: date) -> tuple[ItemChange, ...]:
    """Return what was changed about a plan after its lock, oldest first; about lines out of scope without the words."""
    if not is_owner_known(session, actor=actor, supervisor=supervisor):
        return ()
    query = (
        select(PlanItemChangeRow, UserRow.display_name, line_is_in_sight(actor))
        .join(PlanItemRow, PlanItemRow.id == PlanItemChangeRow.item_id)
        .join(WeekPlanRow, WeekPlanRow.id == PlanItemRow.plan_id)
        .outerjoin(UserRow, UserRow.id == PlanItemChangeRow.changed_by)
        .where(
            WeekPlanRow.supervisor == supervisor,
            WeekPlanRow.week_start == week_start,
        )
        .order_by(PlanItemChangeRow.id)
    )
    return tuple(
        ItemChange(row.item_id, ChangeKind(row.kind), row.changed_at, by, row.reason, row.before, row.after)
        if is_in_sight
        else ItemChange(row.item_id, ChangeKind(row.kind), row.changed_at, by, None, {}, {})
        for row, by, is_in_sight in session.execute(query)
    )


def chain_of(session: Session, *, actor: Actor, item_id: int) -> tuple[PlanItem, ...]:
    """Return a line and the missed ones it was carried from, the latest first; none outside the scope.

    The earlier ones may stand in the plan of whoever looked after the branch before.
    """
    found: list[PlanItem] = []
    at: int | None = item_id
    while at is not None and len(found) < MOST_CARRIED:
        one = next(iter(items_found(session, items_in_sight(actor).where(PlanItemRow.id == at))), None)
        if one is None:
            break
        found.append(one)
        at = one.carried_from
    return tuple(found)


def take_over(session: Session, *, actor: Actor, supervisor: str, week_start: date, today: date) -> TakeOver:
    """Return what the plan of a week should take over and does not hold yet; nothing for a week that is over.

    Nor for one without a working day: what waits goes into the next week that has one. Goals come from the month
    targets with the gap of the last week that had one, actions from the open ones that are due, and what was missed in
    the weeks before comes once more, also from the plan of whoever looked after the branch then. Only branches in the
    actor's scope count.
    """
    if is_over(week_start, today=today) or actor.role is UserRole.BRANCH_HEAD:
        return TakeOver((), ())
    calendar = working_calendar(session)
    if is_workless(week_start, calendar):
        return TakeOver((), ())
    targets = _month_targets(session, actor, supervisor, week_start, today=today)
    own = {target.branch_id for target in targets}
    lines = lines_before(session, actor=actor, supervisor=supervisor, week_start=week_start, today=today)
    fitting = [one for one in lines.past if one.item.line.branch_id is None or one.item.line.branch_id in own]
    before = working_week_before(week_start, calendar)
    last = [one for one in fitting if one.item.week_start == before]
    actions = _actions(session, actor, supervisor, today=today)
    known = {one.key for one in playbook(session, as_of=week_start)} | {DECISION_ACTION}
    case: dict[str, Any] = {"week_start": week_start, "today": today, "calendar": calendar}
    seeds = (
        *goal_seeds(targets, last, **case),
        *handed_over(
            [one for one in lines.handed if one.item.line.branch_id in own],
            followed=lines.followed,
            **case,
        ),
        *carried(
            fitting,
            followed=lines.followed,
            open_actions=actions.open,
            closed_answers=actions.closed_answers,
            closed_actions=actions.closed,
            **case,
        ),
        *action_seeds(actions.open, **case),
    )
    query = all_items(actor).where(WeekPlanRow.supervisor == supervisor, WeekPlanRow.week_start == week_start)
    offered = [seed for seed in seeds if seed.line.action_key is None or seed.line.action_key in known]
    return TakeOver(not_yet(offered, items_found(session, query)), without_target(targets))


def start_plan(session: Session, *, actor: Actor, supervisor: str, week_start: date, now: datetime, key: str) -> int:
    """Take over into a plan what it should hold, and return how many lines came; it is made where there is none.

    Raises:
        NotAllowedError: not a supervisor of the actor's, a branch head.
        RefusedError: the week is over.
    """
    require_role(actor, *FIELD_ROLES)
    require_owner(session, actor=actor, supervisor=supervisor)
    # locked before anything is read: of two who start at once, the second finds the lines of the first
    lock_plans(session, plans_before(session, supervisor=supervisor, week_start=week_start))
    plan = plan_made(session, supervisor=supervisor, week_start=week_start)
    first = first_result(session, key=key, actor=actor)
    if first is not None:
        return int(first.get("lines", 0))
    today = day_of(now)
    if is_over(week_start, today=today):
        raise RefusedError([Problem(ProblemKey.WEEK_OVER, "week", {"week": week_start})])
    seeds = take_over(session, actor=actor, supervisor=supervisor, week_start=week_start, today=today).seeds
    late = is_locked(week_start, now=now, calendar=working_calendar(session))
    for seed in seeds:
        if seed.changes is not None:
            take_into(session, actor=actor, plan=plan, seed=seed, is_late=late)
            continue
        put_item(
            session,
            actor=actor,
            line=seed.line,
            plan=plan,
            origin=seed.origin,
            is_late=late,
            carried_from=seed.carried_from,
            times_carried=seed.times_carried,
        )
    plan.started_at = plan.started_at or now
    record_audit(
        session,
        actor=actor,
        action="take_over",
        subject="week_plan",
        subject_id=plan.id,
        after={"supervisor": supervisor, "week_start": week_start, "lines": len(seeds)},
    )
    keep_result(session, key=key, actor=actor, result={"lines": len(seeds)})
    return len(seeds)


def _month_targets(
    session: Session, actor: Actor, supervisor: str, week_start: date, *, today: date
) -> list[MonthTarget]:
    """Return the targets of the months of a week for each branch of a plan that is at work in it, by branch code."""
    targets = kpi_targets(session)
    months = list(months_of(week_start, working_calendar(session))) or [week_start.replace(day=1)]
    found = []
    for row in branches_in_scope(session, actor=actor, as_of=today).to_pylist():
        is_at_work = row["status"] == BranchStatus.ACTIVE and row["cooperation_start"] < week_start + WEEK
        if row["supervisor"] != supervisor or not is_at_work:
            continue
        tier = SizeTier(row["size_tier"]) if row["size_tier"] else None
        found += [
            MonthTarget(
                row["branch_id"],
                measure,
                {month: _target(targets, kpi, tier, month) for month in months},
                since=row["cooperation_start"],
            )
            for measure, kpi in KPI_OF.items()
        ]
    return found


def _target(targets: Sequence[KpiTarget], kpi: str, tier: SizeTier | None, month: date) -> Decimal | None:
    # a target in force on the last day holds for the month
    target = kpi_target_on(targets, kpi=kpi, tier=tier, day=month_end(month))
    return None if target is None else Decimal(str(target))


@dataclass(frozen=True)
class _Actions:
    """The open actions of a supervisor's branches at work, the numbers of the closed ones, and what those answered."""

    open: tuple[OpenAction, ...]
    closed: frozenset[int]
    closed_answers: frozenset[tuple[int, str]]


def _actions(session: Session, actor: Actor, supervisor: str, *, today: date) -> _Actions:
    row = SuggestionRow
    query = (
        select(
            row.id,
            row.branch_id,
            row.action_key,
            row.due_on,
            row.reason_code,
            row.state,
            row.expires_on,
            BranchRow.status,
        )
        .join(BranchRow, BranchRow.id == row.branch_id)
        .where(BranchRow.supervisor == supervisor, row.taken_on.is_not(None) | (row.state == SuggestionState.TAKEN))
        .order_by(row.due_on, row.id)
    )
    found: list[OpenAction] = []
    closed: list[OpenAction] = []
    for one in session.execute(scoped(query, actor, row.branch_id)):
        action = OpenAction(one.id, one.branch_id, one.action_key, one.due_on, one.reason_code)
        state = SuggestionState(one.state)
        if state is not SuggestionState.TAKEN or is_expired(state, one.expires_on, today=today):
            closed.append(action)
        elif one.status == BranchStatus.ACTIVE:
            found.append(action)
    return _Actions(
        tuple(found),
        frozenset(one.suggestion_id for one in closed),
        frozenset((one.branch_id, one.reason_code) for one in closed),
    )
