"""What plans of earlier weeks left open: what was missed, what nobody explained, what a new supervisor finds."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from core.calendar import week_start_of
from core.facts import Actor
from core.planning.check import NOT_KEPT, CheckedItem, ItemState, still_with_owner
from core.planning.items import PlanKind, told_differences, told_line
from core.planning.lock import is_over
from core.planning.rules import plan_rules_on
from core.planning.seeding import Seed
from db.models import BranchRow, PlanItemRow, WeekPlanRow
from db.planning import tell_change
from db.planning_facts import checked_plans, checked_weeks
from db.planning_rows import items_found, items_in_sight, line_is_in_sight, line_of, still_there

WEEK = timedelta(weeks=1)


@dataclass(frozen=True)
class LinesBefore:
    """What a plan may take over from: lines of earlier weeks, and those of this week in somebody else's plan.

    `followed` are the lines that were carried on already.
    """

    past: tuple[CheckedItem, ...]
    handed: tuple[CheckedItem, ...]
    followed: frozenset[int]


def first_week(day: date) -> date:
    """Return the Monday of the oldest week whose misses are still asked about, seen from a day."""
    return week_start_of(day) - plan_rules_on(day).carry_weeks * WEEK


def lines_before(session: Session, *, actor: Actor, supervisor: str, week_start: date, today: date) -> LinesBefore:
    """Return the lines of the weeks before, in the supervisor's plans or about one of his branches in anybody's."""
    first = first_week(week_start)
    own = select(BranchRow.id).where(BranchRow.supervisor == supervisor)
    query = items_in_sight(actor).where(
        WeekPlanRow.week_start.between(first, week_start),
        or_(WeekPlanRow.supervisor == supervisor, PlanItemRow.branch_id.in_(own)),
        still_there(),
    )
    plans = checked_plans(session, actor=actor, items=items_found(session, query), today=today)
    later = (
        select(PlanItemRow.carried_from)
        .join(WeekPlanRow, WeekPlanRow.id == PlanItemRow.plan_id)
        .where(WeekPlanRow.week_start >= first, PlanItemRow.carried_from.is_not(None), line_is_in_sight(actor))
    )
    return LinesBefore(
        past=tuple(one for (_, week), lines in plans.items() if week < week_start for one in lines),
        handed=tuple(
            one for (owner, week), lines in plans.items() if week == week_start and owner != supervisor for one in lines
        ),
        followed=frozenset(number or 0 for number in session.scalars(later)),
    )


def plans_before(session: Session, *, supervisor: str, week_start: date) -> tuple[int, ...]:
    """Return the keys of the plans `lines_before` reads lines of: what they hold decides about the plan of the week."""
    own = select(BranchRow.id).where(BranchRow.supervisor == supervisor)
    lines = select(PlanItemRow.plan_id).where(PlanItemRow.branch_id.in_(own))
    query = select(WeekPlanRow.id).where(
        WeekPlanRow.week_start.between(first_week(week_start), week_start),
        or_(WeekPlanRow.supervisor == supervisor, WeekPlanRow.id.in_(lines)),
    )
    return tuple(session.scalars(query))


def misses_handed(
    session: Session, *, actor: Actor, supervisor: str, first: date, last: date, today: date
) -> dict[date, tuple[CheckedItem, ...]]:
    """Return what others planned from one Monday to another and missed at branches a supervisor has now, by Monday.

    Empty for a supervisor outside the actor's scope.
    """
    own = select(BranchRow.id).where(BranchRow.supervisor == supervisor)
    query = items_in_sight(actor).where(
        WeekPlanRow.week_start.between(first, last),
        WeekPlanRow.supervisor != supervisor,
        PlanItemRow.branch_id.in_(own),
        still_there(),
    )
    found: dict[date, tuple[CheckedItem, ...]] = {}
    for (_, week), lines in checked_plans(session, actor=actor, items=items_found(session, query), today=today).items():
        found[week] = (*found.get(week, ()), *(one for one in lines if one.state in NOT_KEPT and not one.is_moot))
    return {week: lines for week, lines in found.items() if lines}


def unexplained_weeks(session: Session, *, actor: Actor, supervisor: str, today: date) -> dict[date, int]:
    """Return how many misses of a supervisor's past weeks have no cause, by Monday, oldest first; only where some are.

    What others missed at branches he has now counts too. Empty for a supervisor outside the actor's scope.
    """
    span: dict[str, Any] = {"first": first_week(today), "last": week_start_of(today) - WEEK, "today": today}
    own = checked_weeks(session, actor=actor, supervisor=supervisor, **span)
    handed = misses_handed(session, actor=actor, supervisor=supervisor, **span)
    counts = {
        week: sum(one.is_unexplained for one in (*still_with_owner(own.get(week, ())), *handed.get(week, ())))
        for week in sorted(own.keys() | handed.keys())
    }
    return {week: count for week, count in counts.items() if count}


def lines_of_branch(session: Session, *, actor: Actor, branch_id: int, today: date) -> tuple[CheckedItem, ...]:
    """Return what is planned for a branch and not done, and what was missed and not carried on, by anybody.

    For whoever takes the branch over; goals are left out. Empty for a branch outside the actor's scope.
    """
    first = first_week(today)
    query = items_in_sight(actor).where(
        WeekPlanRow.week_start >= first, PlanItemRow.branch_id == branch_id, still_there()
    )
    plans = checked_plans(session, actor=actor, items=items_found(session, query), today=today)
    followed = set(
        session.scalars(
            select(PlanItemRow.carried_from)
            .join(WeekPlanRow, WeekPlanRow.id == PlanItemRow.plan_id)
            .where(PlanItemRow.branch_id == branch_id, PlanItemRow.carried_from.is_not(None), line_is_in_sight(actor))
        )
    )
    waits = (ItemState.OPEN, *NOT_KEPT)
    found = [
        one
        for lines in plans.values()
        for one in lines
        if (one.state in waits or one.is_put_off)
        and one.item.line.kind is not PlanKind.GOAL
        and one.item.item_id not in followed
        and not (one.is_closed and is_over(one.item.week_start, today=today))
    ]
    return tuple(sorted(found, key=lambda one: (one.item.week_start, one.item.line.day or date.max, one.item.item_id)))


def take_into(session: Session, *, actor: Actor, plan: WeekPlanRow, seed: Seed, is_late: bool) -> None:
    """Let a line the plan holds already follow what is taken over: its goal, or the misses of its chain.

    Where the branch came back within the week, the line follows the one that had followed it.
    """
    row = session.get_one(PlanItemRow, seed.changes, with_for_update=True)
    before, misses = line_of(row), row.times_carried
    if seed.carried_from is not None:
        source = session.get_one(PlanItemRow, seed.carried_from)
        if source.carried_from == row.id:
            source.carried_from = row.carried_from
        row.carried_from, row.times_carried = seed.carried_from, seed.times_carried
    row.goal, row.gap = seed.line.goal, seed.line.gap
    old, new = told_differences(told_line(before), told_line(line_of(row)))
    if row.times_carried != misses:
        old, new = old | {"times_carried": misses}, new | {"times_carried": row.times_carried}
    tell_change(session, actor, plan, row, before=old, after=new, is_late=is_late and before != line_of(row))
