"""Which branches a meeting looks at, and in what each of them lags most."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from core.attention import FALLS_SHORT, LAST_PLACE, attention_groups
from core.kpis.definitions import kpi_definition
from core.review.figures import Indicator
from core.review.measures import NEWEST, measures_on

INDICATOR_COLUMNS = ("branch_code", "kpi", "value", "target", "lag", "place")


def lag(value: NDArray[Any], target: NDArray[Any], *, is_better_down: bool | NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return what is missing as a share of the target, 0 where nothing is; NaN where there is no target.

    Of a share that should be low, what is missing is of the part that should stay: 10 % cancelled where 5 % are
    wanted is 90 % kept of 95 %.
    """
    got, wanted = np.where(is_better_down, (1 - value, 1 - target), (value, target))
    with np.errstate(invalid="ignore", divide="ignore"):
        missing = np.where(wanted > 0, (wanted - got) / wanted, np.nan)
    return np.maximum(missing, 0.0)


def weakest_indicators(rows: pa.Table, *, most: int | None = None, day: date = NEWEST) -> pd.DataFrame:
    """Return the indicators of each branch that lag most, by branch code, the weakest first.

    Args:
        rows: `core.kpis.table.kpi_table` by branch.
        most: how many of a branch; None = as the rules say.
        day: on which the rules hold.

    Returns:
        Columns `INDICATOR_COLUMNS`, place from 1; only what lags. A branch without a row lags in nothing it has a
        target for.
    """
    count = measures_on(day).limits.weak_indicators_max if most is None else most
    rules = measures_on(day).indicators
    frame = rows.select(["key", "kpi", "value", "target", "denominator"]).to_pandas()
    order = pd.Index([rule.kpi for rule in rules]).get_indexer(frame["kpi"])  # -1 = no indicator
    least = np.array([rule.denominator_min for rule in rules])[order]
    is_down = np.array([kpi_definition(rule.kpi).good == "down" for rule in rules])[order]
    missing = lag(frame["value"].to_numpy(float), frame["target"].to_numpy(float), is_better_down=is_down)
    found = frame.assign(lag=missing, order=order)[(order >= 0) & (frame["denominator"] >= least) & (missing > 0)]
    found = found.sort_values(["key", "lag", "order"], ascending=[True, False, True])
    found["place"] = found.groupby("key").cumcount() + 1
    told: pd.DataFrame = found[found["place"] <= count].rename(columns={"key": "branch_code"})
    return told[list(INDICATOR_COLUMNS)].reset_index(drop=True)


def indicators_by_branch(weakest: pd.DataFrame) -> dict[str, tuple[Indicator, ...]]:
    """Return the rows of `weakest_indicators` as records by branch code."""
    found: dict[str, tuple[Indicator, ...]] = {}
    columns = (weakest[name] for name in ("branch_code", "kpi", "value", "target", "lag"))
    for code, kpi, value, target, missing in zip(*columns, strict=True):
        found[code] = (*found.get(code, ()), Indicator(str(kpi), float(value), float(target), float(missing)))
    return found


def weakest_first(branches: pd.DataFrame) -> pd.DataFrame:
    """Return the branches some group of the attention order holds, first in need first.

    Args:
        branches: one row per branch: branch_code, stage, badges, weeks_since_change (as for
            `core.attention.attention_groups`), policies_lost, policies (net, of the last weeks).

    Returns:
        The same rows and columns with `place` and `attention`; inside a group most lost first, then fewest
        policies, then by code. A stage with its level still ahead loses nothing.
    """
    found = branches.join(attention_groups(branches))
    falls_short = found["stage"].isin(list(FALLS_SHORT))
    found["policies_lost"] = found["policies_lost"].where(falls_short, 0.0)
    found = found[found["place"] < LAST_PLACE]
    order: Sequence[str] = ("place", "policies_lost", "policies", "branch_code")
    return found.sort_values(list(order), ascending=[True, False, True, True])
