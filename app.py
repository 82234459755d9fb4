"""The ASGI entry, started by `streamlit run app.py`: the guard in front, the entry script behind it.

The entry script lies in `pages/`, so no folder of that name stands beside it: Streamlit's old page
discovery, which runs a page without signing in, never starts.
"""

import sys
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

ROOT = Path(__file__).resolve().parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from pages.guard import Guard  # noqa: E402  # needs the folder on the path
from pages.parts.errors import show_error  # noqa: E402
from pages.session_routes import ROUTES  # noqa: E402
from pages.start import check_start, warm_up  # noqa: E402

check_start()
app = st.App(
    ROOT / "pages/entry.py",
    middleware=[Middleware(Guard)],
    routes=ROUTES,
    lifespan=warm_up,
    on_script_error=show_error,
)
