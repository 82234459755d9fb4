"""Branches to fit the stage engine on: counts and what each week was worth, as arrays."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.stages.feed import weeks_before
from core.stages.history import StageHistory

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Sample:
    """Counts and exposure by spell and week (0 = not judged), judged weeks before each week, and the start.

    A spell is a branch from a start to its end; `branch` is the number of its branch, which may have several.
    `weeks_before` are weeks of cooperation before `first_week`. `stage` may hold a known stage by spell and week
    (-1 = unknown), as simulated branches have.
    """

    counts: Ints
    exposure: Floats
    age: NDArray[np.int32]
    first_week: Ints
    weeks_before: Ints
    branch: Ints
    stage: NDArray[np.int8] | None = None

    @classmethod
    def empty(cls) -> "Sample":
        """Return no branches."""
        nothing = np.zeros((0, 0), np.int64)
        none = np.zeros(0, np.int64)
        return cls(nothing, nothing.astype(np.float32), nothing.astype(np.int32), none, none, none)

    def part(self, rows: Ints | slice) -> "Sample":
        """Return some of the spells."""
        return Sample(
            self.counts[rows],
            self.exposure[rows],
            self.age[rows],
            self.first_week[rows],
            self.weeks_before[rows],
            self.branch[rows],
            None if self.stage is None else self.stage[rows],
        )

    @property
    def branches(self) -> int:
        """Number of branches, each once however often it began anew."""
        return len(np.unique(self.branch))

    @property
    def spells(self) -> int:
        """Number of spells."""
        return len(self.counts)

    @property
    def judged_weeks(self) -> int:
        """Number of judged branch-weeks."""
        return int((self.exposure > 0).sum())


def sample_of(history: StageHistory) -> Sample:
    """Return the judged weeks of a history, as known at its end.

    A branch that began anew after a long closure is two spells: one until then, one from then on. Spells without
    a judged week are left out.
    """
    panel, feed = history.panel, history.feed
    exposure = np.where(feed.valid, history.exposure, 0).astype(np.float32)
    whole = Sample(
        history.counts.astype(np.int64),
        exposure,
        feed.age,
        panel.first_week,
        weeks_before(panel),
        np.arange(panel.branch_count),
    )
    begins = feed.restarts.copy()
    begun = panel.first_week < len(panel.weeks)
    begins[np.flatnonzero(begun), panel.first_week[begun]] = True
    branch, begin = np.nonzero(begins)
    follows = np.append(branch[1:] == branch[:-1], [False])  # another spell of the same branch comes after this one
    end = np.where(follows, np.append(begin[1:], [0]), len(panel.weeks))
    number = np.arange(len(panel.weeks))
    spell = (number >= begin[:, None]) & (number < end[:, None])
    is_anew = feed.restarts[branch, begin]
    cut = whole.part(branch)
    found = Sample(
        counts=cut.counts,
        exposure=np.where(spell, cut.exposure, 0).astype(np.float32),
        age=cut.age,
        first_week=begin.astype(np.int64),
        weeks_before=np.where(is_anew, 0, cut.weeks_before),
        branch=cut.branch,
    )
    return found.part(np.flatnonzero((found.exposure > 0).any(axis=1)))


def of_branches(branch: Ints, most: int, seed: int) -> Ints:
    """Return the spells of at most so many branches, drawn at random; `branch` is the branch of each spell."""
    branches = np.unique(branch)
    return np.flatnonzero(np.isin(branch, np.random.default_rng(seed).permutation(branches)[:most]))


def held_out(branch: Ints, seed: int, share: float) -> tuple[Ints, Ints]:
    """Return which spells to fit on and which to hold out; `branch` is the branch of each spell.

    Branches are drawn at random, each with all its spells: at least one for either side where there are two.
    """
    count = len(np.unique(branch))
    others = of_branches(branch, min(max(1, round(count * share)), max(count - 1, 0)), seed)
    return np.setdiff1d(np.arange(len(branch)), others), others
