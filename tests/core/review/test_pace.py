from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calendar import WorkingCalendar
from core.review.pace import Pace, PeriodKind, Span, span_before, span_of, time_share

CALENDAR = WorkingCalendar()
FLAT = Pace(CALENDAR, (1.0,) * 12, {})
MONTH, FOUR, QUARTER = PeriodKind.MONTH, PeriodKind.FOUR_WEEKS, PeriodKind.QUARTER
TODAY = date(2026, 12, 31)


def span_in(kind, week_start, today=TODAY):
    return span_of(kind, week_start=week_start, today=today, calendar=CALENDAR)


@pytest.mark.parametrize(
    ("week_start", "start", "counted_to"),
    [
        pytest.param(date(2026, 11, 16), date(2026, 11, 1), date(2026, 11, 22), id="inside a month"),
        pytest.param(date(2026, 11, 30), date(2026, 12, 1), date(2026, 12, 6), id="four of five days in the new month"),
        pytest.param(date(2026, 7, 27), date(2026, 7, 1), date(2026, 7, 31), id="one week end in the new month"),
        pytest.param(date(2025, 12, 29), date(2025, 12, 1), date(2025, 12, 31), id="a holiday begins the new month"),
        pytest.param(date(2026, 9, 28), date(2026, 9, 1), date(2026, 9, 30), id="three days, then a holiday"),
        pytest.param(date(2024, 2, 12), date(2024, 2, 1), date(2024, 2, 18), id="a week off"),
    ],
)
def test_a_review_is_about_the_month_of_most_working_days_of_its_week(week_start, start, counted_to):
    span = span_in(MONTH, week_start)
    assert (span.start, span.counted_to) == (start, counted_to)


def test_days_after_today_do_not_count():
    span = span_in(FOUR, date(2026, 11, 23), date(2026, 11, 26))
    assert span == Span(FOUR, date(2026, 11, 2), date(2026, 11, 29), date(2026, 11, 26))
    assert span.weeks == 4
    assert not span.is_over


def test_a_month_over_is_held_against_the_whole_month_before():
    before = span_before(span_in(MONTH, date(2026, 4, 27)), CALENDAR)
    assert before == Span(MONTH, date(2026, 3, 1), date(2026, 3, 31), date(2026, 3, 31))


def test_a_running_month_is_held_against_as_many_working_days_of_the_month_before():
    span = span_in(MONTH, date(2026, 11, 9))
    before = span_before(span, CALENDAR)
    assert CALENDAR.workdays_between(span.start, span.counted_to) == 10
    assert (before.start, before.end) == (date(2026, 10, 1), date(2026, 10, 31))
    assert CALENDAR.workdays_between(before.start, before.counted_to) == 10
    assert CALENDAR.is_workday(before.counted_to)


@given(day=st.dates(date(2024, 1, 1), date(2026, 12, 31)), kind=st.sampled_from(PeriodKind))
def test_the_period_before_ends_where_the_period_begins_and_is_never_counted_past_its_end(day, kind):
    span = span_in(kind, day, day)
    before = span_before(span, CALENDAR)
    assert before.end == span.start - timedelta(days=1)
    assert before.start <= before.counted_to <= before.end
    assert span.start <= span.counted_to <= span.end


def test_days_are_worth_the_factor_of_their_month_where_they_are_worked():
    months = tuple(float(number) for number in range(1, 13))
    pace = Pace(CALENDAR, months, {2026: (10.0,) * 12})
    assert pace.worth(date(2025, 11, 10), date(2025, 11, 16)) == pytest.approx(11)
    assert pace.worth(date(2026, 11, 9), date(2026, 11, 15)) == pytest.approx(10)
    assert FLAT.worth(date(2026, 10, 3), date(2026, 10, 4)) == 0


def test_the_share_of_a_month_that_is_passed_goes_by_working_days():
    span = span_in(MONTH, date(2026, 11, 16))
    assert FLAT.share_of(span) == pytest.approx(15 / 21)
    assert FLAT.share_of(Span(MONTH, span.start, span.end, span.end)) == 1
    holiday = Span(MONTH, date(2026, 10, 3), date(2026, 10, 6), date(2026, 10, 3))
    assert FLAT.share_of(holiday) == 0.25


@pytest.mark.parametrize(
    ("kpi", "target", "monthly", "share"),
    [
        pytest.param("scale_premium", 100.0, True, 0.5, id="a total is due evenly"),
        pytest.param("regular_share", 1 / 3, False, 1.0, id="a mix holds at any time"),
        pytest.param("branch_activity_rate", 0.6, False, (1 - 0.4**0.5) / 0.6, id="a chance of something"),
        pytest.param("zero_branch_rate", 0.4, False, 0.4**0.5 / 0.4, id="a chance of nothing"),
        pytest.param("branch_activity_rate", 1.0, False, 1.0, id="all of them"),
        pytest.param("branch_activity_rate", None, False, 1.0, id="no target"),
    ],
)
def test_how_much_of_a_target_is_due_in_the_middle_of_a_period(kpi, target, monthly, share):
    assert time_share(kpi, target=target, passed=0.5, is_target_monthly=monthly) == pytest.approx(share)
    assert time_share(kpi, target=target, passed=1.0, is_target_monthly=monthly) == pytest.approx(1)
