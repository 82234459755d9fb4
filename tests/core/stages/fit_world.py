"""Branches drawn from the engine's own phases with known numbers, to be found again by a fit."""

from datetime import date

import numpy as np

from core.stages.fit_sample import Sample
from core.stages.limits import RuleValue, StageLimits, changed_limits, limits_on
from core.stages.model import StageFilter

SHIPPED = limits_on(date(2026, 1, 1))


def with_values(limits: StageLimits = SHIPPED, **values: float) -> StageLimits:
    """Return the limits with other values of limits.csv."""
    return changed_limits(limits, [RuleValue("limits", key, value) for key, value in values.items()])


def drawn_sample(limits: StageLimits, branches: int, weeks: int, seed: int) -> Sample:
    """Draw branches that begin new or in mid-life and live by the phases; no bursts, outages or lasting falls."""
    dice, model = np.random.default_rng(seed), StageFilter(limits)
    before = np.where(dice.random(branches) < 0.5, 0, dice.integers(30, 300, branches))
    first = np.where(before == 0, dice.integers(0, weeks // 3, branches), 0)
    age = np.maximum(np.arange(weeks)[None, :] - first[:, None], 0) + before[:, None]
    classes = model.age_class(age)
    level = np.exp(np.log(limits["potential_median"]) + limits["potential_spread"] * dice.normal(size=branches))
    phase = np.array([drawn(dice, one) for one in model.start(before).sum(axis=1)])
    counts = np.zeros((branches, weeks), np.int64)
    exposure = np.zeros((branches, weeks), np.float32)
    shape = limits["dispersion"]
    for week in range(weeks):
        for branch in np.flatnonzero(first <= week):
            phase[branch] = drawn(dice, model.transitions[classes[branch, week], phase[branch]])
            mean = level[branch] * model.shares[phase[branch]]
            counts[branch, week] = dice.poisson(mean * dice.gamma(shape, 1 / shape))
            exposure[branch, week] = 1.0
    return Sample(counts, exposure, age.astype(np.int32), first, before, np.arange(branches))


def drawn(dice: np.random.Generator, chances: np.ndarray) -> int:
    """Draw a place by its chance."""
    total = np.cumsum(chances)
    return int(np.searchsorted(total, dice.random() * total[-1], "right"))
