"""The entry script of the project with the probe page in place of the screens."""

from pathlib import Path

import streamlit as st

from core.facts import UserRole
from pages.parts.frame import show_frame
from pages.parts.navigation import pages_of_nobody
from pages.parts.session import resolve

FOLDER = Path(__file__).parent


def pages_of(role: UserRole) -> list[st.Page]:
    """Return the probe for everybody, and one page for administrators."""
    found = [st.Page(FOLDER / "probe.py", title="Probe", url_path="overview", default=True)]
    if role is UserRole.ADMIN:
        found.append(st.Page(FOLDER / "admin_probe.py", title="Admin probe", url_path="users"))
    return found


ask = resolve()
page = st.navigation(pages_of(ask.actor.role) if ask else pages_of_nobody(), position="sidebar" if ask else "hidden")
if ask:
    show_frame(ask)
page.run()
