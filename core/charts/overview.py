"""Charts of the Overview: branches by stage over the last weeks, contacts by role."""

import altair as alt

from core.charts.palette import MEASURED, TARGET
from core.charts.theme import (
    DATA,
    Spec,
    as_spec,
    count_axis,
    day_format,
    full_day_format,
    stage_colour,
    stage_word,
    title,
    words_expr,
)
from core.facts import StaffRole, Stage
from core.language import Language, text
from core.language.labels import label

PICKED_STAGE = "picked_stage"
"""Name of the selection that holds the stage whose part of a bar was clicked."""


def stage_history_chart(language: Language) -> Spec:
    """Return how many branches were in each stage week by week, stacked.

    Data: one row per week and stage: week_start date, stage str, branches int.
    """
    words = {stage.value: stage_word(language, stage) for stage in Stage}
    weeks = alt.Axis(title=None, format=day_format(language), labelAngle=0, labelOverlap="parity")
    picked = alt.selection_point(name=PICKED_STAGE, fields=["stage"])
    places = {stage.value: place for place, stage in enumerate(Stage)}
    branches = text(language, "Branches")
    chart = (
        alt.Chart(
            DATA,
            title=title(
                text(language, "Branches by stage, last 26 weeks"),
                text(language, "Number of branches at each week's end"),
            ),
            height=260,
        )
        .mark_bar(cursor="pointer")
        .transform_calculate(place=f"({places})[datum.stage]", stage_word=words_expr(words, "datum.stage"))
        .encode(
            x=alt.X("week_start", type="ordinal", timeUnit="yearmonthdate", axis=weeks),
            y=alt.Y("branches", type="quantitative", stack="zero", axis=count_axis(branches)),
            color=stage_colour(language),
            order=alt.Order("place", type="quantitative"),
            tooltip=[
                alt.Tooltip(
                    "week_start", type="temporal", title=text(language, "Week from"), format=full_day_format(language)
                ),
                alt.Tooltip("stage_word", type="nominal", title=text(language, "Stage")),
                alt.Tooltip("branches", type="quantitative", title=branches, format=","),
            ],
        )
        .add_params(picked)
    )
    return as_spec(chart, language)


def role_attainment_chart(language: Language) -> Spec:
    """Return the contacts made as a share of the contacts due, one bar a role, beside the target.

    Data: one row per role: role str, attainment float (0 to 1), label str (the share in words),
    done int, due int.
    """
    words = {role.value: label(language, role) for role in StaffRole}
    axis = _word_axis(words)
    share = text(language, "Contacts made in contacts due")
    shares = alt.Axis(title=None, format=".0%", values=[0, 0.25, 0.5, 0.75, 1])
    base = alt.Chart(DATA, height=alt.Step(34)).encode(
        y=alt.Y("role", type="nominal", sort=[role.value for role in StaffRole], axis=axis),
        x=alt.X("attainment", type="quantitative", scale=alt.Scale(domain=[0, 1.15]), axis=shares),
        tooltip=[
            alt.Tooltip("role_word", type="nominal", title=text(language, "Role")),
            alt.Tooltip("attainment", type="quantitative", title=share, format=".0%"),
            alt.Tooltip("done", type="quantitative", title=text(language, "Made, at most those due"), format=","),
            alt.Tooltip("due", type="quantitative", title=text(language, "Due"), format=","),
        ],
    )
    bars = base.mark_bar(color=MEASURED)
    words_beside = base.mark_text(align="left", dx=6, fontSize=14, fontWeight="bold").encode(
        x=alt.datum(1), text=alt.Text("label", type="nominal")
    )
    target = alt.Chart(DATA).mark_rule(color=TARGET, strokeWidth=2).encode(x=alt.datum(1))
    shown = title(
        text(language, "Contacts against target by role"),
        text(language, "Share of the contacts due in the last 4 complete weeks; the line is the target"),
    )
    role_word = words_expr(words, "datum.role")
    return as_spec(
        alt.layer(bars, words_beside, target, title=shown).transform_calculate(role_word=role_word), language
    )


def _word_axis(words: dict[str, str]) -> alt.Axis:
    return alt.Axis(
        title=None, labelExpr=words_expr(words), ticks=False, domain=False, labelFontSize=14, labelLimit=200
    )
