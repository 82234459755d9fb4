from datetime import UTC, date, datetime, timedelta

import pytest

from core.calendar import SHANGHAI, WorkingCalendar
from core.planning.lock import (
    day_of,
    fitting_day,
    is_locked,
    is_over,
    is_workless,
    lock_moment,
    working_days,
    working_week_before,
    working_week_from,
)
from core.planning.rules import plan_rules_on, plan_rules_table

PLAIN = WorkingCalendar()
WEEK = date(2026, 11, 16)
LOCK = datetime(2026, 11, 16, 18, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("now", "locked"),
    [
        pytest.param(LOCK - timedelta(microseconds=1), False, id="just_before"),
        pytest.param(LOCK, True, id="exactly_at_the_hour"),
        pytest.param(LOCK + timedelta(seconds=1), True, id="just_after"),
        pytest.param(LOCK - timedelta(days=7), False, id="a_week_before"),
        pytest.param(LOCK.astimezone(UTC), True, id="the_same_moment_in_another_zone"),
    ],
)
def test_a_plan_is_locked_from_monday_at_six_on(now, locked):
    assert is_locked(WEEK, now=now, calendar=PLAIN) is locked


@pytest.mark.parametrize(
    ("week", "lock"),
    [
        pytest.param(WEEK, date(2026, 11, 16), id="ordinary_monday"),
        pytest.param(date(2025, 10, 6), date(2025, 10, 9), id="national_day_until_wednesday"),
        pytest.param(date(2026, 4, 6), date(2026, 4, 7), id="qingming_monday"),
        pytest.param(date(2025, 1, 27), date(2025, 1, 27), id="new_years_eve_is_off_but_monday_works"),
        pytest.param(date(2026, 2, 16), date(2026, 2, 16), id="no_working_day_at_all"),
    ],
)
def test_a_holiday_moves_the_lock_to_the_first_working_day(week, lock):
    assert lock_moment(week, PLAIN) == datetime(lock.year, lock.month, lock.day, 18, tzinfo=SHANGHAI)


def test_a_day_an_administrator_set_off_moves_the_lock():
    calendar = WorkingCalendar({WEEK: "off"})
    assert lock_moment(WEEK, calendar).date() == date(2026, 11, 17)
    assert not is_locked(WEEK, now=LOCK, calendar=calendar)


def test_the_day_of_a_moment_is_that_of_shanghai():
    assert day_of(datetime(2026, 11, 15, 16, 30, tzinfo=UTC)) == date(2026, 11, 16)


@pytest.mark.parametrize(("day", "over"), [(date(2026, 11, 22), False), (date(2026, 11, 23), True)])
def test_a_week_is_over_after_its_sunday(day, over):
    assert is_over(WEEK, today=day) is over


@pytest.mark.parametrize(
    ("day", "week", "fits"),
    [
        (date(2026, 11, 18), WEEK, date(2026, 11, 18)),
        (date(2026, 11, 21), WEEK, date(2026, 11, 20)),
        (date(2026, 11, 9), WEEK, date(2026, 11, 16)),
        (date(2026, 12, 9), WEEK, date(2026, 11, 20)),
        (date(2025, 10, 6), date(2025, 10, 6), date(2025, 10, 9)),
        (date(2026, 2, 18), date(2026, 2, 16), date(2026, 2, 18)),
    ],
    ids=["working_day", "weekend_back_to_friday", "before", "after", "holiday_forward", "no_working_day"],
)
def test_a_day_is_moved_to_a_working_day_of_the_week(day, week, fits):
    assert fitting_day(day, PLAIN, week_start=week) == fits


def test_a_make_up_saturday_is_a_day_of_the_plan():
    assert working_days(date(2026, 10, 5), PLAIN) == [date(2026, 10, 8), date(2026, 10, 9), date(2026, 10, 10)]


SPRING, BEFORE, AFTER = date(2026, 2, 16), date(2026, 2, 9), date(2026, 2, 23)
"""The week of the Spring Festival has no working day; the one after it begins with a day off."""


def test_what_waits_skips_weeks_without_a_working_day():
    assert [is_workless(week, PLAIN) for week in (BEFORE, SPRING, AFTER)] == [False, True, False]
    assert [working_week_from(week, PLAIN) for week in (BEFORE, SPRING, AFTER)] == [BEFORE, AFTER, AFTER]
    assert [working_week_before(week, PLAIN) for week in (SPRING, AFTER)] == [BEFORE, BEFORE]
    one_day = WorkingCalendar({date(2026, 2, 18): "work"})
    assert working_week_from(SPRING, one_day) == working_week_before(AFTER, one_day) == SPRING


def test_the_numbers_of_the_plan_are_dated_rows_with_a_source():
    assert all(row.source and row.source_zh and row.unit_zh for row in plan_rules_table())
    assert plan_rules_on(WEEK).lock_hour == 18
    with pytest.raises(LookupError):
        plan_rules_on(date(1899, 1, 1))
