"""How it decides: read every rule as it runs, with its date and source; administrators add rows."""

from pages.parts import rules_views as views
from pages.parts.choices import choice_in_address
from pages.parts.kpi_views import show_kpis
from pages.parts.layout import page_header
from pages.parts.market_views import show_market
from pages.parts.session import current, t
from pages.parts.store.branches import data_reach

page_header(
    t("How it decides"),
    data_reach(current()).last_policy_on,
    note=t(
        "Rules as they run today; a change is a new row with its day and source. Past weeks stay as they were, "
        "unless a day of the calendar is corrected for a reason"
    ),
)
SECTIONS = {
    "cadence": (t("Contact targets"), views.show_cadence_rules),
    "settings": (t("Settings"), views.show_settings),
    "kpis": (t("KPIs"), show_kpis),
    "calendar": (t("Calendar"), views.show_calendar),
    "stages": (t("Stage limits"), views.show_stage_limits),
    "review": (t("Weekly review"), views.show_review_limits),
    "market": (t("Season and market"), show_market),
    "playbook": (t("Coaching actions"), views.show_playbook),
}
names = {key: words for key, (words, _) in SECTIONS.items()}
SECTIONS[choice_in_address("how_it_decides_section", names, t("Section"))][1]()
