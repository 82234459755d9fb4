"""Charts of the projector page: drawn once in one size, and brought to the size of the room by the page.

Everything is measured on a page 1280 pixels wide, with type of 28: the page scales the drawing as a whole, so what
is read here is read at any size. Words take the colour of the page, light or dark.
"""

from typing import Any

import altair as alt

from core.charts.palette import EXPECTED, MEASURED, STATUS_COLOURS, TARGET
from core.charts.review import ACTUAL, PROJECTOR, WANTED, flow_chart, goals_chart
from core.charts.theme import DATA, Spec, as_spec, stage_colour, words_expr
from core.facts import CadenceStatus, StaffRole
from core.language import Language, text
from core.language.labels import label
from core.planning.items import PlanKind
from core.planning.words import kind_word
from core.review.figures import Factor, GapMeasure
from core.review.gap_words import factor_word, measure_word

WIDTH = 1200
TYPE = PROJECTOR
ROW = 46
"""Pixels from one bar to the next."""
GAP_ROW = 38
"""The same where the five bars of a gap stand above a list."""
LABEL_WIDTH = 480
TITLE_WIDTH = 640
"""The same for titles of actions."""
INK = "currentColor"
"""The colour of the words around the drawing: it follows the page without being asked for."""
BAR = 30
ROOM = 0.35
"""What the numbers beside the longest bar take, as a share of it."""
SPAN = (0.0, 1 + ROOM)


def goals_on_projector(language: Language, *, rows: int) -> Spec:
    """Return `core.charts.review.goals_chart` in the size of the room."""
    return _brought(goals_chart(language, size=TYPE), rows, row=ROW + 18)


def flow_on_projector(language: Language, *, before: str, after: str, rows: int) -> Spec:
    """Return `core.charts.review.flow_chart` in the size of the room."""
    return _brought(flow_chart(language, before=before, after=after, size=TYPE), rows, row=ROW + 6)


def stages_chart(language: Language) -> Spec:
    """Return the branches by stage now, a week before and a quarter before, stacked.

    Data: one row per time and stage: time str (now, week, quarter), stage str, place int, branches int.
    """
    words = {
        "quarter": text(language, "13 weeks before"),
        "week": text(language, "The week before"),
        "now": text(language, "This week"),
    }
    chart = (
        alt.Chart(DATA)
        .mark_bar(size=BAR)
        .encode(
            y=alt.Y("time", type="nominal", sort=list(words), axis=_word_axis(words)),
            x=alt.X("branches", type="quantitative", stack="zero", axis=None),
            color=stage_colour(language, legend=False),
            order=alt.Order("place", type="quantitative"),
        )
    )
    return _finished(language, chart, len(words))


def shares_chart(language: Language, *, rows: int) -> Spec:
    """Return contacts made in contacts due, one bar a role or person, beside the target.

    Data: one row a line in order: key str (a role, or what a person is called), share float 0 to 1, label str.
    """
    base = alt.Chart(DATA).encode(y=_rows("key", {role.value: label(language, role) for role in StaffRole}))
    bars = base.mark_bar(color=MEASURED, size=BAR).encode(x=_length("share"))
    labels = base.mark_text(color=INK, fontSize=TYPE, align="left", dx=10).encode(
        x=alt.XDatum(1, type="quantitative", axis=None), text=alt.Text("label", type="nominal")
    )
    return _finished(language, alt.layer(bars, _line(1, TARGET, SPAN), labels), rows)


def gap_chart(language: Language, *, measure: GapMeasure, low: float, high: float) -> Spec:
    """Return how premium comes from what was wanted of it to what was reached, factor by factor.

    Data: as `core.charts.review.waterfall_rows` gives it, with label str: the amount of each bar. `low` and `high` are
    the least and the largest amount on the way.
    """
    room = ROOM * (high - low)
    span = (low, high + room)
    words = {
        WANTED: measure_word(language, measure),
        **{factor.value: factor_word(language, factor) for factor in Factor},
        ACTUAL: text(language, "Reached"),
    }
    kinds = {"total": EXPECTED, "less": STATUS_COLOURS[CadenceStatus.SHORT], "more": STATUS_COLOURS[CadenceStatus.MET]}
    colours = alt.Scale(domain=list(kinds), range=list(kinds.values()))
    base = alt.Chart(DATA).encode(y=_rows("key", words))
    lines = base.mark_rule(color=EXPECTED, strokeWidth=3).encode(x=_length("end", span), y2="next")
    bars = base.mark_bar(size=BAR - 4).encode(
        x=_length("start", span), x2="end", color=alt.Color("kind", type="nominal", scale=colours, legend=None)
    )
    labels = _labels(base, "right", "label", span)
    return _brought(as_spec(alt.layer(lines, bars, labels), language), len(Factor) + 1, row=GAP_ROW)


