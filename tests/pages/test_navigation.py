import pytest
import streamlit as st

from core.facts import UserRole
from tests.screens import screen

SUPERVISOR = {"role": UserRole.SUPERVISOR, "username": "li"}


@pytest.fixture
def menus(monkeypatch):
    """The addresses the menu shows, of each time the pages were registered."""
    found = []
    register = st.navigation

    def listen(pages, **more):
        found.append([page.url_path for page in pages if page.visibility == "visible"])
        return register(pages, **more)

    monkeypatch.setattr(st, "navigation", listen)
    return found


def test_the_menu_marks_the_landing_screen_opened_at_its_own_name(sqlite_store, menus):
    screen(sqlite_store, "today", **SUPERVISOR)
    landed, marked = menus
    assert ("" in landed, "today" in landed) == (True, False)
    assert ("" in marked, "today" in marked) == (False, True)
    assert len(marked) == len(landed)


def test_any_other_screen_is_registered_once_with_the_landing_screen_at_the_bare_address(sqlite_store, menus):
    screen(sqlite_store, "overview", **SUPERVISOR)
    (shown,) = menus
    assert ("" in shown, "today" in shown, "overview" in shown) == (True, False, True)
