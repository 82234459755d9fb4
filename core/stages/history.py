"""The stage of every branch for every week, each week from what was known by its end.

Weeks go forward one by one, branches in blocks. A cancellation that becomes known in a week is
replayed from the week of its policy on, so that later rows do without the policy and earlier
rows stay as they were.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.stages.feed import Feed, feed_of, weeks_before
from core.stages.limits import StageLimits
from core.stages.market import SEEN_WEEKS, falls_together, market_week
from core.stages.model import LOG_LEVEL, RATE, STAGES, StageFilter
from core.stages.panel import Panel, restated_counts
from core.stages.shown import Shown

BLOCK = 512
KEPT_WEEKS = 5
"""Weeks of states kept for replays: the cooling-off period is 15 days."""


@dataclass(frozen=True)
class StageHistory:
    """Stages by branch and week; cells without a row hold -1 in `stage`.

    `probability` holds the five stages in the order of `STAGES`; `level` is the branch's own level in
    policies per ordinary week, `rate` what it sells now; `since` is the number of the week the shown stage
    began; `exposure` is what the week is worth for the branch (0 = not judged); `sold` counts the
    policies of the window that ends with the week, as known by its end.
    """

    panel: Panel
    feed: Feed
    limits: StageLimits
    stage: NDArray[np.int8]
    most_likely: NDArray[np.int8]
    confidence: NDArray[np.float32]
    probability: NDArray[np.float32]
    level: NDArray[np.float32]
    rate: NDArray[np.float32]
    since: NDArray[np.int16]
    exposure: NDArray[np.float32]
    season: NDArray[np.float32]  # exposure of each week of an ordinary branch
    market: NDArray[np.bool_]
    sold: NDArray[np.int32]
    from_events: NDArray[np.int32]
    counts: NDArray[np.int32]  # as known after the last week, holiday weeks in the next judged one
    model: StageFilter
    last: NDArray[np.float32]  # the filter after the last week
    shown: Shown  # after the last week


def stage_history(
    panel: Panel,
    season: NDArray[np.float32],
    judged: NDArray[np.bool_],
    first_share: NDArray[np.float32],
    limits: StageLimits,
) -> StageHistory:
    """Classify all branches over all weeks.

    Args:
        panel: branches and policies.
        season: exposure of each week.
        judged: whether each week has enough working days.
        first_share: per branch, the share of the week of its cooperation start that is left.
        limits: the numbers in force.
    """
    return _Run(panel, season, judged, first_share, limits).history()


class _Run:
    def __init__(
        self,
        panel: Panel,
        season: NDArray[np.float32],
        judged: NDArray[np.bool_],
        first_share: NDArray[np.float32],
        limits: StageLimits,
    ) -> None:
        self.panel, self.limits, self.season = panel, limits, season
        self.feed = feed_of(panel, season, judged, limits)
        self.model = StageFilter(limits)
        self.restated = restated_counts(panel, judged)
        self.counts = self.restated.counts
        count, weeks = panel.branch_count, len(panel.weeks)
        self.exposure = np.where(self.feed.valid, season[None, :], 0).astype(np.float32)
        self._shorten_first_weeks(first_share)
        self.before = weeks_before(panel)
        self.known = self.model.start(np.minimum(self.before, 10_000))
        self.ring = np.empty((min(KEPT_WEEKS, weeks), *self.known.shape), np.float32)
        self.shown = Shown.empty(count)
        self.probability = np.zeros((count, weeks, len(STAGES)), np.float32)
        self.confidence = np.zeros((count, weeks), np.float32)
        self.level = np.zeros((count, weeks), np.float32)
        self.rate = np.zeros((count, weeks), np.float32)
        self.stage = np.full((count, weeks), -1, np.int8)
        self.most_likely = np.full((count, weeks), -1, np.int8)
        self.since = np.zeros((count, weeks), np.int16)
        self.market = np.zeros((count, weeks), np.bool_)
        window = int(limits["window_weeks"])
        self.sold = panel.counted(0, window - 1)
        self.from_events = panel.counted(0, window - 1, events_only=True)
        self.reading = self.model.reading(self.known)

    def history(self) -> StageHistory:
        grace = np.zeros(self.panel.branch_count, np.int64)
        for week in range(len(self.panel.weeks)):
            grace[self.feed.resumed[:, week]] = int(self.limits["grace_weeks"])
            self._begin(week)
            self._replay(week)
            self._find_market(week)
            self._step(np.arange(self.panel.branch_count), week, whole=True)
            self._show(week, grace > 0)
            grace -= (grace > 0) & self.feed.valid[:, week]
        return StageHistory(
            panel=self.panel,
            feed=self.feed,
            limits=self.limits,
            stage=self.stage,
            most_likely=self.most_likely,
            confidence=self.confidence,
            probability=self.probability,
            level=self.level,
            rate=self.rate,
            since=self.since,
            exposure=self.exposure,
            season=self.season,
            market=self.market,
            sold=self.sold,
            from_events=self.from_events,
            counts=self.counts,
            model=self.model,
            last=self.known,
            shown=self.shown,
        )

    def _shorten_first_weeks(self, first_share: NDArray[np.float32]) -> None:
        mondays = np.array(list(self.panel.weeks), "datetime64[D]")
        week = np.clip((self.panel.start_on - mondays[0]).astype(np.int64) // 7, -1, len(mondays))
        rows = np.flatnonzero((week >= 0) & (week < len(mondays)))
        self.exposure[rows, week[rows]] *= first_share[rows]

    def _begin(self, week: int) -> None:
        new = np.flatnonzero((self.panel.first_week == week) | self.feed.restarts[:, week])
        if not len(new):
            return
        restarted = self.feed.restarts[new, week]
        self.known[new] = self.model.start(np.where(restarted, 0, self.before[new]))
        self.reading[new] = self.model.reading(self.known[new])
        first = self.reading[new, : len(STAGES)].argmax(axis=1)
        self.shown.begin(new, first, week, int(self.limits["hold_stay_weeks"]))

    def _replay(self, week: int) -> None:
        begin, end = np.searchsorted(self.restated.lost_in, [week, week + 1])
        if begin == end:
            return
        branch, lost_week = self.restated.branch[begin:end], self.restated.week[begin:end]
        np.subtract.at(self.counts, (branch, lost_week), self.restated.policies[begin:end].astype(np.int32))
        rows, position = np.unique(branch, return_inverse=True)
        oldest = np.full(len(rows), week)
        np.minimum.at(oldest, position, lost_week)
        started = self._started(rows, week)
        oldest = np.maximum(oldest, started)
        from_start = (oldest == started) | (oldest - 1 < week - len(self.ring))
        oldest = np.where(from_start, started, oldest)
        for past in range(int(oldest.min()), week):
            join = oldest == past
            if join.any():
                fresh, kept = rows[join & from_start], rows[join & ~from_start]
                restarted = self.feed.restarts[fresh, past]
                self.known[fresh] = self.model.start(np.where(restarted, 0, self.before[fresh]))
                self.known[kept] = self.ring[(past - 1) % len(self.ring)][kept]
            self._step(rows[oldest <= past], past, whole=False)
        self.reading[rows] = self.model.reading(self.known[rows])

    def _started(self, rows: NDArray[np.int64], week: int) -> NDArray[np.int64]:
        """Return the week each branch began or last began anew, at most the present one."""
        restarts = self.feed.restarts[rows, : week + 1]
        last = np.where(restarts.any(axis=1), week - restarts[:, ::-1].argmax(axis=1), -1)
        return np.minimum(np.maximum(last, self.panel.first_week[rows]), week)

    def _find_market(self, week: int) -> None:
        valid = self.feed.valid[:, week]
        found = market_week(
            self.counts[:, week].astype(np.int64),
            (self.reading[:, RATE] * self.exposure[:, week]).astype(np.float64),
            valid & (self.feed.seen[:, week] >= SEEN_WEEKS),
            (self.panel.bank, self.panel.region),
            self.limits,
        )
        self.market[:, week] = found.moved & valid
        self.exposure[:, week] *= found.factor

    def _step(self, rows: NDArray[np.int64], week: int, *, whole: bool) -> None:
        """Bring the states of the rows one week on, and keep them for replays."""
        valid = self.feed.valid[rows, week]
        judged = rows[valid]
        evidence = self.model.evidence(self.counts[judged, week].astype(np.int64), self.exposure[judged, week])
        for begin in range(0, len(judged), BLOCK):
            part = slice(begin, begin + BLOCK)
            block = judged[part]
            moved = self.model.predicted(self.known[block], self.feed.age[block, week].astype(np.int64))
            self.known[block] = moved = self.model.weighed(moved, evidence, part)
            if whole:
                self.reading[block] = self.model.reading(moved)
        kept = self.ring[week % len(self.ring)]
        if whole:
            kept[:] = self.known
        else:
            kept[rows] = self.known[rows]

    def _show(self, week: int, in_grace: NDArray[np.bool_]) -> None:
        valid, limits = self.feed.valid[:, week], self.limits
        probability = self.reading[:, : len(STAGES)]
        self.shown.count_week(valid, probability.argmax(axis=1))
        falling = self.shown.falling()
        together = np.zeros_like(valid)
        for group in (self.panel.bank, self.panel.region):
            together |= falls_together(falling, valid, group, limits)
        self.shown.change(
            week,
            valid,
            probability,
            limits,
            no_step_down=in_grace | together | self.market[:, week] | self.feed.thin[:, week],
            no_mature=self.from_events[:, week] > limits["event_share"] * self.sold[:, week],
        )
        self._write(week, valid, probability)

    def _write(self, week: int, valid: NDArray[np.bool_], probability: NDArray[np.float32]) -> None:
        has_row, begins = self.feed.has_row[:, week], self._begins(week)
        rows = np.arange(len(has_row))
        self.probability[:, week] = probability
        now = probability[rows, self.shown.stage]
        if week:
            carried = np.where(self.feed.unknown[:, week], self.limits["unknown_keep"], 1.0)
            before = self.confidence[:, week - 1] * carried.astype(np.float32)
            now = np.where(valid | begins, now, before)
            best = np.where(valid | begins, probability.argmax(axis=1), self.most_likely[:, week - 1])
        else:
            best = probability.argmax(axis=1)
        self.confidence[:, week] = now
        self.stage[:, week] = np.where(has_row, self.shown.stage, -1)
        self.most_likely[:, week] = best
        self.since[:, week] = self.shown.since
        self.level[:, week] = np.exp(self.reading[:, LOG_LEVEL])
        self.rate[:, week] = self.reading[:, RATE]

    def _begins(self, week: int) -> NDArray[np.bool_]:
        return np.asarray((self.panel.first_week == week) | self.feed.restarts[:, week])
