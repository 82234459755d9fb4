from datetime import date, timedelta

import numpy as np
import pytest

from core.facts import StaffRole, Stage
from core.today.capacity import Asked, capacity, efforts, half_days_for, lower_first
from core.today.coverage import Coverage, LoggedDays

WEEK = date(2026, 11, 16)
HEADS = Asked(StaffRole.BRANCH_HEAD, Stage.GROWTH, 20, 20)


def test_the_half_days_asked_are_contacts_times_minutes():
    found = capacity([HEADS], supervisor="li", workdays=5)
    assert (found.contacts, found.minutes, found.half_days) == (20, 600, 10)
    assert found.half_days_asked == pytest.approx(600 / 180)
    assert found.fits
    assert found.lowered == ()


def test_a_week_that_is_exactly_full_fits():
    full = Asked(StaffRole.BRANCH_HEAD, Stage.GROWTH, 60, 60)
    assert capacity([full], supervisor=None, workdays=5).fits
    assert not capacity([full, Asked(StaffRole.TELLER, Stage.SLUMP, 1, 1)], supervisor=None, workdays=5).fits


def test_the_first_rows_are_lowered_until_it_fits_and_no_further():
    asked = [
        Asked(StaffRole.BRANCH_HEAD, Stage.GROWTH, 60, 60),
        Asked(StaffRole.TELLER, Stage.MATURE, 4, 4),
        Asked(StaffRole.TELLER, Stage.SLUMP, 9, 9),
        Asked(StaffRole.ACCOUNT_MANAGER, Stage.MATURE, 1, 1),
    ]
    found = capacity(asked, supervisor="li", workdays=5)
    told = [(step.row.role, step.row.stage, step.contacts) for step in found.lowered]
    assert told == [
        (StaffRole.TELLER, Stage.MATURE, 4),
        (StaffRole.ACCOUNT_MANAGER, Stage.MATURE, 1),
        (StaffRole.TELLER, Stage.SLUMP, 9),
    ]
    assert found.still_too_much == 0
    less = capacity(asked[:2], supervisor="li", workdays=5)
    assert [(step.row.role, step.contacts) for step in less.lowered] == [(StaffRole.TELLER, 4)]


def test_what_no_step_frees_is_said():
    found = capacity([Asked(StaffRole.BRANCH_HEAD, None, 90, 90)], supervisor="li", workdays=5)
    assert found.lowered == ()
    assert found.still_too_much == pytest.approx(half_days_for(30 * 30))


def test_a_week_without_working_days_has_no_room_and_asks_for_nothing():
    assert capacity([], supervisor="li", workdays=0).fits


def test_the_rows_are_whole():
    assert set(efforts()) == set(StaffRole)
    assert [row.place for row in lower_first()] == list(range(1, len(lower_first()) + 1))
    assert len({(row.role, row.stage) for row in lower_first()}) == len(lower_first())
    assert all(row.source("zh") != row.source("en") for row in [*efforts().values(), *lower_first()])


def logged(masks, due, owners=("li", "li", "wu")):
    return LoggedDays(
        branch_ids=np.array([1, 2, 3]),
        owners=owners,
        weeks=(WEEK,),
        logged_masks=np.array(masks, dtype=np.uint8)[:, None],
        due_masks=np.array(due, dtype=np.uint8)[:, None],
    )


def test_a_day_counts_once_for_a_supervisor_however_many_branches_it_has():
    found = logged([0b00011, 0b00110, 0b00000], [0b11111] * 3)
    assert found.coverage() == Coverage(3, 10)
    assert found.coverage().share == 0.3
    assert found.coverage(branch_ids=np.array([1])) == Coverage(3, 5)
    assert found.coverage(branch_ids=np.array([3])) == Coverage(0, 5)


def test_days_off_count_neither_above_nor_below():
    assert logged([0b1100000, 0, 0], [0b11111] * 3).coverage() == Coverage(0, 10)


def test_weeks_outside_the_period_are_left_out_and_no_day_due_gives_no_share():
    found = logged([0b1, 0, 0], [0b11111] * 3)
    assert found.coverage(first_week=date(2026, 11, 23)) == Coverage(0, 0)
    assert found.coverage(last_week=date(2026, 11, 9)).share is None


def weeks_logged(*masks, due=0b11111):
    """What one supervisor logged in the weeks up to this one."""
    weeks = tuple(WEEK - timedelta(weeks=len(masks) - 1 - number) for number in range(len(masks)))
    return LoggedDays(
        branch_ids=np.array([1]),
        owners=("li",),
        weeks=weeks,
        logged_masks=np.array([masks], dtype=np.uint8),
        due_masks=np.array([[due] * (len(masks) - 1) + [0b11]], dtype=np.uint8),
    )


@pytest.mark.parametrize(
    ("masks", "is_unlogged"),
    [
        ((0b1, 0, 0, 0), True),  # one contact in the week it fell due, nothing since
        ((0b1, 0b1, 0, 0), False),
        ((0b1, 0, 0), True),  # half of the full weeks
        ((0b1, 0, 0b1), False),
        ((0b1, 0), False),  # the running week speaks against nobody
        ((0, 0b1), True),
        ((0,), True),  # unless it is the only one
        ((0b1,), False),
    ],
)
def test_what_is_not_logged_goes_by_most_weeks_since_it_fell_due(masks, is_unlogged):
    found = weeks_logged(*masks)
    assert found.is_unlogged_since(1, found.weeks[0]) is is_unlogged


def test_without_a_working_day_or_outside_the_weeks_nobody_failed_to_log():
    assert not weeks_logged(0, 0).is_unlogged_since(1, date(2020, 1, 6))
    assert weeks_logged(0, 0b1, due=0).is_unlogged_since(1, WEEK - timedelta(weeks=1)) is False
