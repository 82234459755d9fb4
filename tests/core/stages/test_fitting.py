"""Fitting by maximum likelihood: the filter's own likelihood, rising, found near what drew the data, meaning kept."""

import math
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import numpy as np
import pytest

from core.facts import Stage
from core.stages.fit_sample import Sample, held_out, sample_of
from core.stages.fitting import SHORTEST_WEEKS, _moves_of_the_usual, _Pass, fitted, log_likelihood
from core.stages.limits import RuleValue, changed_limits
from core.stages.model import AGES, LEVEL_COUNT, StageFilter
from core.stages.panel import ACTIVE, CLOSED, SUSPENDED
from core.stages.rule_check import LEVEL_RANGES
from tests.core.stages.fit_world import SHIPPED, drawn_sample, with_values
from tests.core.stages.world import FIRST, LONG_AGO, classified, panel_of

PLAIN = with_values(burst_share=0.0, outage_share=0.0, new_level_chance=0.0)
LOW = [phase.name for phase in PLAIN.phases if phase.stage is Stage.SLUMP and phase.level_share > 0.1]
FIRST_MATURE = next(phase.name for phase in PLAIN.phases if phase.stage is Stage.MATURE)
TRUE = changed_limits(
    with_values(PLAIN, potential_median=3.5, potential_spread=0.5, dispersion=6.0),
    [
        *(RuleValue("phases", f"{name}.level_share", 0.07) for name in LOW),
        RuleValue("phases", f"{FIRST_MATURE}.mean_weeks", 45.0),
    ],
)
ROUNDS = 5


@pytest.fixture(scope="module")
def sample():
    return drawn_sample(TRUE, 160, 90, seed=5)


@pytest.fixture(scope="module")
def rounds(sample):
    """The numbers before the first round and after each, beginning elsewhere."""
    found, limits = [], PLAIN
    for _ in range(ROUNDS):
        found.append(limits)
        limits = fitted(sample, limits, 1)
    return [*found, limits]


def one_branch(counts, *, before=0, exposure=1.0):
    weeks = len(counts)
    return Sample(
        counts=np.array([counts]),
        exposure=np.full((1, weeks), exposure, np.float32),
        age=(np.arange(weeks) + before)[None, :].astype(np.int32),
        first_week=np.array([0]),
        weeks_before=np.array([before]),
        branch=np.array([0]),
    )


def negative_binomial(count, mean, shape):
    log_ways = math.lgamma(shape + count) - math.lgamma(shape) - math.lgamma(count + 1)
    return math.exp(log_ways + count * math.log(mean / (mean + shape)) + shape * math.log(shape / (mean + shape)))


def test_the_likelihood_of_one_week_is_the_sum_over_levels_and_phases():
    model = StageFilter(PLAIN)
    start = model.start(np.array([200]))[0].astype(float) @ model.transitions[2].astype(float)
    chance = sum(
        start[level, phase] * negative_binomial(3, 0.8 * model.levels[level] * model.shares[phase], PLAIN["dispersion"])
        for level in range(LEVEL_COUNT)
        for phase in range(len(model.names))
    )
    assert log_likelihood(one_branch([3], before=200, exposure=0.8), PLAIN) == pytest.approx(math.log(chance), abs=1e-5)


def test_each_week_counts_given_those_before_it():
    """The mean of two weeks is that of the chain rule: the log of the joint chance over two."""
    model = StageFilter(SHIPPED)
    place = model.evidence_rows(np.array([2, 0]), np.ones(2, np.float32))
    chance = model.evidence_table.table[place] * np.exp(model.evidence_table.log_largest[place])[:, None, None]
    state = model.start(np.array([200])).astype(float)
    for week in range(2):
        before = state
        state = state @ model.transitions[2].astype(float)
        for group, (_, steps, _) in enumerate(model.new_levels):
            for level in range(LEVEL_COUNT):
                settled = (before[0, level] * model.to_new_levels[:, group]).sum()
                state[0, max(level - steps, 0), model.mature] += settled
        state = state * chance[week]
    assert log_likelihood(one_branch([2, 0], before=200), SHIPPED) == pytest.approx(math.log(state.sum()) / 2, abs=1e-5)


