"""The facts behind each row: which sentence explains the stage, and its numbers.

All numbers are what was known at the end of the week. `sold` and `before` count policies of the
last `window` weeks and of those before; `expected` is the branch's own level times what the judged
weeks of the window are worth; `chance` is that of so few at that level. `swing`, where it is worth telling, is
the factor of the usual the whole market sold in the window, holidays aside.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.facts import Stage
from core.stages.chance import chance_of_so_few
from core.stages.feed import weeks_before
from core.stages.history import StageHistory
from core.stages.limits import StageLimits
from core.stages.model import STAGES
from core.stages.panel import SUSPENDED
from core.stages.swing import told_swings

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
NUMBERS = ("sold", "before", "window", "expected", "chance", "level", "held", "weeks")
MARKET_JSON, REOPENED_JSON, SWING_JSON = ',"market":true', ',"reopened":true', ',"swing":{}'
BRANCHES_AT_ONCE = 256
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
class RowColumns:
    """Rows as columns of plain values, by branch and week; places of branches and weeks, numbers of stages."""

    branch: list[int]
    week: list[int]
    stage: list[int]
    confidence: list[float]
    most_likely: list[int]
    since: list[int]
    due: list[float | None]
    reason_key: list[str]
    sold: list[int]
    before: list[int]
    window: list[int]
    expected: list[float]
    chance: list[float]
    level: list[float]
    held: list[int]
    weeks: list[int]
    market: list[bool]
    reopened: list[bool]
    swing: list[float]
    probabilities: NDArray[np.float32]  # (row, stage)

    def facts(self, number: int) -> dict[str, Any]:
        """Return the facts of a row by its place in the columns."""
        facts: dict[str, Any] = {name: getattr(self, name)[number] for name in NUMBERS}
        facts["most_likely"] = WORDS[self.most_likely[number]]
        facts["stage"] = WORDS[self.stage[number]]
        facts["probabilities"] = _plain(self.probabilities[number], 3)
        if self.market[number]:
            facts["market"] = True
        if self.reopened[number]:
            facts["reopened"] = True
        if self.swing[number] != 1:
            facts["swing"] = self.swing[number]
        return facts

    def facts_json(self) -> Iterator[str]:
        """Yield the facts of each row as compact JSON, without the probabilities."""
        words = [f'"{word}"' for word in WORDS]
        rows = zip(
            self.sold, self.before, self.window, self.expected, self.chance, self.level, self.held, self.weeks,
            self.most_likely, self.stage, self.market, self.reopened, self.swing, strict=True,
        )  # fmt: skip
        for sold, before, window, expected, chance, level, held, weeks, best, stage, market, reopened, swing in rows:
            yield (
                f'{{"sold":{sold},"before":{before},"window":{window},"expected":{expected},"chance":{chance},'
                f'"level":{level},"held":{held},"weeks":{weeks},"most_likely":{words[best]},"stage":{words[stage]}'
                f"{MARKET_JSON if market else ''}{REOPENED_JSON if reopened else ''}"
                f"{'' if swing == 1 else SWING_JSON.format(swing)}}}"
            )


@dataclass(frozen=True)
class RowFacts:
    """Rows of a history with their facts, by branch and week."""

    history: StageHistory

    @cached_property
    def window(self) -> NDArray[np.int32]:
        """Weeks the sentence looks back: the shortest window in which enough is expected, else the longest."""
        chosen = np.empty(self.history.level.shape, np.int32)
        for limits, columns in self._versions:
            windows = [int(limits[key]) for key in ("window_weeks", "window_medium_weeks", "window_long_weeks")]
            found = np.full(self.history.level.shape, windows[-1], np.int32)
            for weeks in reversed(windows[:-1]):
                found[self._worth(weeks) * self.history.level >= limits["window_policies"]] = weeks
            chosen[:, columns] = found[:, columns]
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
        is_new = feed.age < np.array([one["startup_min_weeks"] for one in history.rules])
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
        chance = np.empty(self.sold.shape, np.float32)
        for limits, columns in self._versions:
            for weeks in np.unique(self.window[:, columns]).tolist():
                chosen = (self.window == weeks) & columns
                sold, expected = self.sold[chosen].astype(int), self.expected[chosen].astype(float)
                chance[chosen] = chance_of_so_few(sold, expected, limits["dispersion"] * weeks)
        return chance

    @cached_property
    def swing(self) -> NDArray[np.float64]:
        """Swing of the whole market by (length of the window, last week); 1 = not worth telling."""
        history, worth = self.history, self.history.worth
        season = history.season.astype(np.float64)
        return told_swings(season, worth.swing, worth.clear, history.rules, int(self.window.max(initial=0)))

    @property
    def _versions(self) -> Iterator[tuple[StageLimits, NDArray[np.bool_]]]:
        """Yield the limits of each version, and which weeks they are in force in."""
        rules_on = np.array(self.history.rules_on, "datetime64[D]")
        for day in np.unique(rules_on):
            columns = rules_on == day
            yield self.history.rules[int(np.argmax(columns))], columns

    def rows(self, *, latest_only: bool = False) -> Iterator[StageRow]:
        """Yield rows by branch, weeks in order; `latest_only` those of the last week."""
        weeks = list(self.history.panel.weeks)
        for columns in self.columns(latest_only=latest_only):
            for number in range(len(columns.branch)):
                yield StageRow(
                    branch=columns.branch[number],
                    week_start=weeks[columns.week[number]],
                    stage=STAGES[columns.stage[number]],
                    confidence=columns.confidence[number],
                    most_likely=STAGES[columns.most_likely[number]],
                    since=weeks[columns.since[number]],
                    expected=columns.due[number],
                    reason_key=columns.reason_key[number],
                    facts=columns.facts(number),
                )

    def columns(self, *, latest_only: bool = False) -> Iterator["RowColumns"]:
        """Yield the same rows as columns, some branches at a time."""
        history = self.history
        begin = len(history.panel.weeks) - 1 if latest_only else 0
        for first in range(0, history.panel.branch_count, BRANCHES_AT_ONCE):
            part = slice(first, first + BRANCHES_AT_ONCE), slice(begin, None)
            chosen = history.stage[part] >= 0
            place, number = np.nonzero(chosen)
            place, number = place + first, number + begin

            def picked(
                cells: NDArray[Any],
                digits: int | None = None,
                part: tuple[slice, slice] = part,
                chosen: NDArray[np.bool_] = chosen,
            ) -> list[Any]:
                return _plain(cells[part][chosen], digits)

            worth = history.exposure[part][chosen]
            due = _plain(history.level[part][chosen] * worth, 3)
            since = history.since[part][chosen]
            window = np.minimum(self.window[part][chosen], number - history.panel.first_week[place] + 1)
            yield RowColumns(
                branch=place.tolist(),
                week=number.tolist(),
                stage=picked(history.stage),
                confidence=picked(history.confidence, 4),
                most_likely=picked(history.most_likely),
                since=since.tolist(),
                due=[amount if judged else None for amount, judged in zip(due, (worth > 0).tolist(), strict=True)],
                reason_key=[REASONS[reason] for reason in picked(self.reason)],
                sold=picked(self.sold),
                before=picked(self.before),
                window=window.tolist(),
                expected=picked(self.expected, 1),
                chance=picked(self.chance, 3),
                level=picked(history.level, 3),
                held=(number - since + 1).tolist(),
                weeks=picked(self.weeks),
                market=picked(history.market),
                reopened=picked(self.reopened),
                swing=self.swing[window, number].tolist(),
                probabilities=history.probability[part][chosen],
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
