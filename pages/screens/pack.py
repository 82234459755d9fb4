"""Weekly pack: make slides, workbook, PDF and digest of a week at one press, and take earlier ones again."""

import streamlit as st

from pages.parts.layout import empty_state, no_branches, page_header, section
from pages.parts.pack_views import show_archive, show_making, show_pack
from pages.parts.session import current, t
from pages.parts.store.branches import data_reach
from pages.parts.store.figures import scopes
from pages.parts.store.packs import packs

ask = current()
page_header(t("Weekly pack"), data_reach(ask).last_policy_on)
offered = scopes(ask)
if not offered:
    no_branches()
    st.stop()
show_making(offered)
kept = packs(ask)
if not kept:
    empty_state(t("No pack has been made yet. Choose branches and week, and press the button."))
    st.stop()
shown = st.container()
with section(t("Archive"), hint=t("choose a line to take its files")):
    picked = show_archive(kept)
with shown:
    show_pack(picked)
