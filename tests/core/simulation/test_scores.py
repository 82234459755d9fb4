"""The yardstick itself, on examples small enough to count by hand."""

import math

import numpy as np
import pytest

from core.simulation.scores import scores_of

S, G, M, A, D = range(5)


def scored(found, truth, confidence=None):
    """Score one branch, or several as lists of lists."""
    found, truth = (np.atleast_2d(np.array(part, np.int8)) for part in (found, truth))
    return scores_of(found, truth, None if confidence is None else np.atleast_2d(np.array(confidence, np.float32)))


def test_macro_f1_is_the_mean_over_the_five_stages():
    found = [S, S, G, G, M, M, A, A, D, D]
    truth = [S, G, G, G, M, A, A, A, D, M]
    each = [2 * 1 / 3, 2 * 2 / 5, 2 * 1 / 4, 2 * 2 / 5, 2 * 1 / 3]
    assert scored(found, truth).macro_f1 == pytest.approx(sum(each) / 5)


def test_recall_is_the_share_of_the_true_weeks_of_a_stage():
    found = [S, S, G, G, M, M, A, A, D, D]
    truth = [S, G, G, G, M, A, A, A, D, M]
    assert scored(found, truth).recall == pytest.approx((1, 2 / 3, 1 / 2, 2 / 3, 1))


def test_weeks_without_a_row_or_without_a_truth_do_not_count():
    found, truth = [S, -1, G, M, A, D, D], [S, G, G, M, A, D, -1]
    assert scored(found, truth).macro_f1 == 1
    assert scored(found, truth).recall == (1, 1, 1, 1, 1)


def test_within_four_weeks_of_a_change_either_stage_counts():
    truth = [*[S] * 8, *[G] * 8, *[M] * 8, *[A] * 8, *[D] * 8]
    four_late = [S] * 4 + truth[:-4]
    five_late = [S] * 5 + truth[:-5]
    assert scored(four_late, truth).tolerant_f1 == 1
    assert scored(four_late, truth).macro_f1 < 0.6
    assert scored(five_late, truth).tolerant_f1 < 1
    assert scored(truth[4:] + [D] * 4, truth).tolerant_f1 == 1
    assert scored(truth[5:] + [D] * 5, truth).tolerant_f1 < 1


def test_near_a_change_a_third_stage_is_wrong():
    truth = [*[S] * 8, *[G] * 8, *[M] * 8, *[A] * 8, *[D] * 8]
    found = truth.copy()
    found[8] = D
    assert scored(found, truth).tolerant_f1 == pytest.approx((1 + 14 / 15 + 1 + 1 + 16 / 17) / 5)


def test_the_calibration_error_is_the_mean_distance_of_confidence_and_share_right():
    found, truth = [S, S, G, G, M, M, A, A, D, D], [S, S, G, G, M, S, A, S, D, S]
    sure = [0.95] * 4 + [0.65] * 6
    expected = (4 * abs(0.95 - 1) + 6 * abs(0.65 - 3 / 6)) / 10
    assert scored(found, truth, sure).calibration_error == pytest.approx(expected)
    assert scored(found, truth).calibration_error is None


def test_full_confidence_belongs_to_the_last_bin():
    found = truth = [S, G, M, A, D]
    assert scored(found, truth, [1.0] * 5).calibration_error == 0


def test_changes_are_counted_a_branch_year():
    truth = [*[S] * 20, *[G] * 20, *[M] * 13, *[A] * 26, *[D] * 26]
    found = [*[S] * 30, *[G] * 5, *[S] * 5, *[G] * 5, *[M] * 8, *[A] * 26, *[D] * 26]
    scores = scored(found, truth)
    assert len(truth) == 105
    assert scores.true_changes == 4 / 104 * 52
    assert scores.changes == 6 / 104 * 52


def test_a_change_across_weeks_without_a_row_is_none():
    found, truth = [S, S, -1, G, G, M, A, D], [S, S, G, G, G, M, A, D]
    assert scored(found, truth).changes == 3 / 5 * 52


def test_the_delay_is_the_median_weeks_until_the_stage_is_seen():
    truth = [[*[M] * 10, *[A] * 12, *[S] * 3, *[G] * 3, *[D] * 2]] * 3
    found = [[*[M] * (10 + late), *[A] * (12 - late), *truth[0][22:]] for late in (0, 3, 7)]
    assert scored(found, truth).delay_adjustment == 3


def test_a_stage_never_seen_counts_as_the_longest_delay():
    truth = [*[A] * 10, *[M] * 12, *[S] * 3, *[G] * 3, *[D] * 2]
    found = [*[A] * 22, *truth[22:]]
    assert scored(found, truth).delay_mature == 26


def test_a_spell_shorter_than_eight_weeks_has_no_delay():
    truth = [*[M] * 10, *[A] * 7, *[M] * 3, *[S] * 3, *[G] * 3, *[D] * 2]
    assert math.isnan(scored(truth, truth).delay_adjustment)


def test_a_spell_that_was_on_when_the_data_begin_has_no_delay():
    truth = [*[A] * 10, *[S] * 3, *[G] * 3, *[M] * 3, *[D] * 2]
    assert math.isnan(scored(truth, truth).delay_adjustment)


def test_false_alarms_are_mature_weeks_called_adjustment_or_slump():
    truth = [*[M] * 10, S, G, A, D]
    found = [*[M] * 5, A, A, D, G, S, S, G, A, D]
    assert scored(found, truth).false_alarms == 0.3
