"""What comes late, shrinks or goes away: missing files, cancellations, closed branches, small branches."""

from itertools import pairwise

import numpy as np
import pytest

from core.stages.panel import CLOSED
from tests.core.stages.world import LONG_AGO, classified, every, panel_of, path_of, stages_of, steady

WEEKS = 120
RATES = [0.4, 0.8, 1.5, 2, 3, 4, 1, 0.6]


def market(size):
    return [steady(WEEKS, RATES[place % len(RATES)], seed=place) for place in range(size)]


def test_dropping_the_last_two_weeks_of_a_region_changes_no_stage():
    branches, region = market(16), [0, 1] * 8
    whole = classified(panel_of(*branches, region=region, start_on=LONG_AGO))
    cut = [counts if place % 2 else [*counts[:-2], 0, 0] for place, counts in enumerate(branches)]
    history = classified(panel_of(*cut, region=region, start_on=LONG_AGO))
    assert history.feed.unknown[::2, -2:].all()
    assert (history.stage[:, :-2] == whole.stage[:, :-2]).all()
    assert (history.stage[::2, -2:] == whole.stage[::2, -3:-2]).all()
    assert (history.stage[1::2, -2:] == whole.stage[1::2, -2:]).all()


def test_half_a_region_missing_in_one_week_steps_nobody_down_in_it():
    branches = market(16)
    cut = [[*counts[:-1], 0] if place < 13 else counts for place, counts in enumerate(branches)]
    history = classified(panel_of(*cut, start_on=LONG_AGO))
    assert history.feed.thin[:, -1].all()
    rank = np.array([0, 2, 3, 1, 0])
    assert (rank[history.stage[:, -1]] >= rank[history.stage[:, -2]]).all()


def flips(stages):
    """Stages left and taken up again within eight weeks."""
    changes = np.flatnonzero(stages[1:] != stages[:-1]) + 1
    return sum(later - week <= 8 and stages[later] == stages[week - 1] for week, later in pairwise(changes))


@pytest.mark.parametrize("rate", [0.8, 1.5, 3])
@pytest.mark.parametrize("seed", [50, 51, 52])
def test_cancelling_one_fresh_policy_does_not_flip_a_stage_twice(rate, seed):
    counts = steady(WEEKS, rate, seed=seed)
    kept = classified(panel_of(counts, start_on=LONG_AGO)).stage[0]
    for week in [week for week in range(60, WEEKS - 8) if counts[week]][::4]:
        lost = classified(panel_of(counts, start_on=LONG_AGO, cancelled=[(0, week, week + 2)])).stage[0]
        assert (lost[: week + 2] == kept[: week + 2]).all()
        assert flips(lost) <= flips(kept)


@pytest.mark.parametrize("successor", range(1, 6))
def test_a_merged_branch_leaves_the_stage_of_its_successor_unchanged(successor):
    branches = market(6)
    as_it_was = classified(panel_of(*branches, start_on=LONG_AGO))
    status = np.zeros((6, WEEKS))
    status[0, 80:] = CLOSED
    merged = classified(panel_of([*branches[0][:80], *[0] * 40], *branches[1:], status=status, start_on=LONG_AGO))
    assert stages_of(merged, successor) == stages_of(as_it_was, successor)
    assert stages_of(merged)[80:] == [None] * 40


def test_the_history_of_a_closed_branch_is_not_added_to_its_successor():
    status = np.zeros((2, 80))
    status[0, 50:] = CLOSED
    branches = [[3] * 50 + [0] * 30, [0] * 50 + [1] * 30]
    together = classified(panel_of(*branches, status=status, start_on=LONG_AGO), flat=True)
    alone = classified(panel_of(branches[1], start_on=LONG_AGO), flat=True)
    assert stages_of(together, 1) == stages_of(alone)


def test_a_small_branch_with_a_policy_every_second_week_is_mature_and_chance_is_no_trend():
    assert path_of(classified(panel_of(every(120, 2), start_on=LONG_AGO), flat=True)) == ["mature"]


def test_a_small_branch_that_stops_for_half_a_year_is_slump_in_the_end():
    counts = every(60, 2) + [0] * 25
    history = classified(panel_of(counts, [1] * 85, region=[0, 1], start_on=LONG_AGO), flat=True)
    assert stages_of(history)[:63] == ["mature"] * 63
    assert stages_of(history)[-1] == "slump"


def test_six_policies_of_one_family_in_a_week_and_then_none_is_slump_in_the_end_and_never_growth():
    history = classified(panel_of([*[0] * 10, 6, *[0] * 34]), flat=True)
    assert path_of(history) == ["startup", "slump"]
