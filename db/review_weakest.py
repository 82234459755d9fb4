"""The weakest branches of a scope, in what each lags, and where the premium of each and of the whole falls short."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.attention import attention_groups, attention_order
from core.cadence.weeks import CadenceWeeks, contact_gap_weeks
from core.facts import Actor, Badge, Stage
from core.kpis.table import kpi_table
from core.review.figures import WeakBranch, Weakest
from core.review.measures import measures_on
from core.review.pace import PeriodKind
from core.review.weakest import indicators_by_branch, weakest_first, weakest_indicators
from db.access import scoped
from db.branches import branches_in_scope
from db.cadence import cadence_weeks
from db.engine import plain_rows
from db.kpis import branch_figures
from db.models import StageWeekRow
from db.review_baseline import pace_of
from db.review_cards import review_span, standing_of
from db.review_gaps import branch_gaps, whole_gap
from db.review_stages import stage_week
from db.stage_history import policies_lost
from db.targets import kpi_targets

WEEK = timedelta(weeks=1)
WEAK_COLUMNS = pa.schema(
    [
        ("branch_code", pa.string()),
        ("branch_name", pa.string()),
        ("supervisor", pa.string()),
        ("place", pa.int64()),
        ("kpi", pa.string()),
        ("value", pa.float64()),
        ("target", pa.float64()),
        ("lag", pa.float64()),
    ]
)


def weakest_page(
    session: Session, *, actor: Actor, week_start: date, as_of: date, contacts: CadenceWeeks | None = None
) -> Weakest:
    """Return the weakest branches as of a week, and the split of the whole scope's gap in the month.

    `contacts` are `cadence_of` these or more weeks where the caller has asked already.
    """
    limits = measures_on(week_start).limits
    span = review_span(session, actor=actor, kind=PeriodKind.QUARTER, week_start=week_start, today=as_of)
    branches = branches_in_scope(session, actor=actor, as_of=span.counted_to)
    cadence = cadence_of(
        session,
        actor=actor,
        week_start=week_start,
        as_of=as_of,
        weeks=limits.weak_weeks,
        branches=branches,
        known=contacts,
    )
    figures = branch_figures(
        session,
        actor=actor,
        start=span.start,
        end=span.counted_to,
        today=as_of,
        known=cadence,
        branches=branches,
    )
    targets, pace = kpi_targets(session), pace_of(session, actor=actor, day=span.start)
    chosen = _weakest(session, actor, week_start, figures, cadence).head(limits.weak_branches_max)
    weak = figures.filter(pc.is_in(figures["branch_id"], value_set=pa.array(chosen["branch_id"].tolist(), pa.int64())))
    rows = kpi_table(weak, by="branch", start=span.start, end=span.counted_to, targets=targets)
    lagging = indicators_by_branch(weakest_indicators(rows, day=week_start))
    gaps = branch_gaps(
        session,
        actor=actor,
        span=span,
        pace=pace,
        branches=branches,
        figures=weak,
        targets=targets,
    )
    month = review_span(session, actor=actor, kind=PeriodKind.MONTH, week_start=week_start, today=as_of)
    standing = standing_of(
        session,
        actor=actor,
        span=month,
        today=as_of,
        branches=branches if month.counted_to == span.counted_to else None,
    )
    return Weakest(
        branches=tuple(
            WeakBranch(
                branch_code=row["branch_code"],
                branch_name=row["branch_name"],
                supervisor=row["supervisor"],
                stage=Stage(row["stage"]),
                attention=row["attention"],
                indicators=lagging.get(row["branch_code"], ()),
                gap=gaps.get(row["branch_id"]),
            )
            for row in chosen.to_dict("records")
        ),
        whole=whole_gap(session, actor=actor, standing=standing, pace=pace),
    )


def branch_indicators(session: Session, *, actor: Actor, week_start: date, as_of: date) -> pa.Table:
    """Return the indicators every branch in scope lags most in, over the weeks a branch is judged by.

    One row per branch and indicator, by branch code and place: branch_code, branch_name, supervisor, place (from 1),
    kpi, value, target, lag. A branch that lags in nothing has no row.
    """
    span = review_span(session, actor=actor, kind=PeriodKind.QUARTER, week_start=week_start, today=as_of)
    figures = branch_figures(session, actor=actor, start=span.start, end=span.counted_to, today=as_of)
    rows = kpi_table(figures, by="branch", start=span.start, end=span.counted_to, targets=kpi_targets(session))
    names = figures.select(["branch_code", "branch_name", "supervisor"]).to_pandas()
    found = weakest_indicators(rows, day=week_start).merge(names, on="branch_code")
    return pa.Table.from_pandas(found[list(WEAK_COLUMNS.names)], schema=WEAK_COLUMNS, preserve_index=False)


def cadence_of(
    session: Session,
    *,
    actor: Actor,
    week_start: date,
    as_of: date,
    weeks: int,
    branches: pa.Table | None = None,
    known: CadenceWeeks | None = None,
) -> CadenceWeeks:
    """Return the contacts of so many weeks up to one, as they stood on a day.

    `branches` are as for `cadence_weeks`; `known` are the same or more weeks where the caller has asked already.
    """
    last, before = min(week_start, as_of - timedelta(days=as_of.weekday())), (weeks - 1) * WEEK
    if known is not None:
        return known.between(last - before, last)
    return cadence_weeks(session, actor=actor, first_week=last - before, last_week=last, today=as_of, branches=branches)


def _weakest(
    session: Session, actor: Actor, week_start: date, figures: pa.Table, cadence: CadenceWeeks
) -> pd.DataFrame:
    """Return the branches in need in their order.

    Warnings other than missing contacts are stored of the last week alone; an earlier week goes without them.
    """
    week = stage_week(session, week_start=week_start)
    named = figures.select(["branch_id", "branch_code", "branch_name", "supervisor", "net_policies"]).to_pandas()
    named = named.rename(columns={"net_policies": "policies"})
    stages = _stages(session, actor, week) if week else pd.DataFrame(columns=["branch_id", "stage", "badges", "since"])
    gaps = cadence.branches["branch_id"].to_numpy()[contact_gap_weeks(cadence)[:, -1] & cadence.is_listed[:, -1]]
    frame = named.merge(stages, on="branch_id")
    has_gap = frame["branch_id"].isin(gaps)
    frame["badges"] = frame["badges"].astype(str).where(~has_gap, frame["badges"] + f",{Badge.CONTACT_GAP}")
    frame["weeks_since_change"] = _weeks_since_change(session, actor, frame, week) if week else np.nan
    in_need = frame.join(attention_groups(frame)).sort_values("place")
    limit = measures_on(week_start).limits.weak_branches_max
    worst = in_need["place"].iloc[min(limit, len(in_need)) - 1] if len(in_need) else 0
    candidates = frame.loc[in_need.index[in_need["place"] <= worst]].copy()
    lost = _policies_lost(session, actor, candidates["branch_id"].tolist(), week) if week else {}
    candidates["policies_lost"] = candidates["branch_id"].map(lost).fillna(0.0).astype(float)
    return weakest_first(candidates)


def _stages(session: Session, actor: Actor, week: date) -> pd.DataFrame:
    row = StageWeekRow
    query = select(row.branch_id, row.stage, row.badges, row.since).where(row.week_start == week)
    rows = plain_rows(session, scoped(query, actor, row.branch_id))
    return pd.DataFrame([tuple(one) for one in rows], columns=["branch_id", "stage", "badges", "since"])


def _weeks_since_change(session: Session, actor: Actor, frame: pd.DataFrame, week: date) -> NDArray[np.float64]:
    """Return the weeks since the stage changed where that is lately; NaN where it is the first of the history."""
    lately = max(group.changed_within_weeks or 0 for group in attention_order())
    ages = np.array([(week - since).days // 7 + 1 for since in frame["since"]], dtype=np.float64)
    young = frame["branch_id"][ages <= lately].tolist()
    query = select(StageWeekRow.branch_id, func.min(StageWeekRow.week_start)).where(StageWeekRow.branch_id.in_(young))
    query = query.group_by(StageWeekRow.branch_id)
    found: Sequence[Any] = plain_rows(session, scoped(query, actor, StageWeekRow.branch_id))
    first: dict[int, date] = dict(found)
    changed = [
        first.get(branch_id, since) < since for branch_id, since in zip(frame["branch_id"], frame["since"], strict=True)
    ]
    return np.where(changed, ages, np.nan)


def _policies_lost(session: Session, actor: Actor, branch_ids: list[int], week: date) -> dict[int, float]:
    """Return the policies expected less made in eight weeks, at least 0, as the list of branches to see has them."""
    row = StageWeekRow
    names = ("expected", "sold", "window")
    query = select(row.branch_id, *(row.facts[name].as_float() for name in names))
    query = query.where(row.week_start == week, row.branch_id.in_(branch_ids))
    rows: Sequence[Sequence[Any]] = plain_rows(session, scoped(query, actor, row.branch_id))
    return {branch_id: policies_lost(dict(zip(names, facts, strict=True))) for branch_id, *facts in rows}
