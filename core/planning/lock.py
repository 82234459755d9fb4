"""When a week plan is locked, and which days of it are still open. Moments are those of Shanghai.

A plan is locked from the very minute of its lock on. A holiday moves the lock to the first working
day of the week after it; a week without a working day is locked on its Monday, there is nothing to plan:
it takes nothing over, and what was missed and open actions wait for the next week that has one.
"""

from datetime import date, datetime, time, timedelta

from core.calendar import SHANGHAI, WorkingCalendar
from core.planning.rules import plan_rules_on

WEEK = timedelta(weeks=1)
MOST_WORKLESS = 8
"""Weeks in a row that are looked through for a working day."""


def lock_moment(week_start: date, calendar: WorkingCalendar) -> datetime:
    """Return the moment from which on the plan of a week is locked."""
    rules = plan_rules_on(week_start)
    days = [week_start + timedelta(days=number) for number in range(rules.lock_weekday, 7)]
    day = next((day for day in days if calendar.is_workday(day)), days[0])
    return datetime.combine(day, time(rules.lock_hour), tzinfo=SHANGHAI)


def is_locked(week_start: date, *, now: datetime, calendar: WorkingCalendar) -> bool:
    """Tell whether the plan of a week is locked at a moment."""
    return now >= lock_moment(week_start, calendar)


def day_of(now: datetime) -> date:
    """Return the day a moment belongs to in Shanghai."""
    return now.astimezone(SHANGHAI).date()


def is_over(week_start: date, *, today: date) -> bool:
    """Tell whether a week is past, its Sunday included."""
    return today > week_start + timedelta(days=6)


def working_days(week_start: date, calendar: WorkingCalendar) -> list[date]:
    """Return the working days of a week."""
    days = (week_start + timedelta(days=number) for number in range(7))
    return [day for day in days if calendar.is_workday(day)]


def is_workless(week_start: date, calendar: WorkingCalendar) -> bool:
    """Tell whether a week has no working day."""
    return not any(calendar.is_workday(week_start + timedelta(days=number)) for number in range(7))


def working_week_from(week_start: date, calendar: WorkingCalendar) -> date:
    """Return the first Monday from one on whose week has a working day."""
    mondays = (week_start + number * WEEK for number in range(MOST_WORKLESS))
    return next((each for each in mondays if not is_workless(each, calendar)), week_start)


def working_week_before(week_start: date, calendar: WorkingCalendar) -> date:
    """Return the last Monday before one whose week has a working day."""
    mondays = (week_start - number * WEEK for number in range(1, MOST_WORKLESS + 1))
    return next((each for each in mondays if not is_workless(each, calendar)), week_start - WEEK)


def fitting_day(day: date, calendar: WorkingCalendar, *, week_start: date) -> date:
    """Return the working day of a week on or after a day, else its last one.

    A day outside the week counts as its Monday or Sunday; a week without a working day gives that day.
    """
    moved = min(max(day, week_start), week_start + timedelta(days=6))
    days = working_days(week_start, calendar)
    if not days:
        return moved
    return next((each for each in days if each >= moved), days[-1])
