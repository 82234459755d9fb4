"""Week plans: the lines with what became of them, what to take over, the team's weeks, and the changes people make."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

import pyarrow.compute as pc

from core.calendar import WorkingCalendar
from core.facts import BranchStatus
from core.planning.causes import Explanation
from core.planning.check import CheckedItem
from core.planning.items import DayFeedback, ItemChange, PlanItem, PlanLine, WeekPlan
from db import planning as lines
from db import planning_carry as carry
from db import planning_days as days
from db import planning_team as teams
from db import planning_weeks as weeks
from db.branches import branches_in_scope
from db.calendar_days import working_calendar
from db.engine import reading, writing
from db.planning_effects import Answered
from db.planning_facts import checked_week, plan_in_sight
from db.planning_team import TeamWeek
from db.planning_weeks import TakeOver
from pages.parts.store.base import Ask, cached

__all__ = ["Answered", "TakeOver", "TeamWeek"]


@cached
def calendar(ask: Ask) -> WorkingCalendar:
    """Return the working calendar in force."""
    with reading(ask.store_url) as session:
        return working_calendar(session)


@cached
def find_plan(ask: Ask, supervisor: str, week_start: date) -> WeekPlan | None:
    """Return the plan of a supervisor's week, None where there is none in the scope."""
    with reading(ask.store_url) as session:
        return weeks.find_plan(session, actor=ask.actor, supervisor=supervisor, week_start=week_start)


@cached
def week_lines(ask: Ask, supervisor: str, week_start: date) -> tuple[CheckedItem, ...]:
    """Return the lines of a week with what became of them."""
    with reading(ask.store_url) as session:
        return checked_week(session, actor=ask.actor, supervisor=supervisor, week_start=week_start, today=ask.today)


@cached
def lines_in_sight(ask: Ask, supervisor: str, week_start: date) -> tuple[CheckedItem, ...]:
    """Return the lines of a plan that concern the reader: his own, or about his branches now."""
    with reading(ask.store_url) as session:
        return plan_in_sight(session, actor=ask.actor, supervisor=supervisor, week_start=week_start, today=ask.today)


@cached
def has_plans(ask: Ask, supervisor: str) -> bool:
    """Tell whether a supervisor planned any week, as far as the reader may see his plans."""
    with reading(ask.store_url) as session:
        return weeks.has_plans(session, actor=ask.actor, supervisor=supervisor)


@cached
def changes(ask: Ask, supervisor: str, week_start: date) -> tuple[ItemChange, ...]:
    """Return what was changed about a plan after its lock, oldest first."""
    with reading(ask.store_url) as session:
        return weeks.changes_of(session, actor=ask.actor, supervisor=supervisor, week_start=week_start)


@cached
def chain(ask: Ask, item_id: int) -> tuple[PlanItem, ...]:
    """Return a line and the missed ones it was carried from, the latest first."""
    with reading(ask.store_url) as session:
        return weeks.chain_of(session, actor=ask.actor, item_id=item_id)


@cached
def take_over(ask: Ask, supervisor: str, week_start: date) -> TakeOver:
    """Return what a plan does not hold yet of what it should take over."""
    with reading(ask.store_url) as session:
        return weeks.take_over(session, actor=ask.actor, supervisor=supervisor, week_start=week_start, today=ask.today)


@cached
def misses_handed(ask: Ask, supervisor: str, week_start: date) -> tuple[CheckedItem, ...]:
    """Return what others planned for a week and missed at branches a supervisor has now."""
    one = {"first": week_start, "last": week_start}
    with reading(ask.store_url) as session:
        found = carry.misses_handed(session, actor=ask.actor, supervisor=supervisor, today=ask.today, **one)
    return found.get(week_start, ())


@cached
def unexplained_weeks(ask: Ask, supervisor: str) -> dict[date, int]:
    """Return how many misses of past weeks have no cause, by Monday, the oldest first."""
    with reading(ask.store_url) as session:
        return carry.unexplained_weeks(session, actor=ask.actor, supervisor=supervisor, today=ask.today)


@cached
def lines_of_branch(ask: Ask, branch_id: int) -> tuple[CheckedItem, ...]:
    """Return what is planned for a branch and not done, and what was missed and not carried on."""
    with reading(ask.store_url) as session:
        return carry.lines_of_branch(session, actor=ask.actor, branch_id=branch_id, today=ask.today)


@cached
def feedback(ask: Ask, supervisor: str, week_start: date) -> dict[date, DayFeedback]:
    """Return the daily feedback of a week, by day."""
    with reading(ask.store_url) as session:
        found = days.feedback_between(
            session,
            actor=ask.actor,
            first=week_start,
            last=week_start + timedelta(days=6),
            supervisor=supervisor,
        )
    return {one.day: one for one in found}


