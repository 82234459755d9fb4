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

    def nothing_logged(self, branch_id: int, week: date) -> bool:
        """Tell whether the supervisor of a branch logged nothing at all on the working days of a week.

        False where no working day of the week has passed, or the week is not among those looked at.
        """
        if week not in self._places:
            return False
        names = self._branch_places
        logged, due = self.by_owner
        at = (self._of_owners[1][names[branch_id]], self._places[week])
        return bool(due[at]) and not logged[at]

    @cached_property
    def _places(self) -> dict[date, int]:
        return {week: place for place, week in enumerate(self.weeks)}

    @cached_property
    def _branch_places(self) -> dict[int, int]:
        return {branch_id: place for place, branch_id in enumerate(self.branch_ids.tolist())}
