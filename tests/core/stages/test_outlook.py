"""What would move a stage is true: the engine, run on with those weeks, does move it."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from core.calendar import WorkingCalendar
from core.stages.model import STAGES
from core.stages.outlook import LOOKS_AHEAD_WEEKS, MONTH_WEEKS, outlooks
from core.stages.panel import ACTIVE, SUSPENDED
from core.stages.season import season_of
from tests.core.stages.world import LIMITS, LONG_AGO, classified, panel_of, stages_of

COMING = [1.0] * LOOKS_AHEAD_WEEKS


def replace_values(**values):
    return replace(LIMITS, values={**LIMITS.values, **values})


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


@pytest.mark.parametrize("seed", range(6))
def test_a_step_up_that_was_said_waits_in_the_engine_as_it_did_in_the_outlook(seed):
    counts = [*np.random.default_rng(seed).poisson(1.2, 70).tolist(), 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, seed % 2]
    lone = replace_values(plateau_branches_min=1e9)
    found = outlooks(classified(panel_of(counts, start_on=LONG_AGO), flat=True, limits=lone), COMING)[0]
    total, weeks = found["up_policies"], found["up_weeks"]
    more = np.diff([total * number // weeks for number in range(weeks + 1)]).tolist()
    history = classified(panel_of(counts + more, start_on=LONG_AGO), flat=True, limits=lone)
    assert stages_of(history)[-1] == found["up_stage"] != stages_of(history)[len(counts) - 1]
    assert history.late.shape == (2, 1, len(STAGES))


def test_a_branch_that_nothing_moves_says_only_how_far_it_looked():
    counts = [0] * 12
    assert outlooks(classified(panel_of(counts, [3] * 12), flat=True), COMING)[0].keys() >= {"weeks"}


def test_every_branch_gets_an_answer_in_the_order_of_the_panel():
    drawn = np.random.default_rng(5).poisson(1, (700, 30)).tolist()
    found = outlooks(classified(panel_of(*drawn, start_on=LONG_AGO), flat=True), COMING)
    assert len(found) == 700
    assert all(one["weeks"] == LOOKS_AHEAD_WEEKS for one in found)
    assert {one["down_stage"] for one in found if "down_stage" in one} <= {stage.value for stage in STAGES}


def test_weeks_to_come_are_those_of_the_calendar_and_a_short_one_is_passed_over():
    counts, other = [2] * 60, [3] * 60
    history = classified(panel_of(counts, other, start_on=LONG_AGO), flat=True)
    at_once = outlooks(history, COMING)[0]
    later = outlooks(history, [0.0, 0.0, *COMING[2:]])[0]
    assert later["down_weeks"] == at_once["down_weeks"] + 2


def test_what_is_said_before_a_holiday_comes_true_in_the_calendar():
    counts, other = [2] * 90, [3] * 90
    panel = panel_of(
        counts, other, start_on=LONG_AGO
    )  # the next Monday is 22 September 2025, two weeks before a holiday
    weeks = [panel.weeks[-1] + timedelta(weeks=number) for number in range(1, LOOKS_AHEAD_WEEKS + 1)]
    season, alone = season_of(weeks, WorkingCalendar()), replace_values(market_spread=1e-9)
    history = classified(panel, limits=alone)
    coming = np.where(season.judged(LIMITS), season.exposure(LIMITS.months), 0)
    assert (coming == 0).any()
    found = outlooks(history, coming.tolist())[0]
    more = found["down_weeks"]
    expected = [round(3 * worth) for worth in season.exposure(LIMITS.months)[:more]]
    after = classified(panel_of(counts + [0] * more, other + expected, start_on=LONG_AGO), limits=alone)
    assert stages_of(after)[-1] == found["down_stage"]
    assert stages_of(after)[-2] == stages_of(history)[-1]


def test_after_a_short_closure_nothing_goes_down_before_its_grace_is_over():
    status = [[ACTIVE] * 60 + [SUSPENDED] * 6 + [ACTIVE], [ACTIVE] * 67]
    counts = [2] * 60 + [0] * 7
    history = classified(panel_of(counts, [3] * 67, status=status, start_on=LONG_AGO), flat=True)
    assert history.grace[0] == LIMITS["grace_weeks"] - 1
    assert outlooks(history, COMING)[0].get("down_weeks", 99) > history.grace[0]
