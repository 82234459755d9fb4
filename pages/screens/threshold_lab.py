"""Threshold lab: try other numbers for the stage engine, see what would move, and only then save them as a version."""

from pages.parts.lab_forms import find_tried, show_notice, show_save_form, show_try_form
from pages.parts.lab_views import show_change, show_own_branches, show_simulated_branches, show_versions
from pages.parts.layout import page_header, section
from pages.parts.session import current, t
from pages.parts.store.branches import data_reach

page_header(
    t("Threshold lab"),
    data_reach(current()).last_policy_on,
    note=t("Try other numbers for the stages, see what would move, and only then save them"),
)
show_notice()
show_try_form()
tried = find_tried()
if tried is not None:
    show_change(tried)
    show_own_branches(tried)
    show_simulated_branches(tried)
    with section(t("Save")):
        show_save_form(tried)
show_versions()
