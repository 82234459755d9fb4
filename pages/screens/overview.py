"""Overview: whom to see first, where the branches stand, who moved, KPIs and contacts against target."""

import streamlit as st

from core.charts.overview import PICKED_STAGE, role_attainment_chart, stage_history_chart
from core.facts import Stage, UserRole
from core.language.days import day_word
from core.overview import PERIOD_WEEKS
from core.portfolio import CONTACT_WEEKS
from pages.parts.attention import branches_in, show_attention, show_moves, show_stages
from pages.parts.charts import show_chart
from pages.parts.head_waiting import show_waiting
from pages.parts.kpi_tiles import show_kpis, show_watch_signs
from pages.parts.layout import empty_state, no_branches, page_header, section
from pages.parts.logging_coverage import show_coverage
from pages.parts.market_views import show_told_week
from pages.parts.navigation import open_screen
from pages.parts.session import current, language, t
from pages.parts.store import overview as store
from pages.parts.store.branches import data_reach, portfolio
from pages.parts.store.today import coverage
from pages.parts.tables import Column, show_table


def move_columns() -> list[Column]:
    """Return how the changes of stage are headed."""
    return [
        Column("branch_name", t("Branch"), pinned=True),
        Column("branch_code", t("Branch code")),
        Column("direction", t("Direction"), words={"up": t("↑ Up"), "down": t("↓ Down"), "level": t("→ Neither")}),
        Column("from_stage", t("From"), "stage"),
        Column("stage", t("To"), "stage"),
        Column("reason", t("Reason"), width="large"),
    ]


ask = current()
reach = data_reach(ask)
week = reach.last_week
page_header(
    t("Overview"),
    reach.last_policy_on,
    note=t("Stages at the end of the week from {week}", week=day_word(language(), week)) if week else None,
)
if portfolio(ask).num_rows == 0:
    no_branches()
    st.stop()

can_list = ask.actor.role is not UserRole.BRANCH_HEAD
if not can_list:
    show_waiting()
show_stages(store.counts_now(ask), with_links=can_list)
with section(
    t("Whom to see first"),
    hint=t("Choose a branch to open it"),
    help=t(
        "Weak stages with a warning, then new changes of stage, falling policies, missing contacts; "
        "in each of these the most policies lost come first"
    ),
):
    to_see = store.branches_to_see(ask, language())
    if to_see:
        show_attention(to_see, key="overview_to_see", opens="branch")
    elif warned := store.branches_warned(ask, language()):
        st.markdown(t("No branch has to come first. These have an open warning all the same:"))
        show_attention(warned, key="overview_warned", opens="branch", name=t("Branches with an open warning"))
    else:
        empty_state(t("No branch has an open warning. Good time to plan ahead."))

with section(t("Results of the last {weeks} weeks", weeks=PERIOD_WEEKS)):
    show_kpis(store.kpis_now(ask))
    show_watch_signs(store.watch_signs(ask))

moves = store.moves_told(ask, language())
with section(t("Moved this week")):
    show_told_week()
    if not moves.first:
        empty_state(t("No branch changed its stage this week."))
    else:
        show_moves(moves)
        table = st.expander(t("All changes as a table"), key="overview_all_moves", on_change="rerun")
        if table.open:
            with table:
                show_table(
                    store.moves(ask, language()),
                    move_columns(),
                    key="overview_moves",
                    name=t("Branches that changed their stage"),
                )

history, contacts = st.columns(2, gap="medium")
with history:
    picked = show_chart(
        stage_history_chart,
        store.counts_by_week(ask),
        key="overview_stage_history",
        alt=t("Number of branches in each stage, week by week"),
        on_select="rerun",
    )
    if can_list and picked and picked.get(PICKED_STAGE):
        open_screen("branches", branches_in(Stage(picked[PICKED_STAGE][0]["stage"])))
with contacts:
    show_chart(
        role_attainment_chart,
        store.contacts_by_role(ask),
        key="overview_contacts_by_role",
        alt=t("Contacts made as a share of contacts due, by role"),
        empty=t("No contacts yet. Log one, or import the contacts made so far."),
    )
    show_coverage(coverage(ask, CONTACT_WEEKS, with_this_week=False))
