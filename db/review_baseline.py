"""The level of the year before of the branches in scope, from the weekly rollups, and what days are worth by season.

The year is cut into windows as long as the days counted of the period. Weeks before the first policy of the scope
are no data, and a window with a week in which a region sent nothing leaves out the branches of that region.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session

from core.calendar import week_start_of
from core.facts import Actor, PolicyStatus
from core.kpis.operating import first_full_week
from core.review.comparators import RESTATED, baseline_sums
from core.review.measures import measures_on
from core.review.pace import Pace, Span
from core.stages.limits import limits_on
from core.statuses import ACTIVE, status_grid
from db.access import scoped
from db.calendar_days import working_calendar
from db.engine import plain_rows
from db.kpis import UNKNOWN_WEEK
from db.market_weeks import learned_seasons
from db.models import PolicyRow, ProductionWeekRow, StageWeekRow
from db.number_lists import number_list, numbers_in
from db.stage_rules import stage_rules
from db.statuses import status_history

WEEK = timedelta(weeks=1)
Column = NDArray[Any]
FEW = 50
"""Up to so many branches are asked for by key."""


def pace_of(session: Session, *, actor: Actor, day: date) -> Pace:
    """Return what days are worth, by the rules in force on a day and the seasons learned."""
    learned = {season.year: season.months for season in learned_seasons(session, actor=actor)}
    return Pace(working_calendar(session), limits_on(day, stage_rules(session)).months, learned)


def own_baseline(
    session: Session,
    *,
    actor: Actor,
    branches: pa.Table,
    span: Span,
    pace: Pace,
    by_branch: bool = False,
    with_sellers: bool = True,
) -> dict[str, Column] | None:
    """Return the sums of the period at the level of the year before, as `core.review.comparators.baseline_sums`.

    Args:
        session: of the question.
        actor: who sees the branches.
        branches: those of `db.branches.branches_in_scope` that are asked about; all of them where they make one unit.
        span: the period; only the days counted of it.
        pace: what days are worth.
        by_branch: one unit a branch, in the order given, instead of one for all.
        with_sellers: leave out who sold where nobody asks for it.

    Returns:
        None where the year before does not say enough.
    """
    year = _year_before(session, actor, branches, span)
    if year is None:
        return None
    ends = [year.starts[number] + year.length - timedelta(days=1) for number in range(len(year.starts))]
    sellers: float | Column = 0.0
    if with_sellers:
        ids = branches["branch_id"].to_pylist() if by_branch else None
        sellers = _mean_sellers(session, actor, list(zip(year.starts, ends, strict=True)), ids)
    return baseline_sums(
        year.sold,
        operating=_operating(session, actor, branches, ends) & ~year.is_missing,
        sellers=sellers,
        window_worth=np.array([pace.worth(start, end) for start, end in zip(year.starts, ends, strict=True)]),
        worth=pace.worth(span.start, span.counted_to),
        place=np.arange(len(branches)) if by_branch else None,
    )


@dataclass(frozen=True)
class _Year:
    """What was sold by branch and window, the first day of each window, and which branches lack data in it."""

    sold: dict[str, Column]
    starts: list[date]
    length: timedelta
    is_missing: NDArray[np.bool_]


def _year_before(session: Session, actor: Actor, branches: pa.Table, span: Span) -> _Year | None:
    limits = measures_on(span.counted_to).limits
    after = week_start_of(span.start)
    count = limits.baseline_weeks // span.weeks
    row = ProductionWeekRow
    columns = [row.branch_id, *(getattr(row, name) for name in RESTATED)]
    query = select(row.week_start, *map(number_list, columns)).group_by(row.week_start).order_by(row.week_start)
    query = query.where(row.week_start >= after - count * span.weeks * WEEK, row.week_start < after)
    ids = branches["branch_id"].to_numpy()
    if len(ids) <= FEW:
        query = query.where(row.branch_id.in_(ids.tolist()))
    rows: Sequence[Sequence[Any]] = plain_rows(session, scoped(query, actor, row.branch_id))
    if not rows or not len(branches):
        return None
    weeks_known = (after - rows[0][0]) // WEEK
    count = min(count, weeks_known // span.weeks)
    if count * span.weeks < limits.baseline_weeks_min:
        return None
    first = after - count * span.weeks * WEEK
    numbers = [[numbers_in(listed) for listed in one[1:]] for one in rows]
    sold, *amounts = (np.concatenate(column) for column in zip(*numbers, strict=True))
    week = np.repeat([(one[0] - first) // WEEK for one in rows], [len(each[0]) for each in numbers])
    place = np.full(max(ids.max(), sold.max()) + 1, -1)
    place[ids] = np.arange(len(ids))
    at = place[sold]
    chosen = (at >= 0) & (week >= 0)
    at, week = at[chosen], week[chosen]
    grids = {
        name: np.bincount(at * count + week // span.weeks, weights=values[chosen], minlength=len(ids) * count)
        for name, values in zip(RESTATED, amounts, strict=True)
    }
    regions = np.unique(branches["region"].to_pylist(), return_inverse=True)[1]
    has_arrived = np.zeros((int(regions.max(initial=0)) + 1, count * span.weeks), dtype=np.bool_)
    has_arrived[regions[at], week] = True
    empty = sorted({first + int(number) * WEEK for number in np.nonzero(~has_arrived)[1]})
    is_missing = np.zeros((len(ids), count), dtype=np.bool_)
    for branch_id, monday in _unknown_weeks(session, actor, empty, ids):
        if branch_id < len(place) and place[branch_id] >= 0:
            is_missing[place[branch_id], (monday - first) // WEEK // span.weeks] = True
    starts = [first + number * span.weeks * WEEK for number in range(count)]
    return _Year(
        {name: sums.reshape(len(ids), count) for name, sums in grids.items()}, starts, span.weeks * WEEK, is_missing
    )


def _unknown_weeks(session: Session, actor: Actor, weeks: list[date], ids: Column) -> Sequence[Sequence[Any]]:
    """Return branch and week where the engine found that nothing is known; only weeks a region is empty in can be."""
    if not weeks:
        return ()
    query = select(StageWeekRow.branch_id, StageWeekRow.week_start).where(
        StageWeekRow.week_start.in_(weeks), StageWeekRow.reason_key == UNKNOWN_WEEK
    )
    if len(ids) <= FEW:
        query = query.where(StageWeekRow.branch_id.in_(ids.tolist()))
    return plain_rows(session, scoped(query, actor, StageWeekRow.branch_id))


def _operating(session: Session, actor: Actor, branches: pa.Table, ends: list[date]) -> NDArray[np.bool_]:
    """Tell by branch and window whether it was active on its last day and had entered by then."""
    days = np.array(ends, dtype="datetime64[D]")
    statuses = status_grid(status_history(session, actor=actor, branches=branches), days)
    entered = first_full_week(branches["cooperation_start"].to_numpy())
    return np.asarray((statuses == ACTIVE) & (entered[:, None] <= days[None, :]), dtype=np.bool_)


def _mean_sellers(
    session: Session, actor: Actor, windows: list[tuple[date, date]], branch_ids: list[int] | None
) -> float | Column:
    """Return the mean number of persons with a net policy in a window, of all or of each branch."""
    people = func.count(func.distinct(PolicyRow.staff_id))
    is_net = PolicyRow.status != PolicyStatus.CANCELLED
    rows: Any
    if branch_ids is None:
        each = (select(people).where(is_net, PolicyRow.issued_on.between(*window)) for window in windows)
        counts = (
            scoped(query, actor, PolicyRow.branch_id).scalar_subquery() for query in each
        )  # a third of one group by
        return float(sum(plain_rows(session, select(*counts))[0])) / len(windows)
    window = case(*[(PolicyRow.issued_on <= end, number) for number, (_, end) in enumerate(windows)])
    sold = and_(PolicyRow.issued_on.between(windows[0][0], windows[-1][1]), is_net)
    by_branch = select(PolicyRow.branch_id, window, people).where(sold, PolicyRow.branch_id.in_(branch_ids))
    rows = plain_rows(session, scoped(by_branch.group_by(PolicyRow.branch_id, window), actor, PolicyRow.branch_id))
    place = {branch_id: number for number, branch_id in enumerate(branch_ids)}
    found = np.zeros(len(branch_ids))
    for branch_id, _, count in rows:
        found[place[branch_id]] += count
    return found / len(windows)
