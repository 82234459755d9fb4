import json

import pytest

from core.charts.market import market_swing_chart
from core.charts.palette import MEASURED


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_chart_carries_no_data_and_draws_a_bar_a_week_from_nothing(language):
    spec = market_swing_chart(language)
    assert "data" not in spec
    bars, usual = spec["layer"]
    assert bars["mark"] == {"type": "rect", "color": MEASURED}
    assert (bars["encoding"]["x"]["field"], bars["encoding"]["x2"]["field"]) == ("week_start", "week_end")
    assert (bars["encoding"]["y"]["field"], bars["encoding"]["y2"]) == ("swing", {"datum": 0})
    assert usual["encoding"]["y"] == {"datum": 0}


def test_the_title_says_what_is_shown_in_both_languages():
    assert market_swing_chart("en")["title"]["text"] == "Swing of the whole market by week"
    assert market_swing_chart("zh")["title"]["text"] == "整体市场周波动"
    assert "应出件数增减" in json.dumps(market_swing_chart("zh"), ensure_ascii=False)
