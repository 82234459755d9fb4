"""Branches: narrow down to the branches one looks for, compare them, open one."""

import pyarrow.compute as pc
import streamlit as st

from core.kpis.words import money_text
from core.portfolio import OUTPUT_WEEKS, TREND_WEEKS
from pages.parts.filters import branch_filter
from pages.parts.layout import no_branches, page_header
from pages.parts.navigation import open_screen
from pages.parts.review_lists import override_columns
from pages.parts.session import current, language, t
from pages.parts.store.branches import branches_shown, data_reach, portfolio
from pages.parts.tables import Column, show_table, trend_room
from pages.parts.wording import badge_words, review_words, supervisor_words

ask = current()
reach = data_reach(ask)
page_header(t("Branches"), reach.last_policy_on, note=t("Those that need attention most come first"))
if portfolio(ask).num_rows == 0:
    no_branches()
    st.stop()

table = branches_shown(ask, branch_filter("branches"))
st.caption(
    t(
        "{branches} branches · {policies} policies and {premium} of premium in {weeks} weeks",
        branches=f"{table.num_rows:,}",
        policies=f"{pc.sum(table['policies']).as_py() or 0:,}",
        premium=money_text(float(pc.sum(table["premium_wan"]).as_py() or 0) * 10_000, language()),
        weeks=OUTPUT_WEEKS,
    )
)
beside_stage, at_end = override_columns(table)
# A laptop shows the columns up to the marks, of these the first two where a stage is set by hand; a phone shows the
# first two columns. The rest is a swipe away.
columns = [
    Column("branch_name", t("Branch"), width=206, pinned=True),
    Column("stage", t("Stage"), "stage", width=106),
    *beside_stage,
    Column(
        "policies",
        t("Policies"),
        "integer",
        help=t("Policies of the last {weeks} complete weeks, cooling-off cancellations left out", weeks=OUTPUT_WEEKS),
        width=56,
    ),
    Column(
        "attainment",
        t("Contact rate"),
        "share",
        help=t("Contacts made, at most those due, as a share of the contacts due in the last 4 complete weeks"),
        width=82,
    ),
    Column(
        "trend",
        t("Trend"),
        "trend",
        help=t("Policies of the last {weeks} complete weeks, cooling-off cancellations left out", weeks=TREND_WEEKS),
        width=trend_room(TREND_WEEKS),
    ),
    Column("badges", t("Warnings and marks"), "words", words=badge_words(language()), width=310),
    Column(
        "premium_wan",
        t("Premium (¥10k)"),
        "tenths",
        help=t("Premium of the last {weeks} complete weeks, cooling-off cancellations left out", weeks=OUTPUT_WEEKS),
        width=100,
    ),
    Column("weeks_in_stage", t("Weeks"), "integer", help=t("Weeks in this stage, the present one included"), width=54),
    Column("supervisor", t("Supervisor"), words=supervisor_words()),
    Column("bank", t("Bank")),
    Column("city", t("City")),
    Column("region", t("Region")),
    Column("branch_code", t("Branch code")),
    Column("review", t("Stage is"), words=review_words(language())),
    *at_end,
]
row = show_table(
    table,
    columns,
    key="branches_table",
    name=t("Branches"),
    on_select="rerun",
    empty=t("No branch matches these filters. Take one of them off."),
    height=560,
)
if row is not None:
    open_screen("branch", {"branch": table["branch_code"][row].as_py()})
