"""What happened in the weeks of plans: contacts by day, events held, actions done, policies sold.

Contacts and policies are read from the weekly rollups.
"""

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, not_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from core.calendar import SHANGHAI, WorkingCalendar, week_start_of, weeks_between
from core.coaching.actions import expired_on, is_expired
from core.facts import Actor, BranchStatus, EventState, StaffRole, SuggestionState
from core.planning.check import CheckedItem, Rest, SettledBy, Settlement, Sold, WeekFacts, checked_items
from core.planning.items import EventKind, PlanItem, PlanKind
from core.planning.lock import is_workless, working_days
from db.access import Columns, is_visible, scoped
from db.branches import policies_until
from db.calendar_days import working_calendar
from db.handovers import left_on
from db.models import (
    BranchEventRow,
    BranchRow,
    BranchStatusRow,
    ContactRow,
    ContactWeekRow,
    PlanItemChangeRow,
    PlanItemRow,
    ProductionWeekRow,
    SuggestionRow,
    WeekPlanRow,
)
from db.owed import is_real
from db.planning_rows import is_owner_known, items_found, items_in_sight, items_known, still_there

Key = TypeVar("Key")
Value = TypeVar("Value")
ByWeek = dict[date, dict[Key, Value]]
WORK = (PlanKind.CONTACT, PlanKind.ACTION, PlanKind.EVENT)
"""What is done on a day; goals are not."""


def checked_week(
    session: Session, *, actor: Actor, supervisor: str, week_start: date, today: date
) -> tuple[CheckedItem, ...]:
    """Return the lines of a supervisor's week with what became of them, goals first, then by day.

    Empty for a week without a plan and for a supervisor outside the actor's scope.
    """
    return checked_weeks(
        session, actor=actor, supervisor=supervisor, first=week_start, last=week_start, today=today
    ).get(week_start, ())


def checked_weeks(
    session: Session, *, actor: Actor, supervisor: str, first: date, last: date, today: date
) -> dict[date, tuple[CheckedItem, ...]]:
    """Return the checked lines of a supervisor's weeks from one Monday to another, by Monday; none without a plan.

    Lines of branches outside the actor's scope are there without their place.
    """
    if not is_owner_known(session, actor=actor, supervisor=supervisor):
        return {}
    query = items_known(actor).where(
        WeekPlanRow.supervisor == supervisor, WeekPlanRow.week_start.between(first, last), still_there()
    )
    found: dict[date, tuple[CheckedItem, ...]] = {}
    for (_, week), lines in checked_plans(session, actor=actor, items=items_found(session, query), today=today).items():
        found[week] = lines
    return found


def checked_by_owner(
    session: Session, *, actor: Actor, week_start: date, today: date
) -> dict[str, tuple[CheckedItem, ...]]:
    """Return the checked lines of a week of all plans the actor may be told of, by the user name of their owner.

    Lines of branches outside his scope are there without their place; of plans he may not see, only those in it.
    """
    query = items_known(actor).where(WeekPlanRow.week_start == week_start, still_there())
    plans = checked_plans(session, actor=actor, items=items_found(session, query), today=today)
    return {owner: lines for (owner, _), lines in plans.items()}


def plan_in_sight(
    session: Session, *, actor: Actor, supervisor: str, week_start: date, today: date
) -> tuple[CheckedItem, ...]:
    """Return the checked lines of a plan as far as they concern the actor: his own, or about his branches now."""
    query = items_in_sight(actor).where(
        WeekPlanRow.supervisor == supervisor, WeekPlanRow.week_start == week_start, still_there()
    )
    plans = checked_plans(session, actor=actor, items=items_found(session, query), today=today)
    return plans.get((supervisor, week_start), ())


