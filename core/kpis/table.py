"""KPIs of a period by unit: figures of branches in, one row for each unit and KPI out."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.calendar import month_end
from core.facts import SizeTier
from core.kpis.arithmetic import ARITHMETIC, MONEY_OVER_MONEY, Ratio
from core.kpis.definitions import KpiDefinition, KpiTarget, kpi_definitions, kpi_target_on

FEN_PER_CNY = 100
FIGURES = (
    "operating",
    "active",
    "without_policy",
    "net_policies",
    "accepted_policies",
    "cancelled_policies",
    "accepted_fen",
    "accepted_regular_fen",
    "refunded_fen",
    "refunded_regular_fen",
    "restated_fen",
    "cancelled_fen",
    "sellers",
    "contacts_done",
    "contacts_due",
    "own_with_total_fen",
    "total_fen",
)
"""What is summed, whole numbers by branch: branches 0 or 1; policies; fen.

accepted_fen leaves out cancelled policies without a day; refunded_fen are those cancelled in the
period; restated_fen and cancelled_fen split the policies issued in it by what became of them.
"""
SHARED_SELLERS = "shared_sellers"
"""The column of a branch's sellers who sold at another one too, a list of whole numbers: each is one person."""
KPI_COLUMNS = pa.schema(
    [
        ("by", pa.string()),
        ("key", pa.string()),
        ("kpi", pa.string()),
        ("value", pa.float64()),
        ("numerator", pa.float64()),
        ("denominator", pa.float64()),
        ("unit", pa.string()),
        ("target", pa.float64()),
    ]
)


def kpi_table(figures: pa.Table, *, by: str, start: date, end: date, targets: Sequence[KpiTarget]) -> pa.Table:
    """Return the KPIs of the units.

    Args:
        figures: one row per branch: branch_code, region, bank, supervisor (null = none),
            size_tier, the columns `FIGURES` and `SHARED_SELLERS`.
        by: all, branch, region, bank or supervisor.
        start: first day of the period.
        end: last day of the period.
        targets: rows in force are picked by the last day.

    Returns:
        One row per unit and KPI, units by key, columns `KPI_COLUMNS`: money in yuan, shares 0 to
        1, value null where the denominator is zero, target null where there is none; key is "all"
        for the whole and "" for branches without a supervisor. Targets of totals hold for the whole.
    """
    keys, place = _units(figures, by)
    sums = {name: _summed(place, figures[name].to_numpy(), len(keys)) for name in FIGURES}
    sums["sellers"] -= _repeats(place, figures[SHARED_SELLERS], len(keys))
    per_tier = {tier: _tier_count(figures, place, tier, len(keys)) for tier in SizeTier}
    parts = []
    for number, kpi in enumerate(kpi_definitions()):
        months = months_in(start, end) if kpi.is_target_monthly else 1.0
        held = _targets(kpi, [row for row in targets if row.kpi == kpi.key], per_tier, day=end) * months
        if kpi.is_total and by != "all":
            held = np.full(len(keys), np.nan)
        parts.append(_kpi_rows(kpi, ARITHMETIC[kpi.key](sums), by=by, keys=keys, targets=held, number=number))
    merged = pa.concat_tables(parts)
    order = merged.sort_by([("place", "ascending"), ("order", "ascending")])
    return order.select(KPI_COLUMNS.names).combine_chunks()


FILE_COLUMNS = ("by", "key", "from", "to", "kpi", "value", "numerator", "denominator", "unit", "target")


def file_rows(table: pa.Table, *, start: date, end: date) -> Iterator[tuple[object, ...]]:
    """Yield the rows of a `kpi_table` as the command line writes them, columns `FILE_COLUMNS`."""
    for row in table.to_pylist():
        yield (
            row["by"],
            row["key"],
            start,
            end,
            *(row[name] for name in ("kpi", "value", "numerator", "denominator", "unit", "target")),
        )


