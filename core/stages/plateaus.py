"""How high the own levels of the branches of a store usually are: learned from the branches themselves, each quarter.

What a branch sells at its plateau is unknown at first; the other branches tell what to expect. The spread of the
levels is estimated anew in the first week of a quarter from all branches known well by then, and stands from there
on: new weeks never change what was expected before.
"""

import math
from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from core.stages.limits import StageLimits
from core.stages.model import STACK, StageFilter

Floats = NDArray[np.float32]
QUARTERS = (1, 4, 7, 10)
NARROWEST = 0.2
"""Log units: branches are never taken to be all alike."""


class Plateaus:
    """The levels expected before a branch is known, by week; begins with the shipped ones."""

    def __init__(self, model: StageFilter, weeks: Sequence[date]) -> None:
        """Start with the prior of the shipped limits."""
        self.levels = np.log(model.levels)
        self.weeks = weeks
        self.shipped = _shipped(model.limits)
        self.since: list[int] = [0]
        self.priors: list[Floats] = [model.prior]
        self.change: dict[int, Floats] = {}

    def learn(self, week: int, states: Floats, rows: NDArray[np.int64], limits: StageLimits) -> None:
        """Estimate anew where a quarter begins with the week, or other levels are shipped from it on.

        Args:
            week: number of the week.
            states: of all branches after the week before.
            rows: the branches known well.
            limits: how many branches the shipped levels count for, and how many it takes.
        """
        enough, other = len(rows) >= limits["plateau_branches_min"], _shipped(limits) != self.shipped
        if not (other or (enough and self._begins_quarter(week))):
            return
        self.shipped = shipped, spread = _shipped(limits)
        middle, variance = shipped, spread**2
        if enough:
            found = np.zeros(len(self.levels))
            for begin in range(0, len(rows), STACK):
                found += states[rows[begin : begin + STACK]].sum(axis=(0, 2))
            share, weight = found / found.sum(), len(rows) / (len(rows) + limits["plateau_branches"])
            middle = weight * float(share @ self.levels) + (1 - weight) * shipped
            own, given = float(share @ (self.levels - middle) ** 2), spread**2 + (shipped - middle) ** 2
            variance = weight * own + (1 - weight) * given
        prior = np.exp(-((self.levels - middle) ** 2) / (2 * max(variance, NARROWEST**2)))
        prior = (prior / prior.sum()).astype(np.float32)
        self.change[week] = np.asarray(prior / np.maximum(self.priors[-1], 1e-12), np.float32)
        self.since.append(week)
        self.priors.append(prior)

    def before(self, week: int) -> Floats:
        """Return the levels expected of a branch that begins with the week, before what the week itself brings in."""
        return self.priors[int(np.searchsorted(self.since, week, "left")) - 1 if week else 0]

    def applied(self, week: int, known: Floats) -> Floats:
        """Return the states as the levels learned in the week leave them."""
        change = self.change.get(week)
        return known if change is None else known * change[None, :, None]

    def _begins_quarter(self, week: int) -> bool:
        if week == 0:
            return False
        month = self.weeks[week].month
        return month in QUARTERS and self.weeks[week - 1].month != month


def _shipped(limits: StageLimits) -> tuple[float, float]:
    """Return middle and spread of the shipped levels, in log units."""
    return math.log(limits["potential_median"]), limits["potential_spread"]