def planned_chart(language: Language, *, rows: int) -> Spec:
    """Return the lines of the plans of the week to come by kind.

    Data: one row a kind in order: kind str, lines float, the largest 1; label str.
    """
    base = alt.Chart(DATA).encode(y=_rows("kind", {kind.value: kind_word(language, kind) for kind in PlanKind}))
    bars = base.mark_bar(color=MEASURED, size=BAR).encode(x=_length("lines"))
    return _finished(language, alt.layer(bars, _labels(base, "lines", "label")), rows)


def effects_chart(language: Language, *, rows: int) -> Spec:
    """Return the effects of actions with their intervals, beside no effect.

    Data: one row an effect in order: title str, value, low and high float, the furthest from nothing 1; label str.
    """
    base = alt.Chart(DATA).encode(y=_rows("title", {}, TITLE_WIDTH))
    span = (-1.0, 1.9)
    reach = base.mark_rule(color=MEASURED, strokeWidth=8).encode(x=_length("low", span), x2="high")
    points = base.mark_point(color=MEASURED, filled=True, size=500, opacity=1).encode(x=_length("value", span))
    labels = _labels(base, "high", "label", span)
    return _finished(language, alt.layer(_line(0, EXPECTED, span), reach, points, labels), rows)


def _rows(field: str, words: dict[str, str], width: int = LABEL_WIDTH) -> alt.Y:
    return alt.Y(field, type="nominal", sort=None, axis=_word_axis(words, width))


def _word_axis(words: dict[str, str], width: int = LABEL_WIDTH) -> alt.Axis:
    """Return an axis of words, none of them left out: the browser holds Chinese type for taller than a row."""
    more: dict[str, Any] = {"labelExpr": words_expr(words)} if words else {}
    return alt.Axis(
        title=None, ticks=False, domain=False, labelLimit=width, labelPadding=12, labelOverlap=False, **more
    )


def _length(field: str, span: tuple[float, float] = SPAN) -> alt.X:
    return alt.X(field, type="quantitative", axis=None, scale=alt.Scale(domain=list(span), nice=False))


def _line(at: float, colour: str, span: tuple[float, float]) -> alt.Chart:
    """Return a line down the drawing at one value."""
    scale = alt.Scale(domain=list(span), nice=False)
    line: alt.Chart = (
        alt.Chart(DATA)
        .mark_rule(color=colour, strokeWidth=4)
        .encode(x=alt.XDatum(at, type="quantitative", axis=None, scale=scale))
    )
    return line


def _labels(base: alt.Chart, field: str, words: str, span: tuple[float, float] = SPAN) -> alt.Chart:
    """Return the number at the end of each bar."""
    labels: alt.Chart = base.mark_text(color=INK, fontSize=TYPE, align="left", dx=10).encode(
        x=_length(field, span), text=alt.Text(words, type="nominal")
    )
    return labels


def _finished(language: Language, chart: alt.TopLevelMixin, rows: int) -> Spec:
    return _brought(as_spec(chart, language), rows)


def _brought(spec: Spec, rows: int, row: int = ROW) -> Spec:
    """Bring a drawing to the room: its size, the colour of the page for words, no axis of numbers."""
    config = spec["config"]
    axis = config["axis"] | {"labelFontSize": TYPE, "labelColor": INK, "titleColor": INK, "grid": False}
    brought: Spec = {
        **_without_number_axes(spec),
        "config": {**config, "axis": axis, "text": {"color": INK}, "view": {"stroke": None}},
        "width": WIDTH,
        "height": rows * row + 8,
        "padding": {"left": 0, "top": 4, "right": 0, "bottom": 4},
    }
    brought.pop("title", None)
    return brought


def _without_number_axes(spec: Any) -> Any:
    """Return a part of a specification without heights of its own and without an axis of amounts along the bottom."""
    if isinstance(spec, list):
        return [_without_number_axes(one) for one in spec]
    if not isinstance(spec, dict):
        return spec
    found = {name: _without_number_axes(part) for name, part in spec.items() if name != "height"}
    length = (found.get("encoding") or {}).get("x")
    if length and length.get("type", "quantitative") == "quantitative":
        length["axis"] = None  # in all layers alike: one that says nothing would bring the axis back, or an error
    return found
