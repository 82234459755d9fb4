"""Early warnings and marks beside the stage, for the last week of a history.

They are fast and cautious and never change a stage. Premium enters only "single-pay heavy".
The contact gap is not here: it is judged when it is read, from the cadence.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.facts import Badge, Stage
from core.stages.chance import chances_of_split
from core.stages.feed import weeks_before
from core.stages.history import StageHistory
from core.stages.model import STAGES

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
STRONGEST_FIRST = (
    Badge.WATCH_DOWN,
    Badge.KEY_PERSON_LEFT,
    Badge.HIGH_CANCELLATION,
    Badge.NEVER_ACTIVATED,
    Badge.CAMPAIGN_DRIVEN,
    Badge.SINGLE_SELLER,
    Badge.SINGLE_PAY_HEAVY,
    Badge.LOW_PLATEAU,
    Badge.WATCH_UP,
    Badge.INSUFFICIENT_DATA,
    Badge.PROVISIONAL,
)
RECENT_WEEKS, REFERENCE_WEEKS, REFERENCE_MIN_WEEKS = 8, 26, 13
MIDDLE_OF_LIFE_WEEKS = 26
CAMPAIGN_MIN_POLICIES = 3


@dataclass(frozen=True)
class LatePolicies:
    """Policies of the last 26 weeks, one per row, as known by the end of the last week.

    `branch` is the place in the panel, `weeks_ago` 0 for the last week, `seller` the person's key or -1,
    `is_net` False where cancelled or given back, `is_cancelled` only within the cooling-off period.
    """

    branch: Ints
    weeks_ago: Ints
    seller: Ints
    is_regular: Bools
    premium_fen: Ints
    is_net: Bools
    is_cancelled: Bools


@dataclass(frozen=True)
class Departures:
    """People who left within the last weeks: branch, person's key, whether branch head, weeks since."""

    branch: Ints
    seller: Ints
    is_head: Bools
    weeks_ago: Ints


def badges_now(
    history: StageHistory, late: LatePolicies, left: Departures, standard: NDArray[np.float64]
) -> dict[Badge, Bools]:
    """Return for each badge which branches carry it in the last week, strongest badge first.

    Args:
        history: the stages up to the last week.
        late: policies of the last 26 weeks.
        left: departures.
        standard: size standard of each branch, policies per 13 season-neutral weeks.
    """
    found = _from_counts(history, standard) | _from_policies(history, late, left)
    present = history.stage[:, -1] >= 0
    return {badge: np.asarray(found[badge] & present) for badge in STRONGEST_FIRST}


def _from_counts(history: StageHistory, standard: NDArray[np.float64]) -> dict[Badge, Bools]:
    limits, feed = history.limits, history.feed
    stage = history.stage[:, -1]
    back = np.cumsum(feed.valid[:, ::-1], axis=1)[:, ::-1]
    recent = feed.valid & (back <= RECENT_WEEKS)
    reference = feed.valid & (back > RECENT_WEEKS) & (back <= RECENT_WEEKS + REFERENCE_WEEKS)
    sold = (history.counts * recent).sum(axis=1).astype(np.int64)
    before = (history.counts * reference).sum(axis=1).astype(np.int64)
    worth, worth_before = (history.exposure * recent).sum(axis=1), (history.exposure * reference).sum(axis=1)
    share = worth / np.maximum(worth + worth_before, 1e-6)
    few, many = chances_of_split(sold, before, share.astype(np.float64))
    ratio = (sold / np.maximum(worth, 1e-6)) / np.maximum(before / np.maximum(worth_before, 1e-6), 1e-6)
    limit = limits.warnings
    enough = (before >= limit[Badge.WATCH_DOWN, "reference_min"]) & (reference.sum(axis=1) >= REFERENCE_MIN_WEEKS)
    sold_week = np.where(feed.valid & (history.counts > 0), back, np.iinfo(np.int32).max).min(axis=1)
    zero_run = np.minimum(sold_week - 1, feed.valid.sum(axis=1))
    is_small = standard <= min(limits.standards.values())
    longest = np.where(is_small, limit[Badge.WATCH_DOWN, "zero_weeks_small"], limit[Badge.WATCH_DOWN, "zero_weeks"])
    fewer = (ratio <= limit[Badge.WATCH_DOWN, "ratio_max"]) & (few <= limit[Badge.WATCH_DOWN, "chance_max"])
    more = (ratio >= limit[Badge.WATCH_UP, "ratio_min"]) & (many <= limit[Badge.WATCH_UP, "chance_max"])
    seen = feed.seen[:, -1] + feed.valid[:, -1]
    low = history.level[:, -1] * 13 < limit[Badge.LOW_PLATEAU, "share_max"] * standard
    settled = np.isin(stage, [STAGES.index(Stage.MATURE), STAGES.index(Stage.ADJUSTMENT)])
    began_before = weeks_before(history.panel)
    since_weeks = len(history.panel.weeks) - history.since[:, -1]
    last_days = 7 * since_weeks
    events, in_window = history.from_events[:, -1], history.sold[:, -1]
    return {
        Badge.WATCH_DOWN: enough & (fewer | (zero_run >= longest)),
        Badge.WATCH_UP: enough & more,
        Badge.LOW_PLATEAU: low & settled & (seen >= limit[Badge.INSUFFICIENT_DATA, "valid_weeks"]),
        Badge.NEVER_ACTIVATED: (stage == STAGES.index(Stage.SLUMP))
        & (history.counts.sum(axis=1) == 0)
        & (began_before == 0),
        Badge.INSUFFICIENT_DATA: (seen < limit[Badge.INSUFFICIENT_DATA, "valid_weeks"])
        & (began_before >= MIDDLE_OF_LIFE_WEEKS),
        Badge.CAMPAIGN_DRIVEN: (events > limits["event_share"] * in_window) & (in_window >= CAMPAIGN_MIN_POLICIES),
        Badge.PROVISIONAL: (last_days <= limit[Badge.PROVISIONAL, "days"]) & (seen > since_weeks),
    }


