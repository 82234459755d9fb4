from datetime import date

import numpy as np
import pytest

from core.calendar import WorkingCalendar
from core.kpis.operating import first_full_week, operating_branches
from core.statuses import ACTIVE, CLOSED, NEVER, SUSPENDED, StatusHistory, days_array

MARCH = (date(2026, 3, 1), date(2026, 3, 31))
NOT_KNOWN = np.datetime64("NaT")
LONG_AGO = date(2024, 1, 1)


def operates(
    present: int = ACTIVE,
    since: date | None = None,
    *intervals: tuple[int, date, date | None],
    cooperation_start: date = LONG_AGO,
    period: tuple[date, date] = MARCH,
) -> bool:
    history = StatusHistory(
        present=np.array([present], dtype=np.int8),
        present_since=days_array([since], NOT_KNOWN),
        branch=np.zeros(len(intervals), dtype=np.int64),
        status=np.array([each[0] for each in intervals], dtype=np.int8),
        start=days_array([each[1] for each in intervals], NEVER),
        end=days_array([each[2] for each in intervals], NEVER),
    )
    found = operating_branches(
        history,
        cooperation_start=days_array([cooperation_start], NEVER),
        start=period[0],
        end=period[1],
        calendar=WorkingCalendar(),
    )
    return bool(found[0])


def test_an_active_branch_operates() -> None:
    assert operates()


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        (date(2026, 3, 1), False),
        (date(2026, 3, 16), False),
        (date(2026, 3, 17), True),
        (date(2026, 3, 31), True),
        (date(2026, 4, 1), True),
    ],
    ids=["before", "ten of 22 days", "eleven of 22 days", "last day", "after"],
)
def test_a_branch_closed_within_the_period_counts_after_half_of_its_working_days(since: date, expected: bool) -> None:
    assert operates(CLOSED, since) is expected


def test_a_branch_suspended_on_the_last_day_does_not_count() -> None:
    assert not operates(SUSPENDED, date(2026, 3, 31))
    assert not operates(ACTIVE, None, (SUSPENDED, date(2026, 3, 31), date(2026, 3, 31)))


def test_a_branch_that_is_active_again_on_the_last_day_counts() -> None:
    assert operates(ACTIVE, None, (SUSPENDED, date(2026, 3, 1), date(2026, 3, 30)))


@pytest.mark.parametrize(
    ("start", "week", "expected"),
    [
        (date(2026, 3, 2), date(2026, 3, 2), True),
        (date(2026, 3, 3), date(2026, 3, 2), False),
        (date(2026, 3, 8), date(2026, 3, 2), False),
        (date(2026, 3, 3), date(2026, 3, 9), True),
    ],
    ids=["starts on the Monday", "on the Tuesday", "on the Sunday", "the week after"],
)
def test_a_new_branch_counts_from_its_first_full_week_on(start: date, week: date, expected: bool) -> None:
    sunday = date.fromordinal(week.toordinal() + 6)
    assert operates(cooperation_start=start, period=(week, sunday)) is expected


def test_the_first_full_week_starts_on_the_first_monday_from_the_start_on() -> None:
    days = days_array([date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 8)], NEVER)
    assert first_full_week(days).tolist() == [date(2026, 3, 2), date(2026, 3, 9), date(2026, 3, 9)]
