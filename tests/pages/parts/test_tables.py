import json
from datetime import UTC, date, datetime

import pyarrow as pa
import pytest

from core.charts.palette import STAGE_PILL_COLOURS
from core.facts import Stage
from core.reports.tables import Column
from pages.parts.layout import escaped
from pages.parts.tables import BAR_PIXELS, GAP_PIXELS, SIDE_PIXELS, _column_config, _read, _screen_cells, trend_room


def cells(column, values, kind=None):
    return _screen_cells(pa.chunked_array([pa.array(values, kind)]), column).to_pylist()


def test_stages_are_lists_of_one_so_that_they_carry_their_colour():
    column = Column("stage", "Stage", "stage", words={stage.value: f"* {stage.value}" for stage in Stage})
    assert cells(column, ["growth", None, "slump"], pa.string()) == [["growth"], [], ["slump"]]
    options = _column_config(column)["type_config"]["options"]
    assert options[1] == {"value": "growth", "label": "* growth", "color": STAGE_PILL_COLOURS[Stage.GROWTH]}


def test_stages_of_several_pieces_stay_in_order():
    column = Column("stage", "Stage", "stage")
    pieces = pa.chunked_array([pa.array(["growth", None]), pa.array(["slump"])])
    assert _screen_cells(pieces, column).to_pylist() == [["growth"], [], ["slump"]]


@pytest.mark.parametrize(
    ("column", "stored", "shown"),
    [
        pytest.param(Column("x", "x", "share"), [0.125, None], [12.5, None], id="shares in per cent"),
        pytest.param(Column("x", "x", "money"), [1234.5, None], [1235, None], id="money in whole yuan"),
        pytest.param(
            Column("x", "x", words={"a": "A"}), ["a", "b", None], ["A", "b", None], id="words of stored values"
        ),
        pytest.param(
            Column("x", "x", words={"true": "yes"}), [True, False, None], ["yes", "false", None], id="yes and no"
        ),
        pytest.param(Column("x", "x"), ["007"], ["007"], id="codes as they are"),
        pytest.param(Column("x", "x", "integer"), [3, None], [3, None], id="counts"),
        pytest.param(Column("x", "x", "day"), [date(2026, 1, 5)], [date(2026, 1, 5)], id="days"),
    ],
)
def test_cells_are_shown_typed(column, stored, shown):
    assert cells(column, stored) == shown


def test_moments_are_shown_in_shanghai_time():
    moment = datetime(2026, 1, 5, 17, 30, tzinfo=UTC)
    shown = cells(Column("x", "x", "moment"), [moment], pa.timestamp("us", "UTC"))
    assert [each.isoformat() for each in shown] == ["2026-01-06T01:30:00"]


@pytest.mark.parametrize(
    ("kind", "shown_as", "number_format"),
    [
        ("text", "text", None),
        ("integer", "number", "localized"),
        ("money", "number", "localized"),
        ("share", "number", "%.0f%%"),
        ("decimal", "number", "%.2f"),
        ("day", "date", "D MMM YYYY"),
        ("month", "date", "MMM YYYY"),
        ("moment", "datetime", "D MMM YYYY HH:mm"),
        ("trend", "bar_chart", None),
        ("words", "multiselect", None),
    ],
)
def test_every_kind_of_column_has_its_form(kind, shown_as, number_format):
    config = _column_config(Column("x", "Heading", kind, help="what it means", pinned=True))
    assert (config["label"], config["help"], config["pinned"]) == ("Heading", "what it means", True)
    assert config["type_config"]["type"] == shown_as
    assert config["type_config"].get("format") == number_format
    assert json.dumps(config)


def test_every_bar_of_a_trend_has_a_whole_pixel():
    for bars in (1, 8, 26):
        assert trend_room(bars) - 2 * SIDE_PIXELS - (bars - 1) * GAP_PIXELS == bars * BAR_PIXELS


@pytest.mark.parametrize(
    ("column", "value", "read"),
    [
        pytest.param(Column("x", "x"), None, "–", id="nothing"),
        pytest.param(Column("x", "x"), "", "–", id="no words"),
        pytest.param(Column("x", "x"), "*a* <b>", "\\*a\\* \\<b\\>", id="typed by people"),
        pytest.param(Column("x", "x"), "Opens/closes 4/5", "Opens/\u200bcloses 4/5", id="breaks between words alone"),
        pytest.param(Column("x", "x", words={"a": "A"}), "a", "A", id="word of a stored value"),
        pytest.param(Column("x", "x", "day"), date(2026, 1, 5), "5 Jan 2026", id="day"),
    ],
)
def test_a_table_of_texts_is_read_in_words_and_never_as_markdown(column, value, read, monkeypatch):
    monkeypatch.setattr("pages.parts.tables.language", lambda: "en")
    assert _read(value, column) == read


def test_a_number_of_no_kind_keeps_the_places_it_needs():
    config = _column_config(Column("x", "Heading"), is_number=True)
    assert (config["type_config"]["type"], config["type_config"]["format"]) == ("number", "%.4g")
    assert _column_config(Column("x", "Heading", words={"1.0": "one"}), is_number=True)["type_config"]["type"] == "text"


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("[a](http://b)", "\\[a\\]\\(http\\://b\\)"),
        ("*bold* `code` :red[x]", "\\*bold\\* \\`code\\` \\:red\\[x\\]"),
        ("<script>", "\\<script\\>"),
        ("two\nlines", "two lines"),
        ("工行文三路支行", "工行文三路支行"),
    ],
)
def test_names_people_typed_are_never_markdown(typed, shown):
    assert escaped(typed) == shown
