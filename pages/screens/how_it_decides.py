"""How it decides: read every rule as it runs, with its date and source; administrators add rows."""

import streamlit as st

from pages.parts import rules_views as views
from pages.parts.kpi_views import show_kpis
from pages.parts.layout import page_header
from pages.parts.session import current, t
from pages.parts.store.branches import data_reach

page_header(
    t("How it decides"),
    data_reach(current()).last_policy_on,
    note=t("Rules as they run today; a change is a new row with its day and source, past weeks stay as they were"),
)
SECTIONS = {
    "cadence": (t("Contact targets"), views.show_cadence_rules),
    "settings": (t("Settings"), views.show_settings),
    "kpis": (t("KPIs"), show_kpis),
    "calendar": (t("Calendar"), views.show_calendar),
    "stages": (t("Stage limits"), views.show_stage_limits),
    "playbook": (t("Coaching actions"), views.show_playbook),
}
chosen = st.segmented_control(
    t("Section"),
    list(SECTIONS),
    format_func=lambda key: SECTIONS[key][0],
    default="cadence",
    required=True,
    key="how_it_decides_section",
    bind="query-params",
    label_visibility="collapsed",
)
SECTIONS[chosen if chosen in SECTIONS else "cadence"][1]()
