import math
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from core.portfolio import (
    BranchFilter,
    contacts_by_branch,
    filtered,
    needing_attention,
    portfolio,
    trend_weeks,
    warned_elsewhere,
    weekly_sums,
)
from tests.core.one_role_cadence import LAST_WEEK, cadence_of

EARLY = date(2020, 1, 1)


def branch_rows(*rows):
    names = ["branch_id", "branch_code", "branch_name", "bank", "region", "city", "supervisor"]
    columns = list(zip(*rows, strict=True)) if rows else [[]] * 7
    table = pa.table({name: list(column) for name, column in zip(names, columns, strict=True)})
    size = len(table)
    return (
        table.append_column("status", pa.array(["active"] * size, pa.string()))
        .append_column("size_tier", pa.array(["B"] * size, pa.string()))
        .append_column("cooperation_start", pa.array([EARLY] * size, pa.date32()))
    )


def stage_rows(*rows):
    names = ["branch_id", "stage", "confidence", "weeks_in_stage", "weeks_since_change", "badges", "policies_lost"]
    return pd.DataFrame(list(rows), columns=names)


def weeks_of_policies(*rows):
    names = ["branch_id", "week_start", "net", "premium_fen", "cancelled_fen"]
    types = [pa.int64(), pa.date32(), pa.int32(), pa.int64(), pa.int64()]
    columns = list(zip(*rows, strict=True)) if rows else [[]] * 5
    return pa.table([pa.array(column, kind) for column, kind in zip(columns, types, strict=True)], names=names)


def contact_rows(*rows):
    return pd.DataFrame(list(rows), columns=["branch_id", "attainment", "has_gap"])


TWO_BRANCHES = branch_rows(
    (7, "A1", "一号", "青禾银行", "东区/云州", "云州", "li"),
    (3, "A2", "二号", "长河银行", "东区/云州北", None, None),
)


def two_branches(**more):
    given = {
        "branches": TWO_BRANCHES,
        "stages": stage_rows(),
        "production": weeks_of_policies(),
        "contacts": contact_rows(),
        "last_week": LAST_WEEK,
    }
    return portfolio(**(given | more))


def test_a_sparkline_ends_with_the_last_week():
    weeks = trend_weeks(LAST_WEEK)
    assert (len(weeks), weeks[0], weeks[-1]) == (26, date(2026, 5, 18), LAST_WEEK)


def test_weekly_sums_leave_out_other_branches_and_weeks():
    weeks = [LAST_WEEK - timedelta(weeks=1), LAST_WEEK]
    rows = weeks_of_policies(
        (7, LAST_WEEK, 2, 0, 0),
        (3, weeks[0], 5, 0, 0),
        (9, LAST_WEEK, 100, 0, 0),
        (1, LAST_WEEK, 100, 0, 0),
        (7, LAST_WEEK + timedelta(weeks=1), 100, 0, 0),
        (7, weeks[0] - timedelta(weeks=1), 100, 0, 0),
    )
    assert weekly_sums(rows, branch_ids=np.array([7, 3]), weeks=weeks, column="net").tolist() == [[0, 2], [5, 0]]


def test_output_is_of_thirteen_weeks_and_the_trend_of_twenty_six():
    rows = weeks_of_policies(
        (7, LAST_WEEK, 2, 3_000_000, 1_000_000),
        (7, LAST_WEEK - timedelta(weeks=12), 1, 500_000, 0),
        (7, LAST_WEEK - timedelta(weeks=13), 4, 9_000_000, 0),
        (7, LAST_WEEK - timedelta(weeks=25), 8, 9_000_000, 0),
    )
    row = two_branches(production=rows).filter(pa.array([False, True])).to_pylist()[0]
    assert row["branch_code"] == "A1"
    assert row["policies"] == 3
    assert row["premium_wan"] == pytest.approx(2.5)
    assert row["trend"] == [8, *[0] * 11, 4, 1, *[0] * 11, 2]


def test_a_branch_without_a_stage_has_empty_stage_facts():
    rows = two_branches().to_pylist()
    assert {row["stage"] for row in rows} == {None}
    assert {row["weeks_in_stage"] for row in rows} == {None}
    assert {row["attainment"] for row in rows} == {None}
    assert {row["attention"] for row in rows} == {None}


def test_without_policies_there_is_no_trend():
    rows = two_branches(last_week=None).to_pylist()
    assert [row["trend"] for row in rows] == [[], []]
    assert [row["policies"] for row in rows] == [0, 0]


def test_only_a_branch_below_a_level_reached_before_loses_policies():
    stages = stage_rows((7, "mature", 0.8, 9, math.nan, "", 2.5), (3, "growth", 0.8, 9, math.nan, "", 4.0))
    lost = {row["branch_code"]: row["policies_lost"] for row in two_branches(stages=stages).to_pylist()}
    assert lost == {"A1": 2.5, "A2": 0.0}


