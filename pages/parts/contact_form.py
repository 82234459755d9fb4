"""The form that logs a contact: whom, how, when, about what. Ten seconds for the usual case."""

from collections.abc import Sequence

import streamlit as st

from core.coaching.contacts import ContactEntry, contact_rules, oldest_day, topic_word, topics_for
from core.coaching.words import problem_sentence
from core.facts import Branch, ContactMethod, StaffRole
from core.language.days import day_word
from core.language.labels import label
from pages.parts.layout import HINTLESS_PIXELS, LIVE, escaped
from pages.parts.navigation import page_of
from pages.parts.notices import leave_notice, stored, take_notice
from pages.parts.session import current, language, submit_key, t
from pages.parts.store.branch import people
from pages.parts.store.contacts import log_contacts, logged_before

FORM = "log_contact"
CLEARED: dict[str, object] = {
    "log_contact_people": [],
    "log_contact_roles": [],
    "log_contact_topic": None,
    "log_contact_minutes": None,
    "log_contact_next_step": "",
    "log_contact_note": "",
    "log_contact_is_another": False,
}
"""What the form holds after a contact was stored; method and day stay for the next one."""


def show_contact_form(branch: Branch) -> None:
    """Draw the form and store what was entered."""
    said = language()
    _show_stored(branch)
    whom, roles, met = _whom(branch)
    method = st.pills(
        t("How"),
        list(ContactMethod),
        key="log_contact_method",
        default=ContactMethod.VISIT,
        required=True,
        format_func=lambda one: label(said, one),
        persist_state="session",
    )
    entry = _details(method or ContactMethod.VISIT, whom, roles, met)
    again = logged_before(
        current(),
        branch.branch_id,
        contact_on=entry.contact_on,
        method=entry.method,
        staff_ids=entry.staff_ids,
        roles=entry.roles,
    )
    for problem in again:
        st.warning(escaped(problem_sentence(language(), problem)))
    is_another = bool(again) and st.checkbox(t("It was another contact"), key="log_contact_is_another")
    if not st.button(t("Save the contact"), type="primary", key="log_contact_save", width="stretch"):
        return
    result = stored(
        FORM,
        lambda: log_contacts(current(), branch.branch_id, entry, is_another=is_another, key=submit_key(FORM)),
    )
    if result:
        words = t(
            "Stored for {day}. Contacts: {contacts}.",
            contacts=result.contacts,
            day=day_word(language(), entry.contact_on),
        )
        late = " " + t("Marked as logged late.") if result.is_late else ""
        leave_notice(FORM, words + late, cleared=CLEARED)
        st.rerun()


def _show_stored(branch: Branch) -> None:
    notice = take_notice(FORM)
    if notice is None:
        return
    st.success(notice)
    st.page_link(
        page_of("branch"),
        label=t("Go to {branch}", branch=escaped(branch.branch_name)),
        icon=":material/storefront:",
        query_params={"branch": branch.branch_code},
    )


def _whom(branch: Branch) -> tuple[tuple[int, ...], tuple[StaffRole, ...], frozenset[StaffRole]]:
    """Draw the choice of people and roles; return both, and the roles met in all."""
    said = language()
    found = {one.staff_id: one for one in people(current(), branch.branch_id, current().today)}
    picked: Sequence[int] = []
    if found:
        picked = st.pills(
            t("Whom"),
            list(found),
            selection_mode="multi",
            key="log_contact_people",
            format_func=lambda one: f"{escaped(found[one].staff_name)} · {label(said, found[one].role)}",
        )
    roles = st.pills(
        t("Or a role as a group") if found else t("Whom: a role as a group"),
        list(StaffRole),
        selection_mode="multi",
        key="log_contact_roles",
        format_func=lambda one: label(said, one),
    )
    return tuple(picked), tuple(roles), frozenset({*roles, *(found[one].role for one in picked)})


def _details(
    method: ContactMethod, whom: tuple[int, ...], roles: tuple[StaffRole, ...], met: frozenset[StaffRole]
) -> ContactEntry:
    ask, rules, said = current(), contact_rules(), language()
    when, length = st.columns(2)
    with when:
        contact_on = st.date_input(
            t("When"),
            ask.today,
            min_value=oldest_day(ask.today),
            max_value=ask.today,
            key="log_contact_on",
            format="YYYY-MM-DD",
            help=t("A contact logged more than one working day later is marked as late"),
        )
    with length:
        usual = rules.usual_minutes[method]
        minutes = st.number_input(
            t("Minutes"),
            min_value=0,
            max_value=rules.most_minutes,
            value=None,
            step=5,
            key="log_contact_minutes",
            placeholder=t("{usual} as usual", usual=usual),
            width=HINTLESS_PIXELS,
        )
    topic = None
    if met:
        topic = st.pills(
            t("Topic"),
            [one.key for one in topics_for(met)],
            key="log_contact_topic",
            format_func=lambda one: topic_word(said, one),
        )
    next_step = st.text_input(
        t("Next step"),
        key="log_contact_next_step",
        max_chars=rules.most_note_characters,
        live=LIVE,
        on_change="ignore",
    )
    note = st.text_input(
        t("Note"),
        key="log_contact_note",
        max_chars=rules.most_note_characters,
        live=LIVE,
        on_change="ignore",
        placeholder=t("No customer names, phone or ID numbers"),
    )
    return ContactEntry(
        contact_on=contact_on,
        method=method,
        staff_ids=whom,
        roles=roles,
        minutes=usual if minutes is None else minutes,
        is_usual_minutes=minutes is None,
        topic=topic,
        note=note or None,
        next_step=next_step or None,
    )
