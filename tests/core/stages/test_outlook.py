"""What would move a stage is true: the engine, run on with those weeks, does move it."""

import numpy as np

from core.stages.model import STAGES
from core.stages.outlook import LOOKS_AHEAD_WEEKS, MONTH_WEEKS, outlooks
from tests.core.stages.world import LONG_AGO, classified, panel_of, stages_of

COMING = [1.0] * LOOKS_AHEAD_WEEKS


def spread(total):
    """A total over a month, as evenly as the outlook does it."""
    shares = [total * number // MONTH_WEEKS for number in range(MONTH_WEEKS + 1)]
    return np.diff(shares).tolist()


def test_a_branch_that_stops_goes_down_exactly_when_it_was_said():
    counts, other = [2] * 60, [3] * 60
    found = outlooks(classified(panel_of(counts, other, start_on=LONG_AGO), flat=True), COMING)[0]
    weeks = found["down_weeks"]
    history = classified(panel_of(counts + [0] * weeks, other + [3] * weeks, start_on=LONG_AGO), flat=True)
    assert stages_of(history)[-1] == found["down_stage"]
    assert stages_of(history)[-2] == "mature"


def test_a_branch_that_sells_again_goes_up_with_as_many_policies_as_were_said():
    counts, other = [2] * 50 + [0] * 24, [3] * 74
    found = outlooks(classified(panel_of(counts, other, start_on=LONG_AGO), flat=True), COMING)[0]
    assert found["up_weeks"] == MONTH_WEEKS
    more = spread(found["up_policies"])
    history = classified(panel_of(counts + more, other + [3] * MONTH_WEEKS, start_on=LONG_AGO), flat=True)
    assert stages_of(history)[73] == "slump"
    assert stages_of(history)[-1] == found["up_stage"]


def test_a_branch_that_nothing_moves_says_only_how_far_it_looked():
    counts = [0] * 12
    assert outlooks(classified(panel_of(counts, [3] * 12), flat=True), COMING)[0].keys() >= {"weeks"}


def test_every_branch_gets_an_answer_in_the_order_of_the_panel():
    drawn = np.random.default_rng(5).poisson(1, (700, 30)).tolist()
    found = outlooks(classified(panel_of(*drawn, start_on=LONG_AGO), flat=True), COMING)
    assert len(found) == 700
    assert all(one["weeks"] == LOOKS_AHEAD_WEEKS for one in found)
    assert {one["down_stage"] for one in found if "down_stage" in one} <= {stage.value for stage in STAGES}
