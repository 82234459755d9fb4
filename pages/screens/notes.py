"""Coaching notes: what a session was for, how things stand, what could be done, what was promised."""

import streamlit as st

from core.facts import BranchStatus, UserRole
from pages.parts.branch_choice import chosen_branch
from pages.parts.layout import page_header, section
from pages.parts.note_forms import show_new_note
from pages.parts.note_lists import show_notes, show_notice, show_open_commitments
from pages.parts.session import current, t
from pages.parts.store.branches import data_reach

ask = current()
is_head = ask.actor.role is UserRole.BRANCH_HEAD
page_header(t("Coaching notes"), data_reach(ask).last_contact_on, of_contacts=True)
branch = chosen_branch("notes")
if branch is None:
    st.stop()
show_notice()
show_open_commitments(branch)
if not is_head and branch.status is not BranchStatus.CLOSED:
    box = st.expander(t("Note a session"), key="notes_new_box", on_change="rerun", icon=":material/edit_note:")
    if box.open:
        with box:
            show_new_note(branch)
with section(t("Notes so far")):
    show_notes(branch)