def test_the_way_forward_is_the_filters_own():
    model, counts = StageFilter(SHIPPED), [2, 0, 0, 1, 0, 0]
    one = _Pass(one_branch(counts, before=200), model)
    one.forward(keep=True)
    known, out = model.start(np.array([200])), None
    for count in counts:
        out, room = np.empty_like(known), np.empty_like(known)
        model.stepped(
            known, np.array([2], np.int8), model.evidence_rows(np.array([count]), np.ones(1, np.float32)), out, room
        )
        known = out
    assert np.abs(one.states[-1] - known).max() < 1e-5


def test_a_week_that_is_not_judged_changes_nothing():
    judged = one_branch([2, 1], before=200)
    with_gap = Sample(
        counts=np.array([[2, 9, 1]]),
        exposure=np.array([[1, 0, 1]], np.float32),
        age=np.array([[200, 201, 201]], np.int32),
        first_week=np.array([0]),
        weeks_before=np.array([200]),
        branch=np.array([0]),
    )
    assert log_likelihood(with_gap, SHIPPED) == pytest.approx(log_likelihood(judged, SHIPPED), abs=1e-9)


def test_the_likelihood_does_not_fall_from_round_to_round(sample, rounds):
    path = [log_likelihood(sample, limits) for limits in rounds]
    assert all(later >= earlier - 1e-7 for earlier, later in pairwise(path)), path
    assert path[-1] > path[0] + 0.005


def test_it_explains_the_branches_about_as_well_as_the_numbers_that_drew_them(sample, rounds):
    assert log_likelihood(sample, rounds[-1]) >= log_likelihood(sample, TRUE) - 1e-3


def test_the_fitted_numbers_come_near_those_that_drew_the_branches(rounds):
    found = rounds[-1]
    assert found["potential_median"] == pytest.approx(3.5, rel=0.12)
    assert found["potential_spread"] == pytest.approx(0.5, abs=0.12)
    levels = {phase.name: phase.level_share for phase in found.phases}
    assert 0.06 < np.mean([levels[name] for name in LOW]) < 0.1  # began at 0.12; hardly told from no sales at all
    mature = sum(phase.mean_weeks for phase in found.phases if phase.stage is Stage.MATURE)
    assert 50 < mature < 90  # began at 45, drawn with 72


def test_the_dispersion_moves_towards_what_drew_the_branches(sample):
    begin = with_values(TRUE, dispersion=10.0)
    assert fitted(sample, begin, 3)["dispersion"] == 8.0
    assert fitted(sample, with_values(TRUE, dispersion=6.0), 3)["dispersion"] == 6.0


def test_the_meaning_of_the_stages_is_kept(rounds):
    found = rounds[-1]
    for phase in found.phases:
        low, high = LEVEL_RANGES[phase.stage]
        assert low <= phase.level_share <= high, phase
        assert phase.mean_weeks >= SHORTEST_WEEKS
    assert {phase.level_share for phase in found.phases if phase.stage is Stage.MATURE} == {1.0}
    assert set(found.moves) == set(PLAIN.moves)
    for name in {name for name, _ in found.moves}:
        assert sum(share for (one, _), share in found.moves.items() if one == name) == pytest.approx(1)
    assert sum(phase.start_share for phase in found.phases) == pytest.approx(1)


def test_what_is_not_fitted_stays(rounds):
    kept = {key: value for key, value in rounds[-1].values.items() if not key.startswith("potential_")}
    assert kept == {key: PLAIN.values[key] for key in kept}
    assert rounds[-1].months == PLAIN.months


def test_little_data_changes_little():
    found = fitted(one_branch([1] * 5, before=200), PLAIN, 1)
    for before, after in zip(PLAIN.phases, found.phases, strict=True):
        assert after.mean_weeks == pytest.approx(before.mean_weeks, rel=0.3)
        assert after.level_share == pytest.approx(before.level_share, abs=0.1)


def test_no_round_changes_nothing(sample):
    assert fitted(sample, PLAIN, 0) == PLAIN


def test_each_round_is_told(sample):
    told = []
    fitted(sample.part(np.arange(8)), PLAIN, 2, progress=told.append)
    assert told == [1, 2]


def test_known_stages_pull_the_phases_to_their_stage():
    weeks = 20
    unknown = one_branch([0] * weeks, before=200)
    known = replace(unknown, stage=np.full((1, weeks), list(Stage).index(Stage.MATURE), np.int8))
    one = _Pass(known, StageFilter(SHIPPED))
    one.forward(keep=True)
    mature = one.model.phase_stage == list(Stage).index(Stage.MATURE)
    assert one.states[-1][0][:, mature].sum() > 0.99


