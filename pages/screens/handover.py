"""Handover: branches with a new supervisor or head, and one page about each for whoever takes it over."""

import streamlit as st

from pages.parts.branch_choice import chosen_branch
from pages.parts.handover_page import open_handover, show_changes, show_page, show_taken, show_taking_over
from pages.parts.layout import page_header, section
from pages.parts.note_lists import show_notice
from pages.parts.session import current, t
from pages.parts.store.branches import data_reach
from pages.parts.store.notes import handovers

ask = current()
page_header(t("Handover"), data_reach(ask).last_policy_on)
show_notice()
with section(t("Handed over lately")):
    show_changes(handovers(ask))
branch = chosen_branch("handover")
if branch is None:
    st.stop()
change = open_handover(handovers(ask), branch)
if change:
    show_taking_over(change)
show_taken(handovers(ask), branch)
show_page(branch)