def _from_policies(history: StageHistory, late: LatePolicies, left: Departures) -> dict[Badge, Bools]:
    limit, size = history.limits.warnings, history.panel.branch_count
    net = late.is_net
    quarter = net & (late.weeks_ago < 13)
    in_quarter = np.bincount(late.branch[quarter], minlength=size)
    top, _, _ = _by_seller(late, quarter, size)
    enough = in_quarter >= limit[Badge.SINGLE_SELLER, "policies_min"]
    premium = np.bincount(late.branch[net], weights=late.premium_fen[net], minlength=size)
    regular = np.bincount(
        late.branch[net & late.is_regular], weights=late.premium_fen[net & late.is_regular], minlength=size
    )
    accepted = np.bincount(late.branch, minlength=size)
    cancelled = np.bincount(late.branch[late.is_cancelled], minlength=size)
    return {
        Badge.SINGLE_SELLER: enough & (top >= limit[Badge.SINGLE_SELLER, "share_min"] * in_quarter),
        Badge.SINGLE_PAY_HEAVY: (premium > 0)
        & (regular < limit[Badge.SINGLE_PAY_HEAVY, "regular_share_max"] * premium),
        Badge.HIGH_CANCELLATION: (cancelled >= limit[Badge.HIGH_CANCELLATION, "cancelled_min"])
        & (cancelled >= limit[Badge.HIGH_CANCELLATION, "rate_min"] * accepted),
        Badge.KEY_PERSON_LEFT: _key_person_left(history, late, left, size),
    }


def _key_person_left(history: StageHistory, late: LatePolicies, left: Departures, size: int) -> Bools:
    limit = history.limits.warnings
    half_year = np.bincount(late.branch[late.is_net], minlength=size)
    _, keys, sold = _by_seller(late, late.is_net, size)
    lately = left.weeks_ago < limit[Badge.KEY_PERSON_LEFT, "weeks"]
    wanted = left.seller * size + left.branch
    place = np.minimum(np.searchsorted(keys, wanted), max(len(keys) - 1, 0))
    own = np.where(keys[place] == wanted, sold[place], 0) if len(keys) else np.zeros(len(wanted), np.int64)
    total = half_year[left.branch]
    is_key = left.is_head | ((total > 0) & (own >= limit[Badge.KEY_PERSON_LEFT, "share_min"] * total))
    return np.asarray(np.bincount(left.branch[lately & is_key], minlength=size) > 0)


def _by_seller(late: LatePolicies, chosen: Bools, size: int) -> tuple[Ints, Ints, Ints]:
    """Return the most policies of one person by branch, and (keys, policies) of every person at a branch."""
    with_seller = chosen & (late.seller >= 0)
    keys, sold = np.unique(late.seller[with_seller] * size + late.branch[with_seller], return_counts=True)
    top = np.zeros(size, np.int64)
    np.maximum.at(top, keys % size, sold)
    return top, keys, sold
