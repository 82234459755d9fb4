"""Charts of the Cadence screen: contacts against target by role and week, branch by branch, unit by unit."""

from datetime import date

import altair as alt
import pyarrow as pa

from core.charts.palette import MEASURED, STATUS_COLOURS, STATUS_SIGNS, TARGET
from core.charts.theme import (
    DATA,
    Spec,
    as_spec,
    count_axis,
    day_format,
    full_day_format,
    share_axis,
    status_colour,
    status_word,
    title,
    words_expr,
)
from core.facts import CadenceStatus, StaffRole
from core.language import Language, text
from core.language.labels import label

PICKED_BRANCH = "picked_branch"
"""Name of the selection that holds the branch of the cell that was clicked."""
SHORT, ABOVE = "short", "above"
INK = "#1f2430"
"""Signs on the cells of the heat map; the cells are light in the dark theme too, so that these can be read."""
ROOM_FOR_SHARES = 420
"""Pixels from which the shares of a quarter fit side by side; below, on a phone, signs stand in the cells."""


def with_bars(rows: pa.Table, *, unfinished: date | None) -> pa.Table:
    """Return `core.cadence.weeks.role_weeks` rows with what bars need.

    Added: high (target_max, due where there is none), is_unfinished (the week that is not over
    yet; `unfinished` None = all are over).
    """
    weeks: list[date] = rows["week_start"].to_pylist()
    highs = [due if high is None else high for due, high in zip(*_columns(rows, "due", "target_max"), strict=True)]
    return rows.append_column("high", pa.array(highs, pa.int64())).append_column(
        "is_unfinished", pa.array([week == unfinished for week in weeks], pa.bool_())
    )


def role_weeks_chart(language: Language, *, role: StaffRole, is_daily: bool) -> Spec:
    """Return the contacts with one role by week as bars with the target as a band.

    Data: as `with_bars` gives it, of one role. The dark bar counts toward the target, the pale one
    is contact beyond what was due in a branch; the unfinished week is paler.
    """
    if is_daily:
        unit = text(language, "Days with a contact")
        legend = text(language, "Days with a contact a week; line: target; pale: more than was due")
    else:
        unit = text(language, "Contacts")
        legend = text(language, "Contacts a week; line and band: target; pale: more than was due")
    base = alt.Chart(DATA, height=190).encode(x=_weeks(language))
    fade = alt.condition("datum.is_unfinished", alt.value(0.5), alt.value(1))
    due = alt.Y("due", type="quantitative", axis=count_axis(unit))
    band = base.mark_rect(color=TARGET, opacity=0.22).encode(y=due, y2="high")
    line = base.mark_rect(stroke=TARGET, strokeWidth=2).encode(y=due, y2="due")
    counted = base.mark_bar(color=MEASURED).encode(y=alt.Y("done", type="quantitative"), y2=alt.datum(0), opacity=fade)
    beyond = base.mark_bar(color=MEASURED, opacity=0.3).encode(y=alt.Y("actual", type="quantitative"), y2="done")
    hover = base.mark_rect(opacity=0).encode(tooltip=_week_tips(language))
    shown = title(text(language, "{role}: contacts against target", role=label(language, role)), legend)
    return as_spec(alt.layer(counted, beyond, band, line, hover, title=shown), language)


def _weeks(language: Language) -> alt.X:
    """One step a week, named by its Monday."""
    return alt.X(
        "week_start",
        type="ordinal",
        timeUnit="yearmonthdate",
        axis=alt.Axis(title=None, format=day_format(language), labelAngle=0, ticks=False, labelOverlap="parity"),
    )


def _week_tips(language: Language) -> list[alt.Tooltip]:
    return [
        _week_tip(language),
        alt.Tooltip("actual", type="quantitative", title=text(language, "Made"), format=","),
        alt.Tooltip("done", type="quantitative", title=text(language, "Counted toward the target"), format=","),
        alt.Tooltip("due", type="quantitative", title=text(language, "At least"), format=","),
        alt.Tooltip("target_max", type="quantitative", title=text(language, "At most"), format=","),
        alt.Tooltip("attainment", type="quantitative", title=text(language, "Attainment"), format=".0%"),
    ]


