"""The stage of every branch for every week, each week from what was known by its end.

Weeks go forward one by one, branches in blocks. A cancellation that becomes known in a week is
replayed from the week of its policy on, so that later rows do without the policy and earlier
rows stay as they were.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from core.stages.feed import Feed, feed_of, weeks_before
from core.stages.limits import StageLimits
from core.stages.market import falls_together
from core.stages.model import LOG_LEVEL, RATE, STAGES, StageFilter
from core.stages.panel import Panel, restated_counts
from core.stages.plateaus import Plateaus
from core.stages.season import Season
from core.stages.shown import Shown
from core.stages.worth import Worth

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

BLOCK = 512
"""Branches brought forward at once: enough that two threads seldom wait for each other, few enough for the cache."""
THREADS, FEW_BLOCKS = 2, 4
KEPT_WEEKS = 5
"""Weeks of states kept for replays: the cooling-off period is 15 days."""
WEIGHED_WEEKS = 13
"""Last weeks for which it is kept what each of them said."""


@dataclass(frozen=True)
class StageHistory:
    """Stages by branch and week; cells without a row hold -1 in `stage`.

    `probability` holds the five stages in the order of `STAGES`; `level` is the branch's own level in
    policies per ordinary week, `rate` what it sells now; `since` is the number of the week the shown stage
    began; `before` holds the five probabilities of the last `WEIGHED_WEEKS` before the policies of the week were
    known; `exposure` is what the week is worth for the branch (0 = not judged); `sold` counts the policies of the
    window that ends with the week, as known by its end.
    """

    panel: Panel
    feed: Feed
    rules: Sequence[StageLimits]  # the numbers in force, by week
    stage: NDArray[np.int8]
    most_likely: NDArray[np.int8]
    confidence: NDArray[np.float32]
    probability: NDArray[np.float32]
    before: NDArray[np.float32]
    after: NDArray[np.float32]  # the same when they were known, cancellations since then included
    grace: Ints  # judged weeks left in which the branch cannot step down
    level: NDArray[np.float32]
    rate: NDArray[np.float32]
    since: NDArray[np.int16]
    exposure: NDArray[np.float32]
    season: NDArray[np.float32]  # exposure of each week of an ordinary branch
    market: NDArray[np.bool_]
    sold: NDArray[np.int32]
    from_events: NDArray[np.int32]
    worth: Worth
    counts: NDArray[np.int32]  # as known after the last week, holiday weeks in the next judged one
    model: StageFilter
    last: NDArray[np.float32]  # the filter after the last week
    late: NDArray[np.float32]  # (week, branch, stage): probabilities after the last, provisional weeks
    shown: Shown  # after the last week

    @property
    def limits(self) -> StageLimits:
        """The numbers in force in the last week."""
        return self.rules[-1]

    @property
    def rules_on(self) -> list[date]:
        """By week, since when the numbers it was judged with are in force."""
        return [one.rules_on for one in self.rules]


def stage_history(
    panel: Panel,
    season: Season,
    first_share: NDArray[np.float32],
    limits: StageLimits | Sequence[StageLimits],
) -> StageHistory:
    """Classify all branches over all weeks.

    Args:
        panel: branches and policies.
        season: working days of the weeks of the panel.
        first_share: per branch, the share of the week of its cooperation start that is left.
        limits: the numbers in force, or those of several times by `rules_on`; each week follows the latest ones that
            began by its Monday, the first ones before.
    """
    versions = (limits,) if isinstance(limits, StageLimits) else tuple(limits)
    return _Run(panel, season, first_share, versions).history()


class _Run:
    def __init__(
        self, panel: Panel, season: Season, first_share: NDArray[np.float32], versions: Sequence[StageLimits]
    ) -> None:
        self.panel, self.versions = panel, versions
        self.version = [_version_on(versions, week_start) for week_start in panel.weeks]
        self.rules = [versions[one] for one in self.version]
        judged = season.judged_by(self.rules)
        self.feed = feed_of(panel, season.default_exposure(self.rules), judged, self.rules)
        self.models = [StageFilter(one) for one in versions]
        self.restated = restated_counts(panel, judged)
        self.counts = self.restated.counts
        count, weeks = panel.branch_count, len(panel.weeks)
        self.worth = Worth(panel, season, self.rules, self.feed.valid, first_share)
        self.exposure = self.worth.exposure
        self.before = weeks_before(panel)
        start = self.models[self.version[0]].start(self.before)
        self.age_class = np.stack(
            [self._model(week).age_class(self.feed.age[:, week]) for week in range(len(panel.weeks))], axis=1
        )
        self.evidence = np.zeros((count, weeks), np.int32)
        self.states = np.zeros((KEPT_WEEKS, *start.shape), np.float32)
        self.states[-1] = start
        self.plateaus = Plateaus(self.models[self.version[0]], panel.weeks)
        self.shown = Shown.empty(count)
        self.probability = np.zeros((count, weeks, len(STAGES)), np.float32)
        self.confidence = np.zeros((count, weeks), np.float32)
        self.predicted = np.zeros((count, min(WEIGHED_WEEKS, weeks), len(STAGES)), np.float32)
        self.updated = np.zeros_like(self.predicted)
        self.level = np.zeros((count, weeks), np.float32)
        self.rate = np.zeros((count, weeks), np.float32)
        self.stage = np.full((count, weeks), -1, np.int8)
        self.most_likely = np.full((count, weeks), -1, np.int8)
        self.since = np.zeros((count, weeks), np.int16)
        self.sold, self.from_events = self._in_window(events_only=False), self._in_window(events_only=True)
        self.reading = self.models[self.version[0]].reading(start)

    def history(self) -> StageHistory:
        grace = np.zeros(self.panel.branch_count, np.int64)
        with ThreadPoolExecutor(THREADS) as threads:
            for week in range(len(self.panel.weeks)):
                grace[self.feed.resumed[:, week]] = int(self._limits(week)["grace_weeks"])
                self._begin(week)
                self._replay(week)
                self._learn_levels(week)
                self.worth.begin_year(week, self.stage, self.counts)
                self.worth.find_market(week, self.counts[:, week], self.reading[:, RATE], self.feed.seen[:, week])
                self._step(week, threads)
                self._show(week, grace > 0)
                grace -= (grace > 0) & self.feed.valid[:, week]
        return StageHistory(
            panel=self.panel,
            feed=self.feed,
            rules=self.rules,
            stage=self.stage,
            most_likely=self.most_likely,
            confidence=self.confidence,
            probability=self.probability,
            before=self.predicted,
            after=self.updated,
            grace=grace,
            level=self.level,
            rate=self.rate,
            since=self.since,
            exposure=self.exposure,
            season=self.worth.season,
            market=self.worth.market,
            worth=self.worth,
            sold=self.sold,
            from_events=self.from_events,
            counts=self.counts,
            model=self.models[self.version[-1]],
            last=self._states_after(len(self.panel.weeks) - 1),
            late=self._late(),
            shown=self.shown,
        )

    def _limits(self, week: int) -> StageLimits:
        return self.rules[week]

    def _in_window(self, *, events_only: bool) -> NDArray[np.int32]:
        """Return the policies of the window that ends with each week, by the length in force in it."""
        lengths = np.array([int(one["window_weeks"]) for one in self.rules])
        found = np.zeros(self.counts.shape, np.int32)
        for length in np.unique(lengths).tolist():
            columns = lengths == length
            found[:, columns] = self.panel.counted(0, length - 1, events_only=events_only)[:, columns]
        return found

    def _model(self, week: int) -> StageFilter:
        return self.models[self.version[week]]

    def _begin(self, week: int) -> None:
        new = np.flatnonzero((self.panel.first_week == week) | self.feed.restarts[:, week])
        if not len(new):
            return
        start = self._start(new, week)
        for past in range(1, max(1, self._provisional_weeks(week)) + 1):  # what was settled before it began
            self._states_after(week - past)[new] = start
        self.reading[new] = self._model(week).reading(start)
        first = self.reading[new, : len(STAGES)].argmax(axis=1)
        self.shown.begin(new, first, week, int(self._limits(week)["hold_stay_weeks"]))

    def _replay(self, week: int) -> None:
        begin, end = np.searchsorted(self.restated.lost_in, [week, week + 1])
        if begin == end:
            return
        branch, lost_week = self.restated.branch[begin:end], self.restated.week[begin:end]
        np.subtract.at(self.counts, (branch, lost_week), self.restated.policies[begin:end].astype(np.int32))
        self._weigh(branch, lost_week)
        rows, position = np.unique(branch, return_inverse=True)
        oldest = np.full(len(rows), week)
        np.minimum.at(oldest, position, lost_week)
        started = self._started(rows, week)
        oldest = np.maximum(oldest, started)
        from_start = (oldest == started) | (oldest <= week - KEPT_WEEKS)
        oldest = np.where(from_start, started, oldest)
        order = np.argsort(oldest, kind="stable")
        for begin in range(0, len(order), BLOCK):
            part = order[begin : begin + BLOCK]
            self._replay_block(rows[part], oldest[part], from_start[part], week)

    def _replay_block(self, rows: Ints, oldest: Ints, from_start: NDArray[np.bool_], week: int) -> None:
        """Bring the rows, in the order of their oldest weeks, from there up to the week again."""
        known, after, room = (np.empty((len(rows), *self.states.shape[2:]), np.float32) for _ in range(3))
        joined = 0
        for past in range(int(oldest[0]), week):
            joining = slice(joined, int(np.searchsorted(oldest, past, "right")))
            new = rows[joining]
            if len(new):
                is_fresh = from_start[joining, None, None]
                known[joining] = np.where(is_fresh, self._start(new, past), self._states_after(past - 1)[new])
            joined = joining.stop
            self._step_rows(rows[:joined], past, known[:joined], after[:joined], room[:joined])
            known, after = after, known
            if past >= week - KEPT_WEEKS:
                self._states_after(past)[rows[:joined]] = known[:joined]
        self.reading[rows] = self._model(week).reading(self._states_after(week - 1)[rows])

    def _started(self, rows: NDArray[np.int64], week: int) -> NDArray[np.int64]:
        """Return the week each branch began or last began anew, at most the present one."""
        restarts = self.feed.restarts[rows, : week + 1]
        last = np.where(restarts.any(axis=1), week - restarts[:, ::-1].argmax(axis=1), -1)
        return np.minimum(np.maximum(last, self.panel.first_week[rows]), week)

    def _learn_levels(self, week: int) -> None:
        known_well = self.feed.valid[:, week] & (self.feed.seen[:, week] >= self._limits(week)["plateau_seen_weeks"])
        self.plateaus.learn(week, self._states_after(week - 1), np.flatnonzero(known_well), self._limits(week))

    def _weigh(self, rows: Ints, weeks: Ints | int) -> None:
        """Look up the evidence of judged weeks."""
        week_of = np.broadcast_to(np.asarray(weeks), rows.shape)
        version_of = np.array(self.version)[week_of]
        for version in np.unique(version_of).tolist():
            branch, week = rows[version_of == version], week_of[version_of == version]
            self.evidence[branch, week] = self.models[version].evidence_rows(
                self.counts[branch, week].astype(np.int64), self.exposure[branch, week]
            )

    def _step(self, week: int, threads: ThreadPoolExecutor) -> None:
        """Bring the states of all branches one week on."""
        self._weigh(np.flatnonzero(self.feed.valid[:, week]), week)
        count = self.panel.branch_count
        blocks = range(0, count, BLOCK)
        if len(blocks) < FEW_BLOCKS:
            self._step_blocks(week, blocks)
        else:
            list(threads.map(lambda part: self._step_blocks(week, blocks[part::THREADS]), range(THREADS)))

    def _step_blocks(self, week: int, blocks: range) -> None:
        before, after = self._states_after(week - 1), self._states_after(week)
        room = np.empty((BLOCK, *before.shape[1:]), np.float32)
        for begin in blocks:
            rows = np.arange(begin, min(begin + BLOCK, len(before)))
            part = slice(begin, begin + len(rows))
            valid = self.feed.valid[part, week]
            reading = self._step_rows(rows, week, before[part], after[part], room[: len(rows)])
            self.reading[part] = np.where(valid[:, None], reading, self.reading[part])

    def _step_rows(self, rows: Ints, week: int, before: Floats, after: Floats, room: Floats) -> Floats:
        """Bring the judged among the rows a week on; return the reading of all as if judged."""
        known = self.plateaus.applied(week, before)
        ages, evidence = self.age_class[rows, week], self.evidence[rows, week]
        place = week - (len(self.panel.weeks) - self.predicted.shape[1])
        predicted = np.empty((len(rows), len(STAGES)), np.float32) if place >= 0 else None
        reading = self._model(week).stepped(known, ages, evidence, after, room, predicted)
        if predicted is not None:
            self.predicted[rows, place], self.updated[rows, place] = predicted, reading[:, : len(STAGES)]
        kept = np.flatnonzero(~self.feed.valid[rows, week])
        after[kept] = known[kept]
        return reading

    def _start(self, rows: Ints, week: int) -> Floats:
        """Return what is known of branches that begin, or begin anew, with the week."""
        before = np.where(self.feed.restarts[rows, week], 0, self.before[rows])
        return self._model(week).start(before, self.plateaus.before(week))

    def _states_after(self, week: int) -> Floats:
        """Return the states after a week; -1 is before the first, only the last weeks are kept."""
        return np.asarray(self.states[week % KEPT_WEEKS])

    def _show(self, week: int, in_grace: NDArray[np.bool_]) -> None:
        valid, limits = self.feed.valid[:, week], self._limits(week)
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
            lambda rows: self._probability_after(week - self._provisional_weeks(week), rows),
            no_step_down=in_grace | together | self.worth.market[:, week] | self.feed.thin[:, week],
            no_mature=self.from_events[:, week] > limits["event_share"] * self.sold[:, week],
        )
        self._write(week, valid, probability)

    def _provisional_weeks(self, week: int) -> int:
        return int(self._limits(week)["provisional_weeks"])

    def _probability_after(self, week: int, rows: Ints) -> Floats:
        """Return the stage probabilities after one of the last weeks, without the policies cancelled since."""
        states, model = self._states_after(week), self.models[self.version[max(week, 0)]]
        found = np.empty((len(rows), len(STAGES)), np.float32)
        for begin in range(0, len(rows), BLOCK):
            part = slice(begin, begin + BLOCK)
            found[part] = model.reading(states[rows[part]])[:, : len(STAGES)]
        return found

    def _late(self) -> Floats:
        """Return the stage probabilities of the weeks that tell what is settled in the weeks to come."""
        count, rows = len(self.panel.weeks), np.arange(self.panel.branch_count)
        weeks = range(count - max(1, self._provisional_weeks(count - 1)), count)
        return np.stack([self._probability_after(week, rows) for week in weeks])

    def _write(self, week: int, valid: NDArray[np.bool_], probability: NDArray[np.float32]) -> None:
        has_row, begins = self.feed.has_row[:, week], self._begins(week)
        rows = np.arange(len(has_row))
        self.probability[:, week] = probability
        now = probability[rows, self.shown.stage]
        if week:
            carried = np.where(self.feed.unknown[:, week], self._limits(week)["unknown_keep"], 1.0)
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


def _version_on(versions: Sequence[StageLimits], week_start: date) -> int:
    """Return the number of the latest version that began by a Monday; the first one where none had."""
    return max((number for number, one in enumerate(versions) if one.rules_on <= week_start), default=0)
