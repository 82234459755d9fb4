"""The figures of branches a review looked at, as the store would give them now.

Which branches are weakest hangs on warnings that are stored of the last week alone, so that of an earlier week the
list itself cannot be compared; the figures of those that were looked at can.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy.orm import Session

from core.calendar import week_start_of
from core.facts import Actor
from core.kpis.table import kpi_table
from core.review.figures import GapSplit, Indicator, Weakest
from core.review.measures import measures_on
from core.review.pace import Pace, PeriodKind, Span
from core.review.weakest import indicators_by_branch, weakest_indicators
from db.branches import branches_in_scope
from db.kpis import branch_figures
from db.review_baseline import pace_of
from db.review_cards import review_span, standing_of
from db.review_gaps import branch_gaps, whole_gap
from db.review_weakest import cadence_of
from db.targets import kpi_targets


def weakest_again(session: Session, *, actor: Actor, week_start: date, as_of: date, kept: Weakest) -> Weakest:
    """Return the weakest branches of a review as they were chosen then, with their figures as of now.

    One that is no longer in scope stays as it was kept.
    """
    span = review_span(session, actor=actor, kind=PeriodKind.QUARTER, week_start=week_start, today=as_of)
    pace = pace_of(session, actor=actor, day=span.start)
    found = _again(session, actor, span, pace, as_of=as_of, codes=[one.branch_code for one in kept.branches])
    month = review_span(session, actor=actor, kind=PeriodKind.MONTH, week_start=week_start, today=as_of)
    standing = standing_of(session, actor=actor, span=month, today=as_of)
    branches = []
    for one in kept.branches:
        indicators, gap = found.get(one.branch_code, (one.indicators, one.gap))
        branches.append(replace(one, indicators=indicators, gap=gap))
    return Weakest(tuple(branches), whole_gap(session, actor=actor, standing=standing, pace=pace))


def _again(
    session: Session, actor: Actor, span: Span, pace: Pace, *, as_of: date, codes: Sequence[str]
) -> dict[str, tuple[tuple[Indicator, ...], GapSplit | None]]:
    """Return in what branches lag most and the split of their gap, by branch code."""
    week_start, start, end = week_start_of(span.end), span.start, span.counted_to
    branches = branches_in_scope(session, actor=actor, as_of=end)
    weeks, targets = measures_on(week_start).limits.weak_weeks, kpi_targets(session)
    known = cadence_of(session, actor=actor, week_start=week_start, as_of=as_of, weeks=weeks, branches=branches)
    everyone = branch_figures(session, actor=actor, start=start, end=end, today=as_of, known=known, branches=branches)
    figures = everyone.filter(pc.is_in(everyone["branch_code"], value_set=pa.array(codes, pa.string())))
    rows = kpi_table(figures, by="branch", start=start, end=end, targets=targets)
    lagging = indicators_by_branch(weakest_indicators(rows, day=week_start))
    gaps = branch_gaps(session, actor=actor, span=span, pace=pace, branches=branches, figures=figures, targets=targets)
    numbers = zip(figures["branch_code"].to_pylist(), figures["branch_id"].to_pylist(), strict=True)
    return {code: (lagging.get(code, ()), gaps.get(branch_id)) for code, branch_id in numbers}
