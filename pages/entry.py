"""The entry script: who asks, which screens he may open, run the chosen one.

The order matters: the visitor is found out first, then the pages of exactly this visitor are
registered, on every run. Nothing is gated by stopping the script.
"""

from typing import Literal

import streamlit as st

from pages.parts.first_start import show_first_start
from pages.parts.frame import show_frame
from pages.parts.meeting_place import names_are_hidden
from pages.parts.navigation import pages_of, pages_of_nobody, pages_with
from pages.parts.session import resolve, t
from pages.parts.turns import TURNS

with TURNS.turn():
    st.set_page_config(page_title=t("Branch Coach"), page_icon="🏦", layout="wide", initial_sidebar_state=230)
    if not show_first_start():
        ask = resolve()
        position: Literal["sidebar", "hidden"] = "sidebar" if ask else "hidden"
        page = st.navigation(pages_of(ask.actor) if ask else pages_of_nobody(), position=position, expanded=True)
        marked = pages_with(page) if ask else None
        if marked:
            page = st.navigation(marked, position=position, expanded=True)
        if ask:
            show_frame(ask, with_name=page.url_path != "meeting" or not names_are_hidden())
        page.run()
