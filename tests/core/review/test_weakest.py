import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from core.review.figures import Indicator
from core.review.weakest import indicators_by_branch, lag, weakest_first, weakest_indicators


def rows(*cells):
    names = ("key", "kpi", "value", "target", "denominator")
    return pa.table({name: [cell[place] for cell in cells] for place, name in enumerate(names)})


def test_what_is_missing_is_a_share_of_the_target():
    assert lag(np.array([3.0, 6.0, 0.0]), np.array([6.0, 5.0, 0.0]), is_better_down=False)[:2].tolist() == [0.5, 0.0]
    low = lag(np.array([0.10, 0.05]), np.array([0.05, 0.05]), is_better_down=True)
    assert low == pytest.approx([0.05 / 0.95, 0])


def test_the_three_that_lag_most_are_told_the_weakest_first():
    found = weakest_indicators(
        rows(
            ("B1", "policies_per_branch", 1.0, 4.0, 1.0),
            ("B1", "regular_share", 0.3, 1 / 3, 1000.0),
            ("B1", "contact_attainment", 0.5, 1.0, 20.0),
            ("B1", "cooling_off_rate", 0.4, 0.05, 5.0),
            ("B2", "policies_per_branch", 5.0, 4.0, 1.0),
        )
    )
    assert found["kpi"].tolist() == ["policies_per_branch", "contact_attainment", "cooling_off_rate"]
    assert found["place"].tolist() == [1, 2, 3]
    told = indicators_by_branch(found)
    assert told["B1"][0] == Indicator("policies_per_branch", 1.0, 4.0, 0.75)
    assert "B2" not in told


def test_an_indicator_without_target_value_or_enough_behind_it_is_not_told():
    found = weakest_indicators(
        rows(
            ("B1", "policies_per_branch", 1.0, None, 1.0),
            ("B1", "regular_share", None, 0.3, 0.0),
            ("B1", "cooling_off_rate", 0.5, 0.05, 2.0),
        )
    )
    assert found.empty


def branches(*cells):
    names = ("branch_code", "stage", "badges", "weeks_since_change", "policies_lost", "policies")
    return pd.DataFrame([dict(zip(names, cell, strict=True)) for cell in cells])


def test_branches_stand_in_the_order_of_the_list_to_see():
    found = weakest_first(
        branches(
            ("B1", "mature", "watch_down", np.nan, 2.0, 9),
            ("B2", "slump", "watch_down", np.nan, 1.0, 0),
            ("B3", "slump", "contact_gap", np.nan, 4.0, 0),
            ("B4", "mature", "", np.nan, 9.0, 0),
            ("B5", "growth", "", 1.0, 5.0, 3),
            ("B6", "growth", "", 2.0, 0.0, 2),
        )
    )
    assert found["branch_code"].tolist() == ["B3", "B2", "B6", "B5", "B1"]
    assert found["attention"].tolist()[:3] == ["weak_with_warning", "weak_with_warning", "newly_changed"]
