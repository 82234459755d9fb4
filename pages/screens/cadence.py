"""Cadence: are the contacts owed being made, by role, branch, supervisor and person."""

import streamlit as st

from core.facts import StaffRole, UserRole
from core.language.labels import label
from core.portfolio import BranchFilter
from pages.parts import cadence_views as views
from pages.parts.choices import choice_in_address
from pages.parts.filters import branch_filter
from pages.parts.layout import empty_state, page_header
from pages.parts.session import current, language, t
from pages.parts.store import cadence as store
from pages.parts.store.branches import data_reach

PERIODS = (13, 26, 52)

ask = current()
reach = data_reach(ask)
span = store.week_span(ask, PERIODS[0])
scope = None
if span is not None:
    by_person = store.cadence_rules(ask, span.last).is_per_person
    scope = t("Targets hold for each person") if by_person else t("Targets hold for a role as a group at one branch")
page_header(t("Cadence"), reach.last_contact_on, note=scope, of_contacts=True)
if span is None:
    if ask.actor.role is UserRole.BRANCH_HEAD:
        empty_state(t("No contact with your branch was logged yet. Your supervisor logs talks and visits."))
    else:
        empty_state(
            t("No contacts yet. Log one, or import the contacts made so far."),
            page="log_contact",
            action=t("Log a contact"),
        )
    st.stop()

with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
    is_head = ask.actor.role is UserRole.BRANCH_HEAD
    chosen = BranchFilter() if is_head else branch_filter("cadence", in_popover=True)
    weeks = st.segmented_control(
        t("Period"),
        list(PERIODS),
        format_func=lambda count: t("{weeks} weeks", weeks=count),
        default=PERIODS[0],
        required=True,
        key="cadence_weeks",
    )
    offered = [role for role in StaffRole if store.one_role(ask, weeks, chosen, role).num_rows]
    roles = st.pills(
        t("Roles"),
        offered,
        format_func=lambda role: label(language(), role),
        selection_mode="multi",
        default=offered,
        key="cadence_roles",
        wrap=True,
    )
choice = views.CadenceChoice(ask, weeks, chosen, tuple(role for role in offered if role in (roles or offered)))
if store.heat_map_pages(ask, weeks, chosen) == 0:
    empty_state(t("No branch matches these filters. Take one of them off."))
    st.stop()

views.show_last_week(choice)
VIEWS = {
    "roles": (t("By role"), views.show_roles),
    "branches": (t("By branch"), views.show_branches),
    "units": (t("By supervisor and region"), views.show_units),
    "people": (t("People not reached"), views.show_people),
}
names = {key: words for key, (words, _) in VIEWS.items()}
VIEWS[choice_in_address("cadence_view", names, t("View"))][1](choice)
