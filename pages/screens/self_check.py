"""Self-check: a branch head answers fifteen questions a month; then one page, my view beside the facts."""

import streamlit as st

from core.coaching.words import month_word
from core.facts import UserRole
from pages.parts.branch_choice import chosen_branch
from pages.parts.layout import empty_state, escaped, page_header, section
from pages.parts.self_check_form import is_finishing, show_form
from pages.parts.self_check_page import show_page, show_trend
from pages.parts.session import current, language, t
from pages.parts.store.branches import data_reach
from pages.parts.store.self_checks import checks

CHANGING = "self_check_change"

ask = current()
is_head = ask.actor.role is UserRole.BRANCH_HEAD
page_header(t("Self-check"), data_reach(ask).last_policy_on)
branch = chosen_branch("self_check")
if branch is None:
    st.stop()
known = checks(ask, branch.branch_id)
this_month = next((one for one in known if one.month_start == ask.today.replace(day=1)), None)
finished = [one for one in known if one.finished_on]

is_open = this_month is None or this_month.finished_on is None or st.query_params.get(CHANGING)
if is_head and (is_open or is_finishing()):
    st.subheader(escaped(branch.branch_name), anchor=False)
    st.markdown(
        t(
            "About three minutes, once a month. Your channel manager and supervisor see your answers. "
            "No question is about a person, and branches are not ranked."
        )
    )
    if show_form(branch, this_month):
        st.query_params.pop(CHANGING, None)
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
        if is_head and this_month and st.button(t("Change my answers"), key="self_check_change_button"):
            st.query_params[CHANGING] = "1"
            st.rerun()
    show_page(branch, months[picked])
    if len(finished) > 1:
        with section(t("Trend")):
            show_trend(finished)
