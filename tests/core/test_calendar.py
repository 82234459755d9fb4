from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calendar import WorkingCalendar, last_complete_week, provisional_years, week_start_of, weeks_between

PLAIN = WorkingCalendar()
MONTHS = {
    2024: [22, 18, 21, 22, 21, 19, 23, 22, 21, 19, 21, 22],
    2025: [19, 19, 21, 22, 19, 20, 23, 21, 23, 18, 20, 23],
    2026: [21, 16, 22, 21, 19, 21, 23, 21, 22, 18, 21, 23],
}
ODD_WEEKS_2026 = {
    date(2026, 2, 9): 6,
    date(2026, 2, 16): 0,
    date(2026, 4, 6): 4,
    date(2026, 4, 27): 4,
    date(2026, 5, 4): 4,
    date(2026, 6, 15): 4,
    date(2026, 9, 14): 6,
    date(2026, 9, 21): 4,
    date(2026, 9, 28): 3,
    date(2026, 10, 5): 3,
}


@pytest.mark.parametrize("year", MONTHS)
def test_working_days_of_each_month_are_those_of_the_holiday_notices(year):
    days = [date(year, 1, 1) + timedelta(days=number) for number in range(366)]
    counted = [sum(PLAIN.is_workday(day) for day in days if (day.year, day.month) == (year, m)) for m in range(1, 13)]
    assert counted == MONTHS[year]


def test_only_the_known_weeks_of_2026_have_other_than_five_working_days():
    mondays = weeks_between(date(2026, 1, 5), date(2026, 12, 21))
    assert {monday: PLAIN.workdays(monday) for monday in mondays if PLAIN.workdays(monday) != 5} == ODD_WEEKS_2026


def test_a_stored_day_wins_over_the_statutory_calendar_both_ways():
    changed = WorkingCalendar({date(2026, 11, 23): "off", date(2026, 11, 28): "work"})
    assert changed.workday_mask(date(2026, 11, 23)) == 0b0111110
    assert PLAIN.workday_mask(date(2026, 11, 23)) == 0b0011111


def test_a_year_without_a_notice_counts_weekdays_but_the_fixed_days_and_says_so():
    assert PLAIN.is_provisional(date(2031, 5, 6))
    assert not PLAIN.is_provisional(date(2026, 5, 6))
    assert PLAIN.workdays(date(2031, 4, 28)) == 3  # 1 and 2 May fall on Thursday and Friday
    assert provisional_years([date(2026, 1, 1), date(2031, 1, 1)]) == [2031]


def test_bounds_cut_a_week_at_its_first_day_and_before_a_day():
    monday = date(2026, 11, 16)
    assert PLAIN.workdays(monday, first=date(2026, 11, 18)) == 3
    assert PLAIN.workdays(monday, before=date(2026, 11, 18)) == 2
    assert PLAIN.workdays(monday, before=monday) == 0


def test_a_week_is_complete_from_its_sunday_on():
    assert last_complete_week(date(2026, 11, 22)) == date(2026, 11, 16)
    assert last_complete_week(date(2026, 11, 21)) == date(2026, 11, 9)


@given(st.dates(min_value=date(1990, 1, 1), max_value=date(2100, 1, 1)))
def test_every_day_belongs_to_the_week_of_its_monday(day):
    monday = week_start_of(day)
    assert monday.weekday() == 0
    assert monday <= day < monday + timedelta(days=7)
