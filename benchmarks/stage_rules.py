"""The fixed rules: size standards, windows of 8, 13 and 26 weeks, thresholds; the baseline of the benchmark.

A transparent reading of the stages: each Monday the signals of a branch (counts of selling weeks, rates against the
weeks before, the run of empty weeks) are held against fixed limits, a candidate must hold two or three Mondays. Who
sold is not simulated, so the benchmark waives the condition on sellers.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.facts import SizeTier
from core.simulation.chain import STAGES
from core.simulation.markets import Simulated

STARTUP, GROWTH, MATURE, ADJUSTMENT, SLUMP = range(len(STAGES))
RANK = {STARTUP: 0, SLUMP: 0, ADJUSTMENT: 1, GROWTH: 2, MATURE: 3}
OLD_AGE = 26
TIER_DOUBT = 0.25  # log units: people in post follow the output of a branch only roughly


@dataclass(frozen=True)
class TierLimits:
    """The numbers of a size tier."""

    standard: float
    mature_enter: int
    mature_stay: int
    growth_enter: int
    growth_stay: int
    growth_enter_8: int
    zero_min: int
    zero_max: int


LIMITS = {
    SizeTier.LARGE: TierLimits(18, 9, 7, 5, 4, 4, 8, 13),
    SizeTier.STANDARD: TierLimits(9, 7, 5, 4, 3, 3, 8, 13),
    SizeTier.SMALL: TierLimits(5, 4, 3, 3, 2, 2, 10, 16),
}


def rule_stages(
    world: Simulated, season: NDArray[np.float64], judged: NDArray[np.bool_], seed: int
) -> NDArray[np.int8]:
    """Return the stage of each branch and week, -1 before the start; an unjudged week repeats the one before."""
    doubt = np.random.default_rng(seed).normal(size=len(world.rate)) * TIER_DOUBT
    found = np.full(world.truth.shape, -1, np.int8)
    for branch, counts in enumerate(world.counts):
        run = _Branch(LIMITS[_tier(world.rate[branch] * math.exp(doubt[branch]))], int(world.weeks_before[branch]))
        held = 0
        for week in range(int(world.panel.first_week[branch]), len(counts)):
            if judged[week]:
                run.week(int(counts[week]) + held, float(season[week]))
                held = 0
            else:
                held += int(counts[week])
            found[branch, week] = run.stage
    return found


def rule_path(counts: Sequence[int], tier: SizeTier, *, has_sellers: bool = True) -> list[int]:
    """Return the stage of each week of a new branch; every week is judged and worth the same.

    `has_sellers` tells whether as many people sell as a mature branch of the tier needs.
    """
    run = _Branch(LIMITS[tier], weeks_before=0, has_sellers=has_sellers)
    path = []
    for count in counts:
        run.week(count, 1.0)
        path.append(run.stage)
    return path


def _tier(rate: float) -> SizeTier:
    """Return the tier whose standard is nearest to what the branch sells at its plateau, in logarithms."""
    return min(LIMITS, key=lambda tier: abs(math.log(rate * 13 / (LIMITS[tier].standard * 1.3))))


@dataclass
class _Branch:
    limits: TierLimits
    weeks_before: int
    has_sellers: bool = True
    counts: list[int] = field(default_factory=list)
    worths: list[float] = field(default_factory=list)
    stage: int = STARTUP
    stood: int = 0
    candidate: int | None = None
    held: int = 0
    anchor: float | None = None
    came_from: int = STARTUP

    def week(self, count: int, worth: float) -> None:
        self.counts.append(count)
        self.worths.append(worth)
        self.stood += 1
        seen = len(self.counts)
        if self.weeks_before >= OLD_AGE and seen <= 13:
            self.stage = self._assigned()
            self.stood = 4
            return
        wanted = self._wanted(seen + self.weeks_before)
        if wanted is None or wanted == self.stage:
            self.candidate, self.held = None, 0
            return
        self.held = self.held + 1 if wanted == self.candidate else 1
        self.candidate = wanted
        at_once = wanted == SLUMP and self._zero_run() >= self.limits.zero_max
        between = {self.stage, wanted} == {ADJUSTMENT, SLUMP}
        least = 0 if self.stage == STARTUP else 8 if between or self.came_from == SLUMP else 4
        if at_once or (self.held >= (2 if RANK[wanted] > RANK[self.stage] else 3) and self.stood > least):
            self._change(wanted)

    def _change(self, wanted: int) -> None:
        if self.stage in (GROWTH, MATURE) and wanted in (ADJUSTMENT, SLUMP):
            self.anchor = self._benchmark(8)
        if wanted in (GROWTH, MATURE):
            self.anchor = None
        self.came_from, self.stage, self.stood, self.candidate, self.held = self.stage, wanted, 0, None, 0

    def _assigned(self) -> int:
        limits = self.limits
        if self._selling(0, 13) >= limits.mature_enter and self._level(13) >= limits.standard:
            return MATURE
        if self._growth_in():
            return GROWTH
        return SLUMP if self._selling(0, 13) <= 1 else ADJUSTMENT

    def _wanted(self, age: int) -> int | None:  # noqa: PLR0912  # the table of transitions, row by row
        limits, selling13 = self.limits, self._selling(0, 13)
        decline, zero = self._decline(), self._zero()
        match self.stage:
            case 0:
                if age >= 8 and self._growth_in():
                    return GROWTH
                if age >= OLD_AGE:
                    return SLUMP if selling13 <= 1 else ADJUSTMENT
            case 1:
                if zero:
                    return SLUMP
                if decline:
                    return ADJUSTMENT
                if self.stood >= 13 and self._mature_in(age, decline):
                    return MATURE
                if self.stood >= 13 and (selling13 < limits.growth_stay or self._level(13) < 0.25 * limits.standard):
                    return ADJUSTMENT
            case 2:
                if zero:
                    return SLUMP
                low = selling13 <= limits.mature_stay and self._level(13) < 0.6 * limits.standard
                if decline or self._level(26) < 0.7 * limits.standard or low:
                    return ADJUSTMENT
            case 3:
                return self._from_adjustment(age, decline, zero, selling13)
            case _:
                if self._growth_in():
                    return GROWTH
                if self._selling(0, 8) >= 2:
                    return ADJUSTMENT
        return None

    def _from_adjustment(self, age: int, decline: bool, zero: bool, selling13: int) -> int | None:
        limits = self.limits
        recovered = self.anchor is None or self._rate(0, 8) >= 0.85 * self.anchor
        if zero or (self.stood >= 8 and selling13 <= 1):
            return SLUMP
        steady = selling13 >= limits.mature_stay and self._level(26) >= 0.7 * limits.standard and not decline
        if self.came_from == MATURE and recovered and steady:
            return MATURE
        if self.stood >= OLD_AGE and self._mature_in(age, decline):
            return MATURE
        if self._growth_in() and not decline and (recovered or self.stood >= OLD_AGE):
            return GROWTH
        return None

    def _growth_in(self) -> bool:
        limits, young = self.limits, len(self.counts) < 13
        enough = self._selling(0, 13) >= (limits.growth_enter_8 if young else limits.growth_enter)
        return self._selling(0, 8) >= limits.growth_enter_8 and enough and self._level(13) >= 0.4 * limits.standard

    def _mature_in(self, age: int, decline: bool) -> bool:
        limits = self.limits
        return (
            age >= OLD_AGE
            and self.has_sellers
            and self._selling(0, 13) >= limits.mature_enter
            and self._selling(13, 26) >= limits.mature_stay
            and self._level(26) >= limits.standard
            and not decline
        )

    def _decline(self) -> bool:
        return self._fallen(8, 0.65, 0.03) or self._fallen(13, 0.75, 0.02)

    def _fallen(self, window: int, ratio: float, chance: float) -> bool:
        before, worth_before = (
            self._part(self.counts, window, window + 26),
            self._part(self.worths, window, window + 26),
        )
        now, worth = sum(self._part(self.counts, 0, window)), sum(self._part(self.worths, 0, window))
        if len(before) < 13 or sum(before) < 4 or worth <= 0:
            return False
        rate_before = sum(before) / max(sum(worth_before), 1e-9)
        return (
            now / worth <= ratio * rate_before and _so_few(now, now + sum(before), worth, sum(worth_before)) <= chance
        )

    def _zero_run(self) -> int:
        run = 0
        for count in reversed(self.counts):
            if count:
                break
            run += 1
        return run

    def _zero(self) -> bool:
        run = self._zero_run()
        if run >= self.limits.zero_max:
            return True
        rate = self.anchor if self.anchor is not None else self._benchmark(8)
        return run >= self.limits.zero_min and rate is not None and sum(self.worths[-run:]) * rate >= 3.0

    def _benchmark(self, window: int) -> float | None:
        before = self._part(self.counts, window, window + 26)
        if len(before) < 13:
            return None
        return float(sum(before) / max(sum(self._part(self.worths, window, window + 26)), 1e-9))

    def _selling(self, newest: int, oldest: int) -> int:
        return sum(count > 0 for count in self._part(self.counts, newest, oldest))

    def _level(self, weeks: int) -> float:
        return self._rate(0, weeks) * 13

    def _rate(self, newest: int, oldest: int) -> float:
        worth = sum(self._part(self.worths, newest, oldest))
        return float(sum(self._part(self.counts, newest, oldest)) / max(worth, 1e-9))

    @staticmethod
    def _part(numbers: Sequence[Any], newest: int, oldest: int) -> Sequence[Any]:
        """Return the numbers from `oldest` weeks ago (left out) to `newest` weeks ago."""
        count = len(numbers)
        return numbers[max(count - oldest, 0) : max(count - newest, 0)]


def _so_few(now: int, trials: int, worth: float, worth_before: float) -> float:
    share = worth / max(worth + worth_before, 1e-9)
    return math.fsum(math.comb(trials, k) * share**k * (1 - share) ** (trials - k) for k in range(now + 1))
