"""Screens under Streamlit's own test tool: somebody signed in, one screen drawn."""

from collections.abc import Mapping
from pathlib import Path

from streamlit.testing.v1 import AppTest

from core.facts import UserRole
from core.language import Language
from pages.parts.session import HELD, LANGUAGE, Held
from pages.parts.store.accounts import open_session
from pages.parts.store.base import forget_answers
from tests.running import add_user, page_hash

ENTRY = Path(__file__).parent.parent / "pages" / "entry.py"
RUN_SECONDS = 30


def screen(
    store: str,
    name: str,
    *,
    role: UserRole = UserRole.ADMIN,
    username: str = "boss",
    language: Language = "en",
    query: Mapping[str, str] | None = None,
    **more: str | None,
) -> AppTest:
    """Make an account, sign it in, draw a screen; `more` bounds the account as `create_user` does.

    Nothing is cached from the test before.
    """
    forget_answers()
    user_id = add_user(store, username, role, **more)
    return screen_of(user_id, name, language=language, query=query)


def both_values(app: AppTest) -> dict[str, tuple[str, str]]:
    """Return what a conflict shows: of each field what is stored and what was entered, in words."""
    found = [one.value for one in app.table if {"Stored now", "现存内容"} & set(one.value.columns)]
    rows = [[str(word).replace("\\", "") for word in row] for one in found for row in one.itertuples(index=False)]
    return {field: (theirs, mine) for field, theirs, mine in rows}


def screen_of(user_id: int, name: str, *, language: Language = "en", query: Mapping[str, str] | None = None) -> AppTest:
    """Sign an account in and draw a screen, opened as a link to it does: without the landing screen before it."""
    app = AppTest.from_file(str(ENTRY), default_timeout=RUN_SECONDS)
    app.session_state[HELD] = Held(open_session(user_id, cred_version=1).digest, connection=None)
    app.session_state[LANGUAGE] = language
    for key, value in (query or {}).items():
        app.query_params[key] = value
    app._page_hash = page_hash(name)
    app.run()
    assert not app.exception, app.exception
    assert app._finished_page_script_hash == page_hash(name), f"{name} is no screen of this account"
    return app
