"""Charts and tables as rectangles and words in their places, for a file format that has neither."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.language import Language
from core.reports.pack.fit import LINE, fitted, width_of
from core.reports.pack.form import (
    BODY_SIZE,
    CELL_PAD,
    HEAD_FILL,
    HEAD_HEIGHT,
    INK,
    NOTE_SIZE,
    RULE,
    RULE_WIDTH,
    SOFT_INK,
    Align,
    Box,
    ChartFrame,
    TableFrame,
    TextFrame,
)
from core.reports.pack.page import Chart, ChartKind, Series
from core.reports.pack.units import unit_text

LABEL = NOTE_SIZE * LINE
LEGEND_HEIGHT = 24.0
SWATCH = 11.0
NAME_WIDTH = 250.0
"""Room of the names of bars at most, at their left."""
FIGURE_WIDTH = 70.0
"""Room of the figures at the right ends of bars."""
NAME_GAP = 4.0
"""Room between columns and their names."""
GAP_SHARE = 0.35
"""Share of a category's room that stays free."""


@dataclass(frozen=True)
class Rect:
    """A filled rectangle."""

    box: Box
    colour: str


Drawn = Rect | TextFrame


def drawn_table(frame: TableFrame) -> Iterator[Drawn]:
    """Yield what a table is made of, the head on its ground, a rule under every row."""
    left, top = frame.box.x, frame.box.y
    yield Rect(Box(left, top, frame.box.width, HEAD_HEIGHT), HEAD_FILL)
    edges = [left + sum(frame.widths[:place]) for place in range(len(frame.widths))]
    for place, (words, edge, width) in enumerate(zip(frame.head, edges, frame.widths, strict=True)):
        cell = Box(edge + CELL_PAD, top, width - 2 * CELL_PAD, HEAD_HEIGHT)
        yield TextFrame("cell", cell, words, NOTE_SIZE, True, INK, _align(frame, place), True)
    y = top + HEAD_HEIGHT
    for row, height in zip(frame.rows, frame.heights, strict=True):
        for place, (words, edge, width) in enumerate(zip(row, edges, frame.widths, strict=True)):
            cell = Box(edge + CELL_PAD, y, width - 2 * CELL_PAD, height)
            yield TextFrame("cell", cell, words, BODY_SIZE, False, INK, _align(frame, place), True)
        if any(row):
            yield Rect(Box(left, y + height - RULE_WIDTH, frame.box.width, RULE_WIDTH), RULE)
        y += height


def _align(frame: TableFrame, place: int) -> Align:
    return "right" if place in frame.table.right else "left"


def drawn_chart(frame: ChartFrame, language: Language) -> Iterator[Drawn]:
    """Yield what a chart is made of: bars with their figures, names of categories, a legend for several series."""
    chart, box = frame.chart, frame.box
    if len(chart.series) > 1:
        yield from _legend(chart, box)
        box = Box(box.x, box.y, box.width, box.height - LEGEND_HEIGHT)
    if chart.kind is ChartKind.BARS:
        yield from _bars(chart, box, language)
    else:
        yield from _columns(chart, box, language)


def _legend(chart: Chart, box: Box) -> Iterator[Drawn]:
    most = box.width / len(chart.series)
    x, y = box.x, box.y + box.height - LEGEND_HEIGHT
    for series in chart.series:
        words = fitted(series.name, NOTE_SIZE, most - SWATCH - 30)
        width = width_of(words, NOTE_SIZE)
        yield Rect(Box(x, y + 7, SWATCH, SWATCH), series.colour)
        yield TextFrame("legend", Box(x + SWATCH + 6, y + 3, width, LABEL), words, NOTE_SIZE, colour=SOFT_INK)
        x += SWATCH + 6 + width + 24


