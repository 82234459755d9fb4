"""Signing in and out: the library's `login` and `logout` over the accounts of the store.

Of streamlit-authenticator only these two are used. Its own cookie (open to scripts, valid until it runs
out) is never made: `StoreCookie` stands in its place and opens a session row instead. Its check of a
password is replaced by one that takes the same time for every name and counts failures in the store.
"""

import importlib.metadata
import inspect
from pathlib import Path

import streamlit as st
from streamlit_authenticator import Authenticate
from streamlit_authenticator.controllers import AuthenticationController, CookieController
from streamlit_authenticator.models import AuthenticationModel

from core.language.labels import label
from pages.parts.session import HELD, SIGNED_OUT, forget, hold, language, t
from pages.parts.store import accounts
from pages.parts.store.accounts import Credentials, StoreError
from pages.parts.store.secret import secret_key

STYLE = Path(__file__).with_name("sign_in.css")
LIBRARY = "streamlit-authenticator"
LIBRARY_VERSION = "0.4.2"
REPLACED = {
    CookieController: ("get_cookie", "set_cookie", "delete_cookie"),
    AuthenticationModel: ("check_credentials", "_record_failed_login_attempts"),
    Authenticate: ("login", "logout"),
}


def check_library() -> None:
    """Make sure the library is the one whose insides were replaced.

    Raises:
        StoreError: another version, or one without the names replaced here.
    """
    version = importlib.metadata.version(LIBRARY)
    missing = [
        f"{owner.__name__}.{name}" for owner, names in REPLACED.items() for name in names if name not in vars(owner)
    ]
    if list(inspect.signature(AuthenticationModel.check_credentials).parameters) != ["self", "username", "password"]:
        missing.append("check_credentials(username, password)")
    if version != LIBRARY_VERSION or missing:
        raise StoreError(
            f"{LIBRARY} {version} is installed, {LIBRARY_VERSION} is needed"
            + (f"; missing: {', '.join(missing)}" if missing else "")
            + "; run: pip install -r requirements.txt"
        )


class StoreCookie:
    """What the library calls where it would keep its cookie."""

    checked: Credentials | None = None

    def get_cookie(self) -> None:
        """Let nobody in by a cookie here; sessions are found before the library is met."""

    def set_cookie(self) -> None:
        """Open the session of the user whose password was just checked."""
        if self.checked is not None:
            opened = accounts.open_session(self.checked.user_id, self.checked.cred_version)
            forget()
            hold(opened.digest, opened.ticket)

    def delete_cookie(self) -> None:
        """Revoke the session of this tab; the browser's cookie is worth nothing from now on."""
        held = st.session_state.get(HELD)
        if held is not None:
            accounts.end_session(held.digest)


class StoreAuthenticate(Authenticate):  # type: ignore[misc]  # the library publishes no types
    """The library's form and button over the store; made only where somebody signs in or out."""

    def __init__(self) -> None:
        """Set what the library's `login` and `logout` read."""
        self.api_key = None
        self.path = None
        self.attrs = {"login_sleep_time": 0}
        self.secret_key = secret_key().decode("latin-1")
        self.cookie_controller = StoreCookie()
        self.authentication_controller = AuthenticationController(
            {"usernames": {}}, auto_hash=False, secret_key=self.secret_key
        )
        model = self.authentication_controller.authentication_model
        model.check_credentials = self._check
        model._record_failed_login_attempts = _count_nothing  # noqa: SLF001  # counted in the store

    def _check(self, username: str, password: str) -> bool:
        found = accounts.checked_credentials(username, password, client_address())
        if found is None:
            return False
        self.cookie_controller.checked = found
        model = self.authentication_controller.authentication_model
        model.credentials["usernames"][username] = {"name": found.username}
        return True


def _count_nothing(_username: str, reset: bool = False) -> None:  # the library's signature
    del reset


def client_address() -> str:
    """Return the address the attempts are counted by.

    The server believes a proxy on this machine what it says of the client, and nobody else; without a
    proxy this machine has no address of its own.
    """
    address = st.context.ip_address
    return address if isinstance(address, str) else "this machine"


def show_sign_in_form() -> bool | None:
    """Draw the form; True once somebody signed in, False after a refusal, None before."""
    st.html(STYLE)
    StoreAuthenticate().login(
        fields={
            "Form name": t("Sign in"),
            "Username": t("User name"),
            "Password": t("Password"),
            "Login": t("Sign in"),
        },
        key="sign_in_form",
    )
    if HELD in st.session_state:
        return True
    status: bool | None = st.session_state.get("authentication_status")
    return status


def sign_out() -> None:
    """End the session everywhere and forget everything of it in this tab."""
    st.session_state["authentication_status"] = True  # without it the library refuses to log out
    StoreAuthenticate().logout(location="unrendered")
    forget()
    st.session_state[SIGNED_OUT] = True


def show_demo_accounts() -> None:
    """Name one account for each role; there are some in the sample store only."""
    demo = accounts.demo_accounts()
    if not demo:
        return
    with st.container(border=True):
        st.markdown(t("This is a fictional city to look around in. Sign in as one of:"))
        st.markdown("\n".join(f"- `{username}` · {label(language(), role)}" for username, role in demo))
        st.markdown(t("The password of all of them: `{password}`", password=accounts.DEMO_PASSWORD))
