"""On branches with known stages the confidence means what it says, and the engine beats guessing by far."""

import numpy as np
import pytest

from benchmarks.simulated import PROFILES, simulated
from tests.core.stages.world import classified

BRANCHES, WEEKS = 500, 104
LARGEST_ERROR = {"usual": 0.06, "small": 0.08, "strong season": 0.06, "noisy": 0.06}
"""Mean distance of confidence and hit rate; small branches turn out a little more certain than the engine says."""


@pytest.fixture(scope="module", params=list(PROFILES))
def judged(request):
    world = simulated(BRANCHES, WEEKS, seed=23, profile=PROFILES[request.param])
    return world, classified(world.panel), LARGEST_ERROR[request.param]


def test_the_confidence_is_calibrated(judged):
    world, history, largest = judged
    known = history.stage >= 0
    confidence, right = history.confidence[known], (history.stage == world.truth)[known]
    bins = np.minimum((confidence * 10).astype(int), 9)
    error = sum(
        abs(confidence[bins == number].mean() - right[bins == number].mean()) * (bins == number).mean()
        for number in np.unique(bins)
    )
    assert error <= largest


def test_shown_stages_change_at_most_one_and_a_half_times_as_often_as_true_ones(judged):
    world, history, _ = judged
    both = (history.stage[:, 1:] >= 0) & (history.stage[:, :-1] >= 0)
    changes = [((stages[:, 1:] != stages[:, :-1]) & both).sum() for stages in (history.stage, world.truth)]
    assert changes[0] <= 1.5 * changes[1]


def test_the_stage_shown_is_right_more_often_than_the_commonest_stage(judged):
    world, history, _ = judged
    known = history.stage >= 0
    commonest = np.bincount(world.truth[known].astype(int)).max() / known.sum()
    assert (history.stage == world.truth)[known].mean() > commonest + 0.1
