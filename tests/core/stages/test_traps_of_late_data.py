"""What comes late, shrinks or goes away: missing files, cancellations, closed branches, small branches."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from core.stages.model import STAGES
from core.stages.panel import CLOSED
from core.stages.shown import RANKS
from tests.core.stages.world import LIMITS, LONG_AGO, classified, every, panel_of, path_of, stages_of, steady

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
        if flips(lost) > flips(kept):  # only as the branch with one policy less does by itself
            never = classified(panel_of(without(counts, week), start_on=LONG_AGO)).stage[0]
            assert flips(lost) <= flips(never)


def without(counts, week):
    return [number - (place == week) for place, number in enumerate(counts)]


def alone(**values):
    """Limits under which no branch is judged by the others: many single branches in one run."""
    nobody = dict.fromkeys(("market_branches_min", "plateau_branches_min", "season_branches_min"), 1e9)
    return replace(LIMITS, values={**LIMITS.values, **nobody, "unknown_earliest_weeks": 1e9, **values})


def shown_on_a_fresh_policy_and_taken_back(cases, **values):
    """Count the cancellations on which a change shown while the policy was fresh was undone within eight weeks.

    A branch that never had the policy does not show the change.
    """
    branches = [counts for counts, _ in cases] + [without(counts, week) for counts, week in cases]
    cancelled = [(place, week, week + 2) for place, (_, week) in enumerate(cases)]
    each = list(range(len(branches)))
    panel = panel_of(*branches, bank=each, region=each, start_on=LONG_AGO, cancelled=cancelled)
    stage, found = classified(panel, limits=alone(**values)).stage, 0
    for place, (_, week) in enumerate(cases):
        lost, never = stage[place], stage[len(cases) + place]
        back = [
            (start, end)
            for start, end in pairwise((np.flatnonzero(lost[1:] != lost[:-1]) + 1).tolist())
            if week <= start < week + 2 <= end <= start + 8 and lost[end] == lost[start - 1]
        ]
        found += any((never[week - 1 : week + 2] == lost[start - 1]).all() for start, _ in back)
    return found


def test_of_172_fresh_policies_cancelled_at_small_branches_at_most_one_flips_a_stage_twice():
    branches = [steady(WEEKS, 0.3, seed=seed) for seed in range(50, 97)]
    weeks = [[week for week in range(60, WEEKS - 8) if counts[week]][::4] for counts in branches]
    cases = [(counts, week) for counts, chosen in zip(branches, weeks, strict=True) for week in chosen]
    assert len(cases) == 172
    assert shown_on_a_fresh_policy_and_taken_back(cases) <= 1
    assert shown_on_a_fresh_policy_and_taken_back(cases, provisional_weeks=0) >= 4


RANKS_OF = np.array([RANKS[stage] for stage in STAGES])


def leads_of_steps_up(history):
    """Return branch, week and how far the new stage led two weeks before, for each step up."""
    before, after = history.stage[:, :-1], history.stage[:, 1:]
    branch, week = np.nonzero(RANKS_OF[after] > RANKS_OF[before])
    settled = history.probability[branch, np.maximum(week + 1 - 2, 0)]
    place = np.arange(len(branch))
    return branch, week + 1, settled[place, after[branch, week]] - settled[place, before[branch, week]]


def test_a_step_up_that_rests_only_on_weeks_that_may_still_be_cancelled_waits():
    each = list(range(40))
    panel = panel_of(*[steady(100, 0.7, seed=seed) for seed in each], bank=each, region=each, start_on=LONG_AGO)
    _, weeks, leads = leads_of_steps_up(classified(panel, limits=alone()))
    assert len(leads) > 40
    assert (leads[weeks >= 2] >= LIMITS["hold_lead"] - 1e-4).all()
    _, _, bare = leads_of_steps_up(classified(panel, limits=alone(provisional_weeks=0)))
    assert (bare < LIMITS["hold_lead"]).mean() > 0.1


def test_what_is_settled_does_without_the_policies_cancelled_by_then():
    each = list(range(40))
    branches = [steady(100, 0.7, seed=seed) for seed in each]
    cancelled = [
        (place, week, week + 2) for place in each for week in range(30 + place % 6, 98, 6) if branches[place][week]
    ]
    panel = panel_of(*branches, bank=each, region=each, start_on=LONG_AGO, cancelled=cancelled)
    history = classified(panel, limits=alone())
    ups = [(branch, week) for branch, week, _ in zip(*leads_of_steps_up(history), strict=True) if week > 32]
    assert len(ups) > 20
    for branch, week in ups[:20]:
        counts = branches[branch]
        for _, lost, known in (one for one in cancelled if one[0] == branch and one[2] <= week):
            assert known - lost == 2
            counts = without(counts, lost)
        settled = classified(panel_of(counts[: week - 1], start_on=LONG_AGO), limits=alone()).probability[0, -1]
        after, before = history.stage[branch, week], history.stage[branch, week - 1]
        assert settled[after] - settled[before] >= LIMITS["hold_lead"] - 1e-4


@pytest.mark.parametrize(("rate", "weeks"), [(1, 7), (2, 5), (4, 4)])
def test_a_branch_that_stops_is_slump_as_soon_as_chance_does_not_explain_it(rate, weeks):
    """A slump lasts for two months or more; it is shown while it runs, the sooner the more policies were due."""
    history = classified(panel_of([rate] * 80 + [0] * 20, start_on=LONG_AGO), flat=True, limits=alone())
    shown = stages_of(history)
    assert shown.index("slump") - 80 + 1 == weeks
    assert shown[80 + weeks - 2] == "mature"
    again = classified(panel_of([rate] * 80 + [0] * 3 + [rate] * 17, start_on=LONG_AGO), flat=True, limits=alone())
    assert "slump" not in stages_of(again)  # three empty weeks are none


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
