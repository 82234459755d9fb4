"""Log the contact a line of Today is about: whom, how and what for are filled in as far as somebody said them."""

from dataclasses import replace

import streamlit as st

from core.coaching.contacts import ContactEntry, contact_rules, oldest_day, topic_word, topics_for
from core.coaching.problems import ProblemKey, RefusedError
from core.coaching.words import day_word
from core.facts import Branch, ContactMethod, StaffRole
from core.language.labels import label
from core.planning.items import PlanKind, PlanLine
from core.today.capacity import efforts
from core.today.lines import TodayLine
from pages.parts.layout import escaped
from pages.parts.note_lists import show_open_commitments
from pages.parts.notices import stored
from pages.parts.session import TODAY_AGAIN, current, language, submit_key, t
from pages.parts.store.branch import people
from pages.parts.store.contacts import log_contacts
from pages.parts.today_lines import FORM, name_of_line, save_button

GROUP = 0
"""Stands for the role as a group among the people to choose from."""


def show_log(line: TodayLine, branch: Branch | None) -> str | None:
    """Draw the quick form and what was promised at the branch; return what to say once a contact is stored."""
    if branch is None or line.role is None:
        return None
    done = _quick_form(line, branch, line.role)
    if not done:
        show_open_commitments(branch)
    return done


def _quick_form(line: TodayLine, branch: Branch, role: StaffRole) -> str | None:
    """Draw the form, and return what to say once it is stored.

    What the week plan says about the contact is filled in. The one person in the role, or the one the line is about,
    is named; nobody's topic is guessed.
    """
    ask, said = current(), language()
    name, rules = name_of_line(line), contact_rules()
    planned = (line.item.line if line.item else line.planned) or PlanLine(PlanKind.CONTACT)
    found = {one.staff_id: one for one in people(ask, branch.branch_id, ask.today) if one.role is role}
    names = {GROUP: t("As a group")}
    names |= {one.staff_id: one.staff_name for one in found.values()}
    usual = line.facts.get("staff_id") or (next(iter(found)) if len(found) == 1 else GROUP)
    with st.form(f"today_log_{name}", border=False, enter_to_submit=False):
        first = st.container(horizontal=True, gap="small")  # unlike columns side by side on a phone too
        whom = first.selectbox(
            t("Whom"),
            list(names),
            index=list(names).index(usual) if usual in found else 0,
            format_func=names.__getitem__,
            key=f"today_whom_{name}",
        )
        methods = list(ContactMethod)
        method = first.selectbox(
            t("How"),
            methods,
            index=methods.index(planned.method or efforts()[role].method),
            format_func=lambda one: label(said, one),
            key=f"today_how_{name}",
        )
        topics = [one.key for one in topics_for([role])]
        if planned.topic and planned.topic not in topics:
            topics.insert(0, planned.topic)
        second = st.container(horizontal=True, gap="small")
        topic = second.selectbox(
            t("Topic"),
            topics,
            index=topics.index(planned.topic) if planned.topic else None,
            format_func=lambda one: topic_word(said, one),
            key=f"today_topic_{name}",
            placeholder=t("Not said"),
        )
        contact_on = second.date_input(
            t("When"),
            ask.today,
            min_value=oldest_day(ask.today),
            max_value=ask.today,
            format="YYYY-MM-DD",
            key=f"today_on_{name}",
        )
        most = rules.most_note_characters
        note = (
            st.text_input(t("Note"), planned.text, key=f"today_remark_{name}", max_chars=most) if planned.text else ""
        )
        next_step = st.text_input(t("Next step"), key=f"today_step_{name}", max_chars=most)
        is_again = st.session_state.get(TODAY_AGAIN) == line.key
        is_another = is_again and st.checkbox(t("It was another contact"), key=f"today_another_{name}")
        if not save_button("today_save", name):
            return None
    entry = ContactEntry(
        contact_on=contact_on,
        method=method,
        minutes=rules.usual_minutes[method],
        is_usual_minutes=True,
        topic=topic,
        note=note or None,
        next_step=next_step or None,
    )
    entry = replace(entry, staff_ids=(whom,)) if whom else replace(entry, roles=(role,))
    return _logged(line, branch, entry, is_another=is_another)


def _logged(line: TodayLine, branch: Branch, entry: ContactEntry, *, is_another: bool) -> str | None:
    form = f"{FORM}_log_{name_of_line(line)}"
    is_again = False

    def change() -> bool:
        nonlocal is_again
        try:
            found = log_contacts(current(), branch.branch_id, entry, is_another=is_another, key=submit_key(form))
        except RefusedError as error:
            is_again = any(one.key is ProblemKey.ALREADY_LOGGED for one in error.problems)
            raise
        return found.is_late

    late = stored(form, change)
    if late is None:
        if is_again and st.session_state.get(TODAY_AGAIN) != line.key:
            st.session_state[TODAY_AGAIN] = line.key
            st.checkbox(t("It was another contact"), key=f"today_another_{name_of_line(line)}")
        return None
    st.session_state.pop(TODAY_AGAIN, None)
    words = t(
        "Logged: {branch}, {day}.", branch=escaped(branch.branch_name), day=day_word(language(), entry.contact_on)
    )
    return f"{words} {t('Marked as logged late.')}" if late else words
