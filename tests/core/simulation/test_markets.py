"""Simulated markets: the same seed draws the same branches, and the truth begins with the branch."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from core.simulation import chain_of, market, market_names, simulated
from core.simulation.markets import CAMPAIGN_FACTOR, LEAVE_LEVEL, LEAVE_WEEKS, true_season

USUAL = market("usual")


def plain(world):
    return [world.truth, world.worth, world.weeks_before, world.counts, world.rate, world.panel.start_on]


def test_the_same_seed_draws_the_same_market_and_another_one_does_not():
    one, same, other = (plain(simulated(USUAL, 30, 60, seed)) for seed in (3, 3, 4))
    assert all((a == b).all() for a, b in zip(one, same, strict=True))
    assert not (one[3] == other[3]).all()


@pytest.mark.parametrize("weeks", [1, 5, 9, 60])
def test_a_market_can_be_as_short_as_wished(weeks):
    world = simulated(market("turnover"), 5, weeks, 1)
    assert world.counts.shape == world.truth.shape == (5, weeks)


def test_before_its_start_a_branch_has_neither_truth_nor_policies():
    world = simulated(USUAL, 200, 80, 7)
    before = np.arange(80)[None, :] < world.panel.first_week[:, None]
    assert before.any()
    assert (world.truth[before] == -1).all()
    assert (world.truth[~before] >= 0).all()
    assert not world.counts[before].any()


def test_a_branch_that_starts_within_the_data_begins_as_startup():
    world = simulated(USUAL, 200, 80, 7)
    new = np.flatnonzero(world.weeks_before == 0)
    assert len(new) > 40
    assert (world.truth[new, world.panel.first_week[new]] == 0).all()


def test_the_other_branches_began_one_to_eight_years_before():
    world = simulated(USUAL, 300, 60, 5)
    old = world.weeks_before[world.weeks_before > 0]
    assert old.min() >= 52
    assert old.max() < 8 * 52
    assert (world.panel.first_week[world.weeks_before > 0] == 0).all()


def test_the_lines_of_the_panel_add_up_to_the_counts():
    world = simulated(USUAL, 40, 60, 2)
    assert (world.panel.counted(0, 0) == world.counts).all()


def test_lost_policies_are_known_within_three_weeks():
    world = simulated(USUAL, 40, 60, 2, lost_share=0.5)
    lost = world.panel.lost_week < 60
    later = world.panel.lost_week[lost] - world.panel.week[lost]
    assert 0.4 < lost.mean() < 0.6
    assert set(later.tolist()) == {0, 1, 2, 3}
    assert (world.counts == simulated(USUAL, 40, 60, 2).counts).all()


def test_stages_are_as_common_as_the_chain_says():
    world = simulated(replace(USUAL, new_share=0.0), 4000, 1, 9)
    chain = chain_of()
    by_stage = np.array([chain.stage == stage for stage in range(5)], float)
    expected = by_stage @ np.mean([chain.after(int(before)) for before in np.unique(world.weeks_before)], axis=0)
    found = np.bincount(world.truth[:, 0], minlength=5) / 4000
    assert found == pytest.approx(expected, abs=0.03)


def test_mature_branches_sell_their_rate_times_the_season():
    world = simulated(replace(USUAL, campaign_share=0.0), 400, 100, 3)
    mature = world.truth == 2
    due = (world.rate[:, None] * world.worth)[mature].sum()
    assert world.counts[mature].sum() / due == pytest.approx(1.0, abs=0.03)


def test_a_slump_sells_next_to_nothing():
    world = simulated(replace(USUAL, campaign_share=0.0), 400, 100, 3)
    slump = world.truth == 4
    assert world.counts[slump].sum() / (world.rate[:, None] * world.worth)[slump].sum() < 0.15


def test_campaign_weeks_bring_four_times_as_much():
    quiet, loud = (simulated(replace(USUAL, campaign_share=share), 400, 60, 3) for share in (0.0, 1.0))
    assert loud.counts.sum() / quiet.counts.sum() == pytest.approx(CAMPAIGN_FACTOR, rel=0.03)


def test_a_departure_halves_a_branch_and_wears_off_within_ten_weeks():
    season = true_season(simulated(USUAL, 1, 60, 1).panel.weeks, 1.0)
    world = simulated(replace(USUAL, departures_a_year=2.0), 50, 60, 6)
    held = season > 0
    left = world.worth[:, held] / season[held]
    assert left.min() == pytest.approx(LEAVE_LEVEL)
    assert left.max() == pytest.approx(1.0)
    steps = {round(LEAVE_LEVEL + (1 - LEAVE_LEVEL) * since / LEAVE_WEEKS, 6) for since in range(LEAVE_WEEKS + 1)}
    assert set(left.round(6).ravel().tolist()) <= steps


@pytest.mark.parametrize("power", [1.0, 1.5])
def test_the_true_season_is_one_over_the_year_of_working_days(power):
    weeks = [date(2024, 1, 1).toordinal() + 7 * number for number in range(156)]
    worth = true_season([date.fromordinal(day) for day in weeks], power)
    assert worth.mean() == pytest.approx(1.0, abs=0.07)


def test_every_profile_can_be_drawn_and_the_usual_one_comes_first():
    names = market_names()
    assert names[0] == "usual"
    assert len(names) == 5
    for name in names:
        assert simulated(market(name), 3, 12, 1).counts.shape == (3, 12)


def test_a_profile_nobody_knows_is_refused():
    with pytest.raises(LookupError):
        market("weather")
