"""The server as shipped, with one page more: an empty one to hold the screens against.

The page exists in this process only; the shipped navigation does not know it. `benchmarks/start_server.py` starts it.
"""

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from app import app as shipped_app
from core.facts import Actor
from pages.parts import navigation

EMPTY = "empty"
"""Address of the empty page."""

app = shipped_app
shipped_pages = navigation.pages_of


def empty_page() -> None:
    """Draw a title and nothing else."""
    st.title("Empty", anchor=False)


def pages_with_empty_one(actor: Actor) -> list[StreamlitPage]:
    """Return the pages of a user and the empty page."""
    return [*shipped_pages(actor), st.Page(empty_page, title="Empty", url_path=EMPTY, visibility="hidden")]


navigation.pages_of = pages_with_empty_one
