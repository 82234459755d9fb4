from datetime import date

import pandas as pd
import pytest

from core.survey.fields import Confidence, Method, survey_fields
from core.survey.parts import Source
from core.survey.values import checked_value
from pages.parts.survey_form import own_sources
from pages.parts.survey_grids import column_config, column_order, grid_frame, grid_values, grids_of

FIELDS = survey_fields()
GRIDS = {grid.key: grid for section in FIELDS.sections for grid in grids_of(FIELDS.of_section(section.key))}
BY_ROLE = next(key for key in GRIDS if key.startswith("branch_head"))
VALUES = {
    "customer_age_mix": {"under_35": 40, "65_up": 60},
    "tier_counts": {"mass": 3},
    "flow_log": [{"day": "2026-03-01", "hour": "09", "visitors": 8}],
    "org_chart": {"teller": 4, "branch_head": 1},
    "duties": {"teller": {"pitches": True}},
    "attitude": {"teller": 2},
    "contact_style": {"teller": {"way": "message"}},
    "person_rows": [
        {"staff_code": "S1", "role": "teller", "registered": True, "presence": 50},
        {"staff_code": "S2", "role": "wealth_manager"},
    ],
    "communication_skill": {"S2": 5},
    "product_skill": {"S1": 3},
    "meeting_slots": {"morning": {"days": ["mon", "fri"], "at": "08:30", "may_speak": True}},
    "bank_target": {"policies": {"target": 30, "period": "month"}},
    "product_list": [{"product": "甲", "from": "2026-01-05"}],
    "sales_process": {"raise": {"role": "teller"}},
    "complaint_history": {"sales": 0},
    "rival_rows": [{"label": "甲公司", "product_kind": "annuity"}],
}


def test_fields_of_the_same_lines_share_a_table_and_skills_stand_beside_the_persons():
    assert [one.key for one in GRIDS[BY_ROLE].fields] == [
        "org_chart",
        "duties",
        "attitude",
        "contact_style",
        "turnover_12m",
        "training_hours",
    ]
    assert [one.key for one in GRIDS["person_rows"].fields] == ["person_rows", "communication_skill", "product_skill"]
    assert GRIDS["customer_age_mix"].is_wide
    in_grids = [one.key for grid in GRIDS.values() for one in grid.fields]
    assert len(in_grids) == len(set(in_grids))


@pytest.mark.parametrize("key", GRIDS)
def test_what_is_shown_comes_back_as_the_same_answers(key):
    grid = GRIDS[key]
    back = grid_values(grid, grid_frame(grid, VALUES, "zh"))
    assert back.keys() == {one.key for one in grid.fields}
    for one in grid.fields:
        assert checked_value(one, back[one.key]) == (VALUES.get(one.key), ())


@pytest.mark.parametrize("key", GRIDS)
def test_an_empty_table_gives_no_answer_and_every_column_is_typed(key):
    grid = GRIDS[key]
    frame = grid_frame(grid, {}, "en")
    for one in grid.fields:
        assert checked_value(one, grid_values(grid, frame)[one.key]) == (None, ())
    config = column_config(grid, "en", ("S1",), "Line")
    assert set(column_order(grid)) == set(frame.columns) <= set(config)


def test_a_skill_without_a_staff_code_is_refused_and_a_row_added_by_hand_is_kept():
    grid = GRIDS["person_rows"]
    frame = pd.concat(
        [
            grid_frame(grid, VALUES, "en"),
            pd.DataFrame([{"person_rows.staff_code": None, "product_skill": 4.0}]),
        ]
    )
    back = grid_values(grid, frame)
    assert back["product_skill"] == {"S1": 3.0, "": 4.0}
    assert checked_value(FIELDS.field("product_skill"), back["product_skill"])[1][0].key == "staff_code"


def test_a_source_of_a_field_takes_from_the_part_what_its_row_leaves_empty():
    part = Source((Method.ASK, Method.OBSERVE), date(2026, 3, 1), Confidence.SURE, "备注")
    frame = pd.DataFrame(
        [
            {"field": "transport", "method": "inside", "day": None, "confidence": None, "note": None},
            {
                "field": "area_kind",
                "method": None,
                "day": pd.Timestamp("2026-02-02"),
                "confidence": "guess",
                "note": "听说",
            },
            {"field": None, "method": "ask", "day": None, "confidence": None, "note": None},
        ]
    )
    assert own_sources(frame, part) == {
        "transport": Source((Method.INSIDE,), date(2026, 3, 1), Confidence.SURE),
        "area_kind": Source((Method.ASK, Method.OBSERVE), date(2026, 2, 2), Confidence.GUESS, "听说"),
    }
