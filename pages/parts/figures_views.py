"""The views of the Figures screen beside the cards: the gap, the flow of stages, the wall of contacts, weak spots."""

from functools import partial

import pyarrow as pa
import streamlit as st

from core.charts.cadence import PICKED_BRANCH
from core.charts.review import cadence_wall_chart, flow_chart, waterfall_chart, waterfall_rows
from core.charts.theme import status_word
from core.facts import CadenceStatus, UserRole
from core.kpis.table import FEN_PER_CNY
from core.language import listed
from core.language.days import day_word
from core.review.figures import GapMeasure, GapSplit
from core.review.gap_words import factor_text, factor_word
from core.review.measures import measures_on
from pages.parts.charts import show_chart
from pages.parts.figures_choice import FiguresChoice
from pages.parts.layout import empty_state
from pages.parts.logging_coverage import show_coverage
from pages.parts.navigation import open_screen
from pages.parts.session import language, t
from pages.parts.store import figures as store
from pages.parts.tables import Column, show_table
from pages.parts.wording import supervisor_words


def show_gap(choice: FiguresChoice) -> None:
    """Draw where the premium that is missing, or was won, comes from."""
    split = store.gap(choice.ask, choice.sight, choice.kind, choice.week_start)
    if split is None:
        empty_state(
            t("No target is set and the year before says too little. Set a premium target, or come back later.")
        )
        return
    days = t(
        "{start} to {end}, both included", start=day_word(language(), split.start), end=day_word(language(), split.end)
    )
    against = (
        t("Held against the target up to that day, by season and working days.")
        if split.measure is GapMeasure.TARGET
        else t("No premium target is set: held against the own ordinary period of the year before.")
    )
    st.caption(f"{days} · {against}")
    show_chart(
        waterfall_chart,
        waterfall_rows(split),
        key="figures_gap",
        alt=t("Premium wanted, what each factor adds or takes, premium reached"),
        measure=split.measure,
    )
    _show_factors(split)
    st.caption(
        t(
            "Premium = active people × policies per active person × premium per policy. Each part is what changing its "
            "factor from wanted to actual changes, averaged over all orders; wanted factors come from targets of their "
            "own, else from the own year before or the peers, stretched alike until their product is the target."
        )
    )


def _show_factors(split: GapSplit) -> None:
    words = language()
    show_table(
        pa.table(
            {
                "factor": [*(factor_word(words, part.factor) for part in split.parts), t("Whole gap")],
                "actual": [*(factor_text(words, part.factor, part.actual) for part in split.parts), None],
                "wanted": [*(factor_text(words, part.factor, part.wanted) for part in split.parts), None],
                "gap": [f"{fen / FEN_PER_CNY:+,.2f}" for fen in (*(one.gap_fen for one in split.parts), split.gap_fen)],
            }
        ),
        [
            Column("factor", t("Factor"), pinned=True),
            Column("actual", t("Actual")),
            Column("wanted", t("Wanted")),
            Column("gap", t("Part of the gap (yuan)")),
        ],
        key="figures_factors",
        name=t("Where the gap comes from"),
    )


def show_flow(choice: FiguresChoice) -> None:
    """Draw from which stage to which the branches went between two weeks of the reader's choice."""
    weeks = store.stage_weeks(choice.ask)
    if not weeks:
        empty_state(t("No stages yet. Import policies and they are worked out."))
        return
    usual = min(measures_on(choice.week_start).limits.flow_weeks, len(weeks) - 1)
    said = partial(day_word, language())
    with st.container(horizontal=True, gap="small"):
        before = st.selectbox(
            t("From the end of the week from"), weeks, index=usual, format_func=said, key="figures_before", width=220
        )
        after = st.selectbox(
            t("To the end of the week from"), weeks, index=0, format_func=said, key="figures_after", width=220
        )
    first, last = sorted((before, after))
    show_chart(
        flow_chart,
        store.flow(choice.ask, choice.scope, first, last),
        key="figures_flow",
        alt=t("Number of branches by the stage they had and the stage they have"),
        before=said(first),
        after=said(last),
    )


def show_wall(choice: FiguresChoice) -> None:
    """Draw the contacts of each branch week by week; a click opens the branch."""
    page = int(st.session_state.get("figures_wall_page", 1))
    rows = store.wall(choice.ask, choice.scope, choice.week_start, page)
    if not rows.num_rows and page > 1:
        page = st.session_state["figures_wall_page"] = 1
        rows = store.wall(choice.ask, choice.scope, choice.week_start, page)
    shown = len(set(rows["branch_code"].to_pylist()))
    picked = show_chart(
        cadence_wall_chart,
        rows,
        key="figures_wall",
        alt=t("Status of the contacts of each branch by week"),
        on_select="rerun" if choice.ask.actor.role is not UserRole.BRANCH_HEAD else None,
        rows=shown,
    )
    st.caption(listed(language(), (status_word(language(), status) for status in CadenceStatus)))
    show_coverage(store.wall_coverage(choice.ask, choice.scope, choice.week_start))
    branches = len(store.branches_in(choice.ask, choice.scope))
    if branches > store.WALL_BRANCHES:
        st.number_input(
            t("Page"), min_value=1, max_value=-(-branches // store.WALL_BRANCHES), key="figures_wall_page", width=140
        )
    if picked and picked.get(PICKED_BRANCH):
        open_screen("branch", {"branch": picked[PICKED_BRANCH][0]["branch_code"]})


def show_weak_spots(choice: FiguresChoice) -> None:
    """List what every branch lags in most."""
    table = store.weak_spots(choice.ask, choice.scope, choice.week_start, language())
    st.caption(
        t(
            "Of {weeks} weeks up to the week chosen; only KPIs with a target and enough behind them. "
            "Missing is the share of the target that is not reached.",
            weeks=measures_on(choice.week_start).limits.weak_weeks,
        )
    )
    picked = show_table(
        table,
        [
            Column("branch_name", t("Branch"), pinned=True, width=210),
            Column("branch_code", t("Branch code")),
            Column("supervisor", t("Supervisor"), words=supervisor_words()),
            Column("place", t("Place"), "integer"),
            Column("kpi_word", t("KPI")),
            Column("value_words", t("Value")),
            Column("target_words", t("Target")),
            Column("lag", t("Missing"), "share"),
        ],
        key="figures_weak",
        name=t("Weakest indicators"),
        on_select="rerun",
        empty=t("No branch lags in anything it has a target for."),
    )
    if picked is not None:
        open_screen("branch", {"branch": table["branch_code"][picked].as_py()})
