from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.survey.completeness import (
    PartStanding,
    PartState,
    branch_standings,
    judged_parts,
    people_changed,
    survey_bases,
    survey_standing,
)
from core.survey.fields import survey_fields

TODAY = date(2026, 3, 18)
PERIODS = survey_fields().periods
SECTIONS = [one.key for one in survey_fields().sections]


def facts(*rows):
    plain = {
        "branch_id": 1,
        "section": "environment",
        "number": 1,
        "surveyed_on": TODAY,
        "filled": 0,
        **{f"oldest_{period}": None for period in PERIODS},
        **dict.fromkeys(("head_changes", "retail_changes", "sellers_then", "sellers_left", "sellers_joined"), 0),
    }
    frame = pd.DataFrame([plain | row for row in rows])
    for name in ("surveyed_on", *(f"oldest_{period}" for period in PERIODS)):
        frame[name] = pd.to_datetime(frame[name])
    return frame


def ago(days):
    return TODAY - timedelta(days=days)


def state(**row):
    return judged_parts(facts(row), as_of=TODAY)["state"].iloc[0]


@pytest.mark.parametrize(
    ("period", "days", "expected"),
    [
        ("month", 0, "inside"),
        ("month", 23, "inside"),
        ("month", 24, "warn"),
        ("month", 31, "warn"),
        ("month", 32, "over"),
        ("quarter", 68, "inside"),
        ("quarter", 69, "warn"),
        ("quarter", 91, "warn"),
        ("quarter", 92, "over"),
        ("half_year", 136, "inside"),
        ("half_year", 137, "warn"),
        ("half_year", 183, "over"),
        ("year", 273, "inside"),
        ("year", 274, "warn"),
        ("year", 365, "warn"),
        ("year", 366, "over"),
    ],
)
def test_an_answer_is_warned_of_in_the_last_quarter_of_its_period_and_over_after_it(period, days, expected):
    assert state(**{f"oldest_{period}": ago(days)}) == expected


def test_the_worst_answer_decides_and_the_first_period_to_end_is_the_review_day():
    judged = judged_parts(facts({"oldest_year": ago(10), "oldest_month": ago(30)}), as_of=TODAY)
    assert judged["state"].iloc[0] == "warn"
    assert judged["review_on"].iloc[0] == pd.Timestamp(TODAY + timedelta(days=1))
    assert judged["age_days"].iloc[0] == 0


def test_a_part_never_surveyed_is_missing_and_has_no_age():
    judged = judged_parts(facts({"number": 0, "surveyed_on": None}), as_of=TODAY)
    assert judged["state"].iloc[0] == "missing"
    assert judged["age_days"].isna().all()
    assert judged["review_on"].isna().all()


@pytest.mark.parametrize(
    ("row", "changed"),
    [
        ({}, False),
        ({"head_changes": 1}, True),
        ({"retail_changes": 1}, True),
        ({"sellers_then": 3, "sellers_left": 1, "sellers_joined": 1}, False),
        ({"sellers_then": 6, "sellers_left": 2}, False),
        ({"sellers_then": 6, "sellers_left": 3}, True),
        ({"sellers_then": 5, "sellers_joined": 2}, True),
        ({"sellers_then": 2, "sellers_left": 1}, True),
        ({"sellers_then": 0, "sellers_joined": 1}, True),
    ],
)
def test_more_than_a_third_of_the_sellers_or_a_new_head_counts_as_changed(row, changed):
    assert people_changed(facts(row)).tolist() == [changed]


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        ("environment", "inside"),
        ("people", "people_changed"),
        ("business", "people_changed"),
        ("rivals", "inside"),
    ],
)
def test_a_change_of_people_makes_only_people_and_business_due(section, expected):
    assert state(section=section, head_changes=1, oldest_year=TODAY) == expected


def test_a_branch_counts_required_fields_and_names_what_is_due_in_the_order_of_the_sections():
    frame = facts(
        {"branch_id": 7, "section": "rivals", "number": 0, "surveyed_on": None},
        {"branch_id": 7, "section": "environment", "filled": 11, "surveyed_on": ago(40), "oldest_year": ago(40)},
        {"branch_id": 7, "section": "people", "filled": 4, "oldest_month": ago(40)},
        {"branch_id": 7, "section": "business", "filled": 3, "oldest_month": ago(30)},
        {"branch_id": 3, "section": "environment", "oldest_year": ago(1)},
    )
    found = branch_standings(judged_parts(frame, as_of=TODAY)).to_dict("records")
    assert [row["branch_id"] for row in found] == [7, 3]
    assert found[0]["filled"] == 18
    assert found[0]["required"] == 33
    assert found[0]["completeness"] == pytest.approx(18 / 33)
    assert found[0]["due"] == ["people", "rivals"]
    assert found[0]["warned"] == ["business"]
    assert found[0]["state"] == "missing"
    assert found[0]["surveyed_on"] == pd.Timestamp(TODAY)
    assert found[0]["review_on"] == pd.Timestamp(ago(9))
    assert found[1]["due"] == []
    assert found[1]["state"] == "inside"


@pytest.mark.parametrize(
    ("row", "surveyed_on", "is_due"),
    [
        ({"oldest_month": ago(31)}, TODAY, False),
        ({"oldest_month": ago(32)}, TODAY, True),
        ({"number": 0, "surveyed_on": None}, None, True),
    ],
    ids=["on the last day of its period", "a day later", "never surveyed"],
)
def test_a_plan_rests_on_the_latest_survey_and_is_warned_past_its_period(row, surveyed_on, is_due):
    standings = branch_standings(judged_parts(facts({"branch_id": 7} | row), as_of=TODAY))
    found = survey_bases(standings)[7]
    assert (found.surveyed_on, found.is_due) == (surveyed_on, is_due)


def test_no_branches_give_no_rows():
    assert survey_bases(branch_standings(judged_parts(facts({}).iloc[:0], as_of=TODAY))) == {}
    assert len(branch_standings(judged_parts(facts({}).iloc[:0], as_of=TODAY))) == 0


def test_for_a_branch_head_the_hidden_fields_are_not_required():
    frame = facts(*({"section": section} for section in SECTIONS[:3]))
    assert branch_standings(judged_parts(frame, as_of=TODAY, for_head=True))["required"].tolist() == [28]


ORDER = ["inside", "warn", "over"]


@settings(max_examples=10, deadline=None)
@given(st.lists(st.integers(0, 800), min_size=2, max_size=8))
def test_waiting_longer_never_makes_a_part_younger(days):
    waited = sorted(days)
    for period in PERIODS:
        judged = judged_parts(facts(*({f"oldest_{period}": ago(each)} for each in waited)), as_of=TODAY)
        levels = [ORDER.index(each) for each in judged["state"]]
        assert levels == sorted(levels)


def test_one_branch_as_records():
    frame = facts(
        {"filled": 6, "surveyed_on": ago(5), "oldest_year": ago(40)},
        {"section": "rivals", "number": 0, "surveyed_on": None},
    )
    whole = survey_standing(judged_parts(frame, as_of=TODAY))
    assert whole.parts == (
        PartStanding("environment", PartState.INSIDE, 6, 12, ago(5), 5, ago(40 - 365)),
        PartStanding("rivals", PartState.MISSING, 0, 4, None, None, None),
    )
    assert (whole.filled, whole.required, whole.completeness) == (6, 16, 6 / 16)
    assert (whole.surveyed_on, whole.due) == (ago(5), ("rivals",))
    assert survey_standing(frame.iloc[:0]).completeness == 1.0
