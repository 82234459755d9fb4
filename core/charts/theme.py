"""What all charts share: words and scales of the stages, number and date formats, the finished specification.

Charts are built over the named data `d` with explicit types and no colours or fonts of the page:
the browser gives these, light or dark. Titles state what is shown, subtitles the unit and period.
"""

import json
from pathlib import Path
from typing import Any

import altair as alt

from core.charts.palette import STAGE_COLOURS, STAGE_SHAPES, STAGE_SIGNS, STATUS_COLOURS, STATUS_SIGNS, WORDS
from core.facts import CadenceStatus, Stage
from core.language import Language, text
from core.language.labels import label

Spec = dict[str, Any]

DATA = alt.NamedData("d")
"""The table a chart is drawn over; it is handed in beside the specification."""

ROOM_AROUND = {"left": 0, "top": 4, "right": 16, "bottom": 4}
"""Pixels around a drawing; the last label of an axis reaches past its end and would be cut."""

CHINESE_LOCALE = json.loads((Path(__file__).parent / "locale_zh.json").read_text(encoding="utf-8"))


def as_spec(chart: alt.TopLevelMixin, language: Language) -> Spec:
    """Return the Vega-Lite specification of a chart over `DATA`, without its data."""
    spec: Spec = chart.to_dict()
    spec.pop("data", None)
    spec.pop("datasets", None)
    config: Spec = {
        "axis": {"labelOverlap": "greedy", "labelFlush": False},
        "point": {"opacity": 1},
        "text": {"color": WORDS},
        **spec.pop("config", {}),
    }
    if language == "zh":
        config["locale"] = CHINESE_LOCALE
    return {"padding": ROOM_AROUND, **spec, "config": config}


def stage_word(language: Language, stage: Stage) -> str:
    """Return the sign and the word of a stage; the two go together wherever a stage is shown."""
    return f"{STAGE_SIGNS[stage]} {label(language, stage)}"


def status_word(language: Language, status: CadenceStatus) -> str:
    """Return the sign and the word of a cadence status."""
    return f"{STATUS_SIGNS[status]} {label(language, status)}"


def stage_colour(language: Language, field: str = "stage", *, legend: bool = True) -> alt.Color:
    """Return the colour channel of a field of stored stages, its legend with sign and word."""
    words = {stage.value: stage_word(language, stage) for stage in Stage}
    return alt.Color(
        field,
        type="nominal",
        scale=alt.Scale(domain=[stage.value for stage in Stage], range=[STAGE_COLOURS[stage] for stage in Stage]),
        legend=_legend(text(language, "Stage"), words) if legend else None,
    )


def stage_shape(language: Language, field: str = "stage") -> alt.Shape:
    """Return the shape channel of a field of stored stages, to go with `stage_colour`."""
    words = {stage.value: stage_word(language, stage) for stage in Stage}
    return alt.Shape(
        field,
        type="nominal",
        scale=alt.Scale(domain=[stage.value for stage in Stage], range=[STAGE_SHAPES[stage] for stage in Stage]),
        legend=_legend(text(language, "Stage"), words),
    )


def status_colour(language: Language, field: str = "status", *, legend: bool = True) -> alt.Color:
    """Return the colour channel of a field of stored cadence statuses, its legend with sign and word."""
    words = {status.value: status_word(language, status) for status in CadenceStatus}
    return alt.Color(
        field,
        type="nominal",
        scale=alt.Scale(
            domain=[status.value for status in CadenceStatus],
            range=[STATUS_COLOURS[status] for status in CadenceStatus],
        ),
        legend=_legend(text(language, "Status"), words, columns=2, symbolStrokeWidth=0) if legend else None,
    )


def _legend(title: str, words: dict[str, str], *, columns: int = 3, **more: Any) -> alt.Legend:
    return alt.Legend(title=title, orient="bottom", columns=columns, labelExpr=words_expr(words), **more)


def words_expr(words: dict[str, str], value: str = "datum.value") -> str:
    """Return the Vega expression that shows stored values by their words."""
    return f"({json.dumps(words, ensure_ascii=False)})[{value}] || {value}"


def money_expr(language: Language, value: str = "datum.value") -> str:
    """Return the Vega expression of an amount in yuan, in the units and with the decimal `money_text` gives it."""
    if language == "zh":
        wan, yuan = text(language, "10,000 yuan"), text(language, "Yuan")
        return f"{value} == 0 ? '0{yuan}' : format({value} / 1e4, ',.1f') + '{wan}'"
    large, small = f"'¥' + format({value} / 1e6, ',.1f') + 'M'", f"'¥' + format({value} / 1e3, ',.1f') + 'k'"
    return f"{value} == 0 ? '¥0' : abs({value}) >= 1e6 ? {large} : {small}"


def money_axis(language: Language, title: str | None) -> alt.Axis:
    """Return an axis for amounts in yuan."""
    return alt.Axis(title=title, labelExpr=money_expr(language), tickCount=5)


def week_axis(language: Language, title: str | None = None) -> alt.Axis:
    """Return an axis for `week_start` days (temporal): Mondays by day and month, the first of a year with the year."""
    monday = "timeOffset('day', datum.value, 1)"  # the browser's weeks begin on Sunday, ours the day after
    opens_year = f"month({monday}) == 0 && date({monday}) <= 7"
    day_or_year = f"{opens_year} ? '{full_day_format(language)}' : '{day_format(language)}'"
    return alt.Axis(
        title=title,
        tickCount=alt.TimeIntervalStep(interval="week", step=1),
        labelExpr=f"timeFormat({monday}, {day_or_year})",
        labelAngle=0,
        labelOverlap="greedy",
        labelSeparation=10,
        labelFlush=30,
    )


def share_axis(title: str | None) -> alt.Axis:
    """Return an axis for shares from 0 to 1, shown in per cent."""
    return alt.Axis(title=title, format=".0%", tickCount=5)


def count_axis(title: str | None) -> alt.Axis:
    """Return an axis for counts, without parts of one."""
    return alt.Axis(title=title, format=",.0f", tickMinStep=1, tickCount=5)


def day_format(language: Language) -> str:
    """Return the d3 format of a day on an axis."""
    return text(language, "%-d %b")


def full_day_format(language: Language) -> str:
    """Return the d3 format of a day in a tooltip."""
    return text(language, "%-d %b %Y")


def title(shows: str, unit: str | None = None) -> alt.TitleParams:
    """Return the title of a chart: what it shows, below it unit and period."""
    return alt.TitleParams(shows, subtitle=unit) if unit else alt.TitleParams(shows)
