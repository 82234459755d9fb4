"""The app with one page of its own: the real guard, sessions and sign-in around parts that leave traces."""

import sys
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent.parent.parent))

from pages.guard import Guard  # noqa: E402
from pages.parts.errors import show_error  # noqa: E402
from pages.session_routes import ROUTES  # noqa: E402
from pages.start import check_start, warm_up  # noqa: E402

check_start()
app = st.App(
    FOLDER / "entry.py",
    middleware=[Middleware(Guard)],
    routes=ROUTES,
    lifespan=warm_up,
    on_script_error=show_error,
)
