"""Whether a contact is owed today, from the target, the working calendar and the last real contact.

The next contact is due on the working day the target's interval after the last one, or on the first
working day of the next week where the week of the last one had all its target asks. Without a
contact a line only moves on: due, late, missed; days off move nothing. Arrays are of any one shape,
days are numpy days.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from core.cadence.attainment import WORKDAYS_IN_WEEK
from core.cadence.targets import PARTS
from core.calendar import WorkingCalendar

Days = NDArray[np.datetime64]
LOOKS_BACK_DAYS, LOOKS_AHEAD_DAYS = 730, 120
"""Working days are counted within these bounds around today; what lies before counts from the bound on."""
MONDAY = np.datetime64("1970-01-05")
NO_DAY = np.datetime64("NaT", "D")


class OwedStatus(StrEnum):
    """How a contact owed stands; in this order it only gets worse."""

    NOT_DUE = "not_due"
    DUE = "due"
    LATE = "late"
    MISSED = "missed"
    NEVER = "never"


STATUSES = tuple(OwedStatus)
"""A status code is the place in this tuple."""


class Absence(StrEnum):
    """Why no contact is on record: others were contacted and this one was not, or next to nothing was logged."""

    NOT_REACHED = "not_reached"
    NOT_LOGGED = "not_logged"


@dataclass(frozen=True)
class Workdays:
    """The working days around today in ascending order, as an array."""

    days: Days
    today: np.datetime64

    @classmethod
    def around(cls, today: date, calendar: WorkingCalendar) -> "Workdays":
        """Return those of a calendar."""
        first = today - timedelta(days=LOOKS_BACK_DAYS)
        span = (first + timedelta(days=number) for number in range(LOOKS_BACK_DAYS + LOOKS_AHEAD_DAYS))
        days = [day for day in span if calendar.is_workday(day)]
        return cls(np.array(days, dtype="datetime64[D]"), np.datetime64(today, "D"))

    def after(self, day: Days, count: NDArray[np.int64]) -> Days:
        """Return the working day so many working days after each day; the last one known where that is beyond it."""
        place = np.searchsorted(self.days, day, side="right") + np.maximum(count, 1) - 1
        return np.asarray(self.days[np.minimum(place, len(self.days) - 1)])

    def since(self, day: Days) -> NDArray[np.int64]:
        """Return the working days after each day up to today, today included; negative before it."""
        return np.searchsorted(self.days, self.today, side="right") - np.searchsorted(self.days, day, side="right")


@dataclass(frozen=True)
class Owed:
    """The verdict: status code, the day it is due, working days past it (0 = that day, or days off after it)."""

    status: NDArray[np.int8]
    due_on: Days
    workdays_late: NDArray[np.int64]


def interval_workdays(minimum: NDArray[np.int64], is_daily: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the working days from one contact to the next; 0 = no target.

    `minimum` in ten-thousandths of a contact a week, as in a `TargetGrid`. Rounded down, as the
    target of a week is rounded up.
    """
    weekly = WORKDAYS_IN_WEEK * PARTS // np.maximum(minimum, 1)
    return np.where(minimum <= 0, 0, np.where(is_daily, 1, np.maximum(weekly, 1)))


def owed(
    workdays: Workdays,
    *,
    interval: NDArray[np.int64],
    last_on: Days,
    week_is_full: NDArray[np.bool_],
    start_on: Days,
    restart_on: Days,
    missed_after: int,
) -> Owed:
    """Return how each contact owed stands today.

    Args:
        workdays: the working calendar around today.
        interval: `interval_workdays`; 0 = nothing is owed, whatever the reason.
        last_on: day of the last real contact; NaT = never.
        week_is_full: the week of the last contact had all the contacts its target asks.
        start_on: first day on which anything is owed: cooperation begun or resumed, post filled.
        restart_on: day on which a missed contact was explained; NaT = not.
        missed_after: working days late after which a contact counts as missed.
    """
    is_never = np.isnat(last_on)
    begun = start_on - np.timedelta64(1, "D")
    reference = np.where(is_never | (last_on < begun), begun, last_on)
    reference = np.where(np.isnat(restart_on) | (restart_on < reference), reference, restart_on)
    due_on = workdays.after(reference, interval)
    first_next = workdays.after(_sunday_of(np.where(is_never, begun, last_on)), np.ones_like(interval))
    due_on = np.where(week_is_full & ~is_never & (first_next > due_on), first_next, due_on)
    late = workdays.since(due_on)
    status = np.select(
        [(interval <= 0) | (due_on > workdays.today), is_never, late <= 0, late <= missed_after],
        [
            STATUSES.index(OwedStatus.NOT_DUE),
            STATUSES.index(OwedStatus.NEVER),
            STATUSES.index(OwedStatus.DUE),
            STATUSES.index(OwedStatus.LATE),
        ],
        STATUSES.index(OwedStatus.MISSED),
    )
    return Owed(status.astype(np.int8), due_on, np.maximum(late, 0))


def _sunday_of(day: Days) -> Days:
    weeks = (day - MONDAY).astype(np.int64) // 7
    return np.asarray(MONDAY + (weeks * 7 + 6).astype("timedelta64[D]"))
