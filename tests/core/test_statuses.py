from datetime import date

import numpy as np
import pytest

from core.statuses import ACTIVE, CLOSED, NEVER, SUSPENDED, StatusHistory, days_array, status_grid

DAYS = days_array([date(2026, 3, number) for number in range(1, 8)], NEVER)
NOT_KNOWN = np.datetime64("NaT")


def history(present: int, since: date | None, *intervals: tuple[int, date, date | None]) -> StatusHistory:
    return StatusHistory(
        present=np.array([present], dtype=np.int8),
        present_since=days_array([since], NOT_KNOWN),
        branch=np.zeros(len(intervals), dtype=np.int64),
        status=np.array([each[0] for each in intervals], dtype=np.int8),
        start=days_array([each[1] for each in intervals], NEVER),
        end=days_array([each[2] for each in intervals], NEVER),
    )


def statuses(of: StatusHistory) -> list[int]:
    return [int(code) for code in status_grid(of, DAYS)[0]]


def test_a_branch_without_any_record_is_active() -> None:
    assert statuses(history(ACTIVE, None)) == [ACTIVE] * 7


def test_both_ends_of_an_interval_are_included() -> None:
    found = statuses(history(ACTIVE, None, (SUSPENDED, date(2026, 3, 3), date(2026, 3, 4))))
    assert found == [0, 0, 1, 1, 0, 0, 0]


def test_an_interval_without_an_end_goes_on() -> None:
    assert statuses(history(ACTIVE, None, (SUSPENDED, date(2026, 3, 6), None))) == [0] * 5 + [1] * 2


def test_the_present_status_holds_from_its_first_day_on() -> None:
    assert statuses(history(CLOSED, date(2026, 3, 5))) == [0] * 4 + [2] * 3


def test_a_branch_that_is_active_again_ends_an_open_interval() -> None:
    reopened = history(ACTIVE, date(2026, 3, 4), (CLOSED, date(2026, 3, 2), None))
    assert statuses(reopened) == [0, 2, 2, 0, 0, 0, 0]


@pytest.mark.parametrize("present", [SUSPENDED, CLOSED])
def test_a_status_without_a_day_has_always_held(present: int) -> None:
    assert statuses(history(present, None)) == [present] * 7


def test_closed_wins_where_intervals_overlap() -> None:
    both = history(
        ACTIVE, None, (CLOSED, date(2026, 3, 3), date(2026, 3, 4)), (SUSPENDED, date(2026, 3, 2), date(2026, 3, 6))
    )
    assert statuses(both) == [0, 1, 2, 2, 1, 1, 0]
