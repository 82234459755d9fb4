"""Which stage is shown: the most probable one, held back against flipping.

Another stage is shown once it leads in probability for some judged weeks in a row and the
present one has stood for a while. A step up must also lead without the last weeks, whose policies may
still be cancelled; a step down rests on policies that are missing, which no cancellation brings back.
After a short closure, in a thin week, and when a whole bank or region falls together nothing steps
down; a branch that lives on one event does not become mature. A slump lasts for two months or more but
is shown while it runs, once chance no longer explains it: a branch that sold several policies a week
and sells none would else stay mature for two months.
Startup is left once; only a reopening brings it back.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.facts import Stage
from core.stages.limits import StageLimits
from core.stages.model import STAGES

Bools = NDArray[np.bool_]
Settled = Callable[[NDArray[np.int64]], NDArray[np.float32]]
"""Gives the stage probabilities of some rows by the evidence up to the last week that is no longer provisional."""
RANKS = {Stage.MATURE: 3, Stage.GROWTH: 2, Stage.ADJUSTMENT: 1, Stage.STARTUP: 0, Stage.SLUMP: 0}
"""How high each stage stands: a step to a lower rank is a step down."""
RANK = np.array([RANKS[stage] for stage in STAGES])
MATURE, STARTUP = STAGES.index(Stage.MATURE), STAGES.index(Stage.STARTUP)
JUST_FALLING_WEEKS = 4


@dataclass
class Shown:
    """The stage shown per branch, the candidate behind it, and how long each has stood."""

    stage: NDArray[np.int64]
    since: NDArray[np.int64]
    stood: NDArray[np.int64]  # judged weeks since the last change
    candidate: NDArray[np.int64]
    led: NDArray[np.int64]  # judged weeks in a row the candidate has been the most probable stage

    @classmethod
    def empty(cls, count: int) -> "Shown":
        """Return the record before any week."""
        zero = np.zeros(count, np.int64)
        return cls(zero.copy(), zero.copy(), zero.copy(), zero.copy(), zero.copy())

    def begin(self, rows: NDArray[np.int64], stage: NDArray[np.int64], week: int, long: int) -> None:
        """Show a first stage; it may be left at once, as nothing stood before it."""
        self.stage[rows] = self.candidate[rows] = stage
        self.since[rows] = week
        self.stood[rows] = long
        self.led[rows] = 0

    def count_week(self, valid: Bools, best: NDArray[np.int64]) -> None:
        """Count a judged week for the stage shown and for the candidate."""
        same = best == self.candidate
        self.led = np.where(valid, np.where(best == self.stage, 0, np.where(same, self.led + 1, 1)), self.led)
        self.candidate = np.where(valid, best, self.candidate)
        self.stood += valid

    def falling(self) -> Bools:
        """Tell which branches have lately got a candidate of lower rank."""
        lower = RANK[self.candidate] < RANK[self.stage]
        return np.asarray(lower & (self.led > 0) & (self.led <= JUST_FALLING_WEEKS))

    def change(
        self,
        week: int,
        valid: Bools,
        probability: NDArray[np.float32],
        limits: StageLimits,
        settled: Settled,
        *,
        no_step_down: Bools,
        no_mature: Bools,
    ) -> None:
        """Show the candidate where it has earned it, asking what the settled weeks say only where it decides."""
        rows = np.arange(len(self.stage))
        lower = RANK[self.candidate] < RANK[self.stage]
        earned = (
            valid
            & (self.led >= np.where(lower, limits["hold_down_weeks"], limits["hold_weeks"]))
            & (self._lead(rows, probability) >= limits["hold_lead"])
            & (self.stood > limits["hold_stay_weeks"])
            & ~(lower & no_step_down)
            & ~((self.candidate == MATURE) & no_mature)
            & (self.candidate != STARTUP)
        )
        up = np.flatnonzero(earned & (RANK[self.candidate] > RANK[self.stage]))
        earned[up] = self._lead(up, settled(up)) >= limits["hold_lead"]
        self.stage = np.where(earned, self.candidate, self.stage)
        self.since = np.where(earned, week, self.since)
        self.stood = np.where(earned, 0, self.stood)
        self.led = np.where(earned, 0, self.led)

    def _lead(self, rows: NDArray[np.int64], probability: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return by how much the candidate of each row is ahead of the stage shown; one row of `probability` each."""
        place = np.arange(len(rows))
        return np.asarray(probability[place, self.candidate[rows]] - probability[place, self.stage[rows]])
