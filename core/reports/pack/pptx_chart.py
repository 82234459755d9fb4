"""Native charts of the deck: drawn by PowerPoint from the workbook behind them, which anybody can edit."""

from collections.abc import Sequence
from typing import Any

from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE, XL_LABEL_POSITION, XL_LEGEND_POSITION, XL_TICK_LABEL_POSITION, XL_TICK_MARK
from pptx.oxml.ns import qn
from pptx.util import Pt

from core.language import Language, text
from core.reports.pack.drawing import GAP_SHARE, figure_words, waterfall_spans
from core.reports.pack.form import INK, NOTE_SIZE, SOFT_INK, ChartFrame
from core.reports.pack.page import Chart, ChartKind, Series
from core.reports.pack.pptx_text import rgb, set_face
from core.reports.pack.units import number_format, scaled
from core.reports.tables import neutral

KINDS = {
    ChartKind.COLUMNS: XL_CHART_TYPE.COLUMN_CLUSTERED,
    ChartKind.BARS: XL_CHART_TYPE.BAR_CLUSTERED,
    ChartKind.WATERFALL: XL_CHART_TYPE.COLUMN_STACKED,
}
NO_CATEGORY = "–"
FIGURE_ROOM = 0.1
"""Room above the bars of a waterfall for their figures, as a share of the highest."""


def add_chart(slide: Any, frame: ChartFrame, language: Language) -> None:
    """Put a chart on a slide."""
    chart = waterfall_stack(frame.chart, language) if frame.chart.kind is ChartKind.WATERFALL else frame.chart
    box = frame.box
    shape = slide.shapes.add_chart(
        KINDS[chart.kind], Pt(box.x), Pt(box.y), Pt(box.width), Pt(box.height), _data(chart, language)
    )
    shape.name = frame.name
    shape._element.nvGraphicFramePr.cNvPr.set("descr", frame.alt)  # noqa: SLF001  # python-pptx has no alt texts
    drawn = shape.chart
    drawn.font.size = Pt(NOTE_SIZE)
    drawn.font.color.rgb = rgb(INK)
    set_face(drawn._chartSpace.txPr.find(f".//{qn('a:defRPr')}"))  # noqa: SLF001  # nor East Asian faces
    drawn.has_title = False
    drawn.has_legend = len(chart.series) > 1 and chart.kind is not ChartKind.WATERFALL
    if drawn.has_legend:
        drawn.legend.position = XL_LEGEND_POSITION.BOTTOM
        drawn.legend.include_in_layout = False
    _dress_axes(drawn, chart)
    plot = drawn.plots[0]
    plot.gap_width = round(100 * GAP_SHARE / (1 - GAP_SHARE) * (len(chart.series) if plot.overlap != 100 else 1))
    for series, of_chart in zip(plot.series, chart.series, strict=True):
        _dress_series(series, of_chart, chart)


def _data(chart: Chart, language: Language) -> Any:
    data: Any = CategoryChartData(number_format=number_format(chart.unit))  # type: ignore[no-untyped-call]  # python-pptx has no types
    data.categories = [neutral(category) for category in chart.categories] or [NO_CATEGORY]
    for series in chart.series:
        values = [scaled(value, chart.unit, language) for value in series.values] or [None]
        data.add_series(neutral(series.name), values)
    return data


def waterfall_stack(chart: Chart, language: Language) -> Chart:
    """Return a waterfall as the stacked columns that look like one: each bar stands on a base nobody sees.

    Series: base, totals, more, missing, and what lies below zero, which hardly ever happens with premium. On top
    stands one nobody sees either: it carries the figures, for which a stacked bar itself has no place outside it.
    """
    steps, figures = chart.series[0], figure_words(chart, language)[0]
    base: list[float | None] = []
    parts: dict[str, list[float | None]] = {"total": [], "more": [], "missing": [], "below": []}
    spans = waterfall_spans(steps.values)
    for place, span in enumerate(spans):
        for values in (base, *parts.values()):
            values.append(None)
        if span is None:
            continue
        low, high = min(span), max(span)
        kind = "total" if place in (0, len(spans) - 1) else "more" if span[1] >= span[0] else "missing"
        base[place] = low if low > 0 else high if high < 0 else None
        if high > 0 or low == high:
            parts[kind][place] = high - max(low, 0)
        if low < 0:
            parts["below"][place] = low - min(high, 0)
    names = {
        "total": steps.name,
        "more": text(language, "More"),
        "missing": text(language, "Less"),
        "below": text(language, "Below zero"),
    }
    series = [Series(text(language, "Base, not drawn"), tuple(base), "")]
    series += [Series(names[kind], tuple(parts[kind]), steps.colour, steps.points) for kind in parts]
    highest = max((max(span) for span in spans if span), default=0.0)
    room = max(highest, 0.0) * FIGURE_ROOM or 1.0
    above = tuple(room if span else None for span in spans)
    series.append(Series(text(language, "Room for figures, not drawn"), above, "", words=tuple(figures)))
    return Chart(chart.kind, chart.categories, tuple(series), chart.unit)


def _dress_axes(drawn: Any, chart: Chart) -> None:
    values, categories = drawn.value_axis, drawn.category_axis
    values.visible = values.has_major_gridlines = False  # every bar has its figure
    if lowest(chart.series) >= 0:
        values.minimum_scale = 0  # bars that do not begin at zero show other differences than there are
    if chart.kind is ChartKind.BARS:
        categories.reverse_order = True  # the first category stands at the top
    categories.major_tick_mark = XL_TICK_MARK.NONE
    categories.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    categories.format.line.color.rgb = rgb(SOFT_INK)
    categories.tick_labels.font.size = Pt(NOTE_SIZE)


def _dress_series(series: Any, of_chart: Series, chart: Chart) -> None:
    if not of_chart.colour:
        series.format.fill.background()
        for place, words in enumerate(of_chart.words):
            if of_chart.values[place] is not None:
                _write_label(series.points[place].data_label, words)
        return
    series.format.fill.solid()
    series.format.fill.fore_color.rgb = rgb(of_chart.colour)
    series.invert_if_negative = False
    for place, colour in enumerate(of_chart.points):
        if of_chart.values[place] is not None:
            point = series.points[place].format.fill
            point.solid()
            point.fore_color.rgb = rgb(colour)
    if chart.kind is ChartKind.WATERFALL:
        return  # the figures stand on the bars, in the series above them
    labels = series.data_labels
    labels.show_value = True
    labels.number_format, labels.number_format_is_linked = number_format(chart.unit), False
    labels.position = XL_LABEL_POSITION.OUTSIDE_END
    labels.font.size = Pt(NOTE_SIZE)
    labels.font.color.rgb = rgb(INK)


def _write_label(label: Any, words: str) -> None:
    """Write words at the foot of a bar nobody sees, which is the top of the bar below it."""
    run = label.text_frame.paragraphs[0].add_run()
    run.text = words
    run.font.size = Pt(NOTE_SIZE)
    run.font.color.rgb = rgb(INK)
    set_face(run._r.get_or_add_rPr())  # noqa: SLF001  # no East Asian faces here either
    label.position = XL_LABEL_POSITION.INSIDE_BASE


def lowest(series: Sequence[Series]) -> float:
    """Return the lowest value of a chart, 0 at most."""
    return min((value for one in series for value in one.values if value is not None), default=0.0)


def series_of(chart: Chart, language: Language) -> Sequence[Series]:
    """Return the series as they stand in the data of the native chart."""
    return waterfall_stack(chart, language).series if chart.kind is ChartKind.WATERFALL else chart.series
