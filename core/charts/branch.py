"""Charts of one branch: weekly policies over the expected level with the stages as bands; cadence by role and week."""

from collections.abc import Mapping
from datetime import date, timedelta

import altair as alt
import pyarrow as pa

from core.charts.palette import STAGE_SIGNS, STATUS_SIGNS
from core.charts.theme import (
    DATA,
    Spec,
    as_spec,
    count_axis,
    day_format,
    full_day_format,
    stage_colour,
    stage_word,
    status_colour,
    status_word,
    title,
    week_axis,
    words_expr,
)
from core.facts import CadenceStatus, StaffRole, Stage
from core.language import Language, text
from core.language.labels import label

WORD_WEEKS = 14
"""A band of so many weeks has room for the stage's word; a shorter one carries its sign."""
SIGN_WEEKS = 2
LEVEL_COLOUR = "currentColor"
"""The words of the page around the drawing: dark on the light page, light on the dark one."""
RULES_COLOUR = "#8b93a1"
"""Of the dotted line where the rules changed: quiet, seen on a light and on a dark page."""
HALO_COLOUR = "Canvas"
"""Round the level line, so that it stands out from the bars: the browser's ground, white or nearly black."""
STRIP_PIXELS = 8
"""Height of the strip above the weeks that show another stage than at the time."""
DARK_CELLS = [CadenceStatus.NONE.value, CadenceStatus.OVER.value]
"""Statuses whose colour needs white text."""


