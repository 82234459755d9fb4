"""Which of the last weeks weighed most for the stage that is shown: what each week's policies did to its odds."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.stages.history import StageHistory

FEW = 1e-6


@dataclass(frozen=True)
class WeighedWeek:
    """A week by its number, its policies, how many were due at the own level, and the factor on the odds of the stage.

    `times` above 1 spoke for the stage, below 1 against it.
    """

    week: int
    policies: int
    due: float
    times: float


def weights_of(history: StageHistory) -> NDArray[np.float64]:
    """Return what each of the last weeks did to the odds of the shown stage, as a logarithm, (branch, week)."""
    kept = history.before.shape[1]
    stage = np.maximum(history.stage[:, -1], 0).astype(np.int64)
    rows = np.arange(len(stage))[:, None]
    place = np.arange(kept)[None, :]
    before = history.before[rows, place, stage[:, None]].astype(np.float64)
    after = history.after[rows, place, stage[:, None]].astype(np.float64)
    judged = history.exposure[:, -kept:] > 0
    return np.where(judged & (before > 0), _log_odds(after) - _log_odds(before), 0.0)


def weighed_weeks(history: StageHistory, weights: NDArray[np.float64], branch: int, count: int) -> list[WeighedWeek]:
    """Return the weeks that weighed most for or against the stage of a branch, heaviest first.

    Weeks before the stage was least probable belong to another time and are left out, as is a week that changed the
    odds by less than `weight_least` of the limits.
    """
    kept = weights.shape[1]
    first = history.stage.shape[1] - kept
    chance = history.after[branch, :, max(int(history.stage[branch, -1]), 0)]
    begin = (int(np.argmin(chance)) + 1) % kept
    heavy = begin + np.argsort(-np.abs(weights[branch, begin:]), kind="stable")[:count]
    least = np.log(history.limits["weight_least"])
    return [
        WeighedWeek(
            week=first + int(place),
            policies=int(history.counts[branch, first + place]),
            due=float(history.level[branch, -1] * history.exposure[branch, first + place]),
            times=float(np.exp(weights[branch, place])),
        )
        for place in heavy
        if abs(weights[branch, place]) >= least
    ]


def _log_odds(chance: NDArray[np.float64]) -> NDArray[np.float64]:
    kept = np.clip(chance, FEW, 1 - FEW)
    return np.asarray(np.log(kept / (1 - kept)))
