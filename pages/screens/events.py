"""Events: what was planned and held with customers, what came of it, and the form that writes it down."""

import streamlit as st

from core.language.days import day_word
from pages.parts.branch_choice import ADDRESS, draw_choice
from pages.parts.event_form import show_event_form
from pages.parts.event_lists import EVENT, FORM, show_list, show_summary, show_totals
from pages.parts.filters import branch_filter
from pages.parts.layout import escaped, no_branches, page_header, section
from pages.parts.notices import take_notice
from pages.parts.session import current, language, t
from pages.parts.store.branch import branch_names, find_branch
from pages.parts.store.branches import data_reach
from pages.parts.store.events import events, find_event

PERIODS = (13, 26, 52)

ask = current()
page_header(t("Events"), data_reach(ask).last_policy_on, note=t("Guests are counted, never named"))
names = branch_names(ask)
if not names:
    no_branches()
    st.stop()
with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
    chosen = branch_filter("events", in_popover=True)
    weeks = st.segmented_control(
        t("Period"),
        list(PERIODS),
        format_func=lambda count: t("{weeks} weeks", weeks=count),
        default=PERIODS[0],
        required=True,
        key="events_weeks",
    )
found = events(ask, weeks, chosen)
show_summary(found)
notice = take_notice(FORM)
if notice:
    st.success(notice)
show_list(weeks, chosen)

asked = st.query_params.get(EVENT, "")
event = find_event(ask, int(asked)) if asked.isascii() and asked.isdigit() else None
if asked and event is None:
    st.warning(t("There is no such event among yours. Choose one of the list."))
if event is not None:
    with section(escaped(t("{branch}, {day}", branch=event.branch_name, day=day_word(language(), event.entry.day)))):
        if st.button(t("Close"), icon=":material/close:", key="events_close"):
            st.query_params.pop(EVENT)
            st.rerun()
        show_event_form(event.branch_id, event)
elif st.toggle(t("Write down an event"), key="events_new"):
    code = st.query_params.get(ADDRESS) or (next(iter(names)) if len(names) == 1 else None)
    draw_choice("events_choice", code, names)
    branch = find_branch(ask, code) if code else None
    if branch is not None:
        show_event_form(branch.branch_id, None)
    elif code:
        st.warning(t("There is no branch “{code}” among yours. Choose one above.", code=escaped(code)))
if st.toggle(t("What the events came to, by branch"), key="events_by_branch"):
    show_totals(weeks, chosen)