def work_in_sight(
    session: Session,
    *,
    actor: Actor,
    week_start: date,
    today: date,
    kinds: Collection[PlanKind] = WORK,
    branch_id: int | None = None,
) -> tuple[CheckedItem, ...]:
    """Return the checked lines of a week about one branch or all, those of others' plans about his branches too."""
    query = items_in_sight(actor).where(
        WeekPlanRow.week_start == week_start, PlanItemRow.kind.in_(kinds), still_there()
    )
    if branch_id is not None:
        query = query.where(PlanItemRow.branch_id == branch_id)
    plans = checked_plans(session, actor=actor, items=items_found(session, query), today=today)
    return tuple(one for lines in plans.values() for one in lines)


def checked_plans(
    session: Session, *, actor: Actor, items: Collection[PlanItem], today: date
) -> dict[tuple[str, date], tuple[CheckedItem, ...]]:
    """Return lines the actor was shown with what became of them, by owner and week of their plan."""
    facts = facts_of(session, actor=actor, items=items, today=today)
    plans: dict[tuple[str, date], list[PlanItem]] = {}
    for item in items:
        plans.setdefault((item.supervisor, item.week_start), []).append(item)
    return {plan: checked_items(lines, facts[plan[1]], today=today) for plan, lines in plans.items()}


def facts_of(session: Session, *, actor: Actor, items: Collection[PlanItem], today: date) -> dict[date, WeekFacts]:
    """Return what happened at the branches of some lines in each of their weeks; nothing of other branches.

    What happened outside the scope stays with the lines: they leave without their place.
    """
    if not items:
        return {}
    kinds = {item.line.kind for item in items}
    first, last = min(item.week_start for item in items), max(item.week_start for item in items)
    planned = _Planned(actor, first, last, outside={item.line.branch_id for item in items if not item.is_in_sight})
    contacts = _contact_days(session, planned) if PlanKind.CONTACT in kinds else {}
    events = _event_days(session, planned) if PlanKind.EVENT in kinds else {}
    actions = PlanKind.ACTION in kinds
    acted = _acted_on(session, planned) if actions else {}
    done, let_go = _closed_actions(session, planned, today=today) if actions else ({}, {})
    sold = _sold(session, planned) if PlanKind.GOAL in kinds else {}
    resting = _resting(session, planned)
    handed = _handed_over(session, planned)
    left = left_on(session, branch_ids={item.line.branch_id or 0 for item in items if item.is_handed_on})
    goals = _locked_goals(session, items)
    last_policy_on, calendar = policies_until(session), working_calendar(session)
    last_days = {week: _last_day(week, calendar) for week in {item.week_start for item in items}}
    return {
        week: WeekFacts(
            contact_days=contacts.get(week, {}),
            event_days=events.get(week, {}),
            done_on=done,
            acted_on=acted.get(week, {}),
            sold=sold.get(week, {}),
            let_go=let_go,
            resting=resting,
            handed_over=handed,
            left_on=left,
            locked_goals=goals,
            is_complete=last_policy_on is not None and last_policy_on >= last_day,
            last_day=last_day,
            is_workless=is_workless(week, calendar),
        )
        for week, last_day in last_days.items()
    }


def _last_day(week: date, calendar: WorkingCalendar) -> date:
    """Return the day policies must reach for a week to be in: its last working day, else its Sunday."""
    days = working_days(week, calendar)
    return days[-1] if days else week + timedelta(days=6)


class _Planned:
    """The weeks of some plans, and the branches planned for in them: those in scope, and the ones of `outside`."""

    def __init__(self, actor: Actor, first: date, last: date, *, outside: Collection[int | None]) -> None:
        self.actor, self.first, self.last = actor, first, last
        self.end = last + timedelta(days=6)
        self.outside = outside

    def scoped(self, query: Select[*Columns], branch_column: InstrumentedAttribute[Any]) -> Select[*Columns]:
        """Bound a query to the branches of the plans."""
        if not self.outside:
            return scoped(query, self.actor, branch_column)
        known = select(BranchRow.id).where(is_visible(self.actor))
        return query.where(branch_column.in_(known) | branch_column.in_(self.outside))

    def branches(self, kind: PlanKind) -> Select[int | None]:
        """Return the question for the branches with lines of a kind."""
        return self._of(select(PlanItemRow.branch_id)).where(PlanItemRow.kind == kind.value)

    def actions(self) -> Select[int | None]:
        """Return the question for the open actions lines are about."""
        return self._of(select(PlanItemRow.suggestion_id)).where(PlanItemRow.suggestion_id.is_not(None))

    def _of(self, query: Select[int | None]) -> Select[int | None]:
        joined = query.join(WeekPlanRow, WeekPlanRow.id == PlanItemRow.plan_id)
        return joined.where(WeekPlanRow.week_start.between(self.first, self.last))


