from datetime import date

import numpy as np

from core.cadence.presence import Posts, people_in_post, person_workdays

MONDAY = date(2026, 3, 2)
EPOCH = date(1970, 1, 1)


def day(month: int, number: int) -> int:
    return (date(2026, month, number) - EPOCH).days


def posts(*spans: tuple[int, int]) -> Posts:
    zeros = np.zeros(len(spans), dtype=np.int64)
    return Posts(zeros, zeros, np.array([span[0] for span in spans]), np.array([span[1] for span in spans]))


def test_one_day_in_post_counts_for_the_week_at_either_end() -> None:
    joined_sunday = (day(3, 8), day(12, 31))
    left_monday = (day(1, 1), day(3, 2))
    left_before = (day(1, 1), day(3, 1))
    found = people_in_post(
        posts(joined_sunday, left_monday, left_before), shape=(1, 1, 2), first_monday=(MONDAY - EPOCH).days
    )
    assert found[0, 0].tolist() == [2, 1]


def test_working_days_in_post_are_summed_over_the_people() -> None:
    due = np.array([[0b0011111, 0b0011111]], dtype=np.uint8)
    joined_wednesday = (day(3, 4), day(12, 31))
    left_thursday = (day(1, 1), day(3, 5))
    found = person_workdays(
        posts(joined_wednesday, left_thursday), shape=(1, 1, 2), first_monday=(MONDAY - EPOCH).days, due_masks=due
    )
    assert found[0, 0].tolist() == [3 + 4, 5]


def test_days_that_are_not_due_are_left_out() -> None:
    due = np.array([[0b0000011]], dtype=np.uint8)
    found = person_workdays(
        posts((day(3, 3), day(12, 31))), shape=(1, 1, 1), first_monday=(MONDAY - EPOCH).days, due_masks=due
    )
    assert found[0, 0].tolist() == [1]
