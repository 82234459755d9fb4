"""The whole market as the stage engine found it: the season in use, and the swing of each week."""

from datetime import timedelta

import pyarrow as pa

from core.stages.season import LearnedSeason
from core.stages.swing import SwingWeek
from db import market_weeks as rows
from db.engine import reading
from pages.parts.store.base import Ask, cached

SHOWN_WEEKS = 52


@cached
def market_weeks(ask: Ask) -> pa.Table:
    """Return the last weeks of the market: week_start, week_end (the Monday after), swing (share more or less)."""
    with reading(ask.store_url) as session:
        weeks = rows.market_weeks(session, actor=ask.actor, weeks=SHOWN_WEEKS)
    return pa.table(
        {
            "week_start": pa.array([week.week_start for week in weeks], pa.date32()),
            "week_end": pa.array([week.week_start + timedelta(days=7) for week in weeks], pa.date32()),
            "swing": pa.array([None if week.swing is None else week.swing - 1 for week in weeks], pa.float64()),
        }
    )


@cached
def find_told_week(ask: Ask) -> SwingWeek | None:
    """Return the last week of the market where its swing is worth telling."""
    with reading(ask.store_url) as session:
        return rows.find_told_week(session, actor=ask.actor)


@cached
def learned_seasons(ask: Ask) -> tuple[LearnedSeason, ...]:
    """Return the seasons learned, oldest year first, `branches` 0 for all but administrators."""
    with reading(ask.store_url) as session:
        return tuple(rows.learned_seasons(session, actor=ask.actor))
