"""Branch survey: what is known of a branch, how sure and how old it is, and what to find out next."""

import streamlit as st

from core.facts import BranchStatus
from core.survey.fields import survey_fields
from pages.parts.branch_choice import chosen_branch
from pages.parts.choices import choice_in_address
from pages.parts.layout import page_header
from pages.parts.notices import take_notice
from pages.parts.session import current, language, t
from pages.parts.store.branches import data_reach
from pages.parts.store.surveys import parts
from pages.parts.survey_form import FORM, show_form, wants_form
from pages.parts.survey_overview import show_overview
from pages.parts.survey_print import show_print_button
from pages.parts.survey_sheets import show_results, show_sheet_form
from pages.parts.survey_views import is_head, show_comparison, show_heading, show_part, show_standing

COMPARE, SHEETS = "compare", "sheets"

ask = current()
page_header(t("Branch file"), data_reach(ask).last_policy_on)
branch = chosen_branch("survey", instead=show_overview)
if branch is None:
    st.stop()
may_edit = not is_head() and branch.status is not BranchStatus.CLOSED
known = parts(ask, branch.branch_id, None)
notice = take_notice(FORM)
if notice:
    st.success(notice)
head, button = st.columns([4, 1], vertical_alignment="bottom")
with head:
    show_heading(branch)
with button:
    show_print_button(branch, known)
show_standing(branch)

sections = {one.key: one.words.said(language()) for one in survey_fields().sections_for(for_head=is_head())}
views = sections | {COMPARE: t("Then and now"), SHEETS: t("Questionnaire")}
view = choice_in_address("survey_part", views, t("Part of the survey"))
if view == COMPARE:
    show_comparison(branch)
elif view == SHEETS:
    show_results(branch)
    if may_edit and st.toggle(t("Hand a sheet in"), key="survey_sheet_open"):
        show_sheet_form(branch)
else:
    part = known.get(view)
    if may_edit and wants_form(branch, view, part):
        show_form(branch, view, part)
    else:
        show_part(view, part)
