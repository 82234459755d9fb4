"""The branches of the reader side by side, and how far the data reach."""

from datetime import timedelta

import pandas as pd
import pyarrow as pa

from core.cadence.weeks import CadenceWeeks
from core.calendar import last_complete_week, week_start_of
from core.portfolio import BranchFilter, DataDates, contacts_by_branch, filtered, trend_weeks
from core.portfolio import portfolio as side_by_side
from core.stages.review import StageDecision
from core.stages.review_table import with_reviews
from db.branches import branches_in_scope, data_dates
from db.cadence import GAP_WINDOW, cadence_weeks
from db.engine import reading
from db.production import PRODUCTION_COLUMNS, production_weeks
from db.stage_history import stages_now
from db.stage_reviews import latest_decisions
from pages.parts.store.base import Ask, cached

QUARTER_WEEKS = 13
"""Weeks of contacts that the Overview, the Branches and the Cadence screen ask for together, once."""


@cached
def data_reach(ask: Ask) -> DataDates:
    """Return how far the data reach."""
    with reading(ask.store_url) as session:
        return data_dates(session, actor=ask.actor, today=ask.today)


@cached
def branches_now(ask: Ask) -> pa.Table:
    """Return one row per branch in scope, as `db.branches.branches_in_scope` today."""
    with reading(ask.store_url) as session:
        return branches_in_scope(session, actor=ask.actor, as_of=ask.today)


@cached
def stages(ask: Ask) -> pd.DataFrame:
    """Return the stage of each branch now, as `db.stage_history.stages_now`."""
    with reading(ask.store_url) as session:
        return stages_now(session, actor=ask.actor)


@cached
def decisions(ask: Ask) -> dict[int, StageDecision]:
    """Return the latest decision about the stage of each branch, as `db.stage_reviews.latest_decisions`."""
    with reading(ask.store_url) as session:
        return latest_decisions(session, actor=ask.actor, as_of=ask.today)


@cached
def latest_cadence(ask: Ask, weeks: int) -> CadenceWeeks | None:
    """Return the last weeks up to the one contacts reach, today's week at most; None without contacts."""
    last_contact_on = data_reach(ask).last_contact_on
    if last_contact_on is None:
        return None
    last = min(week_start_of(ask.today), week_start_of(last_contact_on))
    first = last - timedelta(weeks=weeks - 1)
    with reading(ask.store_url) as session:
        return cadence_weeks(session, actor=ask.actor, first_week=first, last_week=last, today=ask.today)


@cached
def recent_cadence(ask: Ask) -> CadenceWeeks | None:
    """Return the complete weeks that gaps are judged by, up to the one contacts reach; None without contacts."""
    cadence = latest_cadence(ask, QUARTER_WEEKS)
    if cadence is None:
        return None
    last = min(last_complete_week(ask.today), cadence.weeks[-1])
    return cadence.between(last - GAP_WINDOW, last)


@cached
def portfolio(ask: Ask) -> pa.Table:
    """Return one row per branch, those that need attention most first.

    As `core.portfolio.portfolio`, with what people decided as `core.stages.review_table.with_reviews`.
    """
    week = data_reach(ask).last_week
    cadence = recent_cadence(ask)
    with reading(ask.store_url) as session:
        weeks = trend_weeks(week) if week else []
        table = side_by_side(
            branches=cadence.branches if cadence else branches_in_scope(session, actor=ask.actor, as_of=ask.today),
            stages=stages(ask),
            production=production_weeks(session, actor=ask.actor, start=weeks[0], end=ask.today)
            if weeks
            else PRODUCTION_COLUMNS.empty_table(),
            contacts=contacts_by_branch(cadence)
            if cadence
            else pd.DataFrame(columns=["branch_id", "attainment", "has_gap"]),
            last_week=week,
        )
    return with_reviews(table, stages(ask), decisions(ask), day=ask.today)


@cached
def branches_shown(ask: Ask, chosen: BranchFilter) -> pa.Table:
    """Return the rows of the portfolio a filter lets through."""
    return filtered(portfolio(ask), chosen)
