"""What other numbers would change: who would move, and how calm stages would be."""

import numpy as np
import pytest

from core.simulation import trials
from core.simulation.trials import trial_scores
from core.stages.limits import RuleValue, changed_limits
from core.stages.trial import WEEKS, changes_a_year, difference, last_weeks
from tests.core.stages.fit_world import SHIPPED


def stages(*rows):
    return np.array(rows, np.int8)


def test_a_branch_moves_where_its_last_stage_differs():
    found = difference(stages([0, 1], [1, 1], [2, 2], [-1, -1]), stages([0, 1], [1, 3], [1, 2], [-1, -1]))
    assert (found.branches, found.moved.tolist()) == (3, [1])


def test_changes_are_counted_a_branch_year():
    assert changes_a_year(stages([0, 1, 1, 2], [0, 0, 0, 0])) == pytest.approx(2 / 6 * 52)
    assert changes_a_year(stages([-1, 1, 1], [-1, -1, 0])) == 0
    assert changes_a_year(stages([-1, -1])) == 0


def test_the_year_is_the_last_fifty_two_weeks():
    assert last_weeks(np.zeros((2, 90), np.int8)).shape == (2, WEEKS + 1)
    assert last_weeks(np.zeros((2, 9), np.int8)).shape == (2, 9)


@pytest.fixture
def _few_branches(monkeypatch):
    monkeypatch.setattr(trials, "BRANCHES", 40)
    trials._world.cache_clear()
    yield
    trials._world.cache_clear()


@pytest.mark.usefixtures("_few_branches")
def test_the_same_numbers_give_the_same_scores_and_a_long_hold_back_fewer_changes():
    held = ("hold_weeks", "hold_down_weeks")
    calm = changed_limits(SHIPPED, [RuleValue("limits", name, 20.0) for name in held])
    now, then = trial_scores(SHIPPED, "usual"), trial_scores(calm, "usual")
    assert trial_scores(SHIPPED, "usual") == now
    assert then.changes < now.changes / 2
    assert then.macro_f1 < now.macro_f1
    assert then.true_changes == now.true_changes


def test_an_unknown_market_is_refused():
    with pytest.raises(LookupError):
        trial_scores(SHIPPED, "nowhere")
