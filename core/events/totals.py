"""What events came to, branch by branch: how many (K31), show-up (K32), policies that followed (K33)."""

import numpy as np
import pandas as pd
import pyarrow as pa

from core.events.figures import is_told


def branch_totals(
    branches: pa.Table, *, sums: pd.DataFrame, followed: pd.DataFrame, contacts: pd.DataFrame
) -> pa.Table:
    """Return one row per branch with an event held, most events first, then by code.

    Args:
        branches: branch_id, branch_code, branch_name, supervisor.
        sums: as `db.events.event_sums`.
        followed: as `core.events.figures.policies_followed`.
        contacts: branch_id and contacts of the period.

    Returns:
        branch_code, branch_name, supervisor, held, guests (null where the group is too small to tell), show_up
        (came of confirmed), policies and conversion (policies of guests, over the events whose days are over),
        activity (contacts and events).
    """
    named = branches.select(["branch_id", "branch_code", "branch_name", "supervisor"]).to_pandas()
    table = named.merge(sums, on="branch_id").merge(contacts, on="branch_id", how="left")
    known = followed[followed["policies"].notna() & followed["guests"].notna()]
    brought = known.groupby("branch_id")[["policies", "guests"]].sum()
    brought.columns = pd.Index(["policies", "reached"])
    table = table.join(brought, on="branch_id").sort_values(["held", "branch_code"], ascending=[False, True])
    return pa.table(
        {
            "branch_code": pa.array(table["branch_code"], pa.string()),
            "branch_name": pa.array(table["branch_name"], pa.string()),
            "supervisor": pa.array(table["supervisor"], pa.string()),
            "held": pa.array(table["held"], pa.int64()),
            "guests": _numbers(table["guests"].where(_told(table["guests"]))),
            "show_up": _shares(table["came"], table["confirmed"]),
            "policies": _numbers(table["policies"]),
            "conversion": _shares(table["policies"], table["reached"]),
            "activity": _numbers(table["held"] + table["contacts"].fillna(0)),
        }
    )


def _told(counts: pd.Series) -> pd.Series:
    return counts.map(is_told)


def _numbers(values: pd.Series) -> pa.Array:
    return pa.array([None if np.isnan(value) else int(value) for value in values], pa.int64())


def _shares(part: pd.Series, whole: pd.Series) -> pa.Array:
    """Return part of whole; null where the whole is nothing, unknown or too small a group to tell."""
    can_tell = (whole > 0) & _told(whole.fillna(0))
    shares = (part / whole).where(can_tell)
    return pa.array([None if np.isnan(value) else float(value) for value in shares], pa.float64())
