"""Charts of the figures of a review: goals beside time, the split of a gap, stages from week to week, contacts.

`size` is the height of the type in pixels, 14 on a page, 28 on a projector; bars and cells grow with it. Colours are
those of the palette, and every one has its sign, number or word beside it.
"""

from collections.abc import Iterable

import altair as alt
import pyarrow as pa

from core.charts.cadence import INK, PICKED_BRANCH
from core.charts.palette import EXPECTED, MEASURED, STAGE_SIGNS, STATUS_COLOURS, STATUS_SIGNS, TARGET
from core.charts.theme import (
    DATA,
    ROOM_AROUND,
    Spec,
    as_spec,
    day_format,
    full_day_format,
    money_axis,
    money_expr,
    share_axis,
    stage_colour,
    stage_word,
    status_colour,
    status_word,
    title,
    words_expr,
)
from core.facts import CadenceStatus, Stage
from core.kpis.definitions import kpi_definitions
from core.kpis.table import FEN_PER_CNY
from core.language import Language, text
from core.review.figures import Factor, GapMeasure, GapSplit, KpiCard, StageFlow
from core.review.gap_words import factor_word, measure_word

PAGE, PROJECTOR = 14, 28
"""Height of the type where a page is read at a desk, and from across a room."""
WANTED, ACTUAL = "wanted", "actual"
"""First and last bar of a waterfall."""
NONE = "none"
"""Stands for a branch that was not there yet, or is not there any more."""
ROOM_FOR_WORD: dict[Language, float] = {"en": 6.6, "zh": 5}
"""A column of so many times the type has room for the word of a stage; a narrower one, on a phone, has its sign."""
ROOM_FOR_SIGNS = 18
"""A wall narrower than so many times the type, as on a phone, has smaller signs: full ones run into each other."""
MOST_ATTAINED = 1.5
"""Beyond half more than the target a bar is cut; its number tells the rest."""


def goal_rows(cards: Iterable[KpiCard]) -> pa.Table:
    """Return one row a KPI that has a target: kpi, attainment, time_share, shown (attainment, cut), label."""
    known = [(card, card.attainment) for card in cards if card.attainment is not None]
    return pa.table(
        {
            "kpi": pa.array([card.kpi for card, _ in known], pa.string()),
            "attainment": pa.array([share for _, share in known], pa.float64()),
            "time_share": pa.array([card.time_share for card, _ in known], pa.float64()),
            "shown": pa.array([min(max(share or 0.0, 0.0), MOST_ATTAINED) for _, share in known], pa.float64()),
            "label": pa.array([f"{share:.0%}" for _, share in known], pa.string()),
        }
    )


