"""Correct a contact logged by hand: what changed is marked and kept, whom it was with and who logged it stay."""

from typing import Any

import streamlit as st

from core.coaching.contacts import ContactContent, contact_rules, oldest_day, topic_word, topics_for
from core.facts import ContactMethod, StaffRole
from core.language.labels import label
from pages.parts.conflict import store_edit
from pages.parts.notices import leave_notice, take_notice
from pages.parts.session import current, language, submit_key, t
from pages.parts.shown import drawing, first_shown
from pages.parts.store.contacts import correct

FORM = "contact_correction"


def show_correction(picked: dict[str, Any]) -> None:
    """Draw the form for a row of `db.contacts.recent_contacts`."""
    notice = take_notice(FORM)
    if notice:
        st.success(notice)
    if not picked["may_correct"]:
        st.caption(t("This contact came with an import; correct it there and import it again."))
        return
    form = f"{FORM}_{picked['contact_id']}"
    row = first_shown(form, picked)
    is_another = f"correct_another_{row['contact_id']}"
    if store_edit(
        form,
        _filled_in(row, drawing(form)),
        lambda content, version: correct(
            current(),
            row["contact_id"],
            content,
            shown_version=version,
            is_another=bool(st.session_state.get(is_another)),
            key=submit_key(form),
        ),
        version=row["version"],
        told=vars,
    ):
        leave_notice(FORM, t("Corrected and marked as corrected; the audit trail keeps what it was."))
        st.rerun()


def _filled_in(row: dict[str, Any], drawn: str) -> ContactContent | None:
    """Draw the inputs and return them once they are sent."""
    said, ask, rules = language(), current(), contact_rules()
    number = f"{row['contact_id']}_{row['version']}{drawn}"
    topics = [one.key for one in topics_for([StaffRole(row["role"])])]
    if row["topic"] and row["topic"] not in topics:
        topics.insert(0, row["topic"])
    methods = list(ContactMethod)
    with st.form(f"correct_{number}", enter_to_submit=False):
        first, second, third, fourth = st.columns(4)
        contact_on = first.date_input(
            t("When"),
            row["contact_on"],
            min_value=min(oldest_day(ask.today), row["contact_on"]),
            max_value=ask.today,
            format="YYYY-MM-DD",
            key=f"correct_on_{number}",
        )
        method = second.selectbox(
            t("How"),
            methods,
            index=methods.index(ContactMethod(row["method"])),
            format_func=lambda one: label(said, one),
            key=f"correct_how_{number}",
        )
        minutes = third.number_input(
            t("Minutes"),
            min_value=0,
            max_value=rules.most_minutes,
            value=row["minutes"],
            step=5,
            key=f"correct_minutes_{number}",
        )
        topic = fourth.selectbox(
            t("Topic"),
            topics,
            index=topics.index(row["topic"]) if row["topic"] else None,
            format_func=lambda one: topic_word(said, one),
            key=f"correct_topic_{number}",
        )
        most = rules.most_note_characters
        next_step = st.text_input(t("Next step"), row["next_step"] or "", key=f"correct_step_{number}", max_chars=most)
        note = st.text_input(t("Note"), row["note"] or "", key=f"correct_note_{number}", max_chars=most)
        st.checkbox(t("It was another contact"), key=f"correct_another_{row['contact_id']}")
        if not st.form_submit_button(t("Correct this contact"), key=f"correct_save_{number}"):
            return None
    return ContactContent(
        contact_on=contact_on,
        method=method,
        minutes=minutes,
        topic=topic,
        note=note or None,
        next_step=next_step or None,
    )
