"""Self-check: a branch head answers fifteen questions a month; then one page, my view beside the facts."""

import streamlit as st

from core.facts import UserRole
from core.language.days import month_word
from core.self_check.checks import month_to_fill
from pages.parts.branch_choice import chosen_branch
from pages.parts.layout import empty_state, escaped, page_header, section
from pages.parts.self_check_form import is_finishing, show_form
from pages.parts.self_check_page import show_page, show_trend
from pages.parts.session import current, language, t
from pages.parts.store.branches import data_reach
from pages.parts.store.self_checks import checks, checks_in_hand

VIEW = "self_check_view"
"""In the address: a head changes a finished check, begins this month's before last month's, or reads first."""
CHANGE, BEGIN, READ = "change", "begin", "read"

ask = current()
is_head = ask.actor.role is UserRole.BRANCH_HEAD
page_header(t("Self-check"), data_reach(ask).last_policy_on)
branch = chosen_branch("self_check")
if branch is None:
    st.stop()
view = st.query_params.get(VIEW)
finished = checks(ask, branch.branch_id)
in_hand = checks_in_hand(ask, branch.branch_id)
this_month = ask.today.replace(day=1)
month = month_to_fill(in_hand, ask.today, wants_this=view == BEGIN)
check = next((one for one in in_hand if one.month_start == month), None)
is_done = check is not None and check.finished_on is not None
reads = (is_done and view != CHANGE) or (view == READ and finished)
if is_head and (not reads or is_finishing()):
    st.subheader(escaped(f"{branch.branch_name} · {month_word(language(), month)}"), anchor=False)
    st.markdown(
        t(
            "About three minutes, once a month. Your channel manager and supervisor see your answers once you finish. "
            "No question is about a person, and branches are not ranked."
        )
    )
    if month != this_month and st.button(t("Begin this month's check instead"), key="self_check_begin"):
        st.query_params[VIEW] = BEGIN
        st.rerun()
    if show_form(branch, month, check):
        st.query_params.pop(VIEW, None)
        if month != this_month:
            st.query_params[VIEW] = READ
        st.rerun()
elif not finished:
    empty_state(t("The branch head has not finished a self-check yet."))
else:
    months = {f"{one.month_start:%Y-%m}": one for one in finished}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        picked = st.selectbox(
            t("Month"),
            list(months),
            format_func=lambda key: month_word(language(), months[key].month_start),
            key="self_check_month",
            width=160,
        )
        if is_head and is_done and st.button(t("Change my answers"), key="self_check_change_button"):
            st.query_params[VIEW] = CHANGE
            st.rerun()
        if is_head and not is_done and st.button(t("Fill in this month's check"), key="self_check_fill_button"):
            st.query_params.pop(VIEW, None)
            st.rerun()
    if check and check.is_changed:
        st.info(t("You changed answers and did not finish again: only you see them. This is the page others read."))
    show_page(branch, months[picked])
    if len(finished) > 1:
        with section(t("Trend")):
            show_trend(finished)
