"""Whether a whole bank or region fell together in a week; that is the market, not the branches."""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from core.stages.limits import StageLimits

LARGEST_SWING = 0.7
"""Log units; more is left to the branches."""


@dataclass(frozen=True)
class MarketWeek:
    """What is left of the week's exposure per branch (1 = no movement), who is concerned, the common swing in it."""

    factor: NDArray[np.float32]
    moved: NDArray[np.bool_]
    swing: float
    off: float | None  # by how much all branches together were off, in log units; None = too few


def market_week(
    counts: NDArray[np.int64],
    expected: NDArray[np.float64],
    known_well: NDArray[np.bool_],
    groups: tuple[NDArray[np.int64], ...],
    limits: StageLimits,
    *,
    usual: float = 0.0,
) -> MarketWeek:
    """Hold the counts of a week against those expected, group by group and all together.

    A branch is low with at most `market_low_share` of what was expected. A group moved when more low branches than
    chance gives make up over `market_share` of it. What then remains of the swing of all branches together is taken
    out as far as it is more than chance: a season that differs from the calendar table, a campaign of everybody.
    `usual` is by how much, in log units, all branches together were off before: what is expected is not quite what
    they sell in the mean, and taken out week after week it would carry the levels of all of them away.
    """
    factor = np.ones(len(counts), np.float32)
    low = (counts <= limits["market_low_share"] * expected) & known_well
    chance = np.where(known_well, chance_of_low(expected, limits["market_low_share"], limits["market_shape"]), 0.0)
    for group in groups:
        size = int(group.max(initial=-1)) + 1
        members = np.bincount(group, weights=known_well, minlength=size)
        is_low = np.bincount(group, weights=low, minlength=size)
        by_chance = np.bincount(group, weights=chance, minlength=size)
        spread = np.sqrt(np.bincount(group, weights=chance * (1 - chance), minlength=size))
        excess = is_low - by_chance
        moved = (
            (members >= limits["market_branches_min"])
            & (excess > limits["market_share"] * (members - by_chance))
            & (excess > limits["market_deviations"] * spread)
        )
        if moved.any():
            sold = np.bincount(group, weights=counts * known_well, minlength=size)
            due = np.bincount(group, weights=expected * known_well, minlength=size)
            left = np.where(moved, np.clip(sold / np.maximum(due, 1e-6), 0.0, 1.0), 1.0)
            factor = np.minimum(factor, left[group].astype(np.float32))
    moved_at_all = factor < 1
    calm = known_well & ~moved_at_all
    off, variance = _common_swing(counts[calm], expected[calm], limits)
    if off is None:
        return MarketWeek(factor, moved_at_all, 1.0, None)
    weight = limits["market_spread"] ** 2 / (limits["market_spread"] ** 2 + variance)
    swing = math.exp(weight * min(max(off - usual, -LARGEST_SWING), LARGEST_SWING))
    return MarketWeek(factor * np.float32(swing), moved_at_all, swing, off)


def _common_swing(
    counts: NDArray[np.int64], expected: NDArray[np.float64], limits: StageLimits
) -> tuple[float | None, float]:
    """Return by how much, in log units, all branches together are off, and the variance chance alone would give."""
    due = float(expected.sum())
    if due < 1 or len(counts) < limits["market_branches_min"]:
        return None, 0.0
    chance = float((expected * (1 + expected / limits["market_shape"])).sum()) / due**2
    swing = math.log(max(float(counts.sum()), 0.5) / due)
    return min(max(swing, -LARGEST_SWING), LARGEST_SWING), chance


def chance_of_low(expected: NDArray[np.float64], low_share: float, shape: float) -> NDArray[np.float64]:
    """Return the chance of at most a share of what is expected, from a table over the expected count.

    `shape` is that of the counts around the rate expected the week before: weekly noise and the doubt
    about the rate.
    """
    return np.interp(expected, *_low_table(low_share, shape))


@cache
def _low_table(low_share: float, shape: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    means = np.concatenate([np.arange(0.0, 20.0, 0.05), np.geomspace(20, 500, 60)])
    chances = np.empty_like(means)
    for number, mean in enumerate(means):
        term = (shape / (shape + mean)) ** shape
        total = term
        for count in range(int(mean * low_share)):
            term *= (shape + count) / (count + 1) * mean / (shape + mean)
            total += term
        chances[number] = total
    return means, chances


def falls_together(
    falling: NDArray[np.bool_], members: NDArray[np.bool_], group: NDArray[np.int64], limits: StageLimits
) -> NDArray[np.bool_]:
    """Tell per branch whether over `market_share` of its group would turn down at once."""
    size = int(group.max(initial=-1)) + 1
    all_members = np.bincount(group, weights=members, minlength=size)
    down = np.bincount(group, weights=falling & members, minlength=size)
    together = (all_members >= limits["market_branches_min"]) & (down > limits["market_share"] * all_members)
    return np.asarray(together[group])