def _week_tip(language: Language) -> alt.Tooltip:
    return alt.Tooltip(
        "week_start", type="temporal", title=text(language, "Week from"), format=full_day_format(language)
    )


def balance_rows(rows: pa.Table) -> pa.Table:
    """Return shortfall and over-contact by week, from `core.cadence.weeks.role_weeks`.

    One row per week and kind: week_start, kind (`short` or `above`), amount (contacts over all
    roles, negative for `short`).
    """
    sums = rows.group_by("week_start").aggregate([("short", "sum"), ("above", "sum")]).sort_by("week_start")
    weeks: list[date] = sums["week_start"].to_pylist()
    short, above = _columns(sums, "short_sum", "above_sum")
    return pa.table(
        {
            "week_start": pa.array([*weeks, *weeks], pa.date32()),
            "kind": pa.array([SHORT] * len(weeks) + [ABOVE] * len(weeks), pa.string()),
            "amount": pa.array([*(-amount for amount in short), *above], pa.int64()),
        }
    )


def balance_chart(language: Language) -> Spec:
    """Return contacts missing and contacts above the maximum week by week, on either side of zero.

    Data: as `balance_rows` gives it.
    """
    words = {
        SHORT: f"{STATUS_SIGNS[CadenceStatus.SHORT]} {text(language, 'Missing')}",
        ABOVE: f"{STATUS_SIGNS[CadenceStatus.OVER]} {text(language, 'Above the maximum')}",
    }
    colours = [STATUS_COLOURS[CadenceStatus.SHORT], STATUS_COLOURS[CadenceStatus.OVER]]
    shown = title(
        text(language, "Too few and too many contacts, week by week"),
        text(language, "Contacts or days; too many in one branch never make up for too few in another"),
    )
    chart = (
        alt.Chart(DATA, height=190, title=shown)
        .transform_calculate(kind_word=words_expr(words, "datum.kind"), size="abs(datum.amount)")
        .mark_bar()
        .encode(
            x=_weeks(language),
            y=alt.Y(
                "amount",
                type="quantitative",
                axis=alt.Axis(title=None, labelExpr="format(abs(datum.value), ',.0f')", tickCount=5, tickMinStep=1),
            ),
            color=alt.Color(
                "kind",
                type="nominal",
                scale=alt.Scale(domain=[SHORT, ABOVE], range=colours),
                legend=alt.Legend(title=None, orient="bottom", labelExpr=words_expr(words)),
            ),
            tooltip=[
                _week_tip(language),
                alt.Tooltip("kind_word", type="nominal", title=text(language, "Kind")),
                alt.Tooltip("size", type="quantitative", title=text(language, "Contacts"), format=","),
            ],
        )
    )
    return as_spec(chart, language)


