"""Which period a review is about, which days of it count, and how much of it should be reached by then.

A review of a week is about the month that holds most of its working days, of two that hold as many the later one.
Of it the days up to the Sunday of the week count, so that a past week is answered as it stood then. How much should
be reached goes by what the days are worth: working days, each by the factor of its month.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from core.calendar import WorkingCalendar, month_end, week_start_of
from core.review.measures import NEWEST, measures_on

DAY = timedelta(days=1)
WORKDAYS_IN_WEEK = 5


class PeriodKind(StrEnum):
    """How long a period figures are told for."""

    MONTH = "month"
    FOUR_WEEKS = "four_weeks"
    QUARTER = "quarter"


WEEKS = {PeriodKind.FOUR_WEEKS: 4, PeriodKind.QUARTER: 13}


@dataclass(frozen=True)
class Span:
    """A period and the last day of it that counts, all days included; `counted_to` is never before `start`."""

    kind: PeriodKind
    start: date
    end: date
    counted_to: date

    @property
    def is_over(self) -> bool:
        """Tell whether all days count."""
        return self.counted_to == self.end

    @property
    def weeks(self) -> int:
        """Return the days counted in whole weeks, one at least."""
        return max(1, round(((self.counted_to - self.start).days + 1) / 7))


def span_of(kind: PeriodKind, *, week_start: date, today: date, calendar: WorkingCalendar) -> Span:
    """Return the period of a kind that a review of a week is about; days after today do not count."""
    monday = week_start_of(week_start)
    sunday = monday + timedelta(days=6)
    if kind is PeriodKind.MONTH:
        turn = sunday.replace(day=1)
        is_later = turn <= monday or 2 * calendar.workdays(monday, first=turn) >= calendar.workdays(monday)
        start = turn if is_later else monday.replace(day=1)
        end = month_end(start)
    else:
        start, end = sunday - timedelta(weeks=WEEKS[kind]) + DAY, sunday
    return Span(kind, start, end, max(start, min(end, sunday, today)))


def span_before(span: Span, calendar: WorkingCalendar) -> Span:
    """Return the period before, counted to the day on which as many of its working days had passed."""
    end = span.start - DAY
    is_month = span.kind is PeriodKind.MONTH
    start = end.replace(day=1) if is_month else end - timedelta(weeks=WEEKS[span.kind]) + DAY
    if span.is_over:
        return Span(span.kind, start, end, end)
    left = calendar.workdays_between(span.start, span.counted_to)
    day = start
    while day < end and left - calendar.is_workday(day) > 0:
        left -= calendar.is_workday(day)
        day += DAY
    return Span(span.kind, start, end, day)


@dataclass(frozen=True)
class Pace:
    """What days are worth: the working calendar and the twelve month factors of each year, of any other year `usual`.

    An ordinary week of five working days without season is worth 1.
    """

    calendar: WorkingCalendar
    usual: tuple[float, ...]
    learned: Mapping[int, tuple[float, ...]]

    def worth(self, start: date, end: date) -> float:
        """Return what the days from `start` to `end` are worth, both included."""
        total = 0.0
        for number in range((end - start).days + 1):
            day = start + timedelta(days=number)
            if self.calendar.is_workday(day):
                total += self.learned.get(day.year, self.usual)[day.month - 1]
        return total / WORKDAYS_IN_WEEK

    def share_of(self, span: Span) -> float:
        """Return the share of a period that is passed; by days where none of it is worked."""
        if span.is_over:
            return 1.0
        whole = self.worth(span.start, span.end)
        if whole <= 0:
            return ((span.counted_to - span.start).days + 1) / ((span.end - span.start).days + 1)
        return self.worth(span.start, span.counted_to) / whole


def time_share(kpi: str, *, target: float | None, passed: float, is_target_monthly: bool, day: date = NEWEST) -> float:
    """Return the share of a target that should be reached once a share of the period has passed.

    Targets that grow with the period are due evenly. A share of active branches is due as chances go: with 60 %
    wanted of a month, 37 % are due in the middle of it. All other targets hold at any time.
    """
    if is_target_monthly:
        return passed
    rules = measures_on(day)
    if target is None or not 0 < target < 1:
        return 1.0
    if kpi in rules.rising_chances:
        return float(1 - (1 - target) ** passed) / target
    if kpi in rules.falling_chances:
        return float(target**passed / target)
    return 1.0
