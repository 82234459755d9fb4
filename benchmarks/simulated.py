"""Branches with known stages, drawn from the meaning of the stages and not from the engine's tables."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from core.calendar import WorkingCalendar
from core.stages.limits import limits_on
from core.stages.model import STAGES
from core.stages.panel import ACTIVE, Panel
from core.stages.season import week_exposure

STARTUP, GROWTH, MATURE, ADJUSTMENT, SLUMP = range(len(STAGES))
NEXT = {
    STARTUP: ((GROWTH, 0.85), (SLUMP, 0.15)),
    GROWTH: ((MATURE, 0.85), (ADJUSTMENT, 0.1), (SLUMP, 0.05)),
    MATURE: ((ADJUSTMENT, 0.75), (SLUMP, 0.25)),
    ADJUSTMENT: ((GROWTH, 0.3), (MATURE, 0.35), (SLUMP, 0.35)),
    SLUMP: ((GROWTH, 0.85), (ADJUSTMENT, 0.15)),
}
LENGTH = {STARTUP: (10, 30), GROWTH: (14, 40), MATURE: (26, 100), ADJUSTMENT: (6, 30), SLUMP: (9, 40)}


@dataclass(frozen=True)
class Profile:
    """What makes a market easy or hard."""

    potential_median: float = 1.2
    potential_spread: float = 0.8
    shape: float = 6.0
    campaign_share: float = 0.01
    season_power: float = 1.0


PROFILES = {
    "usual": Profile(),
    "small": Profile(potential_median=0.45, potential_spread=0.5),
    "strong season": Profile(season_power=1.4),
    "noisy": Profile(shape=2.5, campaign_share=0.04),
}


@dataclass(frozen=True)
class Simulated:
    """A panel and the true stage of every branch and week."""

    panel: Panel
    truth: NDArray[np.int8]


def simulated(
    branches: int,
    weeks: int,
    seed: int,
    *,
    profile: Profile | None = None,
    first: date = date(2024, 7, 1),
    new_share: float = 0.35,
    lost_share: float = 0.0,
) -> Simulated:
    """Draw branches; `new_share` of them start within the data, the others long before.

    `lost_share` of the lines of policies is cancelled within three weeks.
    """
    drawn = np.random.default_rng(seed)
    settings = profile or Profile()
    mondays = [first + timedelta(weeks=number) for number in range(weeks)]
    exposure, _ = week_exposure(mondays, WorkingCalendar(), limits_on(first))
    worth = np.where(exposure > 0, exposure**settings.season_power, 0)
    truth = np.full((branches, weeks), -1, np.int8)
    level = np.zeros((branches, weeks))
    start_on = np.full(branches, np.datetime64(first, "D"))
    first_week = np.zeros(branches, np.int64)
    for branch in range(branches):
        is_new = drawn.random() < new_share
        begin = int(drawn.integers(0, max(weeks - 30, 1))) if is_new else -int(drawn.integers(60, 300))
        start_on[branch] += begin * 7
        first_week[branch] = max(begin, 0)
        _draw_life(drawn, begin, weeks, truth[branch], level[branch])
    potential = settings.potential_median * np.exp(settings.potential_spread * drawn.normal(size=branches))
    noise = drawn.gamma(settings.shape, 1 / settings.shape, size=(branches, weeks))
    campaign = 1 + 3 * (drawn.random((branches, weeks)) < settings.campaign_share)
    counts = drawn.poisson(potential[:, None] * level * worth[None, :] * noise * campaign)
    place, number = np.nonzero(counts)
    policies = counts[place, number].astype(np.int64)
    panel = Panel(
        weeks=mondays,
        bank=np.arange(branches) % 4,
        region=np.arange(branches) % 7,
        start_on=start_on,
        first_week=first_week,
        status=np.full((branches, weeks), ACTIVE, np.int8),
        branch=place.astype(np.int64),
        week=number.astype(np.int64),
        lost_week=np.where(drawn.random(len(place)) < lost_share, number + drawn.integers(0, 4, len(place)), weeks),
        policies=policies,
        from_events=np.zeros(len(place), np.int64),
    )
    return Simulated(panel, truth)


def _draw_life(
    drawn: np.random.Generator, begin: int, weeks: int, truth: NDArray[np.int8], level: NDArray[np.float64]
) -> None:
    stage, week, before = STARTUP, begin, float(drawn.uniform(0.02, 0.12))
    while week < weeks:
        length = int(drawn.integers(*LENGTH[stage]))
        shape, before = _levels(drawn, stage, length, before)
        for number in range(max(week, 0), min(week + length, weeks)):
            truth[number], level[number] = stage, shape[number - week]
        week += length
        following, chances = zip(*NEXT[stage], strict=True)
        stage = int(drawn.choice(following, p=chances))


def _levels(drawn: np.random.Generator, stage: int, length: int, before: float) -> tuple[NDArray[np.float64], float]:
    ramp = np.linspace(0, 1, length)
    match stage:
        case 0:
            shape = before + (float(drawn.uniform(0.08, 0.25)) - before) * ramp
        case 1:
            low = float(np.clip(before, 0.25, 0.6))
            shape = low + (0.95 - low) * ramp
        case 2:
            shape = np.clip(1 + 0.06 * np.cumsum(drawn.normal(size=length)) / 3, 0.88, 1.12)
        case 3:
            shape = np.full(length, float(drawn.uniform(0.3, 0.7)))
        case _:
            shape = np.full(length, float(drawn.uniform(0.0, 0.13)))
    return shape, float(shape[-1])