def months_in(start: date, end: date) -> float:
    """Return the length of a period in months, both ends included; a whole month is exactly 1."""
    total = 0.0
    first = start
    while first <= end:
        after = month_end(first) + timedelta(days=1)
        days_in_month = (after - first.replace(day=1)).days
        total += (min(after, end + timedelta(days=1)) - first).days / days_in_month
        first = after
    return total


def _units(figures: pa.Table, by: str) -> tuple[list[str], NDArray[np.int64]]:
    if by == "all":
        return ["all"], np.zeros(len(figures), dtype=np.int64)
    words = np.array(figures["branch_code" if by == "branch" else by].fill_null("").to_pylist(), dtype=object)
    if not len(words):
        return [], np.zeros(0, dtype=np.int64)
    keys, place = np.unique(words.astype(str), return_inverse=True)
    return [str(key) for key in keys], place


def _summed(place: NDArray[np.int64], values: NDArray[Any], size: int) -> NDArray[np.int64]:
    sums = np.zeros(size, dtype=np.int64)
    np.add.at(sums, place, values.astype(np.int64))
    return sums


def _repeats(place: NDArray[np.int64], shared: pa.ChunkedArray, size: int) -> NDArray[np.int64]:
    """Return by how much a unit's sum counts persons more than once, who sold at several of its branches."""
    times = [len(people) for people in shared.to_pylist()]
    people = np.array([person for people in shared.to_pylist() for person in people], dtype=np.int64)
    pairs = np.column_stack((np.repeat(place, times), people))
    counted, persons = (np.bincount(each[:, 0], minlength=size) for each in (pairs, np.unique(pairs, axis=0)))
    return np.asarray(counted - persons, dtype=np.int64)


def _tier_count(figures: pa.Table, place: NDArray[np.int64], tier: SizeTier, size: int) -> NDArray[np.int64]:
    is_tier = np.array(figures["size_tier"].to_pylist(), dtype=object) == tier.value
    return _summed(place, figures["operating"].to_numpy() * is_tier, size)


def _targets(
    kpi: KpiDefinition, own: Sequence[KpiTarget], per_tier: dict[SizeTier, NDArray[np.int64]], *, day: date
) -> NDArray[np.float64]:
    """Return the target of each unit, NaN where there is none: the mean over its operating branches."""
    size = len(per_tier[SizeTier.STANDARD])
    if not any(row.tier for row in own):
        general = kpi_target_on(own, kpi=kpi.key, tier=None, day=day)
        return np.full(size, np.nan if general is None else general)
    weighted, counted = np.zeros(size), np.zeros(size)
    for tier, count in per_tier.items():
        target = kpi_target_on(own, kpi=kpi.key, tier=tier, day=day)
        if target is not None:
            weighted += target * count
            counted += count
    return np.where(counted > 0, weighted / np.maximum(counted, 1), np.nan)


def _kpi_rows(
    kpi: KpiDefinition, ratio: Ratio, *, by: str, keys: list[str], targets: NDArray[np.float64], number: int
) -> pa.Table:
    is_money_ratio = kpi.key in MONEY_OVER_MONEY
    top = ratio.numerator / (FEN_PER_CNY if kpi.unit == "cny" or is_money_ratio else 1)
    bottom = ratio.denominator / (FEN_PER_CNY if is_money_ratio else 1)
    is_known = bottom > 0 if kpi.needs_positive_denominator else bottom != 0
    rows = pa.table(
        {
            "by": pa.array([by] * len(keys), pa.string()),
            "key": pa.array(keys, pa.string()),
            "kpi": pa.array([kpi.key] * len(keys), pa.string()),
            "value": pa.array(top / np.where(is_known, bottom, 1), pa.float64(), mask=~is_known),
            "numerator": pa.array(top, pa.float64()),
            "denominator": pa.array(bottom, pa.float64()),
            "unit": pa.array([kpi.unit] * len(keys), pa.string()),
            "target": pa.array(targets, pa.float64(), mask=np.isnan(targets)),
            "place": pa.array(np.arange(len(keys))),
            "order": pa.array(np.full(len(keys), number)),
        }
    )
    return rows.filter(pa.array(bottom != 0)) if kpi.only_where_given else rows
