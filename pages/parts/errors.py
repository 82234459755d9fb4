"""What happens to an error nobody foresaw: a number for the visitor, place and kind in the log.

The message of the error is not logged: it may hold values of a row.
"""

import logging
import secrets
import traceback

import streamlit as st

from pages.parts.session import find_current, t

LOG = logging.getLogger("branch_coach")
STREAMLIT_REPORTS = {
    "streamlit.error_util": logging.CRITICAL + 1,
    "streamlit.runtime.backend_operation_handler": logging.CRITICAL + 1,
    "streamlit.runtime.caching.cache_data_api": logging.ERROR,
    "streamlit.runtime.scriptrunner_utils.script_run_context": logging.ERROR,
}
"""Errors, which are logged here without their messages, and remarks on imports outside a page."""


def error_number(error: BaseException, *, who: str, where: str) -> str:
    """Log an error and return the number under which the log holds it."""
    number = secrets.token_hex(4)
    chain: list[str] = []
    seen: BaseException | None = error
    while seen is not None and len(chain) < 5:
        frames = "".join(traceback.format_tb(seen.__traceback__))
        chain.append(f"{type(seen).__module__}.{type(seen).__qualname__}\n{frames}")
        seen = seen.__cause__ or seen.__context__
    LOG.error("error %s, user %s, page %s: %s", number, who, where, "caused by ".join(chain))
    return number


def show_error(error: Exception) -> bool:
    """Show the number in place of the error; called by Streamlit for every error of a script."""
    ask = find_current()
    number = error_number(error, who=ask.actor.username if ask else "nobody", where=_screen_name(st.context.url or ""))
    st.error(t("Something went wrong here. Nothing was stored by this step. Error number {number}", number=number))
    return True


def _screen_name(address: str) -> str:
    """Return the last part of the path where it is a name; what a browser claims may hold anything."""
    name = address.partition("?")[0].rstrip("/").rpartition("/")[2]
    return name if name.isidentifier() and name.isascii() and len(name) <= 40 else "-"


def silence_streamlit_reports() -> None:
    """Keep Streamlit from logging the same errors with their messages, and from remarks on imports."""
    for name, level in STREAMLIT_REPORTS.items():
        logging.getLogger(name).setLevel(level)
