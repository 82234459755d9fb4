"""What a screen has to say after a change: left before the rerun, shown once after it."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import TypeVar

import streamlit as st

from core.coaching.problems import Problem, RefusedError
from core.coaching.words import day_word, problem_sentence
from core.facts import EventState, Stage, StageDecisionKind
from core.language.labels import label
from pages.parts.layout import escaped
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


def _word(value: object) -> str:
    if isinstance(value, date):
        return day_word(language(), value)
    return label(language(), value) if isinstance(value, EventState | Stage | StageDecisionKind) else str(value)


def stored(form: str, change: Callable[[], Outcome], *, says_now: bool = True) -> Outcome | None:
    """Store a change; say what is wrong where it is refused and return None, nothing stored.

    After success the form gets a new key. `says_now` False where the form itself shows what somebody else stored.
    """
    try:
        outcome = change()
    except RefusedError as error:
        show_problems(error.problems)
        return None
    except NotAllowedError:
        st.error(t("This is not one of your branches, or your role may not change it."))
        return None
    except ChangedByOtherError as error:
        now = ", ".join(_word(value) for value in error.current.values() if value)
        st.error(t("Somebody else changed this since you opened it. Nothing was stored."))
        if says_now:
            st.caption(t("It now reads: {now}", now=escaped(now) or "–"))
        return None
    renew_submit_key(form)
    return outcome


def show_both(theirs: str, mine: str) -> None:
    """Show what somebody else stored beside what was to be stored, and say how to choose."""
    now, own = t("Stored now"), t("Yours")
    how = t("Press the button again to put yours in its place, or leave it as it is stored.")
    st.markdown(f"{now}: **{escaped(theirs) or '–'}**  \n{own}: **{escaped(mine) or '–'}**  \n{how}")
