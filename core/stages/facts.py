"""The facts behind each row: which sentence explains the stage, and its numbers.

All numbers are what was known at the end of the week. `sold` and `before` count policies of the
last `window` weeks and of those before; `expected` is the branch's own level times what the judged
weeks of the window are worth; `chance` is that of so few at that level.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from math import isnan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.facts import Stage
from core.stages.chance import chance_of_so_few
from core.stages.feed import weeks_before
from core.stages.history import StageHistory
from core.stages.model import STAGES
from core.stages.panel import SUSPENDED

REASONS = (
    "startup_new",
    "startup_waiting",
    "growth_rising",
    "mature_steady",
    "adjustment_below",
    "slump_stopped",
    "slump_never",
    "suspended",
    "unknown_week",
    "short_week",
)
"""Reason keys; the last three say why the stage before stays."""
WORDS = tuple(stage.value for stage in STAGES)
BY_STAGE = {Stage.STARTUP: 1, Stage.GROWTH: 2, Stage.MATURE: 3, Stage.ADJUSTMENT: 4, Stage.SLUMP: 5}


@dataclass(frozen=True)
class StageRow:
    """One row of the history: branch by its place in the panel, week by its Monday."""

    branch: int
    week_start: date
    stage: Stage
    confidence: float
    most_likely: Stage
    since: date
    expected: float | None  # policies of the week at the own level, season applied; None = not judged
    reason_key: str
    facts: dict[str, Any]


@dataclass(frozen=True)
class RowFacts:
    """Rows of a history with their facts, by branch and week."""

    history: StageHistory

    @cached_property
    def window(self) -> NDArray[np.int32]:
        """Weeks the sentence looks back: the shortest window in which enough is expected, else the longest."""
        limits = self.history.limits
        windows = [int(limits[key]) for key in ("window_weeks", "window_medium_weeks", "window_long_weeks")]
        chosen = np.full(self.history.level.shape, windows[-1], np.int32)
        for weeks in reversed(windows[:-1]):
            chosen[self._worth(weeks) * self.history.level >= limits["window_policies"]] = weeks
        return chosen

    @cached_property
    def sold(self) -> NDArray[np.int32]:
        """Policies of the window."""
        return self._by_window(lambda weeks: self.history.panel.counted(0, weeks - 1)).astype(np.int32)

    @cached_property
    def before(self) -> NDArray[np.int32]:
        """Policies of the window before the last one."""
        return self._by_window(lambda weeks: self.history.panel.counted(weeks, 2 * weeks - 1)).astype(np.int32)

    @cached_property
    def expected(self) -> NDArray[np.float32]:
        """Policies expected over the window at the own level."""
        return np.asarray(self._by_window(self._worth) * self.history.level, np.float32)

    @cached_property
    def reopened(self) -> NDArray[np.bool_]:
        """Whether the cooperation was begun anew after a long closure, by then."""
        return np.logical_or.accumulate(self.history.feed.restarts, axis=1)

    @cached_property
    def weeks(self) -> NDArray[np.int32]:
        """Week of the cooperation, or since the reopening, by the calendar; 1 = the first."""
        panel, number = self.history.panel, np.arange(len(self.history.panel.weeks))
        first_monday = np.datetime64(panel.weeks[0], "D")
        start = (panel.start_on - first_monday).astype(np.int64) // 7
        restart = np.maximum.accumulate(np.where(self.history.feed.restarts, number, np.iinfo(np.int32).min), axis=1)
        return np.asarray(number - np.maximum(start[:, None], restart) + 1, np.int32)

    @cached_property
    def total(self) -> NDArray[np.int32]:
        """Policies since the data begin."""
        return self.history.panel.counted(0, len(self.history.panel.weeks))

    @cached_property
    def reason(self) -> NDArray[np.int8]:
        """Number of the reason of each row."""
        history, feed = self.history, self.history.feed
        by_stage = np.array([BY_STAGE[stage] for stage in STAGES])
        reason = by_stage[history.stage]
        is_new = feed.age < history.limits["startup_min_weeks"]
        reason = np.where((reason == BY_STAGE[Stage.STARTUP]) & is_new, REASONS.index("startup_new"), reason)
        began_in_data = (weeks_before(history.panel) == 0)[:, None]
        never = (reason == BY_STAGE[Stage.SLUMP]) & (self.total == 0) & began_in_data
        reason = np.where(never, REASONS.index("slump_never"), reason)
        reason = np.where(~feed.valid, REASONS.index("short_week"), reason)
        reason = np.where(feed.unknown, REASONS.index("unknown_week"), reason)
        return np.where(history.panel.status == SUSPENDED, REASONS.index("suspended"), reason).astype(np.int8)

    @cached_property
    def chance(self) -> NDArray[np.float32]:
        """Chance of so few policies at the own level."""
        history = self.history
        chance = np.empty(self.sold.shape, np.float32)
        for weeks in np.unique(self.window).tolist():
            chosen = self.window == weeks
            shape = history.limits["dispersion"] * weeks
            chance[chosen] = chance_of_so_few(self.sold[chosen].astype(int), self.expected[chosen].astype(float), shape)
        return chance

    def rows(self, *, latest_only: bool = False) -> Iterator[StageRow]:
        """Yield rows by branch, weeks in order; `latest_only` those of the last week."""
        history = self.history
        weeks = list(history.panel.weeks)
        begin = len(weeks) - 1 if latest_only else 0
        due = np.where(history.exposure > 0, history.level * history.exposure, np.nan)
        columns = (
            (history.stage, None), (history.confidence, 4), (history.most_likely, None), (history.since, None),
            (due, 3), (history.level, 3), (self.reason, None), (self.window, None), (self.sold, None),
            (self.before, None), (self.expected, 1), (self.chance, 3), (self.weeks, None),
            (history.market, None), (self.reopened, None),
        )  # fmt: skip
        first_week = history.panel.first_week.tolist()
        for branch in np.flatnonzero((history.stage[:, begin:] >= 0).any(axis=1)).tolist():
            cells = [_plain(column[branch, begin:], digits) for column, digits in columns]
            probabilities = _plain(history.probability[branch, begin:], 3)
            for number, cell in enumerate(zip(*cells, strict=True), start=begin):
                stage, confidence, best, since, expected_now, level, reason, *counted = cell
                window, sold, before, expected, chance, weeks_so_far, market, reopened = counted
                if stage < 0:
                    continue
                facts = {
                    "sold": sold,
                    "before": before,
                    "window": min(window, number - first_week[branch] + 1),
                    "expected": expected,
                    "chance": chance,
                    "level": level,
                    "held": number - since + 1,
                    "weeks": weeks_so_far,
                    "most_likely": WORDS[best],
                    "stage": WORDS[stage],
                    "probabilities": probabilities[number - begin],
                }
                if market:
                    facts["market"] = True
                if reopened:
                    facts["reopened"] = True
                yield StageRow(
                    branch=branch,
                    week_start=weeks[number],
                    stage=STAGES[stage],
                    confidence=confidence,
                    most_likely=STAGES[best],
                    since=weeks[since],
                    expected=None if isnan(expected_now) else expected_now,
                    reason_key=REASONS[reason],
                    facts=facts,
                )

    def _by_window(self, counted: Callable[[int], NDArray[Any]]) -> NDArray[Any]:
        chosen = np.zeros(self.window.shape)
        for weeks in np.unique(self.window).tolist():
            here = self.window == weeks
            chosen[here] = counted(weeks)[here]
        return chosen

    def _worth(self, window: int) -> NDArray[np.float64]:
        number = np.arange(len(self.history.panel.weeks))
        inside = number[None, :] >= self.history.panel.first_week[:, None]
        worth = np.cumsum(self.history.exposure * inside, axis=1, dtype=np.float64)
        worth[:, window:] = worth[:, window:] - worth[:, :-window]
        return worth


def _plain(cells: NDArray[Any], digits: int | None) -> list[Any]:
    plain: list[Any] = (cells if digits is None else cells.astype(np.float64).round(digits)).tolist()
    return plain