def branch_weeks_chart(language: Language, *, rows: int, has_room: bool) -> Spec:
    """Return branches by week as a heat map; each cell has the sign and the colour of its status.

    The paler the colour of a short week, the less is missing; with room the share stands in it.
    `rows` is the number of branches. Data: as `core.cadence.weeks.branch_weeks` gives it.
    """
    statuses = {status.value: status_word(language, status) for status in CadenceStatus}
    signs = {status.value: STATUS_SIGNS[status] for status in CadenceStatus}
    picked = alt.selection_point(name=PICKED_BRANCH, fields=["branch_code"], clear=False)
    base = alt.Chart(DATA, height=24 * max(rows, 1)).encode(
        y=alt.Y(
            "branch_name",
            type="nominal",
            sort=alt.EncodingSortField("place", op="min"),
            axis=alt.Axis(title=None, ticks=False, domain=False, labelLimit=190, labelOverlap=False),
        )
    )
    cells = (
        base.mark_rect(stroke="white", strokeOpacity=0.5, cursor="pointer")
        .encode(
            x=_weeks(language),
            color=status_colour(language),
            opacity=alt.Opacity("strength", type="quantitative", scale=None, legend=None),
            tooltip=[
                alt.Tooltip("branch_name", type="nominal", title=text(language, "Branch")),
                _week_tip(language),
                alt.Tooltip("status_word", type="nominal", title=text(language, "Status")),
                alt.Tooltip("done", type="quantitative", title=text(language, "Counted toward the target")),
                alt.Tooltip("due", type="quantitative", title=text(language, "At least")),
                alt.Tooltip("above", type="quantitative", title=text(language, "Above the maximum")),
                alt.Tooltip("attainment", type="quantitative", title=text(language, "Attainment"), format=".0%"),
            ],
        )
        .add_params(picked)
    )
    paper = base.mark_rect(color="white").encode(x=_weeks(language))
    marks = base.mark_text(fontSize=12, fontWeight="bold", color=INK).encode(
        x=_weeks(language), text=alt.Text("sign", type="nominal")
    )
    short = f"datum.status == '{CadenceStatus.SHORT.value}'"
    strength = f"{short} ? 0.75 - 0.6 * datum.attainment : 0.45"
    sign = words_expr(signs, "datum.status")
    if has_room:
        sign = f"{short} && width > {ROOM_FOR_SHARES} ? format(datum.attainment, '.0%') : {sign}"
    shown = title(
        text(language, "Contacts against target by branch and week"),
        text(language, "Share of the contacts due, all chosen roles; furthest behind first; click a branch to open it"),
    )
    layers = alt.layer(paper, cells, marks, title=shown).transform_calculate(
        status_word=words_expr(statuses, "datum.status"), sign=sign, strength=strength
    )
    return as_spec(layers, language)


def unit_chart(language: Language, *, of: str, names: tuple[tuple[str, str], ...] = ()) -> Spec:
    """Return attainment by unit as bars beside the target; `of` is the word for the units.

    `names` are what units are called, by key, where they are called something else.

    Data: `core.cadence.weeks.unit_sums` with key not null and label str (the share in words).
    """
    words = dict(names)
    base = alt.Chart(DATA, height=alt.Step(26)).encode(
        y=alt.Y(
            "key",
            type="nominal",
            sort=alt.EncodingSortField("attainment", op="min"),
            axis=alt.Axis(
                title=None, labelExpr=words_expr(words), ticks=False, domain=False, labelLimit=190, labelOverlap=False
            ),
        ),
        x=alt.X("attainment", type="quantitative", scale=alt.Scale(domain=[0, 1.1]), axis=share_axis(None)),
        tooltip=[
            alt.Tooltip("name", type="nominal", title=of),
            alt.Tooltip("attainment", type="quantitative", title=text(language, "Attainment"), format=".0%"),
            alt.Tooltip("done", type="quantitative", title=text(language, "Counted toward the target"), format=","),
            alt.Tooltip("due", type="quantitative", title=text(language, "At least"), format=","),
            alt.Tooltip("above", type="quantitative", title=text(language, "Above the maximum"), format=","),
        ],
    )
    bars = base.mark_bar(color=MEASURED)
    labels = base.mark_text(align="left", dx=5, fontSize=13, fontWeight="bold").encode(
        text=alt.Text("label", type="nominal")
    )
    target = alt.Chart(DATA).mark_rule(color=TARGET, strokeWidth=2).encode(x=alt.datum(1))
    shown = title(
        text(language, "Contact attainment: {units}", units=of),
        text(language, "Share of the contacts due that were made; the line is the target; lowest first"),
    )
    layers = alt.layer(bars, labels, target, title=shown).transform_calculate(name=words_expr(words, "datum.key"))
    return as_spec(layers, language)


def _columns(rows: pa.Table, *names: str) -> list[list[int]]:
    return [rows[name].to_pylist() for name in names]
