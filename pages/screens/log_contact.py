"""Log a contact: choose the branch, tap whom and how, save."""

import streamlit as st

from core.facts import BranchStatus
from pages.parts.branch_choice import chosen_branch
from pages.parts.contact_form import show_contact_form
from pages.parts.layout import page_header
from pages.parts.note_lists import show_notice, show_open_commitments
from pages.parts.session import current, t
from pages.parts.store.branches import data_reach

page_header(t("Log a contact"), data_reach(current()).last_contact_on, of_contacts=True)
branch = chosen_branch("log_contact")
if branch is None:
    st.stop()
if branch.status is BranchStatus.CLOSED:
    st.warning(t("This branch is closed. Nothing new is logged there; older contacts come by import."))
else:
    show_notice()
    show_open_commitments(branch)
    show_contact_form(branch)