def _by_week(rows: Iterable[tuple[date, Key, Value]]) -> ByWeek[Key, Value]:
    found: ByWeek[Key, Value] = {}
    for week, key, value in rows:
        found.setdefault(week, {})[key] = value
    return found


def _contact_days(session: Session, planned: _Planned) -> ByWeek[tuple[int, StaffRole], int]:
    row = ContactWeekRow
    query = select(row.week_start, row.branch_id, row.role, row.days_mask).where(
        row.week_start.in_(weeks_between(planned.first, planned.last)),  # a range would not choose the index by week
        row.branch_id.in_(planned.branches(PlanKind.CONTACT)),
    )
    rows = session.execute(planned.scoped(query, row.branch_id))
    found = _by_week((week, (branch_id, StaffRole(role)), mask) for week, branch_id, role, mask in rows)
    for branch_id, role, day in _only_pushed(session, planned):
        found[week_start_of(day)][branch_id, StaffRole(role)] &= ~(1 << day.weekday())
    return found


def _only_pushed(session: Session, planned: _Planned) -> set[tuple[int, str, date]]:
    """Return the days on which a role was only sent information: that keeps no planned contact, as it restarts none."""
    row = ContactRow
    query = select(row.branch_id, row.role, row.contact_on).where(row.contact_on.between(planned.first, planned.end))

    def days(
        condition: ColumnElement[bool], branch_ids: Collection[int] | Select[int | None]
    ) -> set[tuple[int, str, date]]:
        rows = session.execute(planned.scoped(query.where(condition, row.branch_id.in_(branch_ids)), row.branch_id))
        return {(branch_id, role, day) for branch_id, role, day in rows}

    pushed = days(not_(is_real()), planned.branches(PlanKind.CONTACT))
    return pushed - days(is_real(), {branch_id for branch_id, _, _ in pushed}) if pushed else pushed


def _event_days(session: Session, planned: _Planned) -> ByWeek[tuple[int, str], int]:
    """Return the days with an event held; what is the centre of a project keeps a planned project too."""
    row = BranchEventRow
    query = select(row.branch_id, row.kind, row.is_project, row.day).where(
        row.state == EventState.HELD,
        row.day.between(planned.first, planned.end),
        row.branch_id.in_(planned.branches(PlanKind.EVENT)),
    )
    found: ByWeek[tuple[int, str], int] = {}
    for branch_id, kind, is_project, day in session.execute(planned.scoped(query, row.branch_id)):
        week = found.setdefault(week_start_of(day), {})
        for each in (kind, EventKind.MONTHLY_PROJECT.value) if is_project else (kind,):
            week[branch_id, each] = week.get((branch_id, each), 0) | 1 << day.weekday()
    return found


def _acted_on(session: Session, planned: _Planned) -> ByWeek[tuple[int, str], date]:
    """Return the first day of each week on which an action was closed as done, by branch and key."""
    row = SuggestionRow
    query = (
        select(row.branch_id, row.action_key, row.decided_on)
        .where(
            row.state == SuggestionState.DONE,
            row.decided_on.between(planned.first, planned.end),
            row.branch_id.in_(planned.branches(PlanKind.ACTION)),
        )
        .order_by(row.decided_on.desc())
    )
    rows = session.execute(planned.scoped(query, row.branch_id))
    return _by_week((week_start_of(day), (branch_id, key), day) for branch_id, key, day in rows if day is not None)


