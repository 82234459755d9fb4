import json
from datetime import date

import pytest

from core.charts.palette import STAGE_SIGNS, STATUS_SIGNS
from core.charts.review import (
    ACTUAL,
    NONE,
    PAGE,
    PROJECTOR,
    WANTED,
    cadence_wall_chart,
    flow_chart,
    flow_rows,
    goal_rows,
    goals_chart,
    waterfall_chart,
    waterfall_rows,
)
from core.facts import CadenceStatus, Stage
from core.review.figures import Factor, GapMeasure, GapPart, GapSplit, KpiCard, StageFlow

BUILDS = {
    "goals": lambda language, size: goals_chart(language, size=size),
    "waterfall": lambda language, size: waterfall_chart(language, measure=GapMeasure.TARGET, size=size),
    "flow": lambda language, size: flow_chart(language, before="2026-08-17", after="2026-11-16", size=size),
    "wall": lambda language, size: cadence_wall_chart(language, rows=3, size=size),
}


def spec_of(name, language="en", size=PAGE):
    return json.dumps(BUILDS[name](language, size), ensure_ascii=False)


@pytest.mark.parametrize("name", sorted(BUILDS))
def test_a_chart_carries_no_data_of_its_own_and_grows_with_its_type(name):
    spec = BUILDS[name]("en", PAGE)
    assert "data" not in spec
    assert f'"labelFontSize": {PAGE}' in spec_of(name)
    assert f'"labelFontSize": {PROJECTOR}' in spec_of(name, size=PROJECTOR)
    assert f'"labelFontSize": {PAGE}' not in spec_of(name, size=PROJECTOR)


@pytest.mark.parametrize(
    ("name", "english", "chinese"),
    [
        ("goals", "Goals against target and time", "目标达成与时间进度"),
        ("waterfall", "Where the gap comes from", "差额来自哪里"),
        ("flow", "From stage to stage", "阶段流转"),
        ("wall", "Contacts by branch and week", "各网点每周沟通"),
    ],
)
def test_a_chart_says_what_it_shows_in_both_languages(name, english, chinese):
    assert english in spec_of(name)
    assert chinese in spec_of(name, "zh")
    assert english not in spec_of(name, "zh")


def test_stages_and_statuses_stand_with_their_signs():
    assert all(sign in spec_of("flow") for sign in STAGE_SIGNS.values())
    assert all(STATUS_SIGNS[status] in spec_of("wall") for status in CadenceStatus)


def card(kpi, value, target, time_share=0.5):
    return KpiCard(
        kpi, date(2026, 5, 1), date(2026, 5, 31), None, value, 0.0, 1.0, target=target, time_share=time_share
    )


def test_a_goal_without_target_has_no_bar_and_a_long_bar_is_cut():
    rows = goal_rows(
        [card("scale_premium", 5.0, None), card("policies_per_branch", 8.0, 4.0), card("regular_share", 0.1, 0.4)]
    ).to_pylist()
    assert rows == [
        {"kpi": "policies_per_branch", "attainment": 2.0, "time_share": 0.5, "shown": 1.5, "label": "200%"},
        {"kpi": "regular_share", "attainment": 0.25, "time_share": 0.5, "shown": 0.25, "label": "25%"},
    ]


def test_a_waterfall_leads_from_what_was_wanted_to_what_was_reached():
    split = GapSplit(
        actual_fen=70_00,
        target_fen=100_00,
        parts=(
            GapPart(Factor.ACTIVE_PEOPLE, 1, 2, -50_00),
            GapPart(Factor.POLICIES_PER_PERSON, 1, 1, 0),
            GapPart(Factor.PREMIUM_PER_POLICY, 1, 1, 20_00),
        ),
    )
    rows = waterfall_rows(split).to_pylist()
    assert [(row["key"], row["start"], row["end"], row["kind"]) for row in rows] == [
        (WANTED, 0, 100, "total"),
        ("active_people", 100, 50, "less"),
        ("policies_per_person", 50, 50, "more"),
        ("premium_per_policy", 50, 70, "more"),
        (ACTUAL, 0, 70, "total"),
    ]
    assert [row["next"] for row in rows] == [*(row["key"] for row in rows[1:]), ACTUAL]


def test_a_flow_tells_the_share_of_those_who_were_in_the_stage():
    rows = flow_rows(
        [StageFlow(Stage.MATURE, Stage.MATURE, 3), StageFlow(Stage.MATURE, None, 1), StageFlow(None, Stage.STARTUP, 2)]
    ).to_pylist()
    assert [(row["before"], row["after"], row["share"], row["stayed"]) for row in rows] == [
        ("mature", "mature", 0.75, True),
        ("mature", NONE, 0.25, False),
        (NONE, "startup", 1.0, False),
    ]


def test_no_heading_of_a_stage_is_left_out_where_there_is_room_for_its_sign_alone():
    axis = BUILDS["flow"]("en", PAGE)["layer"][0]["encoding"]["x"]["axis"]
    assert axis["labelOverlap"] is False
    assert all(sign in axis["labelExpr"] for sign in (*STAGE_SIGNS.values(), "▲ Growth", "Gone"))
