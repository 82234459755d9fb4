from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.cadence.owed import NO_DAY, STATUSES, OwedStatus, Workdays, interval_workdays, owed
from core.cadence.targets import NO_LIMIT, PARTS
from core.calendar import WorkingCalendar

CALENDAR = WorkingCalendar()
MONDAY = date(2026, 11, 9)
START = date(2026, 1, 5)
WEEKLY, DAILY = 5, 1
BADNESS = [OwedStatus.NOT_DUE, OwedStatus.DUE, OwedStatus.LATE, OwedStatus.MISSED]


def judged(today, last_on, *, interval=WEEKLY, is_full=False, start_on=START, restart_on=None):
    """Status, due day and working days late of one contact."""
    found = owed(
        Workdays.around(today, CALENDAR),
        interval=np.array([interval]),
        last_on=days(last_on),
        week_is_full=np.array([is_full]),
        start_on=days(start_on),
        restart_on=days(restart_on),
        missed_after=5,
    )
    return STATUSES[found.status[0]], found.due_on[0].item(), int(found.workdays_late[0])


def days(day):
    return np.array([NO_DAY if day is None else day], dtype="datetime64[D]")


@pytest.mark.parametrize(
    ("today", "status", "late"),
    [
        (date(2026, 11, 13), OwedStatus.NOT_DUE, 0),
        (date(2026, 11, 16), OwedStatus.DUE, 0),
        (date(2026, 11, 17), OwedStatus.LATE, 1),
        (date(2026, 11, 23), OwedStatus.LATE, 5),
        (date(2026, 11, 24), OwedStatus.MISSED, 6),
    ],
    ids=["the day before", "exactly on the day", "one day late", "a week late", "missed after the week"],
)
def test_a_weekly_contact_moves_from_due_to_late_to_missed(today, status, late):
    assert judged(today, MONDAY) == (status, date(2026, 11, 16), late)


@pytest.mark.parametrize(
    ("today", "status"),
    [
        (date(2026, 11, 9), OwedStatus.NOT_DUE),
        (date(2026, 11, 10), OwedStatus.DUE),
        (date(2026, 11, 11), OwedStatus.LATE),
    ],
)
def test_a_daily_contact_is_due_on_the_next_working_day(today, status):
    assert judged(today, MONDAY, interval=DAILY)[0] is status


def test_days_off_after_the_due_day_make_nothing_late():
    friday = date(2026, 11, 13)
    for days_after, status in ((0, OwedStatus.DUE), (1, OwedStatus.DUE), (2, OwedStatus.DUE), (3, OwedStatus.LATE)):
        assert judged(friday + timedelta(days=days_after), friday - timedelta(days=7))[0] is status


def test_a_holiday_week_without_working_days_is_left_out():
    """Spring Festival 2026: 15 to 23 February off, Saturday 14 and 28 February are worked."""
    last = date(2026, 2, 12)
    assert judged(date(2026, 2, 23), last) == (OwedStatus.NOT_DUE, date(2026, 2, 26), 0)
    assert judged(date(2026, 2, 26), last)[0] is OwedStatus.DUE
    assert judged(date(2026, 2, 28), last) == (OwedStatus.LATE, date(2026, 2, 26), 2)


@pytest.mark.parametrize(
    ("today", "status"),
    [
        (date(2026, 1, 8), OwedStatus.NOT_DUE),
        (date(2026, 1, 9), OwedStatus.NEVER),
        (date(2026, 6, 1), OwedStatus.NEVER),
    ],
    ids=["first week under way", "end of the first week", "long after"],
)
def test_whoever_was_never_reached_is_owed_from_the_end_of_the_first_week(today, status):
    assert judged(today, None)[0] is status


def test_nothing_is_owed_without_a_target():
    assert judged(date(2027, 1, 5), MONDAY, interval=0)[0] is OwedStatus.NOT_DUE
    assert judged(date(2027, 1, 5), None, interval=0)[0] is OwedStatus.NOT_DUE


def test_a_resumed_branch_or_a_post_filled_again_counts_from_that_day():
    assert judged(date(2026, 11, 27), date(2026, 3, 2), start_on=date(2026, 11, 23)) == (
        OwedStatus.DUE,
        date(2026, 11, 27),
        0,
    )


def test_an_explanation_restarts_the_interval_and_a_later_contact_wins_over_it():
    explained = date(2026, 11, 18)
    assert judged(date(2026, 11, 24), date(2026, 10, 5), restart_on=explained)[0] is OwedStatus.NOT_DUE
    assert judged(date(2026, 11, 25), date(2026, 10, 5), restart_on=explained)[1] == date(2026, 11, 25)
    assert judged(date(2026, 11, 25), date(2026, 11, 20), restart_on=explained)[1] == date(2026, 11, 27)


def test_a_week_with_all_its_contacts_is_followed_by_the_next_week_only():
    twice_a_week, tuesday = 2, date(2026, 11, 10)
    assert judged(date(2026, 11, 12), tuesday, interval=twice_a_week)[0] is OwedStatus.DUE
    assert judged(date(2026, 11, 13), tuesday, interval=twice_a_week, is_full=True) == (
        OwedStatus.NOT_DUE,
        date(2026, 11, 16),
        0,
    )


@pytest.mark.parametrize(
    ("a_week", "is_daily", "interval"),
    [(1, False, 5), (2, False, 2), (0.5, False, 10), (7, False, 1), (1, True, 1), (0, False, 0)],
)
def test_the_interval_is_what_the_target_leaves_between_two_contacts(a_week, is_daily, interval):
    assert interval_workdays(np.array([int(a_week * PARTS)]), np.array([is_daily])).tolist() == [interval]


def test_no_target_has_no_interval():
    assert interval_workdays(np.array([NO_LIMIT]), np.array([False])).tolist() == [0]


some_day = st.dates(date(2026, 1, 5), date(2026, 12, 20))


@given(
    last=some_day, first=some_day, more=st.integers(0, 60), interval=st.sampled_from([1, 2, 5, 10]), full=st.booleans()
)
def test_without_a_contact_a_line_only_gets_worse(last, first, more, interval, full):
    today, later = max(first, last), max(first, last) + timedelta(days=more)
    before, due, late = judged(today, last, interval=interval, is_full=full)
    after, due_after, late_after = judged(later, last, interval=interval, is_full=full)
    assert (due, BADNESS.index(before)) <= (due_after, BADNESS.index(after))
    assert late <= late_after


@given(last=some_day, more=st.integers(0, 90), today=some_day, interval=st.sampled_from([1, 2, 5, 10]))
def test_a_later_contact_never_makes_a_line_worse(last, more, today, interval):
    later = min(last + timedelta(days=more), max(today, last))
    today = max(today, later)
    before, due, late = judged(today, last, interval=interval)
    after, due_after, late_after = judged(today, later, interval=interval)
    assert BADNESS.index(after) <= BADNESS.index(before)
    assert (due_after, -late_after) >= (due, -late)
    assert BADNESS.index(after) <= BADNESS.index(OwedStatus.MISSED)
