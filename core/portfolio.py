"""The branches of one actor side by side: stage, trend, output, attainment, and whom to see first.

One table feeds the Branches screen and the list of branches that need attention. A value that
is not known is null, never zero; a week without policies is zero.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from core.attention import FALLS_SHORT, LAST_PLACE, attention_groups, open_warnings
from core.cadence.weeks import CadenceWeeks, contact_gap_weeks
from core.calendar import weeks_between
from core.facts import Badge

TREND_WEEKS = 26
"""Weeks a sparkline shows."""
OUTPUT_WEEKS = 13
"""Weeks policies and premium are summed over."""
LOSS_WEEKS = 8
"""Weeks in which policies made are held against policies expected."""
CONTACT_WEEKS = 4
"""Weeks contacts made are held against contacts due over."""
FEN_PER_WAN = 1_000_000
"""Fen in ten thousand yuan."""

PORTFOLIO_COLUMNS = pa.schema(
    [
        ("branch_id", pa.int64()),
        ("branch_code", pa.string()),
        ("branch_name", pa.string()),
        ("bank", pa.string()),
        ("region", pa.string()),
        ("city", pa.string()),
        ("supervisor", pa.string()),
        ("status", pa.string()),
        ("size_tier", pa.string()),
        ("cooperation_start", pa.date32()),
        ("stage", pa.string()),
        ("confidence", pa.float64()),
        ("weeks_in_stage", pa.int32()),
        ("badges", pa.list_(pa.string())),
        ("trend", pa.list_(pa.int32())),
        ("policies", pa.int32()),
        ("premium_wan", pa.float64()),
        ("attainment", pa.float64()),
        ("policies_lost", pa.float64()),
        ("attention", pa.string()),
        ("place", pa.int32()),
    ]
)


@dataclass(frozen=True)
class DataDates:
    """How far the data reach, over the whole store; None where there is none of the kind.

    `last_week` is the Monday of the last complete week the policies reach.
    """

    last_policy_on: date | None
    last_contact_on: date | None
    last_week: date | None


@dataclass(frozen=True)
class FilterOptions:
    """What the branches in scope can be filtered by, each sorted; regions with every level above."""

    regions: tuple[str, ...]
    banks: tuple[str, ...]
    cities: tuple[str, ...]
    supervisors: tuple[str, ...]


@dataclass(frozen=True)
class BranchFilter:
    """What a view of the branches is narrowed to; an empty set of values asks for nothing.

    A region holds every unit below it.
    """

    regions: tuple[str, ...] = ()
    banks: tuple[str, ...] = ()
    cities: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    supervisors: tuple[str, ...] = ()


def trend_weeks(last_week: date) -> list[date]:
    """Return the Mondays a sparkline shows, the last of them `last_week`."""
    return weeks_between(last_week - timedelta(weeks=TREND_WEEKS - 1), last_week)


def weekly_sums(production: pa.Table, *, branch_ids: np.ndarray, weeks: Sequence[date], column: str) -> np.ndarray:
    """Return a column of `production_weeks` as a matrix, one row a branch and one column a week.

    Rows of other branches or weeks are left out; a week without a row is zero.
    """
    matrix = np.zeros((len(branch_ids), len(weeks)), dtype=np.int64)
    if not len(branch_ids) or not weeks:
        return matrix
    order = np.argsort(branch_ids)
    ids = production["branch_id"].to_numpy()
    at = np.minimum(np.searchsorted(branch_ids, ids, sorter=order), len(branch_ids) - 1)
    rows = order[at]
    days = production["week_start"].cast(pa.int32()).to_numpy() - (weeks[0] - date(1970, 1, 1)).days
    keep = (branch_ids[rows] == ids) & (days >= 0) & (days < 7 * len(weeks))
    np.add.at(matrix, (rows[keep], days[keep] // 7), production[column].to_numpy()[keep])
    return matrix


def contacts_by_branch(cadence: CadenceWeeks) -> pd.DataFrame:
    """Return the contacts of each branch over the weeks given, against what was due.

    Returns:
        One row per branch: branch_id, attainment (made, at most the minimum, in the minimum over the
        last `CONTACT_WEEKS` weeks; NaN where nothing was due), has_gap (at the end of the last week).
    """
    due = cadence.due[:, :, -CONTACT_WEEKS:].sum(axis=(0, 2))
    done = cadence.done[:, :, -CONTACT_WEEKS:].sum(axis=(0, 2))
    return pd.DataFrame(
        {
            "branch_id": cadence.branches["branch_id"].to_numpy(),
            "attainment": np.where(due > 0, done / np.maximum(due, 1), np.nan),
            "has_gap": contact_gap_weeks(cadence)[:, -1] & cadence.is_listed[:, -1],
        }
    )


def portfolio(
    *,
    branches: pa.Table,
    stages: pd.DataFrame,
    production: pa.Table,
    contacts: pd.DataFrame,
    last_week: date | None,
) -> pa.Table:
    """Return the branches side by side, those that need attention most first.

    Args:
        branches: `db.branches.branches_in_scope`.
        stages: `db.stage_history.stages_now`, one row per branch that has a stage.
        production: `db.production.production_weeks` of at least the weeks a sparkline shows.
        contacts: as `contacts_by_branch` gives it; a branch without a row has no attainment.
        last_week: the last complete week; None = no policies yet.

    Returns:
        One row per branch, columns `PORTFOLIO_COLUMNS`: stage facts null where there is none yet;
        badges a list of Badge values, a contact gap added; trend net policies by week, oldest
        first; policies net and premium_wan (ten thousand yuan, without cooling-off cancellations)
        of the last `OUTPUT_WEEKS` weeks; attainment share of the contacts due, null where none was;
        policies_lost 0 for a stage with its level still ahead; attention and place as
        `core.attention`. By place, then most lost, then fewest policies, then code.
    """
    ids = branches["branch_id"].to_numpy()
    frame = pd.DataFrame({"branch_id": ids}).merge(stages, on="branch_id", how="left")
    frame = frame.merge(contacts, on="branch_id", how="left")
    frame["badges"] = _with_contact_gap(frame["badges"], frame["has_gap"].eq(True).to_numpy(dtype=bool))
    frame = frame.join(attention_groups(frame))
    is_below = frame["stage"].isin(list(FALLS_SHORT)) | frame["stage"].isna()
    frame["policies_lost"] = frame["policies_lost"].where(is_below, 0.0)
    weeks = trend_weeks(last_week) if last_week else []
    net = weekly_sums(production, branch_ids=ids, weeks=weeks, column="net")
    fen = weekly_sums(production, branch_ids=ids, weeks=weeks, column="premium_fen") - weekly_sums(
        production, branch_ids=ids, weeks=weeks, column="cancelled_fen"
    )
    frame["policies"] = net[:, -OUTPUT_WEEKS:].sum(axis=1)
    frame["premium_wan"] = fen[:, -OUTPUT_WEEKS:].sum(axis=1) / FEN_PER_WAN
    table = _assembled(branches, frame, net)
    order = pc.sort_indices(
        table,
        sort_keys=[
            ("place", "ascending"),
            ("policies_lost", "descending"),
            ("policies", "ascending"),
            ("branch_code", "ascending"),
        ],
    )
    return table.take(order).combine_chunks()


def filtered(table: pa.Table, chosen: BranchFilter) -> pa.Table:
    """Return the rows of a portfolio a filter lets through, in their order."""
    keep = pa.array(np.ones(len(table), dtype=bool))
    for column, wanted in (
        ("bank", chosen.banks),
        ("city", chosen.cities),
        ("stage", chosen.stages),
        ("supervisor", chosen.supervisors),
    ):
        if wanted:
            keep = pc.and_(keep, pc.is_in(table[column], value_set=pa.array(list(wanted), pa.string())))
    if chosen.regions:
        inside = pc.is_in(table["region"], value_set=pa.array(list(chosen.regions), pa.string()))
        for region in chosen.regions:
            inside = pc.or_(inside, pc.starts_with(table["region"], pattern=region + "/"))
        keep = pc.and_(keep, inside)
    return table.filter(keep)


def needing_attention(table: pa.Table, count: int) -> pa.Table:
    """Return the first `count` branches of a portfolio that some group of the order holds."""
    return table.filter(pc.less(table["place"], LAST_PLACE)).slice(0, count)


def warned_elsewhere(table: pa.Table, count: int) -> pa.Table:
    """Return the first `count` branches of a portfolio with a warning that no group of the order holds.

    A warning of one person or of the kind of pay is urgent in a weak stage alone; it is there all the same.
    """
    rest = table.filter(pc.greater_equal(table["place"], LAST_PLACE))
    warnings = {str(badge) for badge in open_warnings()}
    warned = [place for place, marks in enumerate(rest["badges"].to_pylist()) if warnings & set(marks or ())]
    return rest.take(pa.array(warned[:count], pa.int64()))


def _with_contact_gap(badges: pd.Series, gaps: np.ndarray) -> pd.Series:
    known = badges.fillna("").astype(str)
    missing = gaps & ~known.str.split(",").map(lambda marks: Badge.CONTACT_GAP in marks).to_numpy(dtype=bool)
    joined = (known + "," + str(Badge.CONTACT_GAP)).str.strip(",")
    return known.where(~missing, joined)


def _assembled(branches: pa.Table, frame: pd.DataFrame, net: np.ndarray) -> pa.Table:
    offsets = np.arange(len(net) + 1, dtype=np.int32) * np.int32(net.shape[1])
    trend = pa.ListArray.from_arrays(offsets, pa.array(net.astype(np.int32).ravel(), pa.int32()))
    columns = []
    for field in PORTFOLIO_COLUMNS:
        if field.name in branches.column_names:
            columns.append(branches[field.name])
        elif field.name == "trend":
            columns.append(trend)
        elif field.name == "badges":
            columns.append(pa.array([marks.split(",") if marks else [] for marks in frame["badges"]], field.type))
        else:
            columns.append(pa.array(frame[field.name], field.type, from_pandas=True, safe=False))
    return pa.Table.from_arrays(columns, schema=PORTFOLIO_COLUMNS)