def _closed_actions(
    session: Session, planned: _Planned, *, today: date
) -> tuple[dict[int, date], dict[int, Settlement]]:
    """Return of the actions lines are about the days they were done on, and how the others were let go."""
    row = SuggestionRow
    query = select(row).where(row.id.in_(planned.actions()))
    done: dict[int, date] = {}
    let_go: dict[int, Settlement] = {}
    for one in session.scalars(planned.scoped(query, row.branch_id)):
        state, day = SuggestionState(one.state), one.decided_on
        if one.expires_on is not None and is_expired(state, one.expires_on, today=today):
            state, day = SuggestionState.EXPIRED, expired_on(one.expires_on)
        if day is None:
            continue
        if state is SuggestionState.DONE:
            done[one.id] = day
        elif state is SuggestionState.DISMISSED:
            let_go[one.id] = Settlement(SettledBy.DISMISSED, day, one.dismissal, one.dismissed_reason)
        elif state is SuggestionState.EXPIRED:
            let_go[one.id] = Settlement(SettledBy.EXPIRED, day)
    return done, let_go


def _resting(session: Session, planned: _Planned) -> dict[int, list[Rest]]:
    """Return when branches were suspended or closed, from the weeks on; of those nobody knows the day of, always.

    The present status holds from its day on, whatever an interval says.
    """
    row, past = BranchRow, BranchStatusRow
    found: dict[int, list[Rest]] = {}
    now = select(row.id, row.status_since).where(row.status != BranchStatus.ACTIVE)
    for branch_id, since in session.execute(planned.scoped(now, row.id)):
        found.setdefault(branch_id, []).append(Rest(since or date.min))
    before = (
        select(past.branch_id, past.start_on, past.end_on, row.status_since)
        .join(row, row.id == past.branch_id)
        .where(past.status != BranchStatus.ACTIVE, past.end_on.is_(None) | (past.end_on >= planned.first))
    )
    for branch_id, since, until, present_since in session.execute(planned.scoped(before, past.branch_id)):
        ends = [day for day in (until, present_since and present_since - timedelta(days=1)) if day]
        found.setdefault(branch_id, []).append(Rest(since, min(ends, default=date.max)))
    return found


def _handed_over(session: Session, planned: _Planned) -> dict[int, date]:
    """Return the lines another plan of the same week took on, and the day it did."""
    later, before = aliased(PlanItemRow), aliased(PlanItemRow)
    plan, plan_before = aliased(WeekPlanRow), aliased(WeekPlanRow)
    query = (
        select(before.id, later.added_at)
        .join(later, later.carried_from == before.id)
        .join(plan, plan.id == later.plan_id)
        .join(plan_before, plan_before.id == before.plan_id)
        .where(plan.week_start == plan_before.week_start, plan.week_start.between(planned.first, planned.last))
    )
    return {number: at.astimezone(SHANGHAI).date() for number, at in session.execute(query)}


def _locked_goals(session: Session, items: Iterable[PlanItem]) -> dict[int, Decimal]:
    """Return the goals somebody changed after the lock as they stood before; what the plan itself works out is none."""
    goals = (one for one in items if one.line.kind is PlanKind.GOAL)
    changed = {one.item_id for one in goals if one.is_changed_late and not one.is_added_late}
    if not changed:
        return {}
    row = PlanItemChangeRow
    query = select(row.item_id, row.before).where(row.item_id.in_(changed), row.reason.is_not(None)).order_by(row.id)
    found: dict[int, Decimal] = {}
    for item_id, before in session.execute(query):
        if before.get("goal") is not None:
            found.setdefault(item_id, Decimal(before["goal"]))
    return found


def _sold(session: Session, planned: _Planned) -> ByWeek[int, Sold]:
    row = ProductionWeekRow
    query = select(row.week_start, row.branch_id, row.net, row.premium_fen - row.cancelled_fen).where(
        row.week_start.between(planned.first, planned.last), row.branch_id.in_(planned.branches(PlanKind.GOAL))
    )
    rows = session.execute(planned.scoped(query, row.branch_id))
    return _by_week((week, branch_id, Sold(net, Decimal(fen) / 100)) for week, branch_id, net, fen in rows)
