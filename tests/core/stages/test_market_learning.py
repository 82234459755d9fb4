"""What the branches of a store tell of each other: the season, the swing of the market, the usual levels."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from core.calendar import WorkingCalendar
from core.stages.market import market_week
from core.stages.model import StageFilter
from core.stages.plateaus import Plateaus
from core.stages.season import learned_months, learning_weeks, season_of
from tests.core.stages.world import LIMITS, LONG_AGO, classified, cut, panel_of, steady

MONDAYS = [date(2024, 1, 1) + timedelta(weeks=number) for number in range(120)]
SEASON = season_of(MONDAYS, WorkingCalendar())


def test_the_season_is_learned_in_the_first_week_of_a_year_after_two_full_ones():
    weeks = [number for number in range(len(MONDAYS)) if learning_weeks(SEASON, number)]
    assert [MONDAYS[number] for number in weeks] == [date(2026, 1, 5)]
    assert learning_weeks(SEASON, weeks[0]) == slice(0, weeks[0])


def test_the_learned_months_are_those_that_made_the_policies_when_there_are_many():
    true = np.array([2.4, 1.0, 1.4, 0.7, 0.8, 1.1, 0.7, 0.7, 1.1, 0.8, 0.8, 0.5])
    policies = 1e5 * SEASON.days[:104] @ true
    months = learned_months(policies, SEASON.days[:104], LIMITS)
    assert months.sum() == pytest.approx(12)
    assert months == pytest.approx(true * 12 / true.sum(), abs=0.02)


def test_a_few_policies_hardly_move_the_months_from_the_default():
    months = learned_months(0.1 * SEASON.days[:104].sum(axis=1), SEASON.days[:104], LIMITS)
    assert months == pytest.approx(np.array(LIMITS.months), abs=0.05)


def test_a_learned_month_keeps_to_its_limits():
    true = np.array([6.0] + [6 / 11] * 11)
    months = learned_months(1e6 * SEASON.days[:104] @ true, SEASON.days[:104], LIMITS)
    assert months.max() / months.min() <= LIMITS["season_most"] / LIMITS["season_least"] + 1e-9


def test_a_market_that_sells_a_fifth_more_in_a_week_is_taken_out():
    expected = np.full(400, 2.0)
    group = np.zeros(400, np.int64)
    counts = np.tile([2, 2, 2, 3, 3], 80)
    found = market_week(counts, expected, np.ones(400, bool), (group,), LIMITS)
    assert not found.moved.any()
    assert found.factor[0] == pytest.approx(1.2, abs=0.04)


def test_the_swing_of_a_few_branches_is_taken_for_chance():
    counts, expected = np.array([3, 1, 2]), np.ones(3)
    found = market_week(counts, expected, np.ones(3, bool), (np.zeros(3, np.int64),), LIMITS)
    assert found.factor[0] == pytest.approx(1, abs=0.06)


def test_a_season_that_differs_from_the_calendar_table_is_known_in_the_third_year():
    branches = [steady(140, 3, seed=seed) for seed in range(40)]
    for counts in branches:
        for week in range(140):
            if (date(2024, 1, 1) + timedelta(weeks=week)).month == 7:
                counts[week] *= 2
    history = classified(panel_of(*branches, start_on=LONG_AGO))
    learned = history.worth.learned[2026]
    assert learned.months[6] > 1.6 * LIMITS.months[6]
    assert history.worth.learned.keys() == {2026}
    assert (learned.learned_on, learned.default, learned.weeks) == (date(2026, 1, 5), LIMITS.months, 105)
    assert LIMITS["season_branches_min"] <= learned.branches <= 40


def test_new_weeks_change_nothing_that_was_learned():
    panel = panel_of(*[steady(130, 2, seed=seed) for seed in range(30)], start_on=LONG_AGO)
    whole, part = classified(panel), classified(cut(panel, 112))
    assert whole.worth.learned == part.worth.learned
    assert (whole.worth.swing[:112] == part.worth.swing).all()
    assert (whole.exposure[:, :112] == part.exposure).all()
    assert (whole.stage[:, :112] == part.stage).all()
    assert (whole.probability[:, :112] == part.probability).all()


def test_usual_levels_are_learned_each_quarter_and_stand_from_there_on():
    model = StageFilter(LIMITS)
    plateaus = Plateaus(model, MONDAYS)
    place = int(np.argmin(np.abs(model.levels - 3)))
    states = np.zeros((200, len(model.levels), len(model.names)), np.float32)
    states[:, place, model.mature] = 1
    plateaus.learn(12, states, np.arange(200), LIMITS)
    assert not plateaus.change
    plateaus.learn(13, states, np.arange(200), LIMITS)
    assert (MONDAYS[13], list(plateaus.change)) == (date(2024, 4, 1), [13])
    assert (plateaus.before(13) == model.prior).all()
    assert abs(int(np.argmax(plateaus.before(14))) - place) <= 1


def test_a_few_branches_teach_no_levels():
    model = StageFilter(LIMITS)
    plateaus = Plateaus(model, MONDAYS)
    states = np.ones((19, len(model.levels), len(model.names)), np.float32)
    plateaus.learn(13, states, np.arange(19), LIMITS)
    assert not plateaus.change


def test_each_week_follows_the_numbers_in_force_on_its_monday():
    panel = panel_of(*[steady(60, 2, seed=seed) for seed in range(5)], start_on=LONG_AGO)
    later = replace(LIMITS, rules_on=panel.weeks[40], values={**LIMITS.values, "dispersion": 2.0, "hold_lead": 0.0})
    old, both = classified(panel), classified(panel, limits=(LIMITS, later))
    assert (old.probability[:, :40] == both.probability[:, :40]).all()
    assert not np.allclose(old.probability[:, 40:], both.probability[:, 40:])
    assert both.rules_on == [LIMITS.rules_on] * 40 + [panel.weeks[40]] * 20


def test_levels_shipped_with_a_later_version_count_from_its_monday_on():
    panel = panel_of(*[steady(60, 2, seed=seed) for seed in range(5)], start_on=LONG_AGO)
    values = {**LIMITS.values, "potential_median": 9.0, "potential_spread": 0.4}
    later = replace(LIMITS, rules_on=panel.weeks[40], values=values)
    old, both = classified(panel), classified(panel, limits=(LIMITS, later))
    assert (old.probability[:, :40] == both.probability[:, :40]).all()
    assert (both.level[:, 41] > old.level[:, 41]).all()
