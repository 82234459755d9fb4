"""What the week to come holds for a scope: planned work, actions due, events, and days unlike the usual."""

from datetime import date, timedelta

from sqlalchemy import and_, case, func, not_, or_, select
from sqlalchemy.orm import Session

from core.facts import Actor, BranchStatus, EventState, SuggestionState
from core.planning.items import PlanKind
from core.review.figures import DayAhead, NextWeek, PlannedWork
from db.access import is_visible, scoped
from db.calendar_days import working_calendar
from db.models import BranchEventRow, BranchRow, PlanItemRow, SuggestionRow, WeekPlanRow
from db.planning_rows import is_handed_on, item_is_visible, owner_is_visible

SATURDAY = 5


def next_week_page(session: Session, *, actor: Actor, week_start: date, as_of: date) -> NextWeek:
    """Return what the week after one holds; actions as they stood on a day, plans and events as they are."""
    monday = week_start + timedelta(weeks=1)
    calendar = working_calendar(session)
    planned = _planned(session, actor, monday)
    days = (monday + timedelta(days=number) for number in range(7))
    return NextWeek(
        week_start=monday,
        workdays=calendar.workdays(monday),
        planned=tuple(PlannedWork(kind, *planned.get(kind, (0, 0))) for kind in PlanKind),
        people=_people(session, actor),
        people_with_plan=_people_with_plan(session, actor, monday),
        actions_due=_open_actions(session, actor, as_of, monday, monday + timedelta(days=6)),
        actions_overdue=_open_actions(session, actor, as_of, date.min, monday - timedelta(days=1)),
        events=_events(session, actor, monday),
        unlike=tuple(
            DayAhead(day, calendar.is_workday(day))
            for day in days
            if calendar.is_workday(day) != (day.weekday() < SATURDAY)
        ),
    )


def _planned(session: Session, actor: Actor, monday: date) -> dict[PlanKind, tuple[int, int]]:
    """Return by kind how many lines stand in the plans of a week, and how many of them were missed before."""
    row = PlanItemRow
    query = (
        select(row.kind, func.count(), func.sum(case((row.times_carried > 0, 1), else_=0)))
        .join(WeekPlanRow, WeekPlanRow.id == row.plan_id)
        .outerjoin(BranchRow, BranchRow.id == row.branch_id)
        .where(
            WeekPlanRow.week_start == monday,
            row.dropped_on.is_(None),
            item_is_visible(actor),
            not_(is_handed_on()),
        )
        .group_by(row.kind)
    )
    return {PlanKind(kind): (count, carried) for kind, count, carried in session.execute(query)}


def _people(session: Session, actor: Actor) -> int:
    """Return how many people look after branches of the scope."""
    query = select(func.count(func.distinct(BranchRow.supervisor)))
    return session.scalar(query.where(is_visible(actor), BranchRow.status != BranchStatus.CLOSED)) or 0


def _people_with_plan(session: Session, actor: Actor, monday: date) -> int:
    led = select(BranchRow.supervisor).where(is_visible(actor), BranchRow.status != BranchStatus.CLOSED)
    query = select(func.count()).where(
        WeekPlanRow.week_start == monday,
        owner_is_visible(actor, WeekPlanRow.supervisor),
        WeekPlanRow.supervisor.in_(led),
    )
    return session.scalar(query) or 0


def _open_actions(session: Session, actor: Actor, as_of: date, first: date, last: date) -> int:
    """Return how many actions that were open at the end of the day before are due between two days.

    What is open at a branch that was closed by then ended with it.
    """
    row = SuggestionRow
    closed = select(BranchRow.id).where(
        BranchRow.status == BranchStatus.CLOSED, or_(BranchRow.status_since.is_(None), BranchRow.status_since < as_of)
    )
    was_open = or_(row.state == SuggestionState.TAKEN, row.decided_on >= as_of)
    still = or_(row.expires_on.is_(None), row.expires_on >= as_of)
    query = select(func.count()).where(
        and_(row.taken_on.is_not(None), row.taken_on < as_of, was_open, still),
        row.due_on.between(first, last),
        row.branch_id.not_in(closed),
    )
    return session.scalar(scoped(query, actor, row.branch_id)) or 0


def _events(session: Session, actor: Actor, monday: date) -> int:
    """Return how many events of a week were not called off."""
    query = select(func.count()).where(
        BranchEventRow.day.between(monday, monday + timedelta(days=6)), BranchEventRow.state != EventState.CANCELLED
    )
    return session.scalar(scoped(query, actor, BranchEventRow.branch_id)) or 0
