import json
from datetime import date, timedelta

import pyarrow as pa
import pytest

from core.charts.branch import contact_cells, contacts_chart, weekly_policies_chart, weeks_of_new_rules, with_bands
from core.facts import Stage

MONDAY = date(2026, 1, 5)


def path(*stages, rules=()):
    weeks = [MONDAY + timedelta(weeks=number) for number in range(len(stages))]
    return pa.table(
        {
            "week_start": pa.array(weeks, pa.date32()),
            "stage": pa.array(stages, pa.string()),
            "policies": pa.array([1] * len(stages), pa.int64()),
            "expected": pa.array([1.5] * len(stages), pa.float64()),
            "rules_on": pa.array(rules or [MONDAY] * len(stages), pa.date32()),
            "shown": pa.nulls(len(stages), pa.string()),
        }
    )


def bands(*stages):
    return {place: band for place, band in enumerate(with_bands(path(*stages))["band"].to_pylist()) if band}


@pytest.mark.parametrize(
    ("weeks", "shown"),
    [(1, {}), (2, {0: "sign"}), (13, {6: "sign"}), (14, {6: "word"}), (15, {7: "word"})],
    ids=["one week: no room", "two", "thirteen", "fourteen", "fifteen"],
)
def test_a_band_carries_its_word_where_there_is_room_else_its_sign(weeks, shown):
    assert bands(*["growth"] * weeks) == shown


def test_each_stay_in_a_stage_has_a_label_of_its_own():
    assert bands(*["growth"] * 3, *["slump"] * 2, *["growth"] * 5) == {1: "sign", 3: "sign", 7: "sign"}


def test_bars_lie_inside_their_week():
    row = with_bands(path("growth")).to_pylist()[0]
    assert (row["bar_start"], row["bar_end"], row["week_end"]) == (
        date(2026, 1, 6),
        date(2026, 1, 11),
        date(2026, 1, 12),
    )


def test_a_path_without_weeks_stays_empty():
    assert with_bands(path()).num_rows == 0
    assert weeks_of_new_rules(path()) == []


def test_the_weeks_from_which_other_rules_hold_are_marked():
    changed = path(*["growth"] * 4, rules=[date(2000, 1, 1), date(2000, 1, 1), date(2026, 1, 19), date(2026, 1, 19)])
    assert with_bands(changed)["has_new_rules"].to_pylist() == [False, False, True, False]
    assert weeks_of_new_rules(changed) == [date(2026, 1, 19)]
    assert with_bands(path("growth", "growth"))["has_new_rules"].to_pylist() == [False, False]


@pytest.mark.parametrize(("language", "word"), [("en", "Slump"), ("zh", "低迷期")])
def test_the_stages_stand_on_the_bands_in_words_and_signs(language, word):
    spec = weekly_policies_chart(language)
    written = json.dumps(spec, ensure_ascii=False)
    assert [layer["mark"]["type"] for layer in spec["layer"]] == [
        *("rect", "rect", "line", "line", "rule", "rect", "text", "rect", "rect")
    ]
    assert word in written
    assert all(stage.value in written for stage in Stage)
    assert "data" not in spec


def test_a_restated_week_carries_the_stage_shown_at_the_time_in_a_strip_and_in_words():
    strip, *_, hover = weekly_policies_chart("zh")["layer"][5:]
    assert strip["transform"][0] == hover["transform"][0] == {"filter": "datum.shown != null"}
    assert (strip["encoding"]["color"]["field"], strip["encoding"]["y2"]["value"]) == ("shown", 8)
    assert [tip["title"] for tip in hover["encoding"]["tooltip"]][-1] == "当时显示"


def test_the_policies_chart_says_what_it_shows_and_in_what():
    title = weekly_policies_chart("en")["title"]
    assert title["text"] == "Policies by week over the expected level"
    assert title["subtitle"].startswith("Bars: policies without cooling-off cancellations")
    assert weekly_policies_chart("zh")["title"]["text"] == "每周件数与预期水平"


def test_a_cell_shows_made_against_due_and_the_contacts_alone_where_nothing_is_due():
    rows = pa.table({"week_start": [MONDAY] * 2, "actual": [3, 2], "target_min": [5, 0]})
    assert contact_cells(rows)["made"].to_pylist() == ["3/5", "2"]


def test_every_cell_of_the_contact_grid_has_sign_and_numbers_beside_its_colour():
    spec = contacts_chart("en")
    assert [layer["mark"]["type"] for layer in spec["layer"]] == ["rect", "text", "text"]
    assert [layer["encoding"]["text"]["field"] for layer in spec["layer"][1:]] == ["sign", "made"]
    assert contacts_chart("zh")["title"]["text"] == "各岗位每周沟通与目标"
