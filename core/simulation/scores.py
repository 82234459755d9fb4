"""How well stages agree with the truth: macro-F1 strict and tolerant, calibration, calm, delay, false alarms."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.simulation.chain import STAGES

TOLERANCE_WEEKS = 4
MATURE, ADJUSTMENT, SLUMP = 2, 3, 4
BINS = 10
LONGEST_DELAY = 26

Stages = NDArray[np.int8]


@dataclass(frozen=True)
class Scores:
    """Figures over all branch-weeks that have a truth and a row."""

    macro_f1: float
    tolerant_f1: float  # either neighbouring stage counts within four weeks of a true change
    recall: tuple[float, ...]  # by stage
    calibration_error: float | None  # expected, None without confidence
    changes: float  # a branch-year
    true_changes: float
    delay_adjustment: float  # median weeks from the true begin until it is seen, for those that last
    delay_mature: float
    false_alarms: float  # share of truly mature weeks called adjustment or slump


def scores_of(found: Stages, truth: Stages, confidence: NDArray[np.float32] | None = None) -> Scores:
    """Hold stages (branch, week; -1 = no row) against the truth."""
    known = (truth >= 0) & (found >= 0)
    return Scores(
        macro_f1=_macro_f1(found, truth, known),
        tolerant_f1=_macro_f1(found, _tolerant_truth(found, truth), known),
        recall=tuple(float((found[known & (truth == one)] == one).mean()) for one in range(len(STAGES))),
        calibration_error=None if confidence is None else _calibration_error(found, truth, known, confidence),
        changes=_changes_a_year(found, known),
        true_changes=_changes_a_year(truth, known),
        delay_adjustment=_delay(found, truth, ADJUSTMENT),
        delay_mature=_delay(found, truth, MATURE),
        false_alarms=float(np.isin(found[known & (truth == MATURE)], [ADJUSTMENT, SLUMP]).mean()),
    )


def _macro_f1(found: Stages, truth: Stages, known: NDArray[np.bool_]) -> float:
    each = []
    for stage in range(len(STAGES)):
        right = float(((found == stage) & (truth == stage) & known).sum())
        either = float(((found == stage) & known).sum() + ((truth == stage) & known).sum())
        each.append(2 * right / max(either, 1.0))
    return float(np.mean(each))


def _tolerant_truth(found: Stages, truth: Stages) -> Stages:
    """Return the truth with the found stage where it is the stage before or after a change within four weeks."""
    tolerant = truth.copy()
    weeks = truth.shape[1]
    for distance in range(1, TOLERANCE_WEEKS + 1):
        for shift in (distance, -distance):
            other = np.full_like(truth, -1)
            if shift > 0:
                other[:, : weeks - shift] = truth[:, shift:]
            else:
                other[:, -shift:] = truth[:, :shift]
            near = (other >= 0) & (other == found)
            tolerant = np.where(near & (truth >= 0), found, tolerant)
    return tolerant


def _calibration_error(
    found: Stages, truth: Stages, known: NDArray[np.bool_], confidence: NDArray[np.float32]
) -> float:
    sure, right = confidence[known].astype(float), (found == truth)[known]
    place = np.minimum((sure * BINS).astype(int), BINS - 1)
    count = np.bincount(place, minlength=BINS)
    gap = np.abs(np.bincount(place, weights=sure, minlength=BINS) - np.bincount(place, weights=right, minlength=BINS))
    return float(gap.sum() / count.sum())


def _changes_a_year(stages: Stages, known: NDArray[np.bool_]) -> float:
    both = known[:, 1:] & known[:, :-1]
    return float((both & (stages[:, 1:] != stages[:, :-1])).sum() / both.sum() * 52)


def _delay(found: Stages, truth: Stages, stage: int) -> float:
    """Return the median weeks until a true spell of at least 8 weeks is seen; one never seen counts as the longest."""
    delays = []
    begins = (truth[:, 1:] == stage) & (truth[:, :-1] != stage) & (truth[:, :-1] >= 0)
    for branch, week in zip(*np.nonzero(begins), strict=True):
        spell = truth[branch, week + 1 : week + 1 + LONGEST_DELAY]
        length = int(np.argmax(spell != stage)) if (spell != stage).any() else len(spell)
        if length < 2 * TOLERANCE_WEEKS:
            continue
        seen = found[branch, week + 1 : week + 1 + length] == stage
        delays.append(int(np.argmax(seen)) if seen.any() else LONGEST_DELAY)
    return float(np.median(delays)) if delays else float("nan")
