"""Figures: what they are held against, where a gap comes from, how stages moved, what each branch lags in."""

import streamlit as st

from core.facts import UserRole
from pages.parts.choices import choice_in_address
from pages.parts.figures_cards import show_cards
from pages.parts.figures_choice import draw_choice
from pages.parts.figures_views import show_flow, show_gap, show_wall, show_weak_spots
from pages.parts.layout import empty_state, no_branches, page_header
from pages.parts.official_form import show_official
from pages.parts.session import current, t
from pages.parts.store.branches import data_reach
from pages.parts.store.figures import may_enter_official, scopes

ask = current()
reach = data_reach(ask)
page_header(t("Figures"), reach.last_policy_on)
if reach.last_week is None:
    if ask.actor.role is UserRole.ADMIN and not scopes(ask):
        no_branches()
    else:
        empty_state(t("No policies yet. Once they are imported, the figures stand here."))
    st.stop()

choice = draw_choice(reach.last_week)
if choice is None:
    no_branches()
    st.stop()
VIEWS = {
    "cards": (t("KPIs"), show_cards),
    "gap": (t("Gap"), show_gap),
    "flow": (t("Stage flow"), show_flow),
    "wall": (t("Contact wall"), show_wall),
    "weak": (t("Weak spots"), show_weak_spots),
}
if may_enter_official(ask):
    VIEWS["official"] = (t("Official totals"), show_official)
VIEWS[choice_in_address("figures_view", {key: words for key, (words, _) in VIEWS.items()}, t("View"))][1](choice)
