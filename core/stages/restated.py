"""Weeks that show another stage than at the time: the columns of their lists, and the branches laid beside them."""

import pyarrow as pa
import pyarrow.compute as pc

MOMENT = pa.timestamp("us", tz="UTC")
MAKERS = [
    ("changed_at", MOMENT),
    ("cause", pa.string()),
    ("import_batch_id", pa.int64()),
    ("files", pa.string()),
    ("changed_by", pa.string()),
]
"""When the week was changed, why, by which import and by whom; files null for all but administrators."""
RESTATED_COLUMNS = pa.schema(
    [
        ("branch_id", pa.int64()),
        ("week_start", pa.date32()),
        ("shown", pa.string()),
        ("confidence", pa.float64()),
        ("stage", pa.string()),
        ("shown_at", MOMENT),
        *MAKERS,
    ]
)
"""One row per branch and week: shown the stage at the time with its confidence, stage the one now (null = none).

shown_at null: before the store kept what was shown.
"""
NOTE_COLUMNS = pa.schema(
    [
        ("branch_id", pa.int64()),
        ("week_start", pa.date32()),
        ("before", pa.string()),
        ("after", pa.string()),
        *MAKERS,
    ]
)
"""One row per change of a week: before and after, null = no stage."""
BRANCH_COLUMNS = ("branch_code", "branch_name", "region", "supervisor")


def with_branches(weeks: pa.Table, branches: pa.Table) -> pa.Table:
    """Return the weeks of the branches that are listed, in their order, with what names a branch.

    Args:
        weeks: one row per week, with branch_id.
        branches: one row per branch, with branch_id and `BRANCH_COLUMNS`.
    """
    place = pc.index_in(weeks["branch_id"], value_set=branches["branch_id"])
    is_listed = pc.is_valid(place)
    found, place = weeks.filter(is_listed), place.filter(is_listed)
    for name in BRANCH_COLUMNS:
        found = found.append_column(name, branches[name].take(place))
    return found
