"""What premium is short of, of a scope and of single branches, split into people, diligence and size of policies."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from core.facts import Actor, SizeTier
from core.kpis.definitions import KpiTarget, kpi_target_on
from core.kpis.table import FEN_PER_CNY, months_in
from core.review.comparators import figures_of, sold_in
from core.review.figures import Factor, GapMeasure, GapSplit
from core.review.gap_split import Sold, gap_split
from core.review.pace import Pace, Span
from db.review_baseline import own_baseline
from db.review_cards import PREMIUM, PREMIUM_PER_BRANCH, Standing

DATED = {Factor.ACTIVE_PEOPLE: "active_sellers", Factor.PREMIUM_PER_POLICY: "premium_per_policy"}
"""The KPIs whose targets are those of a factor; the average premium in yuan."""


def whole_gap(
    session: Session, *, actor: Actor, standing: Standing, pace: Pace, peers: Sold | None = None
) -> GapSplit | None:
    """Return the split of what the scope's premium is short of by the last day counted.

    Against the target where there is one, else against the own ordinary period; None without both.
    """
    span = standing.span
    usual = own_baseline(session, actor=actor, branches=standing.branches, span=span, pace=pace)
    base = sold_in(usual) if usual else None
    sums = {name: np.array([values.sum()]) for name, values in figures_of(standing.figures).items()}
    people = standing.whole["active_sellers"]["value"] or 0
    actual = replace(sold_in(sums), people=float(people))
    wanted = standing.targets.get(PREMIUM)
    if not wanted:
        return _against_base(actual, base, span)
    target = wanted * standing.due(PREMIUM, pace.share_of(span)) * FEN_PER_CNY
    dated = {factor: standing.targets.get(kpi) for factor, kpi in DATED.items()}
    return _told(
        gap_split(actual, target_fen=round(target), bases=(base, peers), dated=_in_fen(dated)),
        span,
    )


def branch_gaps(
    session: Session,
    *,
    actor: Actor,
    span: Span,
    pace: Pace,
    branches: pa.Table,
    figures: pa.Table,
    targets: Sequence[KpiTarget],
) -> dict[int, GapSplit | None]:
    """Return the split of the gap of single branches in the days counted, by key.

    `figures` are some of the rows of `db.kpis.branch_figures`, in its order; `branches` hold them all.
    """
    if not len(figures):
        return {}
    branches = branches.filter(pc.is_in(branches["branch_id"], value_set=figures["branch_id"].combine_chunks()))
    usual = own_baseline(session, actor=actor, branches=branches, span=span, pace=pace, by_branch=True)
    sold, passed = figures_of(figures), pace.share_of(span) * months_in(span.start, span.end)
    gaps: dict[int, GapSplit | None] = {}
    for number, row in enumerate(figures.select(["branch_id", "size_tier"]).to_pylist()):
        actual = sold_in(sold, number)
        base = _ordinary(usual, number)
        tier = SizeTier(row["size_tier"])
        wanted = kpi_target_on(targets, kpi=PREMIUM_PER_BRANCH, tier=tier, day=span.end)
        if wanted:
            size = kpi_target_on(targets, kpi=DATED[Factor.PREMIUM_PER_POLICY], tier=tier, day=span.end)
            target = round(wanted * passed * FEN_PER_CNY)
            dated = _in_fen({Factor.PREMIUM_PER_POLICY: size})
            gaps[row["branch_id"]] = _told(gap_split(actual, target_fen=target, bases=(base,), dated=dated), span)
        else:
            gaps[row["branch_id"]] = _against_base(actual, base, span)
    return gaps


def _ordinary(usual: Mapping[str, NDArray[Any]] | None, number: int) -> Sold | None:
    return None if usual is None else sold_in(usual, number)


def _against_base(actual: Sold, base: Sold | None, span: Span) -> GapSplit | None:
    if base is None:
        return None
    target = round(base.premium_fen)
    return _told(gap_split(actual, target_fen=target, bases=(base,), measure=GapMeasure.BASELINE), span)


def _in_fen(dated: Mapping[Factor, float | None]) -> dict[Factor, float]:
    times = {Factor.PREMIUM_PER_POLICY: FEN_PER_CNY}
    return {factor: value * times.get(factor, 1) for factor, value in dated.items() if value is not None}


def _told(split: GapSplit | None, span: Span) -> GapSplit | None:
    return None if split is None else replace(split, start=span.start, end=span.counted_to)
