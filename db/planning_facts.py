"""What happened in the weeks of plans: contacts by day, events held, actions done, policies sold.

Contacts and policies are read from the weekly rollups.
"""

from collections.abc import Collection
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from core.facts import Actor, EventState, StaffRole, SuggestionState
from core.planning.check import CheckedItem, Sold, WeekFacts, checked_items
from core.planning.items import EventKind, PlanItem, PlanKind
from db.access import scoped
from db.branches import data_dates
from db.models import BranchEventRow, ContactWeekRow, PlanItemRow, ProductionWeekRow, SuggestionRow, WeekPlanRow
from db.planning_rows import items_found, owner_is_visible, shown_items


def checked_week(
    session: Session, *, actor: Actor, supervisor: str, week_start: date, today: date
) -> tuple[CheckedItem, ...]:
    """Return the lines of a supervisor's week with what became of them, goals first, then by day.

    Empty for a week without a plan and for a supervisor outside the actor's scope.
    """
    query = shown_items(actor).where(WeekPlanRow.supervisor == supervisor, WeekPlanRow.week_start == week_start)
    items = items_found(session, query)
    return checked_items(
        items, facts_of(session, actor=actor, week_start=week_start, today=today, items=items), today=today
    )


def checked_by_owner(
    session: Session, *, actor: Actor, week_start: date, today: date, branch_id: int | None = None
) -> dict[str, tuple[CheckedItem, ...]]:
    """Return the checked lines of a week, about one branch or all, of the supervisors in scope, by user name."""
    query = shown_items(actor).where(WeekPlanRow.week_start == week_start)
    if branch_id is not None:
        query = query.where(PlanItemRow.branch_id == branch_id)
    items = items_found(session, query)
    facts = facts_of(session, actor=actor, week_start=week_start, today=today, items=items)
    by_owner: dict[str, list[PlanItem]] = {}
    for item in items:
        by_owner.setdefault(item.supervisor, []).append(item)
    return {owner: checked_items(lines, facts, today=today) for owner, lines in by_owner.items()}


def facts_of(
    session: Session, *, actor: Actor, week_start: date, today: date, items: Collection[PlanItem]
) -> WeekFacts:
    """Return what happened in a week at the branches of some of its lines; nothing of branches outside the scope."""
    if not items:
        return WeekFacts()
    kinds = {item.line.kind for item in items}
    last_week = data_dates(session, actor=actor, today=today).last_week
    return WeekFacts(
        contact_days=_contact_days(session, actor, week_start) if PlanKind.CONTACT in kinds else {},
        event_days=_event_days(session, actor, week_start) if PlanKind.EVENT in kinds else {},
        done_on=_done_on(session, actor, week_start) if PlanKind.ACTION in kinds else {},
        acted_on=_acted_on(session, actor, week_start) if PlanKind.ACTION in kinds else {},
        sold=_sold(session, actor, week_start) if PlanKind.GOAL in kinds else {},
        is_complete=last_week is not None and week_start <= last_week,
    )


def _planned(actor: Actor, week_start: date, kind: PlanKind) -> Select[int | None]:
    """Return the question for the branches with lines of a kind in a week's plans in scope."""
    return (
        select(PlanItemRow.branch_id)
        .join(WeekPlanRow, WeekPlanRow.id == PlanItemRow.plan_id)
        .where(
            WeekPlanRow.week_start == week_start,
            PlanItemRow.kind == kind.value,
            owner_is_visible(actor, WeekPlanRow.supervisor),
        )
    )


def _contact_days(session: Session, actor: Actor, week_start: date) -> dict[tuple[int, StaffRole], int]:
    row = ContactWeekRow
    query = select(row.branch_id, row.role, row.days_mask).where(
        row.week_start == week_start, row.branch_id.in_(_planned(actor, week_start, PlanKind.CONTACT))
    )
    rows = session.execute(scoped(query, actor, row.branch_id))
    return {(branch_id, StaffRole(role)): mask for branch_id, role, mask in rows}


def _event_days(session: Session, actor: Actor, week_start: date) -> dict[tuple[int, str], int]:
    """Return the days with an event held; what is the centre of a project keeps a planned project too."""
    row = BranchEventRow
    query = select(row.branch_id, row.kind, row.is_project, row.day).where(
        row.state == EventState.HELD,
        row.day.between(week_start, week_start + timedelta(days=6)),
        row.branch_id.in_(_planned(actor, week_start, PlanKind.EVENT)),
    )
    found: dict[tuple[int, str], int] = {}
    for branch_id, kind, is_project, day in session.execute(scoped(query, actor, row.branch_id)):
        for each in (kind, EventKind.MONTHLY_PROJECT.value) if is_project else (kind,):
            found[branch_id, each] = found.get((branch_id, each), 0) | 1 << (day - week_start).days
    return found


def _acted_on(session: Session, actor: Actor, week_start: date) -> dict[tuple[int, str], date]:
    row = SuggestionRow
    query = (
        select(row.branch_id, row.action_key, func.min(row.decided_on))
        .where(
            row.state == SuggestionState.DONE,
            row.decided_on.between(week_start, week_start + timedelta(days=6)),
            row.branch_id.in_(_planned(actor, week_start, PlanKind.ACTION)),
        )
        .group_by(row.branch_id, row.action_key)
    )
    rows = session.execute(scoped(query, actor, row.branch_id))
    return {(branch_id, key): day for branch_id, key, day in rows if day is not None}


def _done_on(session: Session, actor: Actor, week_start: date) -> dict[int, date]:
    row = SuggestionRow
    planned = (
        select(PlanItemRow.suggestion_id)
        .join(WeekPlanRow, WeekPlanRow.id == PlanItemRow.plan_id)
        .where(WeekPlanRow.week_start == week_start, owner_is_visible(actor, WeekPlanRow.supervisor))
    )
    query = select(row.id, row.decided_on).where(row.id.in_(planned), row.state == SuggestionState.DONE)
    rows = session.execute(scoped(query, actor, row.branch_id))
    return {suggestion_id: day for suggestion_id, day in rows if day is not None}


def _sold(session: Session, actor: Actor, week_start: date) -> dict[int, Sold]:
    row = ProductionWeekRow
    query = select(row.branch_id, row.net, row.premium_fen - row.cancelled_fen).where(
        row.week_start == week_start, row.branch_id.in_(_planned(actor, week_start, PlanKind.GOAL))
    )
    rows = session.execute(scoped(query, actor, row.branch_id))
    return {branch_id: Sold(net, Decimal(fen) / 100) for branch_id, net, fen in rows}
