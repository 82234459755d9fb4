"""The five stages are shapes of the branch's own history, however low its plateau is."""

from datetime import date

import numpy as np
import pytest

from tests.core.stages.world import LONG_AGO, classified, every, panel_of, path_of, stages_of

ONE_A_WEEK = [1] * 60


def flat(*counts, **more):
    return classified(panel_of(*counts, **more), flat=True)


def test_a_new_branch_that_takes_off_passes_startup_growth_and_mature():
    rise = [0] * 12 + [0, 1, 0, 1, 1, 0, 1, 1, 2, 1, 2, 2, 1, 2, 2, 3, 2, 2, 3, 2] + [3, 2, 3, 3] * 8
    assert path_of(flat(rise)) == ["startup", "growth", "mature"]


def test_a_steady_branch_becomes_mature_and_stays():
    assert path_of(flat([1] * 104))[-1] == "mature"


def test_a_small_branch_with_a_policy_every_three_weeks_for_two_years_is_mature():
    assert stages_of(flat(every(104, 3), start_on=LONG_AGO))[-1] == "mature"


def test_a_mature_branch_that_stops_is_slump_after_two_months_and_not_after_three_weeks():
    stages = stages_of(flat([*([2] * 60), *([0] * 14)], [2] * 74, start_on=LONG_AGO))
    assert stages[62] == "mature"
    assert stages[68] == "slump"


def test_three_empty_weeks_change_nothing():
    assert stages_of(flat([*([1] * 52), 0, 0, 0, *([1] * 20)], start_on=LONG_AGO))[52:] == ["mature"] * 23


def test_a_branch_at_half_its_plateau_is_in_adjustment_within_a_quarter():
    halved = [4, 5, 4, 3] * 15 + [2, 2, 1, 2] * 6
    stages = stages_of(flat(halved, start_on=LONG_AGO))
    assert "adjustment" in stages[64:74]
    assert "slump" not in stages


def test_a_branch_that_never_sold_is_startup_for_half_a_year_and_then_slump():
    stages = stages_of(flat([0] * 52))
    assert set(stages[:26]) == {"startup"}
    assert stages[40] == "slump"


def test_a_slump_that_ends_in_a_rise_is_growth_first():
    revived = [2] * 50 + [0] * 30 + [1, 0, 1, 0, 1, 1, 1, 0, 1, 1, 1, 1] + [1, 2] * 4
    path = path_of(flat(revived, start_on=LONG_AGO))
    assert path[:3] == ["mature", "slump", "growth"]


@pytest.mark.parametrize(("weeks_before", "is_startup"), [(0, True), (7, True), (26, False), (300, False)])
def test_a_branch_whose_data_begin_half_a_year_late_or_more_is_not_startup(weeks_before, is_startup):
    start_on = (np.datetime64("2024-01-01") - 7 * weeks_before).astype(object)
    assert (stages_of(flat([1] * 10, start_on=start_on))[0] == "startup") == is_startup


def test_a_branch_whose_data_begin_long_after_its_start_is_taken_to_be_mature_where_it_sells_steadily():
    assert set(stages_of(flat([1] * 20, start_on=LONG_AGO))[10:]) == {"mature"}


def test_a_branch_one_week_younger_than_half_a_year_may_still_be_startup():
    history = flat([0] * 4, start_on=date(2023, 7, 10))
    assert history.probability[0, 0, 0] > 0.1


def test_every_row_has_one_of_five_stages_and_a_probability():
    history = flat([1, 0, 3] * 20, every(60, 4))
    assert set(np.unique(history.stage)) <= set(range(5))
    assert ((history.confidence >= 0) & (history.confidence <= 1)).all()
    assert np.allclose(history.probability.sum(axis=2), 1, atol=1e-4)


@pytest.mark.parametrize("rate", [1, 2, 4])
def test_a_new_branch_that_sells_steadily_from_its_first_week_is_mature_within_half_a_year(rate):
    stages = stages_of(flat([rate] * 60))
    assert stages[:8] == ["startup"] * 8
    assert set(stages[26:]) == {"mature"}


def test_a_branch_leaves_startup_once():
    drawn = np.random.default_rng(6)
    history = classified(panel_of(*drawn.poisson(0.6, (300, 100)).tolist()), flat=True)
    startup = history.stage == 0
    assert (startup[:, 1:] & ~startup[:, :-1]).sum() == 0
