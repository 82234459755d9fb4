"""Cadence of many branches over many weeks, and what screens and files read from it.

Done counts toward a target up to its minimum only, so that much contact in one place never
hides none in another. Rows exist for branches not closed, from the week of their cooperation
start on, and for roles that have a target; weeks and roles with nothing due are left out of shares.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from core.cadence.attainment import STATUSES, Attainment
from core.cadence.targets import NO_LIMIT
from core.facts import CadenceStatus, StaffRole

Grid = NDArray[Any]
"""Whole numbers or answers by (role, branch, week)."""
GAP_BELOW_SHARE = 0.6
"""Attainment under this share, domain default for the badge "contact gap"."""
GAP_WEEKS = 2


@dataclass(frozen=True)
class CadenceWeeks:
    """The verdict over branches and weeks.

    `branches`: one row per branch, by code, as `db.branches.branches_in_scope`. `is_listed` (branch,
    week): not closed and cooperation begun. `workdays` (branch, week). `contacts` and `deep` (role,
    branch, week): all contacts, and those with a topic and 10 minutes or more. `today` falls into
    the last week where that week is not complete.
    """

    branches: pa.Table
    weeks: tuple[date, ...]
    roles: tuple[StaffRole, ...]
    is_listed: NDArray[np.bool_]
    workdays: Grid
    verdict: Attainment
    contacts: Grid
    deep: Grid

    @cached_property
    def is_row(self) -> NDArray[np.bool_]:
        """Tell which (role, branch, week) have a row."""
        return self.verdict.has_target & self.is_listed[None]

    @cached_property
    def due(self) -> Grid:
        """Return the minimum targets, 0 where there is no row."""
        return np.where(self.is_row, self.verdict.target_min, 0)

    @cached_property
    def done(self) -> Grid:
        """Return contacts done, counted up to the minimum."""
        return np.minimum(self.verdict.actual, self.due)

    @cached_property
    def above(self) -> Grid:
        """Return contacts above the maximum where something was due."""
        limit = self.verdict.target_max
        counts = self.is_row & (limit != NO_LIMIT) & (self.due > 0)
        return np.where(counts, np.maximum(self.verdict.actual - limit, 0), 0)

    def narrowed(self, is_chosen: NDArray[np.bool_]) -> "CadenceWeeks":
        """Return the same for some of the branches."""
        if is_chosen.all():
            return self
        return replace(
            self,
            branches=self.branches.filter(pa.array(is_chosen)),
            is_listed=self.is_listed[is_chosen],
            workdays=self.workdays[is_chosen],
            verdict=self.verdict.part((slice(None), is_chosen)),
            contacts=self.contacts[:, is_chosen],
            deep=self.deep[:, is_chosen],
        )

    def complete(self) -> "CadenceWeeks":
        """Return the same without the last week, for where that is not over yet."""
        return self._of_weeks(slice(None, -1))

    def between(self, first_week: date, last_week: date) -> "CadenceWeeks":
        """Return the same for some of the weeks, both included.

        Raises:
            ValueError: one of the two is not among the weeks.
        """
        return self._of_weeks(slice(self.weeks.index(first_week), self.weeks.index(last_week) + 1))

    def _of_weeks(self, weeks: slice) -> "CadenceWeeks":
        every = slice(None)
        return replace(
            self,
            weeks=self.weeks[weeks],
            is_listed=self.is_listed[:, weeks],
            workdays=self.workdays[:, weeks],
            verdict=self.verdict.part((every, every, weeks)),
            contacts=self.contacts[:, :, weeks],
            deep=self.deep[:, :, weeks],
        )


def cadence_rows(cadence: CadenceWeeks) -> pd.DataFrame:
    """Return one row per branch, role and week, in that order.

    Columns: branch_id, branch_code, role, week_start (date), workdays, target_min, target_max
    (NaN = none), actual, status, done (actual up to target_min).
    """
    branch, role, week = np.nonzero(cadence.is_row.transpose(1, 0, 2))
    at = (role, branch, week)
    high = cadence.verdict.target_max[at].astype(float)
    return pd.DataFrame(
        {
            "branch_id": cadence.branches["branch_id"].to_numpy()[branch],
            "branch_code": cadence.branches["branch_code"].to_numpy(zero_copy_only=False)[branch],
            "role": _taken(cadence.roles, role),
            "week_start": _taken(cadence.weeks, week),
            "workdays": cadence.workdays[branch, week],
            "target_min": cadence.verdict.target_min[at],
            "target_max": np.where(high < 0, np.nan, high),
            "actual": cadence.verdict.actual[at],
            "status": _taken(STATUSES, cadence.verdict.status[at]),
            "done": cadence.done[at],
        }
    )


FILE_COLUMNS = ("branch_code", "role", "week_start", "workdays", "target_min", "target_max", "actual", "status")


def file_rows(cadence: CadenceWeeks) -> Iterator[tuple[object, ...]]:
    """Yield the rows as the command line writes them, columns `FILE_COLUMNS`."""
    rows = cadence_rows(cadence)[list(FILE_COLUMNS)]
    for code, role, week_start, workdays, low, high, actual, status in rows.itertuples(index=False, name=None):
        limit = None if np.isnan(high) else int(high)
        yield code, role, week_start, int(workdays), int(low), limit, int(actual), status


def due_rows(cadence: CadenceWeeks) -> pd.DataFrame:
    """Return one row per branch, role and week in which a contact was due.

    Columns: branch_id, role, week_start (date), made (up to due), due, attainment (made / due).
    """
    branch, role, week = np.nonzero((cadence.due > 0).transpose(1, 0, 2))
    at = (role, branch, week)
    made, due = cadence.done[at], cadence.due[at]
    return pd.DataFrame(
        {
            "branch_id": cadence.branches["branch_id"].to_numpy()[branch],
            "role": _taken(cadence.roles, role),
            "week_start": _taken(cadence.weeks, week),
            "made": made,
            "due": due,
            "attainment": made / due,
        }
    )


def role_weeks(cadence: CadenceWeeks) -> pa.Table:
    """Return one row per role and week, summed over the branches.

    Columns: role, week_start, branches (with something due), due, target_max (null where the role
    has none), actual (all contacts, or days with one), done, short (due - done), above (contacts
    over the maximum), attainment (done / due, null where nothing was due), and the number of
    branches by status: met, over, short_branches, none, not_due.
    """
    shape = (len(cadence.roles), len(cadence.weeks))
    due, done = cadence.due.sum(axis=1), cadence.done.sum(axis=1)
    counts = {status: _branches_with(cadence, status) for status in CadenceStatus}
    highs = np.where(cadence.is_row & (cadence.due > 0), cadence.verdict.target_max, 0)
    has_high = (highs >= 0).all(axis=1) & (highs > 0).any(axis=1)
    role = np.repeat(np.arange(shape[0]), shape[1])
    return pa.table(
        {
            "role": pa.array(_taken(cadence.roles, role), pa.string()),
            "week_start": pa.array(list(cadence.weeks) * shape[0], pa.date32()),
            "branches": _flat((cadence.due > 0).sum(axis=1)),
            "due": _flat(due),
            "target_max": pa.array(highs.sum(axis=1).ravel(), pa.int64(), mask=~has_high.ravel()),
            "actual": _flat(np.where(cadence.is_row, cadence.verdict.actual, 0).sum(axis=1)),
            "done": _flat(done),
            "short": _flat(due - done),
            "above": _flat(cadence.above.sum(axis=1)),
            "attainment": _share(done.ravel(), due.ravel()),
            "met": _flat(counts[CadenceStatus.MET]),
            "over": _flat(counts[CadenceStatus.OVER]),
            "short_branches": _flat(counts[CadenceStatus.SHORT]),
            "none": _flat(counts[CadenceStatus.NONE]),
            "not_due": _flat(counts[CadenceStatus.NOT_DUE]),
        }
    )


def unit_sums(cadence: CadenceWeeks, by: str) -> pa.Table:
    """Return one row per value of a branch column such as supervisor, region or bank, lowest share first.

    Columns: key (null = not given), branches, due, done, short, above, attainment (null where
    nothing was due), contacts, deep_share (of the contacts, null without any), logged_share
    (branch-weeks with any contact among those with something due).
    """
    keys = cadence.branches[by].combine_chunks().dictionary_encode(null_encoding="encode")
    place = keys.indices.to_numpy()
    size = len(keys.dictionary)

    def summed(values: Grid) -> Grid:
        return np.bincount(place, weights=values, minlength=size).astype(np.int64)

    due, done = summed(cadence.due.sum(axis=(0, 2))), summed(cadence.done.sum(axis=(0, 2)))
    contacts, deep = summed(cadence.contacts.sum(axis=(0, 2))), summed(cadence.deep.sum(axis=(0, 2)))
    is_due = (cadence.due > 0).any(axis=0)
    is_logged = is_due & (cadence.contacts > 0).any(axis=0)
    table = pa.table(
        {
            "key": keys.dictionary,
            "branches": pa.array(np.bincount(place, minlength=size), pa.int64()),
            "due": pa.array(due),
            "done": pa.array(done),
            "short": pa.array(due - done),
            "above": pa.array(summed(cadence.above.sum(axis=(0, 2)))),
            "attainment": _share(done, due),
            "contacts": pa.array(contacts),
            "deep_share": _share(deep, contacts),
            "logged_share": _share(summed(is_logged.sum(axis=1)), summed(is_due.sum(axis=1))),
        }
    )
    return table.sort_by([("attainment", "ascending"), ("key", "ascending")])


def branch_weeks(cadence: CadenceWeeks, *, first: int, count: int) -> pa.Table:
    """Return one row per branch and week for a heat map, the branches furthest behind first.

    `first` and `count` choose branches of that order. Columns: place (of the branch, from 0),
    branch_code, branch_name, week_start, due, done, above, attainment (null where nothing was due),
    status (met, over, short, none or not_due over all roles given).
    """
    due, done, above = (values.sum(axis=0) for values in (cadence.due, cadence.done, cadence.above))
    has_row = np.logical_or.reduce(cadence.is_row, axis=0)
    order = _furthest_behind(due.sum(axis=1), done.sum(axis=1), np.logical_or.reduce(has_row, axis=1))[
        first : first + count
    ]
    chosen, week = np.nonzero(has_row[order])
    at = (order[chosen], week)
    owed, made, more = due[at], done[at], above[at]
    status = np.select(
        [owed == 0, made == 0, made < owed, more > 0],
        [CadenceStatus.NOT_DUE, CadenceStatus.NONE, CadenceStatus.SHORT, CadenceStatus.OVER],
        CadenceStatus.MET,
    )
    branches = cadence.branches.take(pa.array(at[0]))
    return pa.table(
        {
            "place": pa.array(chosen + first, pa.int32()),
            "branch_code": branches["branch_code"],
            "branch_name": branches["branch_name"],
            "week_start": pa.array(_taken(cadence.weeks, week), pa.date32()),
            "due": pa.array(owed, pa.int64()),
            "done": pa.array(made, pa.int64()),
            "above": pa.array(more, pa.int64()),
            "attainment": _share(made, owed),
            "status": pa.array([str(word) for word in status], pa.string()),
        }
    )


def with_roles(cadence: CadenceWeeks, roles: Sequence[StaffRole]) -> CadenceWeeks:
    """Return the same for some of the roles."""
    chosen = np.array([role in roles for role in cadence.roles], dtype=np.bool_)
    return replace(
        cadence,
        roles=tuple(role for role in cadence.roles if role in roles),
        verdict=cadence.verdict.part((chosen,)),
        contacts=cadence.contacts[chosen],
        deep=cadence.deep[chosen],
    )


def contact_gap_weeks(cadence: CadenceWeeks) -> NDArray[np.bool_]:
    """Return (branch, week): True where some role was under `GAP_BELOW_SHARE` in its last `GAP_WEEKS` due weeks.

    Weeks without anything due are passed over. A week not due at all keeps the answer of the week before.
    """
    is_due = cadence.due > 0
    is_low = is_due & (cadence.done < GAP_BELOW_SHARE * cadence.due)
    lows = np.zeros(is_due.shape[:2], dtype=np.int32)
    answer = np.zeros(is_due.shape[1:], dtype=np.bool_)
    for week in range(is_due.shape[2]):
        lows = np.where(is_due[:, :, week], np.where(is_low[:, :, week], lows + 1, 0), lows)
        answer[:, week] = (lows >= GAP_WEEKS).any(axis=0)
    return answer


def _furthest_behind(due: Grid, done: Grid, has_row: Grid) -> Grid:
    share = np.where(due > 0, done / np.maximum(due, 1), 2.0)
    order: Grid = np.lexsort((np.arange(len(due)), done - due, share))
    worst: Grid = order[has_row[order]]
    return worst


def _branches_with(cadence: CadenceWeeks, status: CadenceStatus) -> Grid:
    counts: Grid = (cadence.is_row & (cadence.verdict.status == STATUSES.index(status))).sum(axis=1)
    return counts


def _flat(values: Grid) -> pa.Array:
    return pa.array(values.ravel(), pa.int64())


def _share(part: Grid, whole: Grid) -> pa.Array:
    return pa.array(part / np.maximum(whole, 1), pa.float64(), mask=whole <= 0)


def _taken(values: Sequence[object], places: Grid) -> Grid:
    words = np.empty(len(values), dtype=object)
    words[:] = [str(value) if not isinstance(value, date) else value for value in values]
    taken: Grid = words[places]
    return taken
