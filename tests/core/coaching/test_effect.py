"""The effect of actions on simulated branches, where the truth is known."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from core.coaching.action_limits import action_limits_on
from core.coaching.effect import Estimate, action_effects
from core.coaching.effect_windows import EffectPanel, Runs, cases_and_matches
from core.facts import Stage
from core.stages.model import STAGES

LIMITS = action_limits_on(date(2026, 11, 18))
GROWTH, MATURE = STAGES.index(Stage.GROWTH), STAGES.index(Stage.MATURE)
WEEKS, SHAPE = 60, 6
SPAN = LIMITS.effect_weeks


def simulated(seed, *, cases, lift=0.0, branches=300, by_lately=False):
    """Branches of their own levels, drifting, with a season; an action in some of them, done by week 45 or so.

    `by_lately` picks the branches by how badly the last weeks went against the half year before.
    """
    rng = np.random.default_rng(seed)
    season = np.exp(0.3 * np.sin(np.arange(WEEKS) / 52 * 2 * np.pi))
    drift = np.exp(np.cumsum(rng.normal(0, 0.03, (branches, WEEKS)), axis=1))
    rate = rng.lognormal(0.4, 0.8, branches)[:, None] * drift * season
    sold = rng.negative_binomial(SHAPE, SHAPE / (SHAPE + rate)).astype(float)
    exposure = np.where(rng.random((branches, WEEKS)) < 0.05, 0.0, season)
    begin = rng.choice([36, 41], branches)
    end = begin + 2
    weight = np.ones(branches)
    if by_lately:
        lately = np.array([sold[one, at - SPAN : at].mean() for one, at in enumerate(begin)])
        before = np.array([sold[one, at - SPAN - 26 : at - SPAN].mean() for one, at in enumerate(begin)])
        weight = np.exp(-3 * (lately + 0.1) / (before + 0.1))
    chosen = rng.choice(branches, cases, replace=False, p=weight / weight.sum())
    if lift:
        higher = rng.negative_binomial(SHAPE, SHAPE / (SHAPE + rate * (1 + lift)))
        after = np.arange(WEEKS) > end[:, None]
        after[np.setdiff1d(np.arange(branches), chosen)] = False
        sold = np.where(after, higher, sold)
    panel = EffectPanel(
        policies=sold,
        exposure=exposure,
        stage=np.full((branches, WEEKS), GROWTH, np.int8),
        bank=rng.integers(0, 3, branches),
        region=rng.integers(0, 2, branches),
        tier=rng.integers(0, 2, branches),
    )
    return panel, runs_of(chosen, begin[chosen], end[chosen])


def runs_of(branch, begin, end, *, is_done=True, action=0):
    count = len(branch)
    return Runs(
        action=np.full(count, action),
        branch=np.asarray(branch, np.int64),
        begin=np.broadcast_to(begin, count).astype(np.int64),
        end=np.broadcast_to(end, count).astype(np.int64),
        is_done=np.full(count, is_done),
    )


def found(panel, runs, limits=LIMITS):
    return action_effects(panel, runs, action_keys=["a"], limits=limits)


def alike(count, *, sold=2.0, weeks=40):
    """Branches that do not differ in anything."""
    groups = np.zeros(count, np.int64)
    cells = np.ones((count, weeks))
    return EffectPanel(
        policies=cells * sold,
        exposure=cells.copy(),
        stage=np.full((count, weeks), GROWTH, np.int8),
        bank=groups,
        region=groups,
        tier=groups,
    )


@pytest.mark.parametrize("by_lately", [False, True], ids=["any branch", "those that fell lately"])
def test_without_an_effect_the_interval_holds_zero_in_about_nineteen_of_twenty_worlds(by_lately):
    worlds = [found(*simulated(seed, cases=40, by_lately=by_lately))[0] for seed in range(120)]
    changes = [one.change for one in worlds]
    share = np.mean([one.low <= 0 <= one.high for one in changes])
    assert 0.90 <= share <= 0.995
    assert abs(np.mean([one.value for one in changes])) < 0.03
    assert np.mean([one.moves.low <= 0 <= one.moves.high for one in worlds]) >= 0.90


def test_branches_picked_in_a_bad_month_come_back_anyway_and_that_is_not_claimed():
    """Regression to the mean: before and after alone would claim a fifth more."""
    worlds = [found(*simulated(seed, cases=60, by_lately=True))[0] for seed in range(30)]
    assert np.mean([one.rate_after / one.rate_before for one in worlds]) > 1.12
    assert abs(np.mean([one.change.value for one in worlds])) < 0.04


def test_a_planted_gain_of_thirty_percent_is_found():
    worlds = [found(*simulated(seed, cases=60, lift=0.3, by_lately=True))[0] for seed in range(30)]
    changes = [one.change for one in worlds]
    assert np.mean([one.value for one in changes]) == pytest.approx(0.3, abs=0.05)
    assert np.mean([one.low > 0 for one in changes]) > 0.85
    assert np.mean([one.low <= 0.3 <= one.high for one in changes]) > 0.85


@pytest.mark.parametrize(("cases", "is_claim"), [(1, False), (19, False), (20, True), (21, True)])
def test_nothing_is_claimed_under_twenty_cases(cases, is_claim):
    panel = alike(60)
    (effect,) = found(panel, runs_of(np.arange(cases), 15, 16))
    assert (effect.cases, effect.needed, effect.is_claim) == (cases, 20, is_claim)
    if not is_claim:
        figures = (effect.change, effect.difference, effect.moves, effect.rate_after, effect.rate_expected)
        assert figures == (None,) * 5


def test_branches_that_do_not_differ_show_exactly_nothing():
    (effect,) = found(alike(60), runs_of(np.arange(20), 15, 16))
    assert (effect.rate_before, effect.rate_after, effect.rate_expected) == (2.0, 2.0, 2.0)
    assert effect.change == Estimate(0.0, 0.0, 0.0)
    assert (effect.matched, effect.stage, effect.action_key) == (40, Stage.GROWTH, "a")


def test_the_change_is_held_against_what_the_others_did_in_the_same_weeks():
    panel = alike(60)
    panel.policies[:, 17:] = 1.0  # the market halves for all
    panel.policies[:20, 17:] = 1.5
    (effect,) = found(panel, runs_of(np.arange(20), 15, 16))
    assert (effect.rate_before, effect.rate_after, effect.rate_expected) == (2.0, 1.5, 1.0)
    assert effect.change.value == pytest.approx(0.5)
    assert effect.difference.value == pytest.approx(0.5)


def test_season_and_working_days_are_divided_out():
    panel = alike(60)
    panel.exposure[:, 17:] = 0.5
    panel.policies[:, 17:] = 1.0
    (effect,) = found(panel, runs_of(np.arange(20), 15, 16))
    assert (effect.rate_before, effect.rate_after) == (2.0, 2.0)


def test_weeks_that_cannot_be_judged_are_left_out_whatever_was_sold_in_them():
    panel = alike(60)
    panel.exposure[:, [8, 18]] = 0.0
    panel.policies[:, [8, 18]] = 99.0
    (effect,) = found(panel, runs_of(np.arange(20), 15, 16))
    assert (effect.rate_before, effect.rate_after) == (2.0, 2.0)


@pytest.mark.parametrize(("judged", "is_case"), [(4, False), (5, True)])
@pytest.mark.parametrize("first", [7, 17], ids=["before", "after"])
def test_a_branch_needs_judged_weeks_on_either_side(judged, is_case, first):
    panel = alike(30)
    panel.exposure[0, first : first + SPAN - judged] = 0.0
    cases, _ = cases_and_matches(panel, runs_of([0], 15, 16), LIMITS)[0]
    assert len(cases) == is_case


@pytest.mark.parametrize(
    ("begin", "end", "is_case"),
    [(7, 8, False), (8, 8, True), (15, 31, True), (15, 32, False)],
    ids=["too few weeks before", "just enough before", "weeks after just over", "one missing"],
)
def test_the_weeks_before_and_after_must_lie_in_the_data(begin, end, is_case):
    cases, _ = cases_and_matches(alike(30), runs_of([0], begin, end), LIMITS)[0]
    assert len(cases) == is_case


@pytest.mark.parametrize(
    ("begin", "end", "is_match"),
    [(0, 6, True), (0, 7, False), (24, 24, False), (25, 26, True)],
    ids=["ended before", "ends in the first week", "begins in the last", "begins after"],
)
@pytest.mark.parametrize("is_done", [True, False])
def test_a_branch_with_the_action_in_those_weeks_is_no_match(begin, end, is_match, is_done):
    one, other = runs_of([0], 15, 16), runs_of([1], begin, end, is_done=is_done)
    both = Runs(*(np.concatenate([getattr(one, name), getattr(other, name)]) for name in vars(one)))
    cases, matches = cases_and_matches(alike(30), both, LIMITS)[0]
    mine = matches.of(cases.part(cases.branch == 0))
    assert (1 in mine.branch) is is_match
    assert 0 not in mine.branch


def test_a_branch_that_had_the_action_in_the_weeks_before_is_no_case_again():
    runs = runs_of([0, 0], np.array([9, 15]), np.array([10, 16]))
    cases, _ = cases_and_matches(alike(30), runs, LIMITS)[0]
    assert cases.before.tolist() == [2.0]
    assert len(cases) == 1


def test_an_action_that_was_not_done_is_no_case():
    assert found(alike(60), runs_of(np.arange(20), 15, 16, is_done=False)) == ()


def test_a_match_shares_stage_size_level_and_bank_or_region():
    panel = alike(12)
    panel = replace(panel, bank=np.arange(12) % 2, region=np.arange(12) // 6)
    panel.stage[2] = MATURE
    panel.tier[:] = 0
    panel.policies[4] = 9.0
    cases, matches = cases_and_matches(panel, runs_of([0], 15, 16), LIMITS)[0]
    assert sorted(matches.of(cases).branch.tolist()) == [6, 8, 10]  # the bank in either region: of its own, too few


def test_a_case_without_branches_alike_is_left_out():
    panel = alike(60)
    panel.tier[59] = 1
    runs = runs_of([*range(20), 59], 15, 16)
    (effect,) = found(panel, runs)
    assert effect.cases == 20


def test_a_step_up_counts_against_those_of_the_matched_branches():
    panel = alike(60)
    panel.stage[:10, 20:] = MATURE
    panel.stage[20:30, 20:] = MATURE
    (effect,) = found(panel, runs_of(np.arange(20), 15, 16))
    assert effect.moves.value == pytest.approx(10 / 20 - 10 / 40)
    assert effect.moves.low < effect.moves.value < effect.moves.high


def test_nothing_sold_anywhere_gives_no_change_but_a_difference_of_zero():
    (effect,) = found(alike(60, sold=0.0), runs_of(np.arange(20), 15, 16))
    assert effect.change is None
    assert effect.difference == Estimate(0.0, 0.0, 0.0)
    assert effect.is_claim


def test_actions_and_stages_are_told_apart():
    panel = alike(90)
    panel.stage[45:] = MATURE
    first, second = runs_of(np.arange(20), 15, 16), runs_of(np.arange(45, 50), 15, 16, action=1)
    both = Runs(*(np.concatenate([getattr(first, name), getattr(second, name)]) for name in vars(first)))
    effects = action_effects(panel, both, action_keys=["a", "b"], limits=LIMITS)
    assert [(one.action_key, one.stage, one.cases, one.is_claim) for one in effects] == [
        ("a", Stage.GROWTH, 20, True),
        ("b", Stage.MATURE, 5, False),
    ]


def test_the_order_of_branches_plays_no_role():
    panel, runs = simulated(1, cases=40)
    turned = {name: getattr(panel, name)[::-1].copy() for name in vars(panel)}
    last = len(panel.bank) - 1
    before = found(panel, runs)[0]
    after = found(EffectPanel(**turned), replace(runs, branch=last - runs.branch))[0]
    assert after.change.value == pytest.approx(before.change.value)
    assert after.change.low == pytest.approx(before.change.low)


@pytest.mark.parametrize(("freedom", "factor"), [(19, 2.093), (39, 2.023), (1000, 1.962)])
def test_the_factor_is_students(freedom, factor):
    from core.coaching.effect import _student

    assert _student(0.95, freedom) == pytest.approx(factor, abs=0.001)
