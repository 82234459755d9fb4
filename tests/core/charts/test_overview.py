import json

import pytest

from core.charts.overview import PICKED_STAGE, role_attainment_chart, stage_history_chart
from core.charts.palette import STAGE_SIGNS

CHARTS = [role_attainment_chart, stage_history_chart]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_stage_is_shown_with_its_sign(language):
    spec = json.dumps(stage_history_chart(language), ensure_ascii=False)
    assert all(sign in spec for sign in STAGE_SIGNS.values())


@pytest.mark.parametrize("build", CHARTS)
def test_a_chart_carries_no_data_of_its_own(build):
    spec = build("en")
    assert "data" not in spec
    assert "datasets" not in spec


def test_a_click_on_a_part_of_a_bar_picks_its_stage():
    (param,) = stage_history_chart("en")["params"]
    assert (param["name"], param["select"]["fields"]) == (PICKED_STAGE, ["stage"])


def test_the_history_is_stacked_by_week():
    encoding = stage_history_chart("en")["encoding"]
    assert (encoding["x"]["field"], encoding["x"]["type"]) == ("week_start", "ordinal")
    assert (encoding["y"]["field"], encoding["y"]["stack"]) == ("branches", "zero")
    assert encoding["order"]["field"] == "place"


@pytest.mark.parametrize(
    ("build", "english", "chinese"),
    [
        (role_attainment_chart, "Contacts against target by role", "各岗位沟通达成情况"),
        (stage_history_chart, "Branches by stage, last 26 weeks", "近26周各阶段网点数"),
    ],
)
def test_titles_say_what_is_shown_in_both_languages(build, english, chinese):
    assert build("en")["title"]["text"] == english
    assert build("zh")["title"]["text"] == chinese


def test_the_target_stands_beside_the_share_of_each_role():
    spec = role_attainment_chart("zh")
    assert spec["layer"][2]["encoding"]["x"] == {"datum": 1}
    assert spec["layer"][0]["encoding"]["x"]["field"] == "attainment"
    assert "网点负责人" in json.dumps(spec, ensure_ascii=False)
