"""What stands behind a stage: five probabilities, and the weeks that weighed most."""

import numpy as np
import pytest

from core.facts import Stage
from core.stages.details import probability_words, weighed_texts
from core.stages.explanation import chance_text
from core.stages.weight import weighed_weeks, weights_of
from tests.core.stages.world import LIMITS, LONG_AGO, classified, cut, panel_of

STOPPED = [2] * 60 + [0] * 6
WEEK = {"week_start": "2026-05-04", "policies": 0, "due": 2.04, "times": 0.42}


def test_every_stage_has_its_probability_in_words():
    facts = {"probabilities": [0.004, 0.1, 0.63, 0.26, 0.006]}
    assert probability_words(facts) == list(zip(Stage, ["< 1%", "10%", "63%", "26%", "< 1%"], strict=True))
    assert probability_words({}) == []


@pytest.mark.parametrize("chance", [0.0, 0.0099, 0.01, 0.014, 0.5, 0.996, 1.0])
def test_a_probability_reads_as_chances_do_in_the_sentence(chance):
    assert probability_words({"probabilities": [chance]}) == [(next(iter(Stage)), chance_text(chance))]


def test_a_week_that_weighed_says_what_came_what_was_due_and_what_it_did():
    assert weighed_texts("en", {"weighed": [WEEK, {**WEEK, "policies": 5, "times": 3.0}]}) == [
        "week of 4 May 2026: no policies, 2.0 at its own level; against it, odds × 0.4",
        "week of 4 May 2026: 5 policies, 2.0 at its own level; for it, odds × 3.0",
    ]
    assert weighed_texts("zh", {"weighed": [WEEK]}) == [
        "2026年5月4日当周：0件，按自身水平应为2.0件；不支持该阶段，胜算×0.4"
    ]
    assert weighed_texts("en", {}) == []


def test_the_weeks_without_a_policy_weighed_most_for_a_slump_and_their_numbers_are_those_of_the_weeks():
    history = classified(panel_of(STOPPED, [2] * 66, start_on=LONG_AGO), flat=True)
    weeks = weighed_weeks(history, weights_of(history), 0, 3)
    assert len(weeks) == 3
    assert [one.policies for one in weeks] == [STOPPED[one.week] for one in weeks]
    assert all(one.week >= 60 and one.times > LIMITS["weight_least"] for one in weeks)
    assert [one.times for one in weeks] == sorted((one.times for one in weeks), reverse=True)
    assert weeks[0].due == pytest.approx(history.level[0, -1] * history.exposure[0, weeks[0].week])


def test_the_weight_of_a_week_is_what_it_did_to_the_odds():
    history = classified(panel_of(STOPPED, [2] * 66, start_on=LONG_AGO), flat=True)
    after = float(history.probability[0, -1, history.stage[0, -1]])
    before = float(history.before[0, -1, history.stage[0, -1]])
    expected = (after / (1 - after)) / (before / (1 - before))
    assert np.exp(weights_of(history)[0, -1]) == pytest.approx(expected, rel=1e-4)


def test_what_was_expected_before_a_week_does_not_know_the_week():
    panel = panel_of(STOPPED, [2] * 66, start_on=LONG_AGO)
    other = panel_of([*STOPPED[:-1], 5], [2] * 66, start_on=LONG_AGO)
    one, two = classified(panel, flat=True), classified(other, flat=True)
    assert np.allclose(one.before[0, -1], two.before[0, -1], atol=1e-6)
    assert one.before[0, -1].sum() == pytest.approx(1, abs=1e-4)


def test_a_short_history_has_as_many_weights_as_weeks():
    history = classified(cut(panel_of(STOPPED, start_on=LONG_AGO), 5), flat=True)
    assert weights_of(history).shape == (1, 5)
