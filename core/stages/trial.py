"""Stages under other numbers beside the present ones: who would stand elsewhere, and how often stages would change."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WEEKS = 52
NO_STAGE = -1

Stages = NDArray[np.int8]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Difference:
    """Two ways to judge the same branches. `moved` are places of branches whose last stage differs."""

    branches: int  # that have a stage in the last week
    moved: Ints
    changes_before: float
    """Changes of the stage shown, a branch-year, over the last 52 weeks."""
    changes_after: float


def last_weeks(stage: Stages) -> Stages:
    """Return the stages (branch, week; -1 = none) of the weeks that count for the changes of a year."""
    return stage[:, -(WEEKS + 1) :].copy()


def difference(before: Stages, after: Stages) -> Difference:
    """Hold stages under other numbers against those under the present ones, both as `last_weeks` gives them."""
    has_stage = before[:, -1] != NO_STAGE
    return Difference(
        branches=int(has_stage.sum()),
        moved=np.flatnonzero(has_stage & (before[:, -1] != after[:, -1])),
        changes_before=changes_a_year(before),
        changes_after=changes_a_year(after),
    )


def changes_a_year(stage: Stages) -> float:
    """Return the changes of stage a branch-year; 0 where no branch has a stage in two weeks in a row."""
    both = (stage[:, 1:] != NO_STAGE) & (stage[:, :-1] != NO_STAGE)
    changes = both & (stage[:, 1:] != stage[:, :-1])
    return float(changes.sum() / max(both.sum(), 1) * WEEKS)