def test_what_the_rules_for_young_branches_did_is_not_taken_for_the_usual_course():
    """Moves seen exactly as the filter makes them at each age give back the usual course."""
    model = StageFilter(PLAIN)
    usual = np.zeros((len(model.names),) * 2)
    for number, phase in enumerate(PLAIN.phases):
        usual[number, number] = 1 - 1 / phase.mean_weeks
    for (name, following), share in PLAIN.moves.items():
        here = model.names.index(name)
        usual[here, model.names.index(following)] += share / PLAIN.phases[here].mean_weeks
    for age in range(AGES - 1):
        seen = np.zeros((AGES, *usual.shape))
        seen[age] = 50 * model.transitions[age]
        assert np.allclose(_moves_of_the_usual(seen, PLAIN, model), 50 * usual, atol=1e-4)
    seen = np.zeros((AGES, *usual.shape))
    seen[AGES - 1] = 50 * model.transitions[AGES - 1]
    still = int(np.flatnonzero(model.is_startup)[np.argmin(model.shares[model.is_startup])])
    expected = 50 * usual
    expected[still] *= 1 - PLAIN["never_activated_chance"]  # the other weeks the rule took
    assert np.allclose(_moves_of_the_usual(seen, PLAIN, model), expected, atol=1e-4)


def test_branches_held_out_are_drawn_once_and_are_the_share_asked_for():
    branch = np.arange(40)
    rows, others = held_out(branch, seed=3, share=0.25)
    assert (len(rows), len(others)) == (30, 10)
    assert sorted([*rows.tolist(), *others.tolist()]) == list(range(40))
    assert np.array_equal(held_out(branch, seed=3, share=0.25)[1], others)
    assert [len(part) for part in held_out(np.arange(2), seed=3, share=0.9)] == [1, 1]


@pytest.mark.parametrize("seed", range(5))
def test_a_branch_is_held_out_with_all_its_spells(seed):
    branch = np.sort(np.concatenate([np.arange(40), np.arange(0, 40, 2)]))  # every second one began anew
    rows, others = held_out(branch, seed=seed, share=0.25)
    assert not set(branch[rows]) & set(branch[others])
    assert (len(set(branch[rows])), len(set(branch[others]))) == (30, 10)
    assert sorted([*rows.tolist(), *others.tolist()]) == list(range(60))


def test_one_branch_of_many_spells_cannot_be_held_out_from_itself():
    assert [len(part) for part in held_out(np.zeros(3, int), seed=3, share=0.5)] == [3, 0]


def history_of(*branches, **more):
    return classified(panel_of(*branches, **more), flat=True)


def test_a_sample_holds_the_judged_weeks_of_a_history():
    found = sample_of(history_of([2, 0, 1, 3], [1, 1, 1, 1], start_on=[LONG_AGO, FIRST + timedelta(weeks=2)]))
    assert found.counts[0].tolist() == [2, 0, 1, 3]
    assert (found.exposure > 0).tolist() == [[True] * 4, [False, False, True, True]]
    assert found.first_week.tolist() == [0, 2]
    assert found.weeks_before.tolist() == [313, 0]
    assert found.judged_weeks == 6


def test_a_branch_that_began_anew_is_two_spells_of_one_branch():
    weeks = 30
    status = np.full((1, weeks), ACTIVE)
    status[0, 8:22] = SUSPENDED
    found = sample_of(history_of([1] * 8 + [0] * 14 + [1] * 8, start_on=LONG_AGO, status=status))
    assert (found.branches, found.spells, found.branch.tolist()) == (1, 2, [0, 0])
    assert (found.exposure > 0).sum(axis=1).tolist() == [8, 8]
    assert found.first_week.tolist() == [0, 22]
    assert found.weeks_before.tolist() == [313, 0]


def test_branches_without_a_judged_week_are_not_in_a_sample():
    closed = np.full((2, 6), ACTIVE)
    closed[1] = CLOSED
    assert sample_of(history_of([1] * 6, [0] * 6, start_on=LONG_AGO, status=closed)).branches == 1
    assert Sample.empty().branches == Sample.empty().judged_weeks == 0
