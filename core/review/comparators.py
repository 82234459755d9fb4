"""What a figure is held against: branches like the own ones, and the own level of the year before.

**Peers** are operating branches outside the scope of the same bank, region class and size. Where fewer than
`peers_min` are alike in all three, those left over are put together by region class and size, then by size alone; who
belongs to no such group has no peers. Every branch is in one group at most, so that no figure follows from the
difference of two, and branches the reader may not see are in a group only if there are `peers_min` of them there.
The groups are weighed as the scope is made up of them.

**The own baseline** is the level of the 52 weeks before the period: what an ordinary week sold, season and working
days divided out, times what the days counted of the period are worth. A share of active branches is brought to
another length through the chance that a branch sells nothing; the number of people who sell is the mean of periods
of the same length, as more weeks do not bring as many more people.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from core.kpis.arithmetic import ARITHMETIC, MONEY_OVER_MONEY
from core.kpis.definitions import KpiDefinition, kpi_definition
from core.kpis.table import FEN_PER_CNY, FIGURES
from core.review.gap_split import Sold
from core.review.measures import NEWEST, measures_on

Column = NDArray[Any]
LADDER = (("bank", "region_class", "size_tier"), ("region_class", "size_tier"), ("size_tier",))
"""In what branches must be alike, the strictest first."""
NO_GROUP = -1
RESTATED = ("accepted", "net", "premium_fen", "regular_fen", "cancelled_fen")
"""What is known of each branch and week of the year before, the columns of the weekly rollup."""


def region_classes(regions: Sequence[str], *, day: date = NEWEST) -> list[str]:
    """Return the class of the region of each operating branch, by how many of them it holds."""
    classes_on_day = measures_on(day).region_classes
    sizes = pd.Series(regions, dtype=object).value_counts()
    classes = {
        region: next(one.key for one in classes_on_day if size >= one.branches_min) for region, size in sizes.items()
    }
    return [classes[region] for region in regions]


def peer_groups(
    likeness: pd.DataFrame, *, is_subject: NDArray[np.bool_], is_foreign: NDArray[np.bool_], least: int
) -> tuple[Column, Column]:
    """Return the group each branch belongs to as a peer, and the one it is held against; `NO_GROUP` where none.

    Args:
        likeness: one row per operating branch of the store, the columns of `LADDER`.
        is_subject: branches of the scope; they are peers of nobody.
        is_foreign: branches the reader may not see.
        least: fewer make no group; foreign ones are in a group only with so many of their own.
    """
    peer_of = np.full(len(likeness), NO_GROUP)
    held_against = np.full(len(likeness), NO_GROUP)
    groups = 0
    for alike in LADDER:
        keys = likeness.groupby(list(alike), sort=True, observed=True).ngroup().to_numpy()
        size = int(keys.max(initial=-1)) + 1
        waiting = ~is_subject & (peer_of == NO_GROUP)
        foreign = np.bincount(keys[waiting & is_foreign], minlength=size)
        seen = np.bincount(keys[waiting & ~is_foreign], minlength=size)
        with_foreign = foreign >= least
        is_group = with_foreign | (seen >= least)
        joins = waiting & is_group[keys] & (with_foreign[keys] | ~is_foreign)
        peer_of[joins] = groups + keys[joins]
        finds = is_subject & (held_against == NO_GROUP) & is_group[keys]
        held_against[finds] = groups + keys[finds]
        groups += size
    return peer_of, held_against


def peer_sums(
    figures: Mapping[str, Column],
    *,
    is_subject: NDArray[np.bool_],
    peer_of: Column,
    held_against: Column,
    day: date = NEWEST,
) -> tuple[dict[str, Column], int] | None:
    """Return the sums the scope would have if its branches were their peers, and how many peers stand behind them.

    None where too few branches of the scope have peers; the others are taken to be like those that have. The sums
    are arrays of one, the columns `FIGURES`.
    """
    limits = measures_on(day).limits
    is_peer, is_held = peer_of != NO_GROUP, held_against != NO_GROUP
    if is_held.sum() < max(limits.peer_coverage_min * is_subject.sum(), 1):
        return None
    size = int(max(peer_of.max(), held_against.max())) + 1
    subjects = np.bincount(held_against[is_held], minlength=size) * (is_subject.sum() / is_held.sum())
    weight = subjects / np.maximum(np.bincount(peer_of[is_peer], minlength=size), 1)
    by_peer = np.where(is_peer, weight[peer_of], 0.0)
    return {name: np.array([float((figures[name] * by_peer).sum())]) for name in FIGURES}, int((by_peer > 0).sum())


def baseline_sums(
    weeks: Mapping[str, Column],
    *,
    operating: NDArray[np.bool_],
    sellers: float | Column,
    window_worth: Column,
    worth: float,
    place: Column | None = None,
) -> dict[str, Column] | None:
    """Return the sums of a period at the level of the year before, the columns `FIGURES` by unit.

    Args:
        weeks: `RESTATED` by branch and window, the weeks of each window summed.
        operating: by branch and window.
        sellers: persons with a net policy in a window, the mean over the windows, by unit.
        window_worth: what each window is worth by season and working days.
        worth: what the days counted of the period are worth.
        place: unit of each branch; None = all are one.

    Returns:
        None where nothing operated or no window is worth anything.
    """
    branches, windows = operating.shape
    units = np.zeros(branches, dtype=np.int64) if place is None else place
    size = int(units.max(initial=0)) + 1
    usual = float(window_worth.mean()) if windows else 0.0
    if not operating.any() or usual <= 0:
        return None
    longer = worth / usual

    def summed(values: Column) -> Column:
        sums: Column = np.bincount(units, weights=values.sum(axis=1), minlength=size) / windows
        return sums

    found = {name: summed(np.where(operating, weeks[name], 0)) for name in RESTATED}
    open_branches = summed(operating.astype(float))
    active = summed((operating & (weeks["net"] > 0)).astype(float))
    idle = np.where(open_branches > 0, 1 - active / np.maximum(open_branches, 1e-9), 0.0) ** longer * open_branches
    accepted, net, premium, regular, cancelled = (found[name] * longer for name in RESTATED)
    sums = {name: np.zeros(size) for name in FIGURES}
    return sums | {
        "operating": open_branches,
        "active": open_branches - idle,
        "without_policy": idle,
        "net_policies": net,
        "accepted_policies": accepted,
        "cancelled_policies": accepted - net,
        "accepted_fen": premium,
        "accepted_regular_fen": regular,
        "refunded_fen": cancelled,
        "refunded_regular_fen": regular * cancelled / np.maximum(premium, 1e-9),  # as often as any premium
        "restated_fen": premium - cancelled,
        "cancelled_fen": cancelled,
        "sellers": np.broadcast_to(np.asarray(sellers, dtype=float), size),
    }


def kpi_values(sums: Mapping[str, Column], kpis: Sequence[KpiDefinition]) -> dict[str, list[float | None]]:
    """Return each KPI of sums that need not be whole, by unit, in the unit of the definition; None = cannot be said."""
    found: dict[str, list[float | None]] = {}
    for kpi in kpis:
        ratio = ARITHMETIC[kpi.key](sums)
        part = FEN_PER_CNY if kpi.unit == "cny" and kpi.key not in MONEY_OVER_MONEY else 1
        bottom = np.asarray(ratio.denominator, dtype=float)
        is_known = bottom > 0 if kpi.needs_positive_denominator else bottom != 0
        values = np.asarray(ratio.numerator, dtype=float) / part / np.where(is_known, bottom, 1)
        found[kpi.key] = [float(value) if known else None for value, known in zip(values, is_known, strict=True)]
    return found


def sold_in(sums: Mapping[str, Column], unit: int = 0) -> Sold:
    """Return what was sold by one unit, for the split of a gap."""
    premium = float(sums["accepted_fen"][unit]) - float(sums["refunded_fen"][unit])
    return Sold(float(sums["sellers"][unit]), float(sums["net_policies"][unit]), premium)


def figures_of(table: pa.Table) -> dict[str, Column]:
    """Return the columns `FIGURES` of `db.kpis.branch_figures` as arrays by branch."""
    return {name: table[name].to_numpy() for name in FIGURES}


def kpis_named(keys: Sequence[str]) -> tuple[KpiDefinition, ...]:
    """Return the definitions of some KPIs, in the order asked."""
    return tuple(kpi_definition(key) for key in keys)
