"""Weeks and working days: which days count, and which week a day belongs to.

A week is Monday to Sunday and named by its Monday. Working days follow the Chinese
statutory calendar (PyPI `chinesecalendar`); rows an administrator stored win over it.
Beyond the published years Monday to Friday without the fixed statutory days count, and
`is_provisional` says so.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

import chinese_calendar

DayKind = Literal["off", "work"]
SHANGHAI = ZoneInfo("Asia/Shanghai")
"""Days and hours are those of Shanghai."""
FIXED_STATUTORY_DAYS = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})
"""Solar statutory days of the 2024 revision of the national rules (month, day)."""
PUBLISHED_YEARS = frozenset(day.year for day in chinese_calendar.holidays)


def week_start_of(day: date) -> date:
    """Return the Monday of the week that holds the day."""
    return day - timedelta(days=day.weekday())


def is_of_past_week(day: date, today: date) -> bool:
    """Tell whether the week of a day is over."""
    return day < week_start_of(today)


def weeks_between(first: date, last: date) -> list[date]:
    """Return the Mondays from the week of `first` to the week of `last`, both included."""
    start = week_start_of(first)
    count = (week_start_of(last) - start).days // 7 + 1
    return [start + timedelta(weeks=number) for number in range(max(count, 0))]


def month_end(day: date) -> date:
    """Return the last day of the month of a day."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def last_complete_week(as_of: date) -> date:
    """Return the Monday of the last week whose Sunday is on or before the day."""
    return week_start_of(as_of - timedelta(days=6))


def last_sunday_before(day: date) -> date:
    """Return the last Sunday before the day."""
    return day - timedelta(days=day.isoweekday())


@dataclass(frozen=True)
class WorkingCalendar:
    """The statutory calendar with the stored changes over it.

    `changes` maps a day to "off" or "work".
    """

    changes: Mapping[date, DayKind] = field(default_factory=dict)

    def is_workday(self, day: date) -> bool:
        """Tell whether the day is a working day."""
        kind = self.changes.get(day)
        return _is_statutory_workday(day) if kind is None else kind == "work"

    def is_provisional(self, day: date) -> bool:
        """Tell whether the statutory calendar of that year is not published yet."""
        return day.year not in PUBLISHED_YEARS and day not in self.changes

    def workday_mask(self, week_start: date, *, first: date | None = None, before: date | None = None) -> int:
        """Return the working days of a week as bits, bit 0 = Monday.

        Days before `first` and days on or after `before` are left out.
        """
        mask = 0
        for number in range(7):
            day = week_start + timedelta(days=number)
            if first is not None and day < first:
                continue
            if before is not None and day >= before:
                break
            if self.is_workday(day):
                mask |= 1 << number
        return mask

    def workdays(self, week_start: date, *, first: date | None = None, before: date | None = None) -> int:
        """Return how many working days a week has, bounded as in `workday_mask`."""
        return self.workday_mask(week_start, first=first, before=before).bit_count()

    def workdays_between(self, start: date, end: date) -> int:
        """Return the working days from `start` to `end`, both included."""
        return sum(self.is_workday(start + timedelta(days=number)) for number in range((end - start).days + 1))


@lru_cache(maxsize=20_000)
def _is_statutory_workday(day: date) -> bool:
    if day.year in PUBLISHED_YEARS:
        return bool(chinese_calendar.is_workday(day))
    return day.weekday() < 5 and (day.month, day.day) not in FIXED_STATUTORY_DAYS


def provisional_years(days: Iterable[date]) -> list[int]:
    """Return the years among the days for which no statutory calendar is published."""
    return sorted({day.year for day in days} - PUBLISHED_YEARS)
