"""Correct or withdraw a contact logged by hand: what changed is marked and kept, who logged it stays."""

from datetime import date
from typing import Any

import streamlit as st

from core.coaching.contacts import ContactContent, contact_rules, oldest_day, topic_word, topics_for
from core.facts import ContactMethod, StaffRole
from core.language.labels import label
from pages.parts.conflict import begin_anew, keeps_stored, store_edit
from pages.parts.notices import leave_notice
from pages.parts.session import current, language, submit_key, t
from pages.parts.shown import draw_anew, drawing, first_shown, forget_others
from pages.parts.store.branch import people
from pages.parts.store.contacts import correct, withdraw

FORM = "contact_correction"
WHAT_IT_SAYS = ("contact_on", "method", "minutes", "topic", "next_step", "note", "role")
"""What of a contact whoever withdraws it has read; a colleague may have changed it meanwhile."""
GROUP = 0
"""Stands for a role as a group."""


def show_correction(picked: dict[str, Any]) -> None:
    """Draw the form for a row of `db.contact_list.recent_contacts`."""
    if not picked["may_correct"]:
        st.caption(t("This contact came with an import; correct it there and import it again."))
        return
    form = f"{FORM}_{picked['contact_id']}"
    forget_others(f"{FORM}_", form)
    if keeps_stored(_withdrawing(picked)):
        begin_anew(_withdrawing(picked))
        draw_anew(form)  # both forms are about the contact as it was read
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
        told=lambda content: _told(content, row),
    ):
        leave_notice(FORM, t("Corrected and marked as corrected; the audit trail keeps what it was."))
        st.rerun()
    if st.toggle(t("It was logged by mistake"), key=f"withdraw_{row['contact_id']}"):
        _show_withdrawal(row)


def _withdrawing(row: dict[str, Any]) -> str:
    return f"{FORM}_withdraw_{row['contact_id']}"


def _show_withdrawal(row: dict[str, Any]) -> None:
    """Draw the form that takes a contact out of all counts, for a reason."""
    form = _withdrawing(row)
    most = contact_rules().most_note_characters
    with st.form(f"{form}_form", border=False, enter_to_submit=False):
        reason = st.text_input(t("Reason"), key=f"{form}_reason", max_chars=most)
        is_sent = st.form_submit_button(t("Withdraw this contact"), key=f"{form}_save")
    if store_edit(
        form,
        (reason or "") if is_sent else None,
        lambda words, version: withdraw(
            current(), row["contact_id"], words, shown_version=version, key=submit_key(form)
        ),
        version=row["version"],
        told=lambda words: {"reason": words},
        shown=_as_read(row),
    ):
        leave_notice(FORM, t("Withdrawn: it counts no more; the audit trail keeps it with the reason."))
        st.rerun()


def _as_read(row: dict[str, Any]) -> dict[str, Any]:
    """Return what a contact said, under the names of the audit trail; the person where he was in post."""
    found = {name: row[name] for name in WHAT_IT_SAYS}
    codes = _codes(row, row["contact_on"])
    return found | {"staff_code": codes[row["staff_id"]]} if row["staff_id"] in codes else found


def _codes(row: dict[str, Any], day: date) -> dict[int, str]:
    return {one.staff_id: one.staff_code for one in people(current(), row["branch_id"], day)}


def _told(content: ContactContent, row: dict[str, Any]) -> dict[str, Any]:
    """Return what was entered under the names of the audit trail; whom only where it is another."""
    found = {name: value for name, value in vars(content).items() if name not in ("staff_id", "role")}
    if content.role and (content.staff_id, content.role) != (row["staff_id"], row["role"]):
        codes = _codes(row, content.contact_on)
        found |= {"role": content.role, "staff_code": codes.get(content.staff_id or GROUP)}
    return found


def _filled_in(row: dict[str, Any], drawn: str) -> ContactContent | None:
    """Draw the inputs and return them once they are sent."""
    said, ask, rules = language(), current(), contact_rules()
    number = f"{row['contact_id']}_{row['version']}{drawn}"
    topics = [one.key for one in topics_for([StaffRole(row["role"])])]
    if row["topic"] and row["topic"] not in topics:
        topics.insert(0, row["topic"])
    methods = list(ContactMethod)
    whom = _whom(row)
    with st.form(f"correct_{number}", enter_to_submit=False):
        with_whom = st.selectbox(
            t("Whom"),
            list(whom),
            index=list(whom).index((row["staff_id"] or GROUP, row["role"])),
            format_func=whom.__getitem__,
            key=f"correct_whom_{number}",
        )
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
        staff_id=with_whom[0] or None,
        role=StaffRole(with_whom[1]),
    )


def _whom(row: dict[str, Any]) -> dict[tuple[int, str], str]:
    """Return whom a contact may have been with: everybody in post on its day, and each role as a group."""
    said = language()
    found = {
        (one.staff_id, one.role.value): f"{one.staff_name} · {label(said, one.role)}"
        for one in people(current(), row["branch_id"], row["contact_on"])
    }
    if row["staff_id"]:
        found.setdefault((row["staff_id"], row["role"]), row["staff_name"])
    group = t("As a group")
    return found | {(GROUP, role.value): f"{label(said, role)} · {group}" for role in StaffRole}
