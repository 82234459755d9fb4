"""What a screen has to say after a change: left before the rerun, shown once after it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeVar

import streamlit as st

from core.coaching.problems import Problem, RefusedError
from core.coaching.words import problem_sentence
from core.trail.words import changed_fields, moment_word
from pages.parts.action_table import action_titles
from pages.parts.drafts import drop_draft
from pages.parts.layout import escaped
from pages.parts.picks import note_own_change
from pages.parts.session import language, renew_submit_key, t
from pages.parts.store.errors import ChangedByOtherError, NotAllowedError

NOTICES = "notices"
CLEARED = "cleared_fields"
Outcome = TypeVar("Outcome")


def leave_notice(form: str, words: str, *, cleared: Mapping[str, object] | None = None) -> None:
    """Keep a sentence for the next run of the screen, and what fields of a stored form hold then, by their keys.

    A field only taken out of the session comes back from the browser with what was typed.
    """
    st.session_state.setdefault(NOTICES, {})[form] = words
    st.session_state.setdefault(CLEARED, {})[form] = dict(cleared or {})


def take_notice(form: str) -> str | None:
    """Return the sentence left for this form, once; call it before the fields it clears are drawn."""
    words: str | None = st.session_state.get(NOTICES, {}).pop(form, None)
    for key, value in st.session_state.get(CLEARED, {}).pop(form, {}).items():
        st.session_state[key] = value
    return words


def show_problems(problems: tuple[Problem, ...]) -> None:
    """Say all that is wrong with an entry; what was typed stays."""
    for problem in problems:
        st.error(escaped(problem_sentence(language(), problem)))


def stored(form: str, change: Callable[[], Outcome]) -> Outcome | None:
    """Store a change; say what is wrong where it is refused and return None, nothing stored.

    After success the form gets a new key and forgets what was typed. An edit that may meet another one goes through
    `conflict.store_edit`.
    """
    try:
        return stored_or_changed(form, change)
    except ChangedByOtherError as error:
        show_changed(error.by, error.at)
        now = changed_fields(language(), error.subject, None, error.current, titles=action_titles())
        words = "; ".join(f"{one.title}: {one.after}" for one in now)
        st.caption(t("It now reads: {now}", now=escaped(words) or "–"))
        return None


def stored_or_changed(form: str, change: Callable[[], Outcome]) -> Outcome | None:
    """Store a change as `stored` does, but leave it to the caller what somebody else changed meanwhile.

    Raises:
        ChangedByOtherError: somebody else did.
    """
    try:
        outcome = change()
    except RefusedError as error:
        show_problems(error.problems)
        return None
    except NotAllowedError:
        st.error(t("This is not one of your branches, or your role may not change it."))
        return None
    renew_submit_key(form)
    drop_draft(form)
    note_own_change()
    return outcome


def show_changed(by: str | None, at: datetime | None) -> None:
    """Say that somebody else changed the record: who and when, as far as that is known."""
    st.error(t("Somebody else changed this since you opened it. Nothing was stored."))
    if at is not None:
        name = by or t("the command line")
        st.caption(t("Stored now by {name}, {moment}", name=escaped(name), moment=moment_word(language(), at)))