def _bars(chart: Chart, box: Box, language: Language) -> Iterator[Drawn]:
    if not chart.categories:
        return
    room = box.height / len(chart.categories)
    thick = room * (1 - GAP_SHARE) / len(chart.series)
    names = min(NAME_WIDTH, max(width_of(category, NOTE_SIZE) for category in chart.categories) + 14)
    long = box.width - names - FIGURE_WIDTH
    most = max((value for series in chart.series for value in series.values if value), default=0.0) or 1.0
    for place, category in enumerate(chart.categories):
        middle = box.y + (place + 0.5) * room
        lines = 2 if room >= 2 * LABEL else 1
        name = Box(box.x, middle - lines * LABEL / 2, names - 12, lines * LABEL)
        words = fitted(category, NOTE_SIZE, name.width, lines)
        yield TextFrame("category", name, words, NOTE_SIZE, align="right", middle=True)
        for number, series in enumerate(chart.series):
            value = series.values[place]
            y = middle + (number - len(chart.series) / 2) * thick
            width = long * max(value or 0.0, 0.0) / most
            yield Rect(Box(box.x + names, y + 0.5, width, thick - 1), _colour(series, place))
            figure = Box(box.x + names + width + 4, y + (thick - LABEL) / 2, FIGURE_WIDTH - 4, LABEL)
            yield TextFrame("figure", figure, unit_text(value, chart.unit, language), NOTE_SIZE, middle=True)


def _columns(chart: Chart, box: Box, language: Language) -> Iterator[Drawn]:
    if not chart.categories:
        return
    room = box.width / len(chart.categories)
    plot = Box(box.x, box.y + LABEL, box.width, box.height - 3 * LABEL - NAME_GAP)
    spans, words_of = [_spans(chart, series) for series in chart.series], figure_words(chart, language)
    ends = [0.0, *(end for of_series in spans for span in of_series if span for end in span)]
    low, high = min(ends), max(ends)
    scale = plot.height / (high - low) if high > low else 0.0
    zero = plot.y + high * scale
    thick = room * (1 - GAP_SHARE) / len(chart.series)
    for place, category in enumerate(chart.categories):
        left = box.x + (place + GAP_SHARE / 2) * room
        for number, series in enumerate(chart.series):
            span = spans[number][place]
            top, bottom = (max(span), min(span)) if span else (0.0, 0.0)
            y, x = zero - top * scale, left + number * thick
            yield Rect(Box(x + 1, y, thick - 2, (top - bottom) * scale), _colour(series, place))
            wide = max(thick, room / len(chart.series))
            figure = Box(x + thick / 2 - wide / 2, y - LABEL, wide, LABEL)
            yield TextFrame("figure", figure, words_of[number][place], NOTE_SIZE, align="center")
        name = Box(box.x + place * room, box.y + box.height - 2 * LABEL, room, 2 * LABEL)
        words = fitted(category, NOTE_SIZE, room, 2)
        yield TextFrame("category", name, words, NOTE_SIZE, align="center")
    yield Rect(Box(box.x, zero - 0.4, box.width, 0.8), SOFT_INK)


def _spans(chart: Chart, series: Series) -> Sequence[tuple[float, float] | None]:
    if chart.kind is ChartKind.WATERFALL:
        return waterfall_spans(series.values)
    return [None if value is None else (0.0, value) for value in series.values]


def waterfall_spans(values: Sequence[float | None]) -> list[tuple[float, float] | None]:
    """Return from where to where each bar of a waterfall reaches: first and last from zero, a step from the one before.

    One value unknown, and none of the bars can be drawn.
    """
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return [None] * len(values)
    spans: list[tuple[float, float] | None] = []
    level = 0.0
    for place, value in enumerate(known):
        start = 0.0 if place in (0, len(known) - 1) else level
        level = start + value
        spans.append((start, level))
    return spans


def figure_words(chart: Chart, language: Language) -> list[list[str]]:
    """Return what stands at each bar of each series; the steps of a waterfall with their sign."""
    found = [
        list(series.words) or [unit_text(value, chart.unit, language) for value in series.values]
        for series in chart.series
    ]
    if chart.kind is ChartKind.WATERFALL:
        steps = chart.series[0].values
        for place in range(1, len(steps) - 1):
            if (steps[place] or 0) > 0:
                found[0][place] = f"+{found[0][place]}"
    return found


def _colour(series: Series, place: int) -> str:
    return series.points[place] if series.points else series.colour
