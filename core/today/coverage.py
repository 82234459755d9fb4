"""On how many working days anything was logged: without it a chart of contacts cannot be read.

Numerator: working days of a supervisor on which at least one contact with any of his branches is
on record. Denominator: his working days before today from the day the first of his branches began.
The share is of the sums over supervisors, never a mean of shares.
"""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Coverage:
    """Days with a contact logged among the working days; `share` None where no day is due yet."""

    logged: int
    workdays: int

    @property
    def share(self) -> float | None:
        """The figure."""
        return self.logged / self.workdays if self.workdays else None


@dataclass(frozen=True)
class LoggedDays:
    """Days with a contact on record, as bits (Monday = bit 0) by branch and week.

    `owners` is the supervisor of each branch, None = nobody named. `due_masks` (branch, week) are
    the working days before today from the branch's first day on; 0 where it is closed or suspended.
    """

    branch_ids: NDArray[np.int64]
    owners: tuple[str | None, ...]
    weeks: tuple[date, ...]
    logged_masks: NDArray[np.uint8]
    due_masks: NDArray[np.uint8]

    @cached_property
    def _of_owners(self) -> tuple[tuple[str | None, ...], NDArray[np.int64]]:
        names = tuple(dict.fromkeys(self.owners))
        places = {name: place for place, name in enumerate(names)}
        return names, np.array([places[name] for name in self.owners], dtype=np.int64)

    @cached_property
    def by_owner(self) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Logged and due days by supervisor and week; the days of all his branches together."""
        names, place = self._of_owners
        shape = (len(names), len(self.weeks))
        logged, due = np.zeros(shape, dtype=np.uint8), np.zeros(shape, dtype=np.uint8)
        np.bitwise_or.at(logged, place, self.logged_masks)
        np.bitwise_or.at(due, place, self.due_masks)
        return logged & due, due

    def coverage(
        self,
        *,
        branch_ids: NDArray[np.int64] | None = None,
        first_week: date | None = None,
        last_week: date | None = None,
    ) -> Coverage:
        """Return the figure of the supervisors of some branches over some weeks, both included; None = all."""
        logged, due = self.by_owner
        chosen = np.ones(len(self._of_owners[0]), dtype=np.bool_)
        if branch_ids is not None:
            chosen[:] = False
            chosen[self._of_owners[1][np.isin(self.branch_ids, branch_ids)]] = True
        weeks = np.array([(first_week or week) <= week <= (last_week or week) for week in self.weeks], dtype=np.bool_)
        at = np.ix_(chosen, weeks)
        return Coverage(int(np.bitwise_count(logged[at]).sum()), int(np.bitwise_count(due[at]).sum()))

    def is_unlogged_since(self, branch_id: int, week: date) -> bool:
        """Tell whether in most weeks from one on the supervisor of a branch logged nothing at all.

        So nobody knows whether he was there: half of the weeks are enough. The last week is still running: it speaks
        for him as soon as something is logged, and against him only where it is the only one. False where no working
        day has passed, or the week is not among those looked at.
        """
        if week not in self._places:
            return False
        blank, seen, is_logged_now, is_due_now = self._weeks_after
        owner, place = self._of_owners[1][self._branch_places[branch_id]], self._places[week]
        blanks, weeks = int(blank[owner, place]), int(seen[owner, place])
        if is_logged_now[owner]:
            weeks += 1
        elif not weeks and is_due_now[owner]:
            blanks = weeks = 1
        return weeks > 0 and 2 * blanks >= weeks

    @cached_property
    def _weeks_after(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_], NDArray[np.bool_]]:
        """Weeks without a log and weeks with working days from each on, the last left out; and the last one's."""
        logged, due = self.by_owner
        is_due, is_blank = due != 0, (due != 0) & (logged == 0)
        blank, seen = (each.astype(np.int64) for each in (is_blank, is_due))
        blank[:, -1:] = seen[:, -1:] = 0
        blank, seen = (each[:, ::-1].cumsum(axis=1)[:, ::-1] for each in (blank, seen))
        return blank, seen, logged[:, -1] != 0, is_due[:, -1]

    @cached_property
    def _places(self) -> dict[date, int]:
        return {week: place for place, week in enumerate(self.weeks)}

    @cached_property
    def _branch_places(self) -> dict[int, int]:
        return {branch_id: place for place, branch_id in enumerate(self.branch_ids.tolist())}
