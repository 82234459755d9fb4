"""Which weeks can be judged for which branch: open, enough working days, data of the region present.

A week in which a whole region has no policy record, while it usually has some, is unknown, not
zero. "Usually" looks only at weeks before it: either hardly any of the last judged weeks was empty
(so a small region is believed after two empty weeks), or the region sells so much through
several branches that an empty week cannot be chance.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.stages.limits import StageLimits
from core.stages.panel import ACTIVE, CLOSED, Panel

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Feed:
    """Per branch and week: has a row at all, judged, unknown, thin; weeks judged before; restarts."""

    has_row: Bools
    valid: Bools
    unknown: Bools
    thin: Bools
    restarts: Bools  # first open week after a long closure
    resumed: Bools  # first open week after a short one
    age: NDArray[np.int32]  # judged weeks before this one, since the start or restart
    seen: NDArray[np.int32]  # the same, only weeks with data behind them


def feed_of(panel: Panel, exposure: NDArray[np.float32], judged: Bools, rules: Sequence[StageLimits]) -> Feed:
    """Work out what can be judged; `rules` are the limits in force, by week."""
    count = len(panel.weeks)
    number = np.arange(count)
    since_start = number[None, :] >= panel.first_week[:, None]
    has_row = since_start & (panel.status != CLOSED)
    is_open = since_start & (panel.status == ACTIVE)
    unknown_regions, thin_regions = _unknown_regions(panel, exposure, judged, rules)
    unknown = unknown_regions[panel.region] & is_open
    valid = is_open & judged[None, :] & ~unknown
    shut = since_start & ~is_open
    shut_before = np.zeros_like(panel.status, dtype=np.int32)
    for week in range(1, count):
        before = shut_before[:, week - 1]
        unseen = unknown[:, week - 1] & (before > 0)  # open again, but nothing is known of the week
        shut_before[:, week] = np.where(shut[:, week - 1], before + 1, np.where(unseen, before, 0))
    back = is_open & ~unknown & (shut_before > 0)
    restarts = back & (shut_before >= np.array([one["restart_weeks"] for one in rules]))
    age = np.zeros((panel.branch_count, count), np.int32)
    seen = np.zeros_like(age)
    running = weeks_before(panel).copy()
    running_seen = np.zeros_like(running)
    for week in range(count):
        running[restarts[:, week]] = 0
        running_seen[restarts[:, week]] = 0
        age[:, week], seen[:, week] = running, running_seen
        running += valid[:, week]
        running_seen += valid[:, week]
    return Feed(
        has_row=has_row,
        valid=valid,
        unknown=unknown,
        thin=thin_regions[panel.region] & is_open,
        restarts=restarts,
        resumed=back & ~restarts,
        age=age,
        seen=seen,
    )


def weeks_before(panel: Panel) -> NDArray[np.int64]:
    """Return the weeks of cooperation before the history of each branch begins."""
    mondays = np.array(list(panel.weeks), "datetime64[D]")
    begin = mondays[np.minimum(panel.first_week, len(panel.weeks) - 1)]
    return np.maximum((begin - panel.start_on).astype(np.int64) // 7, 0)


def _unknown_regions(
    panel: Panel, exposure: NDArray[np.float32], judged: Bools, rules: Sequence[StageLimits]
) -> tuple[Bools, Bools]:
    count, regions = len(panel.weeks), int(panel.region.max(initial=-1)) + 1
    arrived = np.zeros((regions, count))
    np.add.at(arrived, panel.region, panel.recorded)
    sellers_over = {
        weeks: _sellers(panel, regions, weeks) for weeks in {int(one["unknown_rate_weeks"]) for one in rules}
    }
    unknown = np.zeros((regions, count), np.bool_)
    thin = np.zeros_like(unknown)
    for week in range(count):
        if not judged[week]:
            continue
        limits = rules[week]
        usual_weeks, rate_weeks = int(limits["unknown_usual_weeks"]), int(limits["unknown_rate_weeks"])
        sellers = sellers_over[rate_weeks]
        before = np.flatnonzero(judged[:week])
        usual = before[-usual_weeks:]
        if len(usual) < limits["unknown_earliest_weeks"]:
            continue
        filled = (arrived[:, usual] > 0).mean(axis=1)
        recent = before[-rate_weeks:]
        known = ~unknown[:, recent]
        worth = (known * exposure[recent]).sum(axis=1)
        expected = exposure[week] * (known * arrived[:, recent]).sum(axis=1) / np.maximum(worth, 0.1)
        last_known = np.array([recent[row][-1] if row.any() else week - 1 for row in known])
        several = sellers[np.arange(regions), last_known] >= limits["unknown_sure_branches"]
        sure = (expected >= limits["unknown_sure_policies"]) & several
        unknown[:, week] = (arrived[:, week] == 0) & ((filled >= limits["unknown_usual_share"]) | sure)
        thin[:, week] = (expected >= limits["thin_policies_min"]) & (arrived[:, week] < limits["thin_share"] * expected)
    return unknown, thin


def _sellers(panel: Panel, regions: int, weeks: int) -> NDArray[np.float64]:
    """Return how many branches of each region sold within the last weeks, by week."""
    lately = np.cumsum(panel.recorded > 0, axis=1)
    lately[:, weeks:] = lately[:, weeks:] - lately[:, :-weeks]
    sellers = np.zeros((regions, len(panel.weeks)))
    np.add.at(sellers, panel.region, lately > 0)
    return sellers
