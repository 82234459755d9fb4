"""The facts the engine reads, as arrays: branches, weeks, statuses, policies by week.

A policy counts in rows of weeks that end before its cancellation day and no longer after it;
`lost_week` is the first week in which it no longer counts. Premium and contacts are not here:
they never enter a stage.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
ACTIVE, SUSPENDED, CLOSED = 0, 1, 2


@dataclass(frozen=True)
class Panel:
    """Branches and their policies over weeks without gaps.

    Per branch: `bank` and `region` (numbers of groups), `start_on` (cooperation start, datetime64[D]),
    `first_week` (first week of its history, `len(weeks)` where it has none), `status` (branch, week).
    Per line of policies: `branch`, `week` (of issue, numbers into `weeks`), `lost_week`
    (`len(weeks)` or more where never lost), `policies`, `from_events`. Lines outside the weeks are
    not allowed.
    """

    weeks: Sequence[date]
    bank: Ints
    region: Ints
    start_on: NDArray[np.datetime64]
    first_week: Ints
    status: NDArray[np.int8]
    branch: Ints
    week: Ints
    lost_week: Ints
    policies: Ints
    from_events: Ints

    @property
    def branch_count(self) -> int:
        """Number of branches."""
        return len(self.bank)

    @cached_property
    def recorded(self) -> Ints:
        """Policy records by branch and week of issue, cancelled ones included: what arrived at all."""
        return self._spread(self.week, self.policies).reshape(self.branch_count, len(self.weeks))

    def counted(self, newest: int, oldest: int, *, events_only: bool = False) -> NDArray[np.int32]:
        """Return the policies issued from `oldest` to `newest` weeks ago (0 = this week), by branch and week.

        Each column counts what counts by the end of its week.
        """
        lines = self.from_events if events_only else self.policies
        count, width = len(self.weeks), len(self.weeks) + 1
        is_lost = self.lost_week < np.minimum(self.week + oldest + 1, count)
        kept = self._kept_events if events_only else self._kept_policies
        total = np.zeros((self.branch_count, count), np.int32)
        total[:, newest:] = kept[:, : max(count - newest, 0)]
        total[:, oldest + 1 :] -= kept[:, : max(count - oldest - 1, 0)]
        branch, week, lost, number = (column[is_lost] for column in (self.branch, self.week, self.lost_week, lines))
        last = np.minimum(week + oldest + 1, count)
        begin = np.clip(lost, np.minimum(week + newest, count), last)
        size = self.branch_count * width
        gone = np.bincount(branch * width + begin, weights=number, minlength=size)
        gone -= np.bincount(branch * width + last, weights=number, minlength=size)
        total -= np.cumsum(gone.reshape(self.branch_count, width)[:, :-1], axis=1).astype(np.int32)
        return total

    @cached_property
    def _kept_policies(self) -> NDArray[np.int32]:
        return self._summed(self.policies)

    @cached_property
    def _kept_events(self) -> NDArray[np.int32]:
        return self._summed(self.from_events)

    def _summed(self, lines: Ints) -> NDArray[np.int32]:
        """Return the lines issued up to each week, those lost later included."""
        issued = self._spread(self.week, lines).reshape(self.branch_count, len(self.weeks))
        return np.cumsum(issued, axis=1).astype(np.int32)

    def _spread(self, week: Ints, weights: Ints) -> Ints:
        size = self.branch_count * len(self.weeks)
        return np.bincount(self.branch * len(self.weeks) + week, weights=weights, minlength=size).astype(np.int64)


@dataclass(frozen=True)
class Restated:
    """Counts as first known, and the corrections that become known later, by week they become known."""

    counts: NDArray[np.int32]  # (branch, week), policies of unjudged holiday weeks in the next judged one
    lost_in: Ints  # week the correction becomes known, ascending
    branch: Ints
    week: Ints
    policies: Ints


def restated_counts(panel: Panel, judged: NDArray[np.bool_]) -> Restated:
    """Move policies of holiday weeks into the next judged week, and sort out what is lost later."""
    count = len(panel.weeks)
    number = np.where(judged, np.arange(count), count)
    next_judged = np.minimum.accumulate(number[::-1])[::-1]
    week = next_judged[panel.week]
    counts_at_all = (week < count) & (panel.lost_week > week)
    branch, week, lost = panel.branch[counts_at_all], week[counts_at_all], panel.lost_week[counts_at_all]
    policies = panel.policies[counts_at_all]
    size = panel.branch_count * count
    counts = np.bincount(branch * count + week, weights=policies, minlength=size).astype(np.int32)
    later = np.flatnonzero(lost < count)
    later = later[np.argsort(lost[later], kind="stable")]
    return Restated(
        counts=counts.reshape(panel.branch_count, count),
        lost_in=lost[later],
        branch=branch[later],
        week=week[later],
        policies=policies[later],
    )