def goals_chart(language: Language, *, size: int = PAGE) -> Spec:
    """Return how much of each target is reached, the line of the target, and where it should stand by now.

    Data: as `goal_rows` gives it.
    """
    words = {kpi.key: kpi.words(language).title for kpi in kpi_definitions()}
    reached = text(language, "Reached")
    due = text(language, "Due by now")
    base = alt.Chart(DATA, height=alt.Step(3 * size)).encode(
        y=alt.Y("kpi", type="nominal", sort=None, axis=_word_axis(words, size)),
        tooltip=[
            alt.Tooltip("kpi_word", type="nominal", title=text(language, "KPI")),
            alt.Tooltip("attainment", type="quantitative", title=reached, format=".0%"),
            alt.Tooltip("time_share", type="quantitative", title=due, format=".0%"),
        ],
    )
    scale = alt.Scale(domain=[0, MOST_ATTAINED + 0.25], nice=False)
    axis = share_axis(None)
    bars = base.mark_bar(color=MEASURED, size=1.5 * size).encode(
        x=alt.X("shown", type="quantitative", scale=scale, axis=axis)
    )
    numbers = base.mark_text(align="left", fontSize=size, fontWeight="bold").encode(
        x=alt.X("at", type="quantitative", scale=scale), text=alt.Text("label", type="nominal")
    )
    time = base.mark_tick(color=EXPECTED, opacity=1, thickness=max(3, size // 5), size=2.4 * size).encode(
        x=alt.X("time_share", type="quantitative", scale=scale)
    )
    target = alt.Chart(DATA).mark_rule(color=TARGET, strokeWidth=max(2, size // 7)).encode(x=alt.datum(1))
    shown = title(
        text(language, "Goals against target and time"),
        text(language, "Share of the target reached; line: target; grey mark: due by now, by season and working days"),
    )
    layers = alt.layer(bars, target, time, numbers, title=shown).transform_calculate(
        kpi_word=words_expr(words, "datum.kpi"),
        at="max(datum.shown, datum.time_share, 1) + 0.03",  # beyond both marks, which would run through the number
    )
    return as_spec(layers, language)


def waterfall_rows(split: GapSplit) -> pa.Table:
    """Return the bars of a split from what was wanted down to what was reached.

    Columns: place int, key str (`WANTED`, the factors, `ACTUAL`), next str (the bar the line leads to), start and end
    (yuan, where the bar begins and ends), middle, amount (yuan; of a part what it adds), kind (total, less, more).
    """
    wanted, actual = split.target_fen / FEN_PER_CNY, split.actual_fen / FEN_PER_CNY
    rows: list[tuple[str, float, float, float, str]] = [(WANTED, 0.0, wanted, wanted, "total")]
    at = wanted
    for part in split.parts:
        step = part.gap_fen / FEN_PER_CNY
        rows.append((part.factor.value, at, at + step, step, "less" if step < 0 else "more"))
        at += step
    rows.append((ACTUAL, 0.0, actual, actual, "total"))
    keys = [row[0] for row in rows]
    return pa.table(
        {
            "place": pa.array(range(len(rows)), pa.int32()),
            "key": pa.array(keys, pa.string()),
            "next": pa.array([*keys[1:], keys[-1]], pa.string()),
            "start": pa.array([row[1] for row in rows], pa.float64()),
            "end": pa.array([row[2] for row in rows], pa.float64()),
            "right": pa.array([max(row[1], row[2]) for row in rows], pa.float64()),
            "amount": pa.array([row[3] for row in rows], pa.float64()),
            "kind": pa.array([row[4] for row in rows], pa.string()),
        }
    )


def waterfall_chart(language: Language, *, measure: GapMeasure, size: int = PAGE) -> Spec:
    """Return how a gap comes about, factor by factor, from what was wanted to what was reached.

    Data: as `waterfall_rows` gives it.
    """
    words = {
        WANTED: measure_word(language, measure),
        **{factor.value: factor_word(language, factor) for factor in Factor},
        ACTUAL: text(language, "Reached"),
    }
    kinds = {"total": EXPECTED, "less": STATUS_COLOURS[CadenceStatus.SHORT], "more": STATUS_COLOURS[CadenceStatus.MET]}
    rows = alt.Y("key", type="nominal", sort=alt.EncodingSortField("place", op="min"), axis=_word_axis(words, size))
    base = alt.Chart(DATA, height=alt.Step(2.6 * size)).encode(
        y=rows,
        tooltip=[
            alt.Tooltip("word", type="nominal", title=text(language, "Factor")),
            alt.Tooltip("said", type="nominal", title=text(language, "Premium (yuan)")),
        ],
    )
    axis = money_axis(language, None)
    lines = base.mark_rule(color=EXPECTED, strokeDash=[2, 2]).encode(x=alt.X("end", type="quantitative"), y2="next")
    bars = base.mark_bar(size=1.6 * size).encode(
        x=alt.X("start", type="quantitative", axis=axis, scale=alt.Scale(nice=False)),
        x2="end",
        color=alt.Color(
            "kind", type="nominal", scale=alt.Scale(domain=list(kinds), range=list(kinds.values())), legend=None
        ),
    )
    numbers = base.mark_text(align="left", dx=size // 2, fontSize=size, fontWeight="bold").encode(
        x=alt.X("right", type="quantitative"), text=alt.Text("said", type="nominal")
    )
    sign = "datum.kind == 'less' ? '−' : datum.kind == 'more' && datum.amount > 0 ? '+' : ''"
    money = money_expr(language, "abs(datum.amount)")
    shown = title(
        text(language, "Where the gap comes from"),
        text(language, "Scale premium in yuan; the parts add up to the gap exactly"),
    )
    layers = alt.layer(lines, bars, numbers, title=shown).transform_calculate(
        word=words_expr(words, "datum.key"), said=f"({sign}) + ({money})"
    )
    return as_spec(layers, language) | {"padding": ROOM_AROUND | {"right": 6 * size}}


def flow_rows(flows: Iterable[StageFlow]) -> pa.Table:
    """Return one row a flow: before and after (a stage, or `NONE`), branches, share (of those before), stayed."""
    found = list(flows)
    left: dict[Stage | None, int] = {}
    for flow in found:
        left[flow.before] = left.get(flow.before, 0) + flow.branches
    return pa.table(
        {
            "before": pa.array([flow.before.value if flow.before else NONE for flow in found], pa.string()),
            "after": pa.array([flow.after.value if flow.after else NONE for flow in found], pa.string()),
            "branches": pa.array([flow.branches for flow in found], pa.int64()),
            "share": pa.array([flow.branches / left[flow.before] for flow in found], pa.float64()),
            "stayed": pa.array([flow.before is flow.after for flow in found], pa.bool_()),
        }
    )


def flow_chart(language: Language, *, before: str, after: str, size: int = PAGE) -> Spec:
    """Return which stages the branches of one week are in at another; `before` and `after` name the weeks.

    Down the side the stage before, along the top the stage after, in its colour; grey is who stayed. The fuller the
    colour, the larger the share of the row. Data: as `flow_rows` gives it.
    """
    stages = [stage.value for stage in Stage]
    words = {stage.value: stage_word(language, stage) for stage in Stage}
    came, left = text(language, "Newly there"), text(language, "No longer there")
    rows = alt.Y(
        "before",
        type="nominal",
        sort=[*stages, NONE],
        axis=_word_axis({**words, NONE: came}, size, title=before),
    )
    signs = {stage.value: STAGE_SIGNS[stage] for stage in Stage} | {NONE: text(language, "Gone")}
    has_room = f"bandwidth('x') > {ROOM_FOR_WORD[language] * size}"
    columns = alt.X(
        "after",
        type="nominal",
        sort=[*stages, NONE],
        axis=alt.Axis(
            title=after,
            orient="top",
            labelExpr=f"{has_room} ? {words_expr({**words, NONE: left})} : {words_expr(signs)}",
            labelAngle=0,
            labelFontSize=size,
            titleFontSize=size,
            labelLimit=8 * size,
            labelOverlap=False,
            ticks=False,
            domain=False,
        ),
    )
    base = alt.Chart(DATA, height=alt.Step(2.6 * size)).encode(y=rows, x=columns)
    tips = [
        alt.Tooltip("before_word", type="nominal", title=before),
        alt.Tooltip("after_word", type="nominal", title=after),
        alt.Tooltip("branches", type="quantitative", title=text(language, "Branches"), format=","),
        alt.Tooltip("share", type="quantitative", title=text(language, "Share of those before"), format=".0%"),
    ]
    paper = base.mark_rect(color="white")
    strength = alt.Opacity("strength", type="quantitative", scale=None, legend=None)
    moved = base.mark_rect().encode(color=stage_colour(language, "after", legend=False), opacity=strength, tooltip=tips)
    stayed = base.mark_rect(color=EXPECTED).encode(opacity=strength, tooltip=tips)
    numbers = base.mark_text(fontSize=size, fontWeight="bold", color=INK).encode(
        text=alt.Text("branches", type="quantitative", format=",")
    )
    shown = title(
        text(language, "From stage to stage"),
        text(language, "Number of branches; grey: stayed; full colour: most of the row"),
    )
    layers = alt.layer(
        paper,
        moved.transform_filter("!datum.stayed"),
        stayed.transform_filter("datum.stayed"),
        numbers,
        title=shown,
    ).transform_calculate(
        before_word=words_expr({**words, NONE: came}, "datum.before"),
        after_word=words_expr({**words, NONE: left}, "datum.after"),
        strength="0.15 + 0.5 * datum.share",
    )
    return as_spec(layers, language)


def cadence_wall_chart(language: Language, *, rows: int, size: int = PAGE) -> Spec:
    """Return branches by week as a wall: sign and colour of the status of each, empty where nothing was due.

    What the signs mean stands beside it: on a phone a legend within has no room.

    The paler the colour of a short week, the less is missing. `rows` is the number of branches.
    Data: as `core.cadence.weeks.branch_weeks` gives it.
    """
    statuses = {status.value: status_word(language, status) for status in CadenceStatus}
    signs = {status.value: STATUS_SIGNS[status] for status in CadenceStatus}
    picked = alt.selection_point(name=PICKED_BRANCH, fields=["branch_code"], clear=False)
    weeks = alt.X(
        "week_start",
        type="ordinal",
        timeUnit="yearmonthdate",
        axis=alt.Axis(
            title=None,
            orient="top",
            format=day_format(language),
            labelAngle=0,
            labelFontSize=size,
            labelOverlap="parity",
            ticks=False,
            domain=False,
        ),
    )
    base = alt.Chart(DATA, height=1.7 * size * max(rows, 1)).encode(
        x=weeks,
        y=alt.Y(
            "branch_name",
            type="nominal",
            sort=alt.EncodingSortField("place", op="min"),
            axis=_word_axis({}, size),
        ),
    )
    is_due = f"datum.status != '{CadenceStatus.NOT_DUE.value}'"
    tips = [
        alt.Tooltip("branch_name", type="nominal", title=text(language, "Branch")),
        alt.Tooltip("week_start", type="temporal", title=text(language, "Week from"), format=full_day_format(language)),
        alt.Tooltip("status_word", type="nominal", title=text(language, "Status")),
        alt.Tooltip("done", type="quantitative", title=text(language, "Counted toward the target")),
        alt.Tooltip("due", type="quantitative", title=text(language, "At least")),
    ]
    empty = base.mark_rect(filled=False, stroke=EXPECTED, strokeDash=[2, 3], strokeOpacity=0.7).encode(tooltip=tips)
    paper = base.mark_rect(color="white")
    cells = (
        base.mark_rect(stroke="white", cursor="pointer")
        .encode(
            color=status_colour(language, legend=False),
            opacity=alt.Opacity("strength", type="quantitative", scale=None, legend=None),
            tooltip=tips,
        )
        .add_params(picked)
    )
    has_room = alt.expr(f"width < {ROOM_FOR_SIGNS * size} ? {size * 2 // 3} : {size}")
    marks = base.mark_text(fontSize=has_room, fontWeight="bold", color=INK).encode(
        text=alt.Text("sign", type="nominal")
    )
    shown = title(
        text(language, "Contacts by branch and week"),
        text(language, "Status over all roles; the paler a short week, the less is missing; dashed, empty: not due"),
    )
    layers = alt.layer(
        empty.transform_filter(f"!({is_due})"),
        paper.transform_filter(is_due),
        cells.transform_filter(is_due),
        marks.transform_filter(is_due),
        title=shown,
    ).transform_calculate(
        status_word=words_expr(statuses, "datum.status"),
        sign=words_expr(signs, "datum.status"),
        strength=f"datum.status == '{CadenceStatus.SHORT.value}' ? 0.85 - 0.7 * datum.attainment : 0.5",
    )
    return as_spec(layers, language)


def _word_axis(words: dict[str, str], size: int, *, title: str | None = None) -> alt.Axis:
    """Return an axis of words in the size of the type, none of them left out."""
    axis = alt.Axis(
        title=title,
        titleFontSize=size,
        ticks=False,
        domain=False,
        labelFontSize=size,
        labelLimit=14 * size,
        labelOverlap=False,
    )
    if words:
        axis.labelExpr = words_expr(words)
    return axis
