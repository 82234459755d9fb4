"""One branch: its stage and why, its weeks, its people and contacts, and what to do next."""

import streamlit as st

from core.facts import BranchStatus, UserRole
from pages.parts.branch_choice import chosen_branch
from pages.parts.branch_parts import (
    show_closed,
    show_contact_weeks,
    show_people,
    show_policies,
    show_totals,
    show_verdict,
)
from pages.parts.branch_sheet import show_branch_sheet
from pages.parts.contact_list import show_contacts
from pages.parts.layout import escaped, page_header, section
from pages.parts.navigation import page_of
from pages.parts.note_lists import show_promised
from pages.parts.restated_lists import show_restated
from pages.parts.self_check_page import show_latest
from pages.parts.session import current, t
from pages.parts.step_views import show_steps
from pages.parts.store.branches import data_reach
from pages.parts.suggestion_list import show_branch_actions, show_left, show_suggestions
from pages.parts.survey_views import show_line
from pages.parts.wording import place_words

ask = current()
is_field = ask.actor.role is not UserRole.BRANCH_HEAD
page_header(t("Branch page"), data_reach(ask).last_policy_on)
branch = chosen_branch("branch")
if branch is None:
    st.stop()

head, button = st.columns([2, 1], vertical_alignment="bottom")
with head, st.container(gap=None):
    st.subheader(escaped(branch.branch_name), anchor=False)
    st.caption(escaped(place_words(branch)))
is_closed = branch.status is BranchStatus.CLOSED
if is_field and not is_closed:
    with button:
        st.page_link(
            page_of("log_contact"),
            label=t("Log a contact"),
            icon=":material/add_comment:",
            query_params={"branch": branch.branch_code},
        )
        show_branch_sheet(branch)

if is_closed:
    show_closed(branch)
else:
    show_verdict(branch)
show_policies(branch)
show_restated(branch)
if is_closed:
    show_left(branch)
else:
    with section(t("What to do next")):
        show_suggestions(branch)
        show_branch_actions(branch)
        show_promised(branch)
with section(t("Self-check of the branch head")):
    show_latest(branch)
if not is_closed:
    if st.toggle(t("Six steps"), key="branch_steps", help=t("Where the branch stands, and what is missing")):
        show_steps(branch, key="branch_steps_table")
    with section(t("Branch file")):
        show_line(branch)
with section(t("Contacts")):
    show_contact_weeks(branch)
    show_contacts(branch)
if not is_closed:
    with section(t("People in post")):
        show_people(branch)
if is_field and st.toggle(
    t("Premium of all insurers here"), key="branch_totals", help=t("For our share, where the bank gives it")
):
    show_totals(branch)
