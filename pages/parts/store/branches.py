"""The branches of the reader side by side, and how far the data reach."""

import pandas as pd
import pyarrow as pa

from core.cadence.weeks import CadenceWeeks
from core.calendar import last_complete_week, week_start_of
from core.portfolio import BranchFilter, DataDates, contacts_by_branch, filtered, trend_weeks
from core.portfolio import portfolio as side_by_side
from db.branches import branches_in_scope, data_dates
from db.cadence import GAP_WINDOW, cadence_weeks
from db.engine import reading
from db.production import PRODUCTION_COLUMNS, production_weeks
from db.stage_history import stages_now
from pages.parts.store.base import Ask, cached


@cached
def data_reach(ask: Ask) -> DataDates:
    """Return how far the data reach."""
    with reading(ask.store_url) as session:
        return data_dates(session, actor=ask.actor, today=ask.today)


@cached
def stages(ask: Ask) -> pd.DataFrame:
    """Return the stage of each branch now, as `db.stage_history.stages_now`."""
    with reading(ask.store_url) as session:
        return stages_now(session, actor=ask.actor)


@cached
def recent_cadence(ask: Ask) -> CadenceWeeks | None:
    """Return the weeks up to the last complete one that contacts reach; None without contacts."""
    last_contact_on = data_reach(ask).last_contact_on
    if last_contact_on is None:
        return None
    week = min(last_complete_week(ask.today), week_start_of(last_contact_on))
    with reading(ask.store_url) as session:
        return cadence_weeks(session, actor=ask.actor, first_week=week - GAP_WINDOW, last_week=week, today=ask.today)


@cached
def portfolio(ask: Ask) -> pa.Table:
    """Return one row per branch, those that need attention most first, as `core.portfolio.portfolio`."""
    week = data_reach(ask).last_week
    cadence = recent_cadence(ask)
    with reading(ask.store_url) as session:
        weeks = trend_weeks(week) if week else []
        return side_by_side(
            branches=branches_in_scope(session, actor=ask.actor, as_of=ask.today),
            stages=stages(ask),
            production=production_weeks(session, actor=ask.actor, start=weeks[0], end=ask.today)
            if weeks
            else PRODUCTION_COLUMNS.empty_table(),
            contacts=contacts_by_branch(cadence)
            if cadence
            else pd.DataFrame(columns=["branch_id", "attainment", "has_gap"]),
            last_week=week,
        )


@cached
def branches_shown(ask: Ask, chosen: BranchFilter) -> pa.Table:
    """Return the rows of the portfolio a filter lets through."""
    return filtered(portfolio(ask), chosen)
