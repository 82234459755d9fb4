"""Which status a branch had on which day, from its present status and the past intervals.

Both ends of an interval are included, an empty end is open. The present status holds from
`status_since` on; a branch that is not active and has no such day is taken to have been so always.
Closed wins over suspended where intervals overlap.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from core.facts import BranchStatus

ACTIVE, SUSPENDED, CLOSED = 0, 1, 2
STATUS_CODES = {BranchStatus.ACTIVE: ACTIVE, BranchStatus.SUSPENDED: SUSPENDED, BranchStatus.CLOSED: CLOSED}
"""Codes of the statuses in a grid."""
NEVER = np.datetime64("9999-12-31")
EVER = np.datetime64("0001-01-01")


@dataclass(frozen=True)
class StatusHistory:
    """Statuses of branches, as arrays.

    Of each branch: `present` code and `present_since` day (NaT = not known). Of each past interval:
    `branch` (position of its branch), `status` code, `start` and `end` day (`NEVER` = still).
    """

    present: NDArray[np.int8]
    present_since: NDArray[np.datetime64]
    branch: NDArray[np.int64]
    status: NDArray[np.int8]
    start: NDArray[np.datetime64]
    end: NDArray[np.datetime64]


def days_array(days: Sequence[date | None], missing: np.datetime64) -> NDArray[np.datetime64]:
    """Return days as an array, `missing` where there is none."""
    return np.array([missing if day is None else day for day in days], dtype="datetime64[D]")


def status_grid(history: StatusHistory, days: NDArray[np.datetime64]) -> NDArray[np.int8]:
    """Return the status code of each branch on each day; one row a branch, one column a day.

    `days` are in ascending order.
    """
    size = len(history.present)
    grid = np.zeros((size, len(days)), dtype=np.int8)
    for code in (SUSPENDED, CLOSED):
        chosen = history.status == code
        steps = np.zeros((size, len(days) + 1), dtype=np.int32)
        first = np.searchsorted(days, history.start[chosen], side="left")
        after = np.searchsorted(days, history.end[chosen], side="right")
        np.add.at(steps, (history.branch[chosen], first), 1)
        np.add.at(steps, (history.branch[chosen], np.maximum(after, first)), -1)
        grid[np.cumsum(steps, axis=1)[:, :-1] > 0] = code
    is_known = ~np.isnat(history.present_since)
    since = np.where(is_known, history.present_since, np.where(history.present == ACTIVE, NEVER, EVER))
    now = days[None, :] >= since[:, None]
    return np.where(now, history.present[:, None], grid)
