"""The form of a customer event: what is offered follows from the relation and the tier."""

import streamlit as st

from core.coaching.words import day_word
from core.events.entries import BranchEvent, words_to_check
from pages.parts.event_fields import EventFields
from pages.parts.event_lists import FORM
from pages.parts.layout import escaped
from pages.parts.notices import leave_notice, stored
from pages.parts.session import current, language, renew_submit_key, submit_key, t
from pages.parts.shown import first_shown, forget_shown
from pages.parts.store.errors import ChangedByOtherError
from pages.parts.store.events import change, record


def show_event_form(branch_id: int, event: BranchEvent | None) -> None:
    """Draw the form of a new event of a branch, or of a stored one, and store what was entered.

    A stored event is held against what the form was filled from; once a colleague's change was shown, against that.
    """
    form = f"{FORM}_{event.event_id}" if event else f"{FORM}_new_{branch_id}"
    base = first_shown(form, event)
    entry = EventFields(f"{form}_{submit_key(form)[:6]}", base.entry if base else None).entry()
    found = words_to_check(entry)
    if found:
        why = "; ".join(f"“{one.word}”: {one.why(language())}" for one in found)
        st.warning(t("Words to check: {why}. The material needs an approval number.", why=escaped(why)))
    with st.container(horizontal=True):
        is_saved = st.button(t("Save the event"), type="primary", key=f"{form}_save")
        if base != event and st.button(t("Begin anew with what is stored now"), key=f"{form}_anew"):
            _begin_anew(form)
            renew_submit_key(form)
            st.rerun()

    def write() -> bool:
        if event is None or base is None:
            return record(current(), branch_id, entry, key=submit_key(form))
        try:
            return change(current(), first_shown(f"{form}_seen", base), entry, key=submit_key(form))
        except ChangedByOtherError:
            forget_shown(f"{form}_seen")
            first_shown(f"{form}_seen", event)
            raise

    if is_saved and stored(form, write):
        _begin_anew(form)
        leave_notice(FORM, t("The event of {day} is stored.", day=day_word(language(), entry.day)))
        st.rerun()


def _begin_anew(form: str) -> None:
    forget_shown(form)
    forget_shown(f"{form}_seen")