@cached
def team(ask: Ask, week_start: date, hour: datetime) -> tuple[TeamWeek, ...]:
    """Return the week of every supervisor in scope as it stands at an hour."""
    with reading(ask.store_url) as session:
        return teams.team_weeks(session, actor=ask.actor, week_start=week_start, now=hour)


@cached
def branches_of(ask: Ask, supervisor: str) -> dict[int, str]:
    """Return the names of a supervisor's branches that may be planned for, by key."""
    with reading(ask.store_url) as session:
        table = branches_in_scope(session, actor=ask.actor, as_of=ask.today)
    is_own = pc.and_(pc.equal(table["supervisor"], supervisor), pc.not_equal(table["status"], BranchStatus.CLOSED))
    own = table.filter(is_own)
    return dict(zip(own["branch_id"].to_pylist(), own["branch_name"].to_pylist(), strict=True))


def start(ask: Ask, supervisor: str, week_start: date, *, now: datetime, key: str) -> int:
    """Take over into a plan what it should hold, and return how many lines came."""
    with writing(ask.store_url) as session:
        return weeks.start_plan(
            session, actor=ask.actor, supervisor=supervisor, week_start=week_start, now=now, key=key
        )


def add_lines(
    ask: Ask, supervisor: str, week_start: date, found: tuple[PlanLine, ...], *, reason: str, now: datetime, key: str
) -> int:
    """Add lines to a plan, all or none, and return how many; refusals as `db.planning.add_item`."""
    with writing(ask.store_url) as session:
        for number, line in enumerate(found):
            lines.add_item(
                session,
                actor=ask.actor,
                line=line,
                week_start=week_start,
                now=now,
                key=f"{key}-{number}",
                supervisor=supervisor,
                reason=reason,
            )
    return len(found)


def change_line(ask: Ask, item: PlanItem, line: PlanLine, *, reason: str, now: datetime, key: str) -> bool:
    """Change what a line plans; refusals as `db.planning.change_item`."""
    with writing(ask.store_url) as session:
        lines.change_item(
            session,
            actor=ask.actor,
            item_id=item.item_id,
            line=line,
            shown_version=item.version,
            reason=reason,
            now=now,
            key=key,
        )
    return True


def drop_line(ask: Ask, item: PlanItem, *, reason: str, now: datetime, key: str) -> bool:
    """Take a line out of a plan; refusals as `db.planning.drop_item`."""
    with writing(ask.store_url) as session:
        lines.drop_item(
            session,
            actor=ask.actor,
            item_id=item.item_id,
            shown_version=item.version,
            reason=reason,
            now=now,
            key=key,
        )
    return True


def tick(ask: Ask, boxes: Mapping[int, tuple[int, bool]], *, note: str | None, now: datetime, key: str) -> bool:
    """Tick lines by hand or take the ticks back, all or none; refusals as `db.planning_days.tick_items`.

    `boxes` holds the version each line was shown with and whether it is done, by its key.
    """
    with writing(ask.store_url) as session:
        for done in (True, False):
            versions = {number: version for number, (version, each) in boxes.items() if each is done}
            if versions:
                days.tick_items(
                    session,
                    actor=ask.actor,
                    shown_versions=versions,
                    is_done=done,
                    note=note if done else None,
                    now=now,
                    key=f"{key}-{done}",
                )
    return True


def explain(
    ask: Ask, item: PlanItem, explanation: Explanation, *, shown_version: int, now: datetime, key: str
) -> Answered:
    """Give a miss its cause and what changes, and return what came of it; as `db.planning_days.explain_miss`."""
    with writing(ask.store_url) as session:
        return days.explain_miss(
            session,
            actor=ask.actor,
            item_id=item.item_id,
            shown_version=shown_version,
            cause=explanation.cause,
            note=explanation.note,
            adjustment=explanation.adjustment,
            action_key=explanation.action,
            more=explanation.more,
            now=now,
            key=key,
        )


def write_feedback(ask: Ask, day: date, words: str, *, shown_version: int, now: datetime, key: str) -> bool:
    """Write one's own line about a day; refusals as `db.planning_days.write_feedback`."""
    with writing(ask.store_url) as session:
        days.write_feedback(
            session,
            actor=ask.actor,
            supervisor=ask.actor.username,
            day=day,
            words=words,
            shown_version=shown_version,
            now=now,
            key=key,
        )
    return True


def approve(ask: Ask, plan: WeekPlan, *, comment: str, now: datetime, key: str) -> bool:
    """Approve a plan as it was shown; refusals as `db.planning_team.approve_plan`."""
    with writing(ask.store_url) as session:
        teams.approve_plan(
            session,
            actor=ask.actor,
            supervisor=plan.supervisor,
            week_start=plan.week_start,
            shown_version=plan.version,
            comment=comment,
            now=now,
            key=key,
        )
    return True
