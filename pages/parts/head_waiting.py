"""What waits for a branch head, said where he lands: notes to read, the self-check of the month."""

import streamlit as st

from core.language.days import month_word
from core.self_check.checks import month_to_fill
from core.self_check.rules import self_check_rules
from pages.parts.layout import escaped
from pages.parts.navigation import page_of
from pages.parts.session import current, language, t
from pages.parts.store.notes import notes
from pages.parts.store.self_checks import checks_in_hand


def show_waiting() -> None:
    """Draw a line with its way for the notes to read, and one for the self-check; none where nothing waits."""
    branch_id = current().actor.branch_id
    if branch_id is None:
        return
    unread = sum(one.acknowledged_on is None for one in notes(current(), branch_id))
    if unread:
        words = t("Coaching notes to read: {count}", count=unread)
        st.page_link(page_of("notes"), label=words, icon=":material/mark_email_unread:")
    due = _check_due(branch_id)
    if due:
        st.page_link(page_of("self_check"), label=escaped(due), icon=":material/checklist:")


def _check_due(branch_id: int) -> str | None:
    """Return what is to do about the self-check of the month, None once it is finished."""
    known = checks_in_hand(current(), branch_id)
    month_start = month_to_fill(known, current().today)
    check = next((one for one in known if one.month_start == month_start), None)
    month = month_word(language(), month_start)
    if check is None or not check.answers:
        return t("Self-check of {month}: three minutes, not begun yet", month=month)
    if check.finished_on is None:
        given, asked = len(check.answers), len(self_check_rules().questions)
        return t(
            "Self-check of {month}: {given} of {asked} answered, not finished", month=month, given=given, asked=asked
        )
    return t("Self-check of {month}: changed and not finished again", month=month) if check.is_changed else None
