"""What stands around every screen: sample mark, name, language, sign-out, and the page script."""

import streamlit as st

from core.language import LANGUAGE_NAMES, LANGUAGES
from core.language.labels import label
from pages.parts.session import RELOAD, SIGNED_OUT, TICKET, choose_language, language, t
from pages.parts.sign_in import sign_out
from pages.parts.store import accounts
from pages.parts.store.base import Ask

SCRIPT = "/session/page.js"
LANGUAGE_CODES = {"en": "en", "zh": "zh-CN"}


def show_frame(ask: Ask, *, with_name: bool = True) -> None:
    """Draw the foot of the side bar; whoever signs out sees nothing of the screen any more."""
    with st.sidebar:
        show_sample_mark(is_sample=ask.is_sample)
        who = [ask.actor.display_name] if with_name else []
        st.text("\n".join([*who, label(language(), ask.actor.role)]))
        show_language_choice(ask)
        if st.button(t("Sign out"), key="frame_sign_out", icon=":material/logout:", width="stretch"):
            sign_out()
            st.rerun()
        run_page_script()


def show_sample_mark(*, is_sample: bool) -> None:
    """Say that the data are invented, where they are."""
    if is_sample:
        st.badge(t("Sample data"), color="orange", icon=":material/science:")


def show_language_choice(ask: Ask | None) -> None:
    """Draw the switch between the languages; the choice is kept for the account.

    Whoever is signed in gets the page anew: a list of choices keeps the words it was drawn with in the browser, and
    would fall back to its first choice at the next click, since those words are none of its choices any more.
    """
    chosen = st.segmented_control(
        t("Language"),
        LANGUAGES,
        format_func=LANGUAGE_NAMES.__getitem__,
        default=language(),
        required=True,
        key="frame_language",
        label_visibility="collapsed",
    )
    if chosen != language():
        choose_language(chosen)
        if ask:
            accounts.keep_language(ask, chosen)
            st.session_state[RELOAD] = TICKET not in st.session_state
        st.rerun()


def run_page_script() -> None:
    """Tell the browser the language of the page, have it trade a waiting ticket for the cookie, or load it anew.

    The script is a constant file of ours; what is put beside its name is a language code and a random ticket.
    """
    words = [f'data-language="{LANGUAGE_CODES[language()]}"']
    ticket = st.session_state.get(TICKET)
    if ticket is not None:
        if accounts.ticket_waits(ticket):
            words.append(f'data-ticket="{ticket}"')
        else:
            del st.session_state[TICKET]
    if st.session_state.pop(RELOAD, False):
        words.append('data-reload="yes"')
    if st.session_state.get(SIGNED_OUT):
        words.append('data-signed-out="yes"')
    st.html(f'<script src="{SCRIPT}" {" ".join(words)}></script>', unsafe_allow_javascript=True)