def with_bands(path: pa.Table) -> pa.Table:
    """Return the weekly path with what the bands need.

    Data: one row per week: week_start day, stage str, policies int, expected float or null, rules_on day,
    shown str or null (the stage shown at the time, where it is another one). Added:
    week_end (the Monday after), bar_start and bar_end (the bar within the week), band ("word" or
    "sign" in the middle week of a stay, null elsewhere), has_new_rules (other rules than the week before).
    """
    weeks: list[date] = path["week_start"].to_pylist()
    stages: list[str] = path["stage"].to_pylist()
    bands: list[str | None] = [None] * len(weeks)
    new_rules = set(weeks_of_new_rules(path))
    first = 0
    for place in range(1, len(weeks) + 1):
        if place == len(weeks) or stages[place] != stages[first]:
            length = place - first
            if length >= SIGN_WEEKS:
                bands[first + (length - 1) // 2] = "word" if length >= WORD_WEEKS else "sign"
            first = place
    columns: Mapping[str, pa.Array] = {
        "week_end": pa.array([week + timedelta(days=7) for week in weeks], pa.date32()),
        "bar_start": pa.array([week + timedelta(days=1) for week in weeks], pa.date32()),
        "bar_end": pa.array([week + timedelta(days=6) for week in weeks], pa.date32()),
        "band": pa.array(bands, pa.string()),
        "has_new_rules": pa.array([week in new_rules for week in weeks], pa.bool_()),
    }
    for name, cells in columns.items():
        path = path.append_column(name, cells)
    return path


def weeks_of_new_rules(path: pa.Table) -> list[date]:
    """Return the weeks judged by other rules than the week before, oldest first."""
    weeks, rules = path["week_start"].to_pylist(), path["rules_on"].to_pylist()
    return [weeks[place] for place in range(1, len(weeks)) if rules[place] != rules[place - 1]]


def weekly_policies_chart(language: Language) -> Spec:
    """Return policies by week as bars over the expected level, the stages as labelled bands.

    Data: as `with_bands` gives it.
    """
    words = {stage.value: stage_word(language, stage) for stage in Stage}
    signs = {stage.value: STAGE_SIGNS[stage] for stage in Stage}
    colour = stage_colour(language)
    colour["legend"]["symbolOpacity"] = 1
    base = alt.Chart(DATA, height=280)
    weeks = alt.X("week_start", type="temporal", axis=week_axis(language))
    bands = base.mark_rect(opacity=0.2).encode(x=weeks, x2="week_end", color=colour)
    bars = base.mark_rect(opacity=0.9).encode(
        x=alt.X("bar_start", type="temporal"),
        x2="bar_end",
        y=alt.Y("policies", type="quantitative", axis=count_axis(text(language, "Policies"))),
        y2=alt.datum(0),
        color=colour,
    )
    level = alt.Y("expected", type="quantitative")
    halo = base.mark_line(color=HALO_COLOUR, strokeWidth=5, opacity=0.85, interpolate="step-after").encode(
        x=weeks, y=level
    )
    line = base.mark_line(color=LEVEL_COLOUR, strokeWidth=2, interpolate="step-after").encode(x=weeks, y=level)
    labels = (
        base.transform_filter("datum.band != null")
        .transform_calculate(
            band_text=f"datum.band == 'word' ? {words_expr(words, 'datum.stage')} : {words_expr(signs, 'datum.stage')}"
        )
        .mark_text(baseline="bottom", fontSize=13, fontWeight="bold")
        .encode(
            x=weeks,
            y=alt.value(-3),
            text=alt.Text("band_text", type="nominal"),
            color=colour,
        )
    )
    rules = (
        base.transform_filter("datum.has_new_rules")
        .mark_rule(strokeDash=[2, 4], color=RULES_COLOUR, strokeWidth=2)
        .encode(x=weeks)
    )
    told = [
        alt.Tooltip("week_start", type="temporal", title=text(language, "Week from"), format=full_day_format(language)),
        alt.Tooltip("stage_word", type="nominal", title=text(language, "Stage")),
        alt.Tooltip("policies", type="quantitative", title=text(language, "Policies")),
        alt.Tooltip("expected", type="quantitative", title=text(language, "Expected"), format=".1f"),
    ]
    hover = base.mark_rect(opacity=0).encode(x=weeks, x2="week_end", tooltip=told)
    restated = base.transform_filter("datum.shown != null").transform_calculate(
        shown_word=words_expr(words, "datum.shown")
    )
    strip = restated.mark_rect().encode(
        x=weeks, x2="week_end", y=alt.value(0), y2=alt.value(STRIP_PIXELS), color=stage_colour(language, "shown")
    )
    hover_restated = restated.mark_rect(opacity=0).encode(
        x=weeks,
        x2="week_end",
        tooltip=[*told, alt.Tooltip("shown_word", type="nominal", title=text(language, "Shown at the time"))],
    )
    shown = title(
        text(language, "Policies by week over the expected level"),
        text(
            language, "Bars: policies without cooling-off cancellations; line: own level with the season; bands: stage"
        ),
    )
    layers = alt.layer(bands, bars, halo, line, rules, strip, labels, hover, hover_restated, title=shown)
    return as_spec(layers.transform_calculate(stage_word=words_expr(words, "datum.stage")), language)


def contact_cells(rows: pa.Table) -> pa.Table:
    """Return cadence rows with the text of each cell.

    Data: one row per role and week: role, week_start, actual, target_min, status. Added: made ("3/5",
    the contacts alone where nothing is due).
    """
    pairs = zip(rows["actual"].to_pylist(), rows["target_min"].to_pylist(), strict=True)
    return rows.append_column(
        "made", pa.array([f"{made}/{due}" if due else f"{made}" for made, due in pairs], pa.string())
    )


def contacts_chart(language: Language) -> Spec:
    """Return contacts against target by role and week as a grid; sign and numbers in each cell.

    Data: as `contact_cells` gives it.
    """
    roles = {role.value: label(language, role) for role in StaffRole}
    statuses = {status.value: status_word(language, status) for status in CadenceStatus}
    signs = {status.value: STATUS_SIGNS[status] for status in CadenceStatus}
    posts = alt.Axis(title=None, labelExpr=words_expr(roles), ticks=False, domain=False, labelLimit=100)
    weeks = alt.Axis(
        title=None, format=day_format(language), labelAngle=0, ticks=False, domain=False, labelOverlap="parity"
    )
    base = alt.Chart(DATA, height=alt.Step(44)).encode(
        x=alt.X("week_start", type="ordinal", timeUnit="yearmonthdate", axis=weeks),
        y=alt.Y("role", type="nominal", sort=[role.value for role in StaffRole], axis=posts),
    )
    cells = base.mark_rect(stroke="white", strokeOpacity=0.5).encode(
        color=status_colour(language),
        tooltip=[
            alt.Tooltip(
                "week_start", type="temporal", title=text(language, "Week from"), format=full_day_format(language)
            ),
            alt.Tooltip("role_word", type="nominal", title=text(language, "Role")),
            alt.Tooltip("status_word", type="nominal", title=text(language, "Status")),
            alt.Tooltip("actual", type="quantitative", title=text(language, "Made")),
            alt.Tooltip("target_min", type="quantitative", title=text(language, "At least")),
            alt.Tooltip("target_max", type="quantitative", title=text(language, "At most")),
        ],
    )
    on_cell = alt.condition(f"indexof({DARK_CELLS}, datum.status) >= 0", alt.value("#ffffff"), alt.value("#10151c"))
    marks = base.mark_text(dy=-8, fontSize=14, fontWeight="bold").encode(
        text=alt.Text("sign", type="nominal"), color=on_cell
    )
    numbers = base.mark_text(dy=10, fontSize=10).encode(text=alt.Text("made", type="nominal"), color=on_cell)
    shown = title(
        text(language, "Contacts against target by role and week"),
        text(language, "Made / at least due; for a daily target the days with a contact"),
    )
    layers = alt.layer(cells, marks, numbers, title=shown).transform_calculate(
        role_word=words_expr(roles, "datum.role"),
        status_word=words_expr(statuses, "datum.status"),
        sign=words_expr(signs, "datum.status"),
    )
    return as_spec(layers, language)
