"""Six steps: where every branch stands in the process, and one branch with what it lacks and its six ones."""

import streamlit as st

from core.facts import UserRole
from core.portfolio import BranchFilter
from pages.parts.branch_choice import ADDRESS
from pages.parts.filters import branch_filter
from pages.parts.layout import escaped, no_branches, page_header, section
from pages.parts.session import current, t
from pages.parts.slot_form import show_slot_form
from pages.parts.step_views import show_overview, show_six_ones, show_steps
from pages.parts.store.branch import branch_names, find_branch
from pages.parts.store.branches import data_reach
from pages.parts.store.steps import steps_shown

ask = current()
page_header(t("Six steps"), data_reach(ask).last_policy_on, note=t("Evaluation closes the circle"))
names = branch_names(ask)
if not names:
    no_branches()
    st.stop()
code = st.query_params.get(ADDRESS)
if len(names) == 1:
    code = code or next(iter(names))
else:
    chosen = branch_filter("steps", in_popover=True) if ask.actor.role is not UserRole.BRANCH_HEAD else BranchFilter()
    show_overview(steps_shown(ask, chosen))
branch = find_branch(ask, code) if code else None
if branch is not None:
    with section(escaped(branch.branch_name)):
        show_steps(branch, key="steps_of_branch")
    with section(t("Six ones")):
        show_six_ones(branch)
elif code:
    st.warning(t("There is no branch “{code}” among yours. Choose one above.", code=escaped(code)))
if ask.actor.role is UserRole.ADMIN and st.toggle(t("Change a slot of the six ones"), key="steps_slots"):
    show_slot_form()
