"""How much a week is worth: the season of its days, and whether it can be judged at all.

A week's exposure is the sum over its working days of the month's factor, over five; an ordinary
week without season is 1. The default factors are a calendar table. Where two full calendar years of own data are
there, they are learned each January and stand for that year: new weeks never change what old weeks were worth.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from core.calendar import WorkingCalendar
from core.stages.limits import StageLimits

ROUNDS = 60
LEARNED_YEARS = 2
FULL_YEAR_WEEKS = 50
"""Weeks of a calendar year that must lie in the data."""


@dataclass(frozen=True)
class LearnedSeason:
    """Twelve month factors that stand for a year: the default ones in force, those learned, and from what."""

    year: int
    learned_on: date  # Monday of the first week they stand for
    default: tuple[float, ...]
    months: tuple[float, ...]
    weeks: int
    branches: int


@dataclass(frozen=True)
class Season:
    """Working days by (week, month), over five, and the number of working days of each week."""

    weeks: Sequence[date]
    days: NDArray[np.float64]
    workdays: NDArray[np.int64]

    def exposure(self, months: Sequence[float] | NDArray[np.float64]) -> NDArray[np.float32]:
        """Return what each week is worth under twelve month factors."""
        return np.asarray(self.days @ np.asarray(months, float), np.float32)

    def default_exposure(self, rules: Sequence[StageLimits]) -> NDArray[np.float32]:
        """Return what each week is worth under the default months of the limits in force in it, given by week."""
        return np.array([self.days[week] @ np.array(one.months) for week, one in enumerate(rules)], np.float32)

    def judged(self, limits: StageLimits) -> NDArray[np.bool_]:
        """Return which weeks have enough working days to be judged."""
        return np.asarray(self.workdays >= limits["workdays_min"])

    def judged_by(self, rules: Sequence[StageLimits]) -> NDArray[np.bool_]:
        """Return the same by the limits in force in each week."""
        return np.asarray(self.workdays >= np.array([one["workdays_min"] for one in rules]))


def season_of(weeks: Sequence[date], calendar: WorkingCalendar) -> Season:
    """Return the working days of weeks."""
    days = np.zeros((len(weeks), 12))
    count = np.zeros(len(weeks), np.int64)
    for number, week_start in enumerate(weeks):
        for day in _working_days(week_start, calendar):
            days[number, day.month - 1] += 1 / 5
            count[number] += 1
    return Season(weeks, days, count)


def week_exposure(
    weeks: Sequence[date], calendar: WorkingCalendar, limits: StageLimits
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return the default exposure of each week and whether it has enough working days to be judged."""
    season = season_of(weeks, calendar)
    return season.exposure(limits.months), season.judged(limits)


def learning_weeks(season: Season, week: int) -> slice | None:
    """Return the weeks of the two calendar years before, where a year begins with the week and the data hold both."""
    year = season.weeks[week].year
    if week == 0 or season.weeks[week - 1].year == year:
        return None
    years = np.array([monday.year for monday in season.weeks[:week]])
    if any((years == year - back).sum() < FULL_YEAR_WEEKS for back in range(1, LEARNED_YEARS + 1)):
        return None
    return slice(int(np.argmax(years == year - LEARNED_YEARS)), week)


def learned_months(
    policies: NDArray[np.float64], days: NDArray[np.float64], limits: StageLimits
) -> NDArray[np.float64]:
    """Return twelve month factors (mean 1) learned from the weekly policies of steady branches.

    The factors under which the policies of the weeks are most likely, drawn towards the default ones as if
    `season_policies` policies had followed those, and kept between `season_least` and `season_most`.

    Args:
        policies: of all steady branches, by week.
        days: working days by (week, month), over five.
        limits: default factors and the limits.
    """
    default = np.array(limits.months)
    months = default.copy()
    reach = np.maximum(days.sum(axis=0), 1e-9)
    for _ in range(ROUNDS):
        due = np.maximum(days @ months, 1e-9)
        months *= (days * (policies / due)[:, None]).sum(axis=0) / reach
    months *= 12 / max(months.sum(), 1e-9)
    seen = months * reach * policies.sum() / max(float((days @ months).sum()), 1e-9)
    weight = seen / (seen + limits["season_policies"])
    drawn = np.clip(weight * months + (1 - weight) * default, limits["season_least"], limits["season_most"])
    return np.asarray(drawn * 12 / drawn.sum())


def first_week_share(start_on: date, calendar: WorkingCalendar) -> float:
    """Return the share of the week of a cooperation start that is left, by working days; 0 where none is."""
    days = _working_days(start_on - timedelta(days=start_on.weekday()), calendar)
    return sum(day >= start_on for day in days) / len(days) if days else 1.0


def _working_days(week_start: date, calendar: WorkingCalendar) -> list[date]:
    days = [week_start + timedelta(days=number) for number in range(7)]
    return [day for day in days if calendar.is_workday(day)]
