"""Simulated markets: branches with weekly policies and the true stage of each week."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.calendar import WorkingCalendar
from core.simulation.chain import Chain, chain_of
from core.stages.panel import ACTIVE, Panel
from core.stages.season import season_of

BANKS, REGIONS = 4, 7
CAMPAIGN_FACTOR = 4.0
LEAVE_LEVEL, LEAVE_WEEKS = 0.5, 10
"""After a seller left a branch sells this share, and is back to itself after so many weeks."""


@dataclass(frozen=True)
class Market:
    """What a market is like: plateau rates (policies a season-neutral week), noise, campaigns, season, turnover."""

    rate_median: float
    rate_spread: float  # log units
    shape: float  # of the gamma noise of a week
    campaign_share: float  # share of weeks that bring four times as much
    season_power: float  # the true season is the months of the file to this power
    departures_a_year: float  # of sellers, a branch
    new_share: float = 0.35  # of branches that start within the data


@dataclass(frozen=True)
class Simulated:
    """A panel, the true stage of every branch and week (-1 before the start), and what the exact filter may know."""

    panel: Panel
    truth: NDArray[np.int8]
    worth: NDArray[np.float64]  # (branch, week): true season times what departures leave
    weeks_before: NDArray[np.int64]
    counts: NDArray[np.int64]
    rate: NDArray[np.float64]  # policies a season-neutral week at the plateau


@cache
def _rows() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "profiles.toml").read_text(encoding="utf-8"))


def _profiles() -> dict[str, Market]:
    return {name: Market(**row) for name, row in _rows().items() if name != "months"}


def market_names() -> list[str]:
    """Return the names of the profiles, the usual one first."""
    return list(_profiles())


def market(name: str) -> Market:
    """Return a profile.

    Raises:
        LookupError: no such profile.
    """
    return _profiles()[name]


def simulated(
    settings: Market,
    branches: int,
    weeks: int,
    seed: int,
    *,
    first: date = date(2024, 1, 1),
    chain: Chain | None = None,
    lost_share: float = 0.0,
) -> Simulated:
    """Draw a market; new branches start within the data, the others one to eight years before.

    `lost_share` of the lines of policies is cancelled within three weeks.
    """
    drawn = np.random.default_rng(seed)
    life = chain or chain_of()
    mondays = [first + timedelta(weeks=number) for number in range(weeks)]
    is_new = drawn.random(branches) < settings.new_share
    begin = np.where(is_new, drawn.integers(0, max(weeks - 30, 1), branches), -drawn.integers(52, 416, branches))
    truth, level = _lives(drawn, life, begin, weeks)
    rate = settings.rate_median * np.exp(settings.rate_spread * drawn.normal(size=branches))
    worth = true_season(mondays, settings.season_power)[None, :] * _left_by_departures(drawn, settings, branches, weeks)
    noise = drawn.gamma(settings.shape, 1 / settings.shape, size=(branches, weeks))
    campaign = np.where(drawn.random((branches, weeks)) < settings.campaign_share, CAMPAIGN_FACTOR, 1.0)
    counts = drawn.poisson(rate[:, None] * level * worth * noise * campaign)
    place, number = np.nonzero(counts)
    lost = np.where(drawn.random(len(place)) < lost_share, number + drawn.integers(0, 4, len(place)), weeks)
    panel = Panel(
        weeks=mondays,
        bank=np.arange(branches) % BANKS,
        region=np.arange(branches) % REGIONS,
        start_on=np.datetime64(first, "D") + begin * 7,
        first_week=np.maximum(begin, 0),
        status=np.full((branches, weeks), ACTIVE, np.int8),
        branch=place.astype(np.int64),
        week=number.astype(np.int64),
        lost_week=lost,
        policies=counts[place, number].astype(np.int64),
        from_events=np.zeros(len(place), np.int64),
    )
    return Simulated(panel, truth, worth, np.maximum(-begin, 0), counts, rate)


def true_season(mondays: Sequence[date], power: float) -> NDArray[np.float64]:
    """Return what each week is worth when the months of the profiles are taken to a power, mean kept at 1."""
    months = np.array(_rows()["months"]) ** power
    return season_of(mondays, WorkingCalendar()).exposure(months * 12 / months.sum()).astype(np.float64)


def _lives(
    drawn: np.random.Generator, life: Chain, begin: NDArray[np.int64], weeks: int
) -> tuple[NDArray[np.int8], NDArray[np.float64]]:
    """Return true stage (-1 before the start) and level by branch and week."""
    truth = np.full((len(begin), weeks), -1, np.int8)
    level = np.zeros((len(begin), weeks))
    into = np.cumsum(life.entry, axis=1)
    state = np.searchsorted(np.cumsum(life.first), drawn.random(len(begin)) * (1 - 1e-9), "right")
    for week in range(int(begin.min(initial=0)), weeks):
        older = begin < week
        ends = older & (drawn.random(len(begin)) < life.end[state])
        chance = drawn.random(len(begin)) * (1 - 1e-9)
        entered = np.array(
            [np.searchsorted(into[life.exit[state[row]]], chance[row], "right") for row in np.flatnonzero(ends)], int
        )
        state = np.where(older, life.forward[state], state)
        # an ended spell enters its next state instead of the next age
        state[ends] = entered
        if week >= 0:
            here = begin <= week
            truth[here, week], level[here, week] = life.stage[state[here]], life.level[state[here]]
    return truth, level


def _left_by_departures(drawn: np.random.Generator, settings: Market, branches: int, weeks: int) -> NDArray[np.float64]:
    left = np.ones((branches, weeks))
    happens = drawn.random((branches, weeks)) < settings.departures_a_year / 52
    for since in range(min(LEAVE_WEEKS, weeks)):
        factor = LEAVE_LEVEL + (1 - LEAVE_LEVEL) * since / LEAVE_WEEKS
        hit = np.zeros_like(happens)
        hit[:, since:] = happens[:, : weeks - since] if since else happens
        left = np.where(hit, np.minimum(left, factor), left)
    return left
