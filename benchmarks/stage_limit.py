"""The exact filter: the chance of each stage given all counts so far, with the parameters that drew them.

It knows the true season, noise, campaigns, departures, lengths and levels; only the plateau of the branch and its state
are unknown to it. No engine can do better on average, so it is the limit the engine is held against.
"""

import numpy as np
from numpy.typing import NDArray

from core.simulation.chain import STAGES, Chain
from core.simulation.markets import CAMPAIGN_FACTOR, Market, Simulated

GRID = 25
SPREADS = 2.6
BLOCK = 50


def exact_stages(world: Simulated, settings: Market, chain: Chain) -> NDArray[np.float32]:
    """Return the chance of each stage by branch and week, zeros before the start."""
    branches, weeks = world.truth.shape
    found = np.zeros((branches, weeks, len(STAGES)), np.float32)
    steps = np.linspace(-SPREADS, SPREADS, GRID)
    rates = settings.rate_median * np.exp(settings.rate_spread * steps)
    prior = np.exp(-(steps**2) / 2)
    begin = {int(before): chain.after(int(before)) for before in np.unique(world.weeks_before)}
    levels, level_of = np.unique(chain.level, return_inverse=True)
    by_stage = (chain.stage[:, None] == np.arange(len(STAGES))).astype(np.float32)
    step = _Step(chain)
    for first in range(0, branches, BLOCK):
        rows = np.arange(first, min(first + BLOCK, branches))
        start = np.stack([begin[int(before)] for before in world.weeks_before[rows]])
        known = (start[:, None, :] * (prior / prior.sum())[None, :, None]).astype(np.float32)
        begun = np.zeros(len(rows), bool)
        for week in range(weeks):
            here = world.truth[rows, week] >= 0
            moved = step.moved(known)
            known = np.where((here & begun)[:, None, None], moved, known)
            begun |= here
            chance = _chances(world.counts[rows, week], world.worth[rows, week], rates, levels, settings)
            known = np.where(here[:, None, None], known * np.take(chance, level_of, axis=2), known)
            known /= known.sum(axis=(1, 2), keepdims=True)
            found[rows, week] = np.where(here[:, None], known.sum(axis=1) @ by_stage, 0)
    return found


class _Step:
    """One week of the chain, on (branch, rate, state); the ages of a spell lie side by side."""

    def __init__(self, chain: Chain) -> None:
        states = len(chain.level)
        self.stays = (1 - chain.end[:-1]).astype(np.float32)
        self.entered = np.flatnonzero(chain.entry.any(axis=0))
        self.entry = chain.entry[:, self.entered].astype(np.float32)
        self.leaving = np.zeros((states, len(chain.entry)), np.float32)
        self.leaving[np.arange(states), chain.exit] = chain.end

    def moved(self, known: NDArray[np.float32]) -> NDArray[np.float32]:
        moved = np.empty_like(known)
        np.multiply(known[:, :, :-1], self.stays, out=moved[:, :, 1:])
        moved[:, :, 0] = 0
        moved[:, :, self.entered] += (known @ self.leaving) @ self.entry
        return moved


def _chances(
    counts: NDArray[np.int64],
    worth: NDArray[np.float64],
    rates: NDArray[np.float64],
    levels: NDArray[np.float64],
    settings: Market,
) -> NDArray[np.float32]:
    """Return the chance of each count by rate and level: negative binomial, with campaign weeks among them."""
    mean = np.maximum(worth[:, None, None] * rates[None, :, None] * levels[None, None, :], 1e-12)
    usual = _negative_binomial(counts, mean, settings.shape)
    campaign = _negative_binomial(counts, mean * CAMPAIGN_FACTOR, settings.shape)
    chance = (1 - settings.campaign_share) * usual + settings.campaign_share * campaign
    return np.asarray(np.maximum(chance, 1e-30), np.float32)


def _negative_binomial(counts: NDArray[np.int64], mean: NDArray[np.float64], shape: float) -> NDArray[np.float64]:
    number = counts[:, None, None]
    steps = np.arange(int(counts.max(initial=0)))
    log_ways = np.concatenate([[0.0], np.cumsum(np.log((shape + steps) / (steps + 1)))])[number]
    return np.asarray(
        np.exp(log_ways + number * np.log(mean / (mean + shape)) + shape * np.log(shape / (mean + shape)))
    )
