"""Today: what is owed, worst first; log, tick, explain or lay aside without leaving the list."""

import streamlit as st

from core.facts import UserRole
from pages.parts.layout import empty_state, no_branches, page_header
from pages.parts.logging_coverage import show_coverage
from pages.parts.session import TODAY_VISITED, current, t
from pages.parts.store import today as store
from pages.parts.store.branch import branch_names
from pages.parts.store.branches import data_reach
from pages.parts.today_capacity import show_capacity
from pages.parts.today_forms import show_panel
from pages.parts.today_list import show_apart, show_choice, show_list, show_more, show_resting
from pages.parts.today_plan import show_way_to_plan

COVERAGE_WEEKS = 4

ask = current()
reach = data_reach(ask)
page_header(t("Today"), reach.last_contact_on, of_contacts=True)
if not branch_names(ask):
    no_branches()
    st.stop()
if st.session_state.get(TODAY_VISITED) != (ask.today, reach.last_week):
    store.visit(ask)
    st.session_state[TODAY_VISITED] = (ask.today, reach.last_week)

is_own = ask.actor.role is UserRole.SUPERVISOR
if is_own:
    show_way_to_plan()
choice, found = show_choice(ask, with_filters=not is_own)
lines = store.shown(ask, choice)
if found.lines:
    panel, table = st.columns([1, 2], gap="xsmall")  # on a phone the form comes first: it is reached without scrolling
    with table:
        line = show_list(ask, choice, with_supervisor=not is_own)
        show_more(found, choice, len(lines))
    with panel:
        if line:
            show_panel(line, lines)
else:
    empty_state(t("Nothing is owed today. Good time to plan ahead."))

show_apart(found)
show_coverage(store.coverage(ask, COVERAGE_WEEKS, choice.branches))
show_capacity(with_supervisors=not is_own)
show_resting(ask, choice, found)
