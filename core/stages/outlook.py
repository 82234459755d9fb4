"""What the coming weeks would have to bring to move a stage: the engine run on with made-up weeks.

Two questions: after how many weeks without a policy it steps down, and how few policies, spread
evenly over four weeks or over eight, move it up. Weeks are those of the calendar: one with too few working days passes
without judgement, and its policies count in the next one.
"""

import copy
from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.stages.history import BLOCK, StageHistory
from core.stages.model import STAGES
from core.stages.shown import RANK, Shown

LOOKS_AHEAD_WEEKS = 8
MONTH_WEEKS = 4
UP_WEEKS = (MONTH_WEEKS, LOOKS_AHEAD_WEEKS)
TOTALS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 28, 40)


def outlooks(history: StageHistory, coming: Sequence[float]) -> list[dict[str, Any]]:
    """Return what would move each branch, in the order of the panel.

    Args:
        history: the history up to now.
        coming: exposure of the coming `LOOKS_AHEAD_WEEKS` weeks; 0 = too few working days to judge.

    Returns:
        Dicts with `weeks` looked ahead and, where something moves the stage, `down_weeks` and
        `down_stage`, `up_policies`, `up_weeks` and `up_stage`.
    """
    found: list[dict[str, Any]] = [{"weeks": LOOKS_AHEAD_WEEKS} for _ in range(history.panel.branch_count)]
    for begin in range(0, history.panel.branch_count, BLOCK):
        rows = np.arange(begin, min(begin + BLOCK, history.panel.branch_count))
        _look_down(history, rows, coming, found)
        _look_up(history, rows, coming, found)
    return found


def _look_down(
    history: StageHistory, rows: NDArray[np.int64], coming: Sequence[float], found: list[dict[str, Any]]
) -> None:
    run = Ahead(history, rows)
    before = run.shown.stage.copy()
    for number in range(LOOKS_AHEAD_WEEKS):
        run.add_week(np.zeros(len(rows), np.int64), coming[number])
        for place in np.flatnonzero(RANK[run.shown.stage] < RANK[before]):
            if "down_stage" not in found[rows[place]]:
                found[rows[place]] |= {"down_weeks": number + 1, "down_stage": STAGES[run.shown.stage[place]].value}


def _look_up(
    history: StageHistory, rows: NDArray[np.int64], coming: Sequence[float], found: list[dict[str, Any]]
) -> None:
    left = rows[RANK[history.shown.stage[rows]] < RANK.max()]
    for weeks, total in product(UP_WEEKS, TOTALS):
        if not len(left):
            break
        run = Ahead(history, left)
        before = run.shown.stage.copy()
        for number in range(weeks):
            share = total * (number + 1) // weeks - total * number // weeks
            run.add_week(np.full(len(left), share, np.int64), coming[number])
        risen = RANK[run.shown.stage] > RANK[before]
        for place in np.flatnonzero(risen):
            found[left[place]] |= {
                "up_policies": total,
                "up_weeks": weeks,
                "up_stage": STAGES[run.shown.stage[place]].value,
            }
        left = left[~risen]


class Ahead:
    """The filter of some branches, run on from the last week."""

    def __init__(self, history: StageHistory, rows: NDArray[np.int64]) -> None:
        """Take the branches as the history left them."""
        self.history = history
        self.known, self.late = history.last[rows], list(history.late[:, rows])
        self.after, self.room = np.empty_like(self.known), np.empty_like(self.known)
        self.age = history.feed.age[rows, -1].astype(np.int64) + history.feed.valid[rows, -1]
        shown = history.shown
        self.shown: Shown = replace(
            copy.copy(shown),
            stage=shown.stage[rows],
            since=shown.since[rows],
            stood=shown.stood[rows],
            candidate=shown.candidate[rows],
            led=shown.led[rows],
        )
        self.week = len(history.panel.weeks)
        self.grace = history.grace[rows].copy()
        self.held = np.zeros(len(rows), np.int64)
        share = history.limits["event_share"]
        self.from_event = history.from_events[rows, -1] > share * history.sold[rows, -1]

    def add_week(self, counts: NDArray[np.int64], exposure: float) -> None:
        """Bring the branches a calendar week on; policies of an event bar maturity for as long as we look."""
        provisional = int(self.history.limits["provisional_weeks"])
        if exposure <= 0:
            self.held += counts
            self.week += 1
            self.late.append(self.late[-1])
            return
        counts, self.held = counts + self.held, np.zeros_like(self.held)
        model = self.history.model
        evidence = model.evidence_rows(counts, np.full(len(counts), exposure, np.float32))
        reading = model.stepped(self.known, model.age_class(self.age), evidence, self.after, self.room)
        self.known, self.after = self.after, self.known
        probability = reading[:, : len(STAGES)]
        self.late.append(probability)
        settled = self.late[-1 - provisional]
        all_rows, in_grace = np.ones(len(counts), np.bool_), self.grace > 0
        self.grace -= in_grace
        self.shown.count_week(all_rows, probability.argmax(axis=1))
        self.shown.change(
            self.week,
            all_rows,
            probability,
            self.history.limits,
            lambda some: settled[some],
            no_step_down=in_grace,
            no_mature=self.from_event,
        )
        self.age += 1
        self.week += 1
