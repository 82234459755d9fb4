import altair as alt
import pytest

from core.charts.palette import STAGE_COLOURS, STAGE_SHAPES, STATUS_COLOURS
from core.charts.theme import (
    CHINESE_LOCALE,
    DATA,
    as_spec,
    full_day_format,
    money_axis,
    stage_colour,
    stage_shape,
    stage_word,
    status_colour,
    status_word,
    title,
    week_axis,
    words_expr,
)
from core.facts import CadenceStatus, Stage


def chart():
    return alt.Chart(DATA, title=title("Branches by stage", "number")).mark_point()


def test_a_specification_holds_no_data():
    spec = as_spec(chart().encode(x=alt.X("n", type="quantitative")), "en")
    assert "data" not in spec
    assert "datasets" not in spec
    assert spec["title"] == {"text": "Branches by stage", "subtitle": "number"}


def test_layers_over_the_same_data_hold_none_either():
    base = chart().encode(x=alt.X("n", type="quantitative"))
    spec = as_spec(alt.layer(base.mark_bar(), base.mark_line()), "en")
    assert "data" not in spec
    assert all("data" not in layer for layer in spec["layer"])


def test_numbers_and_dates_speak_the_language():
    assert "locale" not in as_spec(chart(), "en")["config"]
    locale = as_spec(chart(), "zh")["config"]["locale"]
    assert locale == CHINESE_LOCALE
    assert (locale["time"]["shortMonths"][9], locale["time"]["days"][0]) == ("10月", "星期日")
    assert (full_day_format("en"), full_day_format("zh")) == ("%-d %b %Y", "%Y年%-m月%-d日")


def test_a_chart_may_set_its_own_configuration():
    spec = as_spec(chart().configure_axis(grid=False), "zh")
    assert spec["config"]["axis"] == {"grid": False}
    assert "locale" in spec["config"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_stage_has_its_colour_its_shape_and_in_the_legend_its_sign_and_word(language):
    encoding = as_spec(chart().encode(color=stage_colour(language), shape=stage_shape(language)), language)["encoding"]
    stored = [stage.value for stage in Stage]
    assert encoding["color"]["scale"] == {"domain": stored, "range": list(STAGE_COLOURS.values())}
    assert encoding["shape"]["scale"] == {"domain": stored, "range": list(STAGE_SHAPES.values())}
    for stage in Stage:
        assert stage_word(language, stage) in encoding["color"]["legend"]["labelExpr"]
    assert encoding["color"]["type"] == encoding["shape"]["type"] == "nominal"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_status_has_its_colour_and_in_the_legend_its_sign_and_word(language):
    colour = as_spec(chart().encode(color=status_colour(language)), language)["encoding"]["color"]
    assert colour["scale"]["range"] == list(STATUS_COLOURS.values())
    for status in CadenceStatus:
        assert status_word(language, status) in colour["legend"]["labelExpr"]


def test_a_chart_may_name_the_stages_itself_and_leave_the_legend_out():
    assert as_spec(chart().encode(color=stage_colour("en", legend=False)), "en")["encoding"]["color"]["legend"] is None


def test_words_are_signs_and_labels():
    assert stage_word("en", Stage.GROWTH) == "▲ Growth"
    assert stage_word("zh", Stage.SLUMP) == "▼ 低迷期"
    assert status_word("zh", CadenceStatus.NONE).startswith("✕ ")


def test_money_is_shown_in_wan_to_a_chinese_reader():
    axis = money_axis("zh", "保费").to_dict()
    assert "/ 1e4" in axis["labelExpr"]
    assert "'万元'" in axis["labelExpr"]
    assert "万" not in money_axis("en", "Premium").to_dict()["labelExpr"]


def test_words_of_stored_values_are_quoted_for_the_browser():
    assert words_expr({"a": 'it\'s "A"'}) == '({"a": "it\'s \\"A\\""})[datum.value] || datum.value'


def test_weeks_are_named_by_their_monday_and_the_first_of_a_year_by_its_year():
    axis = week_axis("en").to_dict()
    assert axis["tickCount"] == {"interval": "week", "step": 1}
    assert axis["labelExpr"] == (
        "timeFormat(timeOffset('day', datum.value, 1), month(timeOffset('day', datum.value, 1)) == 0 && "
        "date(timeOffset('day', datum.value, 1)) <= 7 ? '%-d %b %Y' : '%-d %b')"
    )
