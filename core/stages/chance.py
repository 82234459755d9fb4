"""How likely so few or so many policies are when nothing has changed."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
MOST = 400


def chance_of_so_few(sold: NDArray[np.int64], expected: Floats, shape: float) -> Floats:
    """Return P(X <= sold) for negative binomial X with the expected mean."""
    order = np.argsort(-sold, kind="stable")
    most = sold[order]
    mean = np.maximum(expected[order], 1e-9)
    term = np.exp(shape * np.log(shape / (shape + mean)))
    total = np.where(most >= 0, term, 0.0)
    step = mean / (shape + mean)
    for number in range(int(min(sold.max(initial=0), MOST))):
        left = int(np.searchsorted(-most, -number, "left"))
        term = term[:left] * step[:left] * ((shape + number) / (number + 1))
        total[:left] += term
    chance = np.empty_like(total)
    chance[order] = np.where(most > MOST, 1.0, np.clip(total, 0.0, 1.0))
    return chance


def chances_of_split(recent: NDArray[np.int64], before: NDArray[np.int64], share: Floats) -> tuple[Floats, Floats]:
    """Return P(X <= recent) and P(X >= recent), X binomial over all policies with the share of the recent weeks."""
    trials = recent + before
    chance = np.clip(share, 1e-9, 1 - 1e-9)
    term = np.exp(trials * np.log1p(-chance))
    below = np.zeros_like(chance)
    at = np.where(recent == 0, term, 0.0)
    for number in range(int(min(recent.max(initial=0), MOST))):
        below = below + np.where(number < recent, term, 0.0)
        term = term * np.maximum(trials - number, 0) / (number + 1) * chance / (1 - chance)
        at = np.where(recent == number + 1, term, at)
    return np.clip(below + at, 0.0, 1.0), np.clip(1 - below, 0.0, 1.0)
