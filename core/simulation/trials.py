"""How well a set of numbers does on simulated branches: what the threshold lab shows before a change is saved."""

from functools import lru_cache

import numpy as np

from core.calendar import WorkingCalendar
from core.simulation.markets import Simulated, market, simulated
from core.simulation.scores import Scores, scores_of
from core.stages.history import stage_history
from core.stages.limits import StageLimits
from core.stages.season import season_of

BRANCHES, WEEKS, SEED = 200, 104, 8


def trial_scores(limits: StageLimits, profile: str) -> Scores:
    """Return how the stages shown under the limits agree with the truth of a profile.

    The same branches are drawn each time, so two sets of numbers are told apart by what they do, not by chance.

    Raises:
        LookupError: no such profile.
    """
    world = _world(profile)
    season = season_of(world.panel.weeks, WorkingCalendar())
    history = stage_history(world.panel, season, np.ones(BRANCHES, np.float32), limits)
    return scores_of(history.stage, world.truth, history.confidence)


@lru_cache(maxsize=8)
def _world(profile: str) -> Simulated:
    return simulated(market(profile), BRANCHES, WEEKS, SEED)
