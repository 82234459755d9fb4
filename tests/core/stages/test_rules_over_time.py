"""A version holds from its Monday on: rows of the weeks before stay as they were."""

import numpy as np
import pytest

from core.calendar import WorkingCalendar
from core.simulation import market, simulated
from core.stages.facts import RowFacts
from core.stages.history import stage_history
from core.stages.limits import RuleValue, RuleVersion, rules_over
from core.stages.season import season_of
from tests.core.stages.fit_world import SHIPPED

BRANCHES, WEEKS, CHANGED = 30, 80, 66
PHASE = SHIPPED.phases[8].name


@pytest.fixture(scope="module")
def world():
    return simulated(market("usual"), BRANCHES, WEEKS, seed=3).panel


def rows(panel, *versions):
    season = season_of(panel.weeks, WorkingCalendar())
    history = stage_history(panel, season, np.ones(BRANCHES, np.float32), rules_over(panel.weeks, versions))
    return {
        (row.branch, row.week_start): (row.stage, row.confidence, row.most_likely, row.reason_key, str(row.facts))
        for row in RowFacts(history).rows()
    }, history.rules_on


@pytest.fixture(scope="module")
def before(world):
    return rows(world)[0]


@pytest.mark.parametrize(
    ("subject", "key", "value"),
    [
        ("limits", "hold_lead", 0.6),
        ("limits", "hold_stay_weeks", 9.0),
        ("limits", "potential_median", 5.0),
        ("limits", "event_share", 0.1),
        ("limits", "market_share", 0.1),
        ("limits", "burst_factor", 9.0),
        ("limits", "new_level_chance", 0.05),
        ("limits", "grace_weeks", 10.0),
        ("limits", "dispersion", 2.0),
        ("limits", "workdays_min", 5.0),
        ("limits", "startup_min_weeks", 20.0),
        ("limits", "never_activated_weeks", 40.0),
        ("limits", "thin_share", 0.9),
        ("limits", "thin_policies_min", 1.0),
        ("limits", "window_weeks", 4.0),
        ("limits", "window_medium_weeks", 20.0),
        ("limits", "window_policies", 9.0),
        ("season", "month_6", 2.0),
        ("phases", f"{PHASE}.mean_weeks", 9.0),
        ("phases", f"{PHASE}.level_share", 0.3),
    ],
)
def test_the_weeks_before_a_version_stay_as_they_were(world, before, subject, key, value):
    monday = world.weeks[CHANGED]
    found, rules_on = rows(world, RuleVersion(monday, (RuleValue(subject, key, value),)))
    assert [name for name in before if name[1] < monday and found[name] != before[name]] == []
    assert rules_on == [SHIPPED.rules_on] * CHANGED + [monday] * (WEEKS - CHANGED)


def test_the_weeks_from_a_version_on_go_by_it(world, before):
    monday = world.weeks[CHANGED]
    found, _ = rows(world, RuleVersion(monday, (RuleValue("limits", "dispersion", 1.5),)))
    assert [name for name in before if name[1] >= monday and found[name] != before[name]]
