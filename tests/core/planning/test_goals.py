from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calendar import WorkingCalendar, month_end
from core.planning.goals import gap_of, week_share

PLAIN = WorkingCalendar()
NOVEMBER, DECEMBER = date(2026, 11, 1), date(2026, 12, 1)


def share(week, **targets):
    months = {"november": NOVEMBER, "december": DECEMBER, "february": date(2026, 2, 1)}
    return week_share({months[name]: value for name, value in targets.items()}, week_start=week, calendar=PLAIN)


def test_a_whole_week_gets_its_working_days_of_the_month():
    assert share(date(2026, 11, 16), november=Decimal(21)) == Decimal("5.00")  # 5 of 21 working days


def test_a_week_across_two_months_gets_a_part_of_each():
    assert share(date(2026, 11, 30), november=Decimal(21), december=Decimal(23)) == Decimal("5.00")
    assert share(date(2026, 11, 30), november=Decimal(42), december=Decimal(23)) == Decimal("6.00")


def test_a_month_without_a_target_gives_nothing_and_no_target_at_all_is_none():
    assert share(date(2026, 11, 30), november=None, december=Decimal(23)) == Decimal("4.00")
    assert share(date(2026, 11, 30), november=None, december=None) is None


def test_a_week_without_a_working_day_has_the_goal_zero():
    assert share(date(2026, 2, 16), february=Decimal(6)) == Decimal(0)
    assert share(date(2026, 2, 16), february=None) is None


@given(st.integers(1, 600), st.integers(1, 12))
def test_the_weeks_of_a_month_add_up_to_its_target(target, month):
    first = date(2026, month, 1)
    weeks = [first - timedelta(days=first.weekday()) + timedelta(weeks=number) for number in range(6)]
    shares = [week_share({first: Decimal(target)}, week_start=week, calendar=PLAIN) or Decimal(0) for week in weeks]
    assert abs(sum(shares) - target) <= Decimal("0.05")
    assert month_end(first).month == month


@pytest.mark.parametrize(
    ("goal", "fact", "gap"),
    [
        ("5", 3, "2.00"),
        ("5", 5, "0.00"),
        ("5", 7, "0.00"),
        ("40", 0, "21.00"),
        (None, 3, "0"),
        ("5", None, "0"),
    ],
    ids=["missing", "reached", "more", "at_most_a_month", "no_goal", "no_fact"],
)
def test_last_weeks_gap(goal, fact, gap):
    given_goal, given_fact = goal and Decimal(goal), None if fact is None else Decimal(fact)
    found = gap_of(given_goal, given_fact, month_target=Decimal(21), week_start=date(2026, 11, 16))
    assert found == Decimal(gap)


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        (date(2026, 11, 16), "5.00"),
        (date(2026, 11, 17), "4.00"),
        (date(2026, 11, 20), "1.00"),
        (date(2026, 11, 21), "0"),
        (date(2024, 1, 1), "5.00"),
    ],
    ids=["Monday", "Tuesday", "Friday", "Saturday", "long ago"],
)
def test_a_branch_that_begins_within_the_week_gets_the_working_days_from_then_on(since, expected):
    found = week_share({NOVEMBER: Decimal(21)}, week_start=date(2026, 11, 16), calendar=PLAIN, since=since)
    assert found == Decimal(expected)
