"""How much a week is worth: the season of its days, and whether it can be judged at all.

A week's exposure is the sum over its working days of the month's factor, over five; an ordinary
week without season is 1. The factors are a calendar table, never scaled to the data at hand:
that would let new weeks change old stages.
"""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from core.calendar import WorkingCalendar
from core.stages.limits import StageLimits


def week_exposure(
    weeks: Sequence[date], calendar: WorkingCalendar, limits: StageLimits
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return the exposure of each week and whether it has enough working days to be judged."""
    exposure = np.zeros(len(weeks), np.float32)
    judged = np.zeros(len(weeks), np.bool_)
    for number, week_start in enumerate(weeks):
        days = _working_days(week_start, calendar)
        exposure[number] = sum(limits.months[day.month - 1] for day in days) / 5
        judged[number] = len(days) >= limits["workdays_min"]
    return exposure, judged


def first_week_share(start_on: date, calendar: WorkingCalendar) -> float:
    """Return the share of the week of a cooperation start that is left, by working days; 0 where none is."""
    days = _working_days(start_on - timedelta(days=start_on.weekday()), calendar)
    return sum(day >= start_on for day in days) / len(days) if days else 1.0


def _working_days(week_start: date, calendar: WorkingCalendar) -> list[date]:
    days = [week_start + timedelta(days=number) for number in range(7)]
    return [day for day in days if calendar.is_workday(day)]
