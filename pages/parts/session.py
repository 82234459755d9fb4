"""The session of one browser tab: who is signed in, in which language, on which day.

Every key of the session state that is not a widget's is named here. Who is signed in is asked of the
store on every run, callback, fragment and download; nothing of it is believed from before.
"""

import secrets
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from functools import wraps
from typing import ParamSpec, TypeVar, cast

import streamlit as st
from streamlit.runtime.scriptrunner_utils.script_run_context import get_script_run_ctx

from core.calendar import SHANGHAI
from core.language import LANGUAGES, Language, language_of, text
from pages.parts.store import accounts
from pages.parts.store.base import Ask

COOKIE = "branch_coach"
TLS_COOKIE = "__Host-branch_coach"
"""Under this name a browser takes the cookie over TLS only, and from this host only."""

HELD = "held_session"
ASK = "ask"
LANGUAGE = "language"
SUBMIT_KEYS = "submit_keys"
TICKET = "cookie_ticket"
SIGNED_OUT = "signed_out"
RELOAD = "reload_page"
PAGES = "registered_pages"
TODAY_VISITED = "today_visited"
PICKS = "table_picks"
OPEN_CONFLICTS = "open_conflicts"
PROOF_LOGGED = "proof_logged"
TODAY_SHOWN = "today_shown"
TODAY_AGAIN = "today_again"
MEETING_AGENDA = "meeting_agenda"
MEETING_FORM = "meeting_form"
"""Which form stands open over the page."""
MEETING_COMPARED = "meeting_compared"
"""Of which review, at which state of the store, the weakest branches were held against what was kept."""
MEETING_NAMES = "meeting_names"
"""A switch; off until the chair shows names on the projector."""
CONNECTION: ContextVar[str | None] = ContextVar("connection", default=None)
"""The connection an order came in on, set by the guard; known where no run of a page is."""
SPOKEN: ContextVar[Language | None] = ContextVar("spoken", default=None)
"""The language of this run, found once: a page asks for it some hundred times."""
SURVIVES_SIGN_OUT = frozenset({LANGUAGE})

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class SignedOutError(Exception):
    """The session that asked for this has ended."""


@dataclass(frozen=True)
class Held:
    """The sign-in session this tab goes by, and the connection it was shown on."""

    digest: str
    connection: str | None


def sid_of(cookies: Mapping[str, str]) -> str | None:
    """Return the session id a browser sent."""
    return cookies.get(TLS_COOKIE) or cookies.get(COOKIE)


def resolve() -> Ask | None:
    """Find out who asks, from the store; None, with everything of before forgotten, where nobody is signed in.

    A session is believed on the connection it was opened on, or where a new connection carries its
    cookie: an id of a Streamlit session taken from a log is worth nothing.
    """
    SPOKEN.set(None)
    held = cast("Held | None", st.session_state.get(HELD))
    connection = st.context.headers.get("Sec-Websocket-Key")
    sid = sid_of(st.context.cookies)
    cookie = Held(accounts.session_digest(sid), connection) if sid else None
    if held and held.connection != connection:
        if cookie is None or cookie.digest != held.digest:
            forget()
        held = cookie
    for candidate in dict.fromkeys(found for found in (held, cookie) if found):
        live = accounts.find_live_session(candidate.digest)
        if live is None:
            continue
        if held and candidate.digest != held.digest:
            forget()
        if LANGUAGE not in st.session_state and live.language:
            st.session_state[LANGUAGE] = live.language
        SPOKEN.set(language())
        ask = Ask(
            actor=live.actor,
            data_version=live.data_version,
            today=today(),
            language=language(),
            is_sample=live.is_sample,
            store_url=accounts.store_url(),
            session_digest=candidate.digest,
        )
        st.session_state[HELD] = candidate
        st.session_state[ASK] = ask
        return ask
    if held:
        forget()
    return None


def hold(digest: str, ticket: str) -> None:
    """Go by a session just opened, whose ticket the browser has yet to trade for the cookie."""
    st.session_state[HELD] = Held(digest, st.context.headers.get("Sec-Websocket-Key"))
    st.session_state[TICKET] = ticket


def forget() -> None:
    """Drop everything this tab remembers, filters and form contents included."""
    for key in list(st.session_state):
        if key not in SURVIVES_SIGN_OUT:
            del st.session_state[key]


def current() -> Ask:
    """Return who asks in this run.

    Raises:
        SignedOutError: nobody is signed in; cannot happen on a screen.
    """
    ask = cast("Ask | None", st.session_state.get(ASK))
    if ask is None:
        raise SignedOutError
    return ask


def find_current() -> Ask | None:
    """Return who asks in this run, None on the sign-in page."""
    return cast("Ask | None", st.session_state.get(ASK))


def guarded(action: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Make a callback, fragment, dialog or deferred download ask the store first who is signed in.

    A download runs outside the run that drew its button, so it goes by the session that drew it:
    wrap it where the button is drawn. Streamlit makes it for any connection that knows its number; here
    only the one that was shown the button gets it.
    """
    drawn_by = st.session_state.get(HELD) if get_script_run_ctx(suppress_warning=True) else None

    @wraps(action)
    def checked(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        if get_script_run_ctx(suppress_warning=True):
            before = cast("Held | None", st.session_state.get(HELD))
            ask = resolve()
            if ask is None or before is None or ask.session_digest != before.digest:
                st.rerun()  # another one's page, or nobody's: draw what this visitor may see
        elif (
            drawn_by is None
            or drawn_by.connection != CONNECTION.get()
            or accounts.find_live_session(drawn_by.digest) is None
        ):
            raise SignedOutError
        return action(*args, **kwargs)

    return checked


def language() -> Language:
    """Return the language of this tab: the chosen one, else the browser's."""
    spoken = SPOKEN.get()
    if spoken is not None:
        return spoken
    chosen = st.session_state.get(LANGUAGE)
    return cast("Language", chosen) if chosen in LANGUAGES else language_of(st.context.locale)


def choose_language(chosen: Language) -> None:
    """Speak another language from now on."""
    st.session_state[LANGUAGE] = chosen
    SPOKEN.set(None)


def t(source: str, /, **values: object) -> str:
    """Return the English source string in this tab's language, its {fields} filled in."""
    return text(language(), source, **values)


def today() -> date:
    """Return today's date in Shanghai, the day rules judge."""
    return now().date()


def now() -> datetime:
    """Return the moment in Shanghai, for what hangs on the hour of a day."""
    return datetime.now(SHANGHAI)


def submit_key(form: str) -> str:
    """Return the key of the form as drawn: a second submit with it stores nothing more."""
    keys = cast("dict[str, str]", st.session_state.setdefault(SUBMIT_KEYS, {}))
    return keys.setdefault(form, secrets.token_urlsafe(16))


def renew_submit_key(form: str) -> None:
    """Forget the key of a form that was stored, so that the next entry counts as new."""
    st.session_state.get(SUBMIT_KEYS, {}).pop(form, None)
