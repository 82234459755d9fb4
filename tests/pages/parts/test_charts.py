import json

import altair as alt
import pyarrow as pa
import pytest
from streamlit.testing.v1 import AppTest

from core.charts.theme import DATA, as_spec, title
from pages.parts.charts import _specification

BUILT = []


def counted_chart(language, *, weeks=26):
    BUILT.append((language, weeks))
    shown = title(f"Branches of [Li] & Co, {weeks} weeks", "number")
    return as_spec(alt.Chart(DATA, title=shown).mark_bar().encode(x=alt.X("n", type="quantitative")), language)


def draw(rows, **options):
    import streamlit as st

    import pages.parts.charts as charts
    from pages.parts.session import LANGUAGE
    from tests.pages.parts.test_charts import counted_chart, table_of

    st.session_state[LANGUAGE] = options.pop("language", "en")
    charts.show_chart(counted_chart, table_of(rows), key="test_chart", alt="Branches by week", **options)


def table_of(rows):
    return pa.table({"n": list(range(rows))})


@pytest.fixture(autouse=True)
def _nothing_built():
    BUILT.clear()
    _specification.cache_clear()


def drawn(rows, **options):
    app = AppTest.from_function(draw, args=(rows,), kwargs=options).run()
    assert not app.exception
    return app


def test_a_chart_has_its_title_as_text_its_data_beside_it_and_words_for_screen_readers():
    app = drawn(3)
    (chart,) = app.get("vega_lite_chart")
    spec = json.loads(chart.proto.spec)
    assert "title" not in spec
    assert "data" not in spec
    assert chart.proto.alt == "Branches by week"
    assert pa.ipc.open_stream(chart.proto.data.data).read_all().num_rows == 3
    assert app.markdown[0].value == "**Branches of \\[Li\\] \\& Co, 26 weeks**  \n:small[:gray[number]]"


def test_the_specification_is_built_once_for_each_language_and_picture():
    for rows in (3, 4, 5):
        drawn(rows)
    drawn(3, language="zh")
    drawn(3, weeks=13)
    drawn(3, weeks=13)
    assert BUILT == [("en", 26), ("zh", 26), ("en", 13)]


def test_drawing_leaves_the_kept_specification_as_it_was():
    drawn(3)
    kept = json.dumps(_specification(counted_chart, "en", ()))
    drawn(3)
    assert json.dumps(_specification(counted_chart, "en", ())) == kept


def test_without_rows_the_reader_is_told_what_to_do():
    app = drawn(0)
    assert app.get("vega_lite_chart") == []
    assert app.markdown[-1].value == "Nothing to draw for this choice. Clear a filter or widen the period."
    assert drawn(0, empty="Import first.").markdown[-1].value == "Import first."