def test_the_branch_that_lost_more_comes_first_in_its_group():
    stages = stage_rows(
        (7, "slump", 0.8, 30, math.nan, "watch_down", 3.0),
        (3, "slump", 0.8, 30, math.nan, "watch_down", 8.0),
    )
    table = two_branches(stages=stages)
    assert table["branch_code"].to_pylist() == ["A2", "A1"]
    assert needing_attention(table, 10)["branch_code"].to_pylist() == ["A2", "A1"]
    assert needing_attention(table, 1)["branch_code"].to_pylist() == ["A2"]


def test_a_branch_no_group_holds_is_not_on_the_list():
    stages = stage_rows((7, "mature", 0.8, 30, math.nan, "", 3.0), (3, "growth", 0.8, 30, math.nan, "", 8.0))
    assert needing_attention(two_branches(stages=stages), 10).num_rows == 0


def test_a_warning_no_group_holds_is_known_all_the_same():
    stages = stage_rows(
        (7, "growth", 0.8, 30, math.nan, "provisional,single_seller", 0.0),
        (3, "slump", 0.8, 30, math.nan, "single_seller", 8.0),
    )
    table = two_branches(stages=stages)
    assert needing_attention(table, 10)["branch_code"].to_pylist() == ["A2"]
    assert warned_elsewhere(table, 10)["branch_code"].to_pylist() == ["A1"]
    assert warned_elsewhere(table, 0).num_rows == 0
    marked = stage_rows((7, "growth", 0.8, 30, math.nan, "provisional,watch_up", 0.0))
    assert warned_elsewhere(two_branches(stages=marked), 10).num_rows == 0


def test_a_contact_gap_becomes_a_badge_once():
    stages = stage_rows(
        (7, "mature", 0.8, 30, math.nan, "watch_up", 0.0), (3, "mature", 0.8, 30, math.nan, "contact_gap", 0.0)
    )
    contacts = contact_rows((7, 0.1, True), (3, 0.1, True))
    table = two_branches(stages=stages, contacts=contacts).to_pylist()
    assert {row["branch_code"]: row["badges"] for row in table} == {
        "A1": ["watch_up", "contact_gap"],
        "A2": ["contact_gap"],
    }
    assert {row["attention"] for row in table} == {"contact_gap"}


def test_attainment_is_empty_where_nothing_was_due():
    table = two_branches(contacts=contact_rows((7, 0.5, False), (3, math.nan, False))).to_pylist()
    assert {row["branch_code"]: row["attainment"] for row in table} == {"A1": 0.5, "A2": None}


@pytest.mark.parametrize(
    ("due", "actual", "attainment", "has_gap"),
    [
        pytest.param([5] * 4, [5, 5, 5, 5], 1.0, False, id="all made"),
        pytest.param([1] * 4, [9, 0, 1, 1], 0.75, False, id="more than was due in one week hides nothing"),
        pytest.param([5] * 6, [0, 0, 5, 5, 5, 5], 1.0, False, id="only the last four weeks count"),
        pytest.param([5] * 4, [5, 5, 2, 2], 0.7, True, id="two weeks under the limit"),
    ],
)
def test_contacts_of_a_branch(due, actual, attainment, has_gap):
    (row,) = contacts_by_branch(cadence_of(due, actual)).to_dict("records")
    assert row == {"branch_id": 7, "attainment": pytest.approx(attainment), "has_gap": has_gap}


def test_nothing_due_gives_no_attainment():
    assert math.isnan(contacts_by_branch(cadence_of([0] * 4, [3] * 4))["attainment"].iloc[0])


@pytest.mark.parametrize(
    ("chosen", "codes"),
    [
        pytest.param(BranchFilter(), ["A1", "A2"], id="nothing chosen lets all through"),
        pytest.param(BranchFilter(regions=("东区",)), ["A1", "A2"], id="a region holds the units below"),
        pytest.param(BranchFilter(regions=("东区/云州",)), ["A1"], id="a name that begins alike is another unit"),
        pytest.param(BranchFilter(regions=("东区/云州", "东区/云州北")), ["A1", "A2"], id="either of two"),
        pytest.param(BranchFilter(banks=("长河银行",)), ["A2"], id="bank"),
        pytest.param(BranchFilter(cities=("云州",)), ["A1"], id="city"),
        pytest.param(BranchFilter(supervisors=("li",)), ["A1"], id="supervisor"),
        pytest.param(BranchFilter(stages=("slump",)), ["A1"], id="stage"),
        pytest.param(BranchFilter(banks=("长河银行",), cities=("云州",)), [], id="every condition must hold"),
    ],
)
def test_a_filter_lets_through(chosen, codes):
    stages = stage_rows((7, "slump", 0.8, 30, math.nan, "", 0.0), (3, "growth", 0.8, 30, math.nan, "", 0.0))
    assert sorted(filtered(two_branches(stages=stages), chosen)["branch_code"].to_pylist()) == codes


def test_no_branches_give_an_empty_table():
    table = two_branches(branches=branch_rows())
    assert table.num_rows == 0
    assert filtered(table, BranchFilter(regions=("东区",))).num_rows == 0
