"""Which branches count in the denominator of a period.

A branch operates in a period where it is active on its last day, or was closed within it after
being active on at least half of its working days. It counts from the first full week of its
cooperation on: the first Monday on or after the start. Whoever asks leaves out the branches whose
region sent no policies in any week of the period, since what is missing is not zero.
"""

from datetime import date

import numpy as np
from numpy.typing import NDArray

from core.calendar import WorkingCalendar
from core.statuses import ACTIVE, CLOSED, StatusHistory, status_grid

ONE_DAY = np.timedelta64(1, "D")


def operating_branches(
    history: StatusHistory,
    *,
    cooperation_start: NDArray[np.datetime64],
    start: date,
    end: date,
    calendar: WorkingCalendar,
) -> NDArray[np.bool_]:
    """Tell for each branch whether it operates in the period, both ends included."""
    days = np.arange(np.datetime64(start), np.datetime64(end) + ONE_DAY)
    statuses = status_grid(history, days)
    is_workday = np.array([calendar.is_workday(day) for day in days.astype(object)], dtype=np.bool_)
    is_open = (statuses == ACTIVE) & (days[None, :] >= cooperation_start[:, None])
    open_workdays = (is_open & is_workday[None, :]).sum(axis=1)
    was_open_half = (open_workdays > 0) & (2 * open_workdays >= is_workday.sum())
    last = statuses[:, -1]
    is_in = (last == ACTIVE) | ((last == CLOSED) & was_open_half)
    has_entered = first_full_week(cooperation_start) <= np.datetime64(end)
    return np.asarray(is_in & has_entered, dtype=np.bool_)


def first_full_week(cooperation_start: NDArray[np.datetime64]) -> NDArray[np.datetime64]:
    """Return the first Monday on or after each day."""
    weekday = (cooperation_start.astype("datetime64[D]").astype(np.int64) + 3) % 7
    return cooperation_start + ((7 - weekday) % 7) * ONE_DAY
