from datetime import date

import pandas as pd
import pyarrow as pa
import pytest

from core.facts import Badge, Stage
from core.overview import Period, counts_now, kpi_figures, kpi_periods, moves_in_short, role_shares, watch_signs
from tests.core.one_role_cadence import cadence_of


def kpi_rows(**values):
    return pa.table(
        {
            "kpi": list(values),
            "value": pa.array(list(values.values()), pa.float64()),
            "numerator": pa.array([1.0] * len(values)),
            "denominator": pa.array([2.0] * len(values)),
            "target": pa.array([0.6] + [None] * (len(values) - 1), pa.float64()),
        }
    )


def test_the_period_ends_with_the_week_and_the_one_before_adjoins_it():
    now, before = kpi_periods(date(2026, 11, 9))
    assert now == Period(date(2026, 10, 19), date(2026, 11, 15))
    assert before == Period(date(2026, 9, 21), date(2026, 10, 18))


def test_kpis_stand_in_the_order_of_the_overview_beside_the_period_before():
    now = kpi_rows(branch_activity_rate=0.5, cooling_off_rate=9.0, regular_share=None)
    first, second = kpi_figures(now, kpi_rows(branch_activity_rate=0.4))
    assert (first.definition.key, first.now, first.before, first.target) == ("branch_activity_rate", 0.5, 0.4, 0.6)
    assert (second.definition.key, second.now, second.before, second.target) == ("regular_share", None, None, None)


def test_counts_now_compare_with_the_week_before():
    counts = pd.DataFrame(
        [
            (date(2026, 10, 26), "mature", 99),
            (date(2026, 11, 2), "mature", 1_001),
            (date(2026, 11, 9), "mature", 1_000),
            (date(2026, 11, 9), "slump", 2),
            (date(2026, 11, 2), "growth", 5),
            (date(2026, 11, 9), "growth", 5),
        ],
        columns=["week_start", "stage", "branches"],
    )
    table = counts_now(counts, date(2026, 11, 9))
    assert table["stage"].to_pylist() == [stage.value for stage in Stage]
    assert table["branches"].to_pylist() == [0, 5, 1_000, 0, 2]
    assert table["change"].to_pylist() == [0, 0, -1, 0, 2]
    assert table["label"].to_pylist() == ["0", "5", "1,000 (-1)", "0", "2 (+2)"]


@pytest.mark.parametrize("week", [None, date(2026, 11, 9)])
def test_without_stages_there_is_nothing_to_count(week):
    assert counts_now(pd.DataFrame(columns=["week_start", "stage", "branches"]), week).num_rows == 0


def test_watch_signs_count_the_branches_with_each_mark():
    badges = pa.chunked_array([pa.array([["key_person_left", "low_plateau"], [], ["low_plateau"]])])
    assert [(sign.badge, sign.branches) for sign in watch_signs(badges)] == [
        (Badge.KEY_PERSON_LEFT, 1),
        (Badge.LOW_PLATEAU, 2),
        (Badge.CAMPAIGN_DRIVEN, 0),
    ]


def test_role_shares_count_no_more_than_was_due_in_a_week():
    assert role_shares(cadence_of([1] * 5, [0, 9, 0, 1, 1])).to_pylist() == [
        {"role": "teller", "due": 4, "done": 3, "attainment": 0.75, "label": "75%"}
    ]


def test_a_role_with_nothing_due_is_left_out():
    assert role_shares(cadence_of([0] * 4, [1] * 4)).num_rows == 0


def test_moves_in_short_count_all_and_tell_the_first_of_each_way():
    ways = ["down"] * 5 + ["level"] + ["up"] * 2
    table = pa.table(
        {
            "direction": ways,
            "branch_code": [f"B{place}" for place in range(8)],
            "branch_name": ["支行"] * 8,
            "from_stage": ["growth"] * 8,
            "stage": ["slump"] * 8,
            "reason": ["a sentence"] * 8,
            "brief": ["figures"] * 8,
        }
    )
    told = moves_in_short(table)
    assert told.counts == {"down": 5, "level": 1, "up": 2}
    assert [move.branch_code for move in told.first] == ["B0", "B1", "B2", "B5", "B6", "B7"]
    assert (told.first[0].before, told.first[0].after, told.first[0].brief) == (Stage.GROWTH, Stage.SLUMP, "figures")


def test_without_moves_there_is_nothing_to_tell():
    told = moves_in_short(pa.table({}))
    assert (dict(told.counts), told.first) == ({"down": 0, "level": 0, "up": 0}, ())
