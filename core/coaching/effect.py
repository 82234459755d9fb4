"""Did it work: what became of branches after an action, against matched branches that did not have it.

A case is an action that was done. Its policies of an ordinary week (season and working days divided out, weeks
that cannot be judged left out) in the weeks after the week it was done are held against those of as many weeks
before the week it was taken on. Branches that get an action are seldom average: one picked in a bad month would
have come back without it. So every case is held against branches that stood alike at the same time (stage,
size, bank and region or, where too few are left, one of the two, level before) and did not have the action from
the first to the last of these weeks; what is left of a difference in their levels, lately and earlier, is
taken out by regression among them. What the whole market did in those weeks drops out, as it happened to both.

The interval is a normal one with Student's factor, from the influence of each branch, all that a branch adds as
a case and as a match taken together; nothing is drawn, so there is no seed. Under a number of cases nothing
is claimed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from core.coaching.action_limits import ActionLimits
from core.coaching.effect_windows import Cases, EffectPanel, Matches, Runs, cases_and_matches
from core.facts import Stage
from core.stages.model import STAGES

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Estimate:
    """A figure with its interval."""

    value: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        """Tell whether the interval leaves out zero."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True)
class ActionEffect:
    """What became of the branches of one stage after one action.

    Rates are policies of an ordinary week: before, after, and expected after by the matched branches.
    `difference` is after less expected, `change` the same as a share of expected (None also where nothing was
    expected), `moves` the branches that rose a stage less those that fell one, per branch, beyond the
    matched ones. All are None where there are too few `cases`.
    """

    action_key: str
    stage: Stage
    cases: int
    needed: int
    matched: int
    rate_before: float | None = None
    rate_after: float | None = None
    rate_expected: float | None = None
    difference: Estimate | None = None
    change: Estimate | None = None
    moves: Estimate | None = None

    @property
    def is_claim(self) -> bool:
        """Tell whether there are cases enough to say something."""
        return self.difference is not None


def action_effects(
    panel: EffectPanel, runs: Runs, *, action_keys: Sequence[str], limits: ActionLimits
) -> tuple[ActionEffect, ...]:
    """Return the effect of each action at each stage it was done in, by action and stage.

    Args:
        panel: policies, exposures and stages of the branches over the weeks.
        runs: every time an action was taken on; `runs.action` are places in `action_keys`.
        action_keys: the actions.
        limits: windows, least numbers, coverage.
    """
    found: list[ActionEffect] = []
    for action, (cases, matches) in cases_and_matches(panel, runs, limits).items():
        key = action_keys[action]
        for number, stage in enumerate(STAGES):
            of_stage = cases.stage == number
            if of_stage.any():
                found.append(_effect(key, stage, cases.part(of_stage), matches, limits))
    return tuple(found)


def _effect(key: str, stage: Stage, cases: Cases, matches: Matches, limits: ActionLimits) -> ActionEffect:
    with_match = cases.part(cases.match >= 0)
    mine = matches.of(with_match)
    needed = limits.effect_cases_min
    matched = len(np.unique(mine.branch))
    if len(with_match) < needed:
        return ActionEffect(key, stage, len(with_match) if matched else len(cases), needed, matched)
    held = _Held(with_match, mine)
    factor = _student(limits.effect_coverage, len(np.unique(with_match.branch)) - 1)
    return ActionEffect(
        action_key=key,
        stage=stage,
        cases=len(with_match),
        needed=needed,
        matched=matched,
        rate_before=float(with_match.before.mean()),
        rate_after=float(with_match.after.mean()),
        rate_expected=held.expected_mean,
        difference=held.difference(factor),
        change=held.change(factor),
        moves=held.moves(factor),
    )


class _Held:
    """Cases of one action and stage held against their matched branches."""

    def __init__(self, cases: Cases, matches: Matches) -> None:
        self.cases, self.matches = cases, matches
        self.count = len(cases)
        size = int(max(cases.match.max(), matches.match.max())) + 1
        self.members = np.bincount(matches.match, minlength=size).astype(float)
        cases_of = np.bincount(cases.match, minlength=size)
        self.weight = cases_of[matches.match] / self.members[matches.match]
        levels = np.column_stack([matches.before, matches.earlier])
        level_means = np.column_stack([self._means(levels[:, 0]), self._means(levels[:, 1])])
        levels = levels - level_means[matches.match]
        gain = matches.after - matches.before
        gain_means = self._means(gain)
        gain = gain - gain_means[matches.match]
        weighed = levels * self.weight[:, None]
        inverse = np.linalg.pinv(weighed.T @ levels, rcond=1e-9, hermitian=True)
        slope = inverse @ (weighed.T @ gain)
        apart = np.column_stack([cases.before, cases.earlier]) - level_means[cases.match]
        self.expected = cases.before + gain_means[cases.match] + apart @ slope
        self.expected_mean = float(self.expected.mean())
        self.after_mean = float(cases.after.mean())
        spread = self.weight / self.count + weighed @ inverse @ apart.mean(axis=0)
        self.by_matches = spread * (gain - levels @ slope) * self._unbiased()

    def _means(self, values: Floats) -> Floats:
        size = len(self.members)
        sums = np.bincount(self.matches.match, weights=values, minlength=size)
        return np.asarray(sums / np.maximum(self.members, 1))

    def _unbiased(self) -> Floats:
        """Return the factor that makes good for taking the own mean of a small group off its members."""
        members = self.members[self.matches.match]
        return np.asarray(np.sqrt(members / np.maximum(members - 1, 1)))

    def _error(self, by_cases: Floats, by_matches: Floats) -> float:
        """Return the standard error from the influence of each branch in all its parts."""
        by_cases = by_cases * sqrt(self.count / (self.count - 1))
        branches = np.concatenate([self.cases.branch, self.matches.branch])
        _, place = np.unique(branches, return_inverse=True)
        sums = np.bincount(place, weights=np.concatenate([by_cases, by_matches]))
        return sqrt(float((sums**2).sum()))

    def difference(self, factor: float) -> Estimate:
        """Return the policies of an ordinary week above those expected."""
        value = self.after_mean - self.expected_mean
        by_cases = (self.cases.after - self.expected - value) / self.count
        reach = factor * self._error(by_cases, -self.by_matches)
        return Estimate(value, value - reach, value + reach)

    def change(self, factor: float) -> Estimate | None:
        """Return the same as a share of those expected, with an interval that is even on the scale of factors."""
        if self.expected_mean <= 0 or self.after_mean <= 0:
            return None
        by_cases = (self.cases.after / self.after_mean - self.expected / self.expected_mean) / self.count
        reach = factor * self._error(by_cases, -self.by_matches / self.expected_mean)
        centre = log(self.after_mean / self.expected_mean)
        return Estimate(*(exp(one) - 1 for one in (centre, centre - reach, centre + reach)))

    def moves(self, factor: float) -> Estimate:
        """Return how many more rose than fell a stage, per branch, beyond the matched branches."""
        means = self._means(self.matches.move)
        apart = self.cases.move - means[self.cases.match]
        value = float(apart.mean())
        own = (self.matches.move - means[self.matches.match]) * self._unbiased()
        reach = factor * self._error((apart - value) / self.count, -own * self.weight / self.count)
        return Estimate(value, value - reach, value + reach)


def _student(coverage: float, freedom: int) -> float:
    """Return the two-sided quantile of Student's distribution, by its expansion around the normal one."""
    z = NormalDist().inv_cdf((1 + coverage) / 2)
    if freedom < 1:
        return float("inf")
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    return z + first / freedom + second / freedom**2
