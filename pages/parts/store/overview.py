"""What the Overview shows: stages now and before, moves, the branches to see first, KPIs, contacts."""

from dataclasses import dataclass

import pandas as pd
import pyarrow as pa

from core.attention import TOP
from core.facts import Badge, Stage
from core.language import Language, text
from core.overview import (
    HISTORY_WEEKS,
    KpiFigure,
    MovesInShort,
    WatchSign,
    kpi_figures,
    kpi_periods,
    moves_in_short,
    moves_table,
    role_shares,
)
from core.overview import counts_now as change_of_counts
from core.overview import watch_signs as count_signs
from core.portfolio import needing_attention, warned_elsewhere
from core.stages.explanation import brief_reason_text
from db.engine import reading
from db.kpis import kpis_by
from db.stage_history import stage_counts, stage_moves
from pages.parts.store.base import Ask, cached
from pages.parts.store.branches import QUARTER_WEEKS, data_reach, latest_cadence, portfolio, recent_cadence, stages


@dataclass(frozen=True)
class BranchToSee:
    """One branch of the list: where it stands, what puts it there, the figures behind its stage.

    `stage` is None before the first complete week with policies; contacts alone can put a branch here by then.
    `attention` is None where no group of the order holds it.
    `override` is the stage set by hand beside the computed one, None where none is in force.
    """

    branch_code: str
    branch_name: str
    stage: Stage | None
    override: Stage | None
    attention: str | None
    badges: tuple[Badge, ...]
    policies_lost: float
    brief: str


@cached
def branches_to_see(ask: Ask, language: Language) -> tuple[BranchToSee, ...]:
    """Return the branches that need attention most, first in need first."""
    return _with_reasons(ask, language, needing_attention(portfolio(ask), TOP))


@cached
def branches_warned(ask: Ask, language: Language) -> tuple[BranchToSee, ...]:
    """Return the branches with a warning that puts nobody on the list of those to see first."""
    return _with_reasons(ask, language, warned_elsewhere(portfolio(ask), TOP))


def _with_reasons(ask: Ask, language: Language, branches: pa.Table) -> tuple[BranchToSee, ...]:
    reasons = stages(ask).set_index("branch_id")
    return tuple(
        BranchToSee(
            branch_code=row["branch_code"],
            branch_name=row["branch_name"],
            stage=Stage(row["stage"]) if row["stage"] else None,
            override=Stage(row["override"]) if row["override"] else None,
            attention=row["attention"],
            badges=tuple(Badge(badge) for badge in row["badges"]),
            policies_lost=row["policies_lost"],
            brief=brief_reason_text(
                language, reasons["reason_key"][row["branch_id"]], reasons["facts"][row["branch_id"]]
            )
            if row["stage"]
            else text(language, "No stage yet"),
        )
        for row in branches.to_pylist()
    )


@cached
def counts_now(ask: Ask) -> pa.Table:
    """Return the branches in each stage now, as `core.overview.counts_now`."""
    return change_of_counts(_counts(ask), data_reach(ask).last_week)


@cached
def counts_by_week(ask: Ask) -> pa.Table:
    """Return the branches in each stage week by week: week_start, stage, branches."""
    counts = _counts(ask)
    return pa.table(
        {
            "week_start": pa.array(counts["week_start"], pa.date32()),
            "stage": pa.array(counts["stage"], pa.string()),
            "branches": pa.array(counts["branches"], pa.int32()),
        }
    )


@cached
def moves(ask: Ask, language: Language) -> pa.Table:
    """Return the changes of stage of the last week, as `core.overview.moves_table`; empty without stages."""
    week = data_reach(ask).last_week
    if week is None:
        return pa.table({})
    with reading(ask.store_url) as session:
        return moves_table(stage_moves(session, actor=ask.actor, week_start=week), portfolio(ask), language)


@cached
def moves_told(ask: Ask, language: Language) -> MovesInShort:
    """Return the changes of stage of the last week in short."""
    return moves_in_short(moves(ask, language))


@cached
def watch_signs(ask: Ask) -> tuple[WatchSign, ...]:
    """Return how many branches carry the mark of each known trouble."""
    return count_signs(portfolio(ask)["badges"])


@cached
def kpis_now(ask: Ask) -> tuple[KpiFigure, ...]:
    """Return the KPIs of the whole scope with the period before; none without policies."""
    week = data_reach(ask).last_week
    if week is None:
        return ()
    known = latest_cadence(ask, QUARTER_WEEKS)
    with reading(ask.store_url) as session:
        now, before = (
            kpis_by(
                session, actor=ask.actor, start=period.start, end=period.end, by=("all",), today=ask.today, known=known
            )[0]
            for period in kpi_periods(week)
        )
    return kpi_figures(now, before)


@cached
def contacts_by_role(ask: Ask) -> pa.Table:
    """Return contacts made against contacts due by role, as `core.overview.role_shares`."""
    cadence = recent_cadence(ask)
    return pa.table({}) if cadence is None else role_shares(cadence)


@cached
def _counts(ask: Ask) -> pd.DataFrame:
    with reading(ask.store_url) as session:
        return stage_counts(session, actor=ask.actor, weeks=HISTORY_WEEKS)
