"""The swing of the whole market: how it is told, and what it comes to over the weeks a sentence looks back.

It is one factor a week: what all branches together sold in what was expected of them, as far as that is no chance.
It is already in what each week is worth (`core.stages.worth`), here it is only summed up and put into words; so the
words name what is expected less or more, not what was sold, which may be off by more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.language import Language, text
from core.stages.history import StageHistory
from core.stages.limits import StageLimits

TELLING_DIGITS = 2
"""A swing is told in whole per cent."""


@dataclass(frozen=True)
class SwingWeek:
    """A week of the whole market: what an ordinary week of the season is worth, and the factor sold of it.

    `swing` is None where holidays let the week say nothing of the market.
    """

    week_start: date
    season: float
    swing: float | None


def swing_weeks(history: StageHistory) -> list[SwingWeek]:
    """Return what the engine found for each week of the whole market."""
    worth = history.worth
    return [
        SwingWeek(week_start, round(season, 3), round(swing, 3) if is_clear else None)
        for week_start, season, swing, is_clear in zip(
            history.panel.weeks, worth.season.tolist(), worth.swing.tolist(), worth.clear.tolist(), strict=True
        )
    ]


def told_swings(
    worth: NDArray[np.float64],
    swing: NDArray[np.float64],
    clear: NDArray[np.bool_],
    rules: Sequence[StageLimits],
    longest: int,
) -> NDArray[np.float64]:
    """Return the swing of each window by (its length, its last week); 1 where it is not worth telling.

    Args:
        worth: what each week is worth by the season.
        swing: factor of each week.
        clear: weeks that say something of the market; the others are left out.
        rules: limits in force, by week.
        longest: weeks of the longest window.
    """
    due = np.concatenate([[0.0], np.cumsum(np.where(clear, worth, 0.0))])
    sold = np.concatenate([[0.0], np.cumsum(np.where(clear, worth * swing, 0.0))])
    end = np.arange(1, len(worth) + 1)
    begin = np.maximum(end[None, :] - np.arange(longest + 1)[:, None], 0)
    whole = due[end] - due[begin]
    factor = np.where(whole > 0, (sold[end] - sold[begin]) / np.maximum(whole, 1e-9), 1.0).round(TELLING_DIGITS)
    least = np.array([limits["swing_told"] for limits in rules])
    return np.where(is_told(factor, least), factor, 1.0)


def is_told(factor: Any, least: Any) -> Any:
    """Tell whether a swing differs from 1 by so much that it is named; arrays or numbers, in whole per cent."""
    return np.abs(np.round(factor, TELLING_DIGITS) - 1) >= np.maximum(least, 0.01) - 1e-9


def swing_words(language: Language, swing: float) -> str:
    """Return what the swing of the whole market did to what is expected in the weeks of a sentence."""
    share = swing_share(swing)
    if swing < 1:
        return text(
            language,
            "the whole market sold less than usual for the season in these weeks, so {share}% less is expected",
            share=share,
        )
    return text(
        language,
        "the whole market sold more than usual for the season in these weeks, so {share}% more is expected",
        share=share,
    )


def swing_share(swing: float) -> int:
    """Return by how much a swing differs from 1, in whole per cent."""
    return round(abs(100 * (round(swing, TELLING_DIGITS) - 1)))
