"""How the week plan of a supervisor stands, on one line of Today, with the way there."""

import streamlit as st

from core.calendar import week_start_of
from core.planning.words import standing_word
from pages.parts.layout import escaped
from pages.parts.navigation import page_of
from pages.parts.plan_week import shown_week, waiting_words
from pages.parts.session import current, language, t


def show_way_to_plan() -> None:
    """Draw the link: how the plan stands and what waits in it, the misses of earlier weeks without a cause included."""
    ask = current()
    week = shown_week(ask.actor.username, week_start_of(ask.today))
    words = [standing_word(language(), week.standing), *waiting_words(week)]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.page_link(page_of("week_plan"), label=t("Week plan"), icon=":material/edit_calendar:")
        st.markdown(escaped(" · ".join(words)), width="content")
