"""The form of a customer event: what is offered follows from the relation and the tier."""

from dataclasses import replace

import streamlit as st

from core.events.entries import BranchEvent, columns_of, words_to_check
from core.language.days import day_word
from pages.parts.conflict import store_edit
from pages.parts.event_fields import EventFields
from pages.parts.event_lists import FORM
from pages.parts.layout import escaped
from pages.parts.notices import leave_notice, stored
from pages.parts.session import current, language, submit_key, t
from pages.parts.shown import drawing, first_shown, forget_others, forget_shown
from pages.parts.store.events import change, record


def show_event_form(branch_id: int, event: BranchEvent | None) -> None:
    """Draw the form of a new event of a branch, or of a stored one, and store what was entered.

    A stored event is held against what the form was filled from.
    """
    form = f"{FORM}_{event.event_id}" if event else f"{FORM}_new_{branch_id}"
    forget_others(f"{FORM}_", form)
    base = first_shown(form, event)
    drawn = f"{form}_{submit_key(form)[:6]}{drawing(form)}"
    entry = EventFields(drawn, base.entry if base else None).entry()
    found = words_to_check(entry)
    if found:
        why = "; ".join(f"“{one.word}”: {one.why(language())}" for one in found)
        st.warning(t("Words to check: {why}. The material needs an approval number.", why=escaped(why)))
    is_saved = st.button(t("Save the event"), type="primary", key=f"{form}_save")
    if base is None:
        is_stored = is_saved and stored(form, lambda: record(current(), branch_id, entry, key=submit_key(form)))
    else:
        is_stored = store_edit(
            form,
            entry if is_saved else None,
            lambda sent, version: change(current(), replace(base, version=version), sent, key=submit_key(form)),
            version=base.version,
            told=columns_of,
        )
    if is_stored:
        forget_shown(form)
        leave_notice(FORM, t("The event of {day} is stored.", day=day_word(language(), entry.day)))
        st.rerun()
