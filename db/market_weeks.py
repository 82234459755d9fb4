"""The season and the swing of the whole market, stored as the stages were worked out with them.

Both are indices over all branches of the store, at least `market_branches_min` of them (`season_branches_min` for
the season), the same for everybody; how many branches stand behind them an administrator alone is told. Whoever
sees no branch is told nothing.
"""

from dataclasses import replace

from sqlalchemy import ColumnElement, delete, exists, select
from sqlalchemy.orm import Session

from core.facts import Actor, UserRole
from core.stages.history import StageHistory
from core.stages.limits import limits_on
from core.stages.season import LearnedSeason
from core.stages.swing import SwingWeek, is_told, swing_weeks
from db.access import is_visible
from db.models import BranchRow, LearnedMonthRow, MarketWeekRow
from db.stage_rules import stage_rules


def store_market(session: Session, history: StageHistory | None) -> None:
    """Put what a history used in the place of what was stored; part of the recomputation of stages."""
    session.execute(delete(MarketWeekRow))
    session.execute(delete(LearnedMonthRow))
    if history is None:
        return
    session.add_all(
        MarketWeekRow(week_start=week.week_start, season=week.season, swing=week.swing) for week in swing_weeks(history)
    )
    session.add_all(
        LearnedMonthRow(
            year=season.year,
            month=number,
            default_factor=default,
            factor=factor,
            learned_on=season.learned_on,
            weeks=season.weeks,
            branches=season.branches,
        )
        for season in history.worth.learned.values()
        for number, (default, factor) in enumerate(zip(season.default, season.months, strict=True), 1)
    )
    session.flush()


def market_weeks(session: Session, *, actor: Actor, weeks: int) -> list[SwingWeek]:
    """Return the last weeks of the whole market, oldest first; none for an actor who sees no branch."""
    query = select(MarketWeekRow).where(_sees_a_branch(actor)).order_by(MarketWeekRow.week_start.desc()).limit(weeks)
    return [SwingWeek(row.week_start, row.season, row.swing) for row in reversed(session.scalars(query).all())]


def find_told_week(session: Session, *, actor: Actor) -> SwingWeek | None:
    """Return the last week of the market where its swing is worth telling."""
    for week in market_weeks(session, actor=actor, weeks=1):
        limits = limits_on(week.week_start, stage_rules(session))
        if week.swing is not None and is_told(week.swing, limits["swing_told"]):
            return week
    return None


def learned_seasons(session: Session, *, actor: Actor) -> list[LearnedSeason]:
    """Return the seasons learned, oldest year first, `branches` 0 for all but administrators."""
    query = select(LearnedMonthRow).where(_sees_a_branch(actor)).order_by(LearnedMonthRow.year, LearnedMonthRow.month)
    by_year: dict[int, list[LearnedMonthRow]] = {}
    for row in session.scalars(query):
        by_year.setdefault(row.year, []).append(row)
    found = [
        LearnedSeason(
            year=year,
            learned_on=rows[0].learned_on,
            default=tuple(row.default_factor for row in rows),
            months=tuple(row.factor for row in rows),
            weeks=rows[0].weeks,
            branches=rows[0].branches,
        )
        for year, rows in by_year.items()
    ]
    return found if actor.role is UserRole.ADMIN else [replace(season, branches=0) for season in found]


def _sees_a_branch(actor: Actor) -> ColumnElement[bool]:
    return exists(select(BranchRow.id).where(is_visible(actor)))
