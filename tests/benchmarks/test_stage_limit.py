"""The exact filter equals summing over every life a branch can have had."""

from dataclasses import replace
from itertools import pairwise, product
from math import lgamma

import numpy as np
import pytest

from benchmarks.stage_limit import GRID, SPREADS, exact_stages
from core.simulation import market, simulated
from core.simulation.chain import Chain
from core.simulation.markets import CAMPAIGN_FACTOR

WEEKS = 4
SETTINGS = replace(market("usual"), campaign_share=0.1, new_share=0.5)


def tiny_chain():
    """Four stages of one or two weeks; a spell that lasts goes on to the state beside it, as the filter wants it."""
    return Chain(
        stage=np.array([0, 0, 1, 1, 4, 4, 2, 2], np.int8),
        level=np.array([0.1, 0.2, 0.6, 0.7, 0.05, 0.1, 1.0, 0.9]),
        forward=np.array([1, 1, 3, 3, 5, 5, 7, 7]),
        end=np.array([0.3, 1.0, 0.25, 1.0, 0.2, 1.0, 0.1, 1.0]),
        exit=np.array([0, 0, 1, 1, 2, 2, 3, 3]),
        entry=np.array(
            [
                [0, 0, 0.7, 0, 0.3, 0, 0, 0],
                [0, 0, 0, 0, 0.4, 0, 0.6, 0],
                [0, 0, 0.5, 0, 0, 0, 0.5, 0],
                [0, 0, 0, 0, 1.0, 0, 0, 0],
            ]
        ),
        first=np.array([0.8, 0, 0, 0, 0.2, 0, 0, 0]),
    )


def step_table(chain):
    """Return the chance to go from each state to each other one within a week."""
    states = len(chain.level)
    table = np.zeros((states, states))
    for state in range(states):
        table[state, chain.forward[state]] += 1 - chain.end[state]
        table[state] += chain.end[state] * chain.entry[chain.exit[state]]
    return table


def count_chance(count, mean, shape):
    return np.exp(
        lgamma(count + shape) - lgamma(shape) - lgamma(count + 1)
        + count * np.log(mean / (mean + shape)) + shape * np.log(shape / (mean + shape))
    )  # fmt: skip


def enumerated(world, chain, branch):
    """Return the chance of each stage in each week by summing over all paths of states and all rates."""
    steps = np.linspace(-SPREADS, SPREADS, GRID)
    rates = SETTINGS.rate_median * np.exp(SETTINGS.rate_spread * steps)
    prior = np.exp(-(steps**2) / 2) / np.exp(-(steps**2) / 2).sum()
    table, share = step_table(chain), SETTINGS.campaign_share
    begin = int(np.argmax(world.truth[branch] >= 0))
    start = chain.first @ np.linalg.matrix_power(table, int(world.weeks_before[branch]))
    found = np.zeros((world.truth.shape[1], 5))
    for week in range(begin, world.truth.shape[1]):
        weeks = range(begin, week + 1)
        seen = np.empty((len(weeks), len(rates), len(chain.level)))
        for place, one in enumerate(weeks):
            mean = world.worth[branch, one] * np.outer(rates, chain.level)
            count = int(world.counts[branch, one])
            usual, campaign = (count_chance(count, mean * factor, SETTINGS.shape) for factor in (1, CAMPAIGN_FACTOR))
            seen[place] = (1 - share) * usual + share * campaign
        for path in product(range(len(chain.level)), repeat=len(weeks)):
            chance = start[path[0]] * np.prod([table[before, after] for before, after in pairwise(path)])
            if chance:
                likely = np.prod([seen[place][:, state] for place, state in enumerate(path)], axis=0)
                found[week, chain.stage[path[-1]]] += chance * (prior * likely).sum()
    return found[begin:] / found[begin:].sum(axis=1, keepdims=True), begin


@pytest.fixture(scope="module")
def world_and_chain():
    chain = tiny_chain()
    world = simulated(SETTINGS, 8, WEEKS, 4, chain=chain)
    new = int(np.argmin(world.weeks_before))
    world.truth[new, 0] = -1  # begins a week later than the data
    return world, chain


def test_the_filter_equals_the_sum_over_all_lives(world_and_chain):
    world, chain = world_and_chain
    found = exact_stages(world, SETTINGS, chain)
    assert {int(before) == 0 for before in world.weeks_before} == {True, False}
    for branch in range(len(world.rate)):
        expected, begin = enumerated(world, chain, branch)
        assert found[branch, begin:] == pytest.approx(expected, abs=2e-5)
        assert not found[branch, :begin].any()


def test_the_filter_looks_at_no_later_week(world_and_chain):
    world, chain = world_and_chain
    counts = world.counts.copy()
    counts[:, 3:] += 5
    changed = exact_stages(replace(world, counts=counts), SETTINGS, chain)
    assert (changed[:, :3] == exact_stages(world, SETTINGS, chain)[:, :3]).all()
