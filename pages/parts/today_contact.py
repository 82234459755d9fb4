"""Log the contact a line of Today is about: whom, how and what for are filled in as far as somebody said them."""

from dataclasses import replace
from datetime import date
from typing import Any

import streamlit as st

from core.coaching.contacts import ContactEntry, contact_rules, oldest_day, topic_word, topics_for
from core.coaching.problems import ProblemKey, RefusedError
from core.facts import Branch, ContactMethod, StaffRole
from core.language.days import day_word
from core.language.labels import label
from core.planning.check import is_kept_instead
from core.planning.items import PlanKind, PlanLine
from core.today.capacity import efforts
from core.today.lines import TodayLine
from pages.parts.drafts import begin_draft
from pages.parts.layout import LIVE, escaped
from pages.parts.note_lists import show_open_commitments
from pages.parts.notices import stored
from pages.parts.session import TODAY_AGAIN, current, language, submit_key, t
from pages.parts.store.branch import people
from pages.parts.store.contacts import log_contacts
from pages.parts.store.planning import lines_in_sight
from pages.parts.today_lines import FORM, name_of_line, save_button


def show_log(line: TodayLine, branch: Branch | None) -> str | None:
    """Draw the quick form and what was promised at the branch; return what to say once a contact is stored."""
    if branch is None:
        return None
    done = _quick_form(line, branch)
    if not done:
        show_open_commitments(branch)
    return done


def _quick_form(line: TodayLine, branch: Branch) -> str | None:
    """Draw the form, and return what to say once it is stored.

    What the week plan says about the contact is filled in. The one person in the role, or the one the line is about,
    is named; nobody's topic is guessed. About an action everybody at the branch can be met.
    """
    ask, said, name, rules = current(), language(), name_of_line(line), contact_rules()
    planned = (line.item.line if line.item else line.planned) if line.role else None
    planned = planned or PlanLine(PlanKind.CONTACT)
    names, usual = _whom(line, branch)
    methods = list(ContactMethod)
    topics = [one.key for one in topics_for([line.role] if line.role else [])]
    if planned.topic and planned.topic not in topics:
        topics.insert(0, planned.topic)
    held = {
        "whom": usual,
        "how": planned.method or efforts()[line.role or StaffRole.BRANCH_HEAD].method,
        "topic": planned.topic,
        "on": ask.today,
        "remark": planned.text,
        "step": "",
    }
    draft = begin_draft(_form(line), held if planned.text else {key: held[key] for key in held if key != "remark"})
    first = st.container(horizontal=True, gap="small")  # unlike columns side by side on a phone too
    whom = first.selectbox(
        t("Whom"),
        list(names),
        index=list(names).index(usual) if usual else None,
        format_func=names.__getitem__,
        placeholder=t("Person or role"),
        **draft.of("whom"),
    )
    method = first.selectbox(
        t("How"),
        methods,
        index=methods.index(draft.held["how"]),
        format_func=lambda one: label(said, one),
        **draft.of("how"),
    )
    second = st.container(horizontal=True, gap="small")
    topic = second.selectbox(
        t("Topic"),
        topics,
        index=topics.index(planned.topic) if planned.topic else None,
        format_func=lambda one: topic_word(said, one),
        placeholder=t("Not said"),
        **draft.of("topic"),
    )
    contact_on = second.date_input(
        t("When"),
        ask.today,
        min_value=_first_day(line),
        max_value=ask.today,
        format="YYYY-MM-DD",
        **draft.of("on"),
    )
    most = rules.most_note_characters
    typed: dict[str, Any] = {"max_chars": most, "live": LIVE}
    note = st.text_input(t("Note"), planned.text, **typed, **draft.of("remark")) if planned.text else ""
    next_step = st.text_input(t("Next step"), **typed, **draft.of("step"))
    is_again = st.session_state.get(TODAY_AGAIN) == line.key
    is_another = is_again and st.checkbox(t("It was another contact"), key=f"today_another_{name}")
    sent = save_button("today_save", name, t("Save the contact") if line.action else None)
    draft.show_way_back()
    if not sent:
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
    if isinstance(whom, StaffRole):
        entry = replace(entry, roles=(whom,))
    elif whom is not None:
        entry = replace(entry, staff_ids=(whom,))
    return _logged(line, branch, entry, is_another=is_another)


def _first_day(line: TodayLine) -> date:
    """Return the first day a contact can be of; one that shows an action was done is not from before it."""
    ask = current()
    taken_on = line.action.taken_on if line.action else None
    return max(oldest_day(ask.today), min(taken_on or date.min, ask.today))


def _whom(line: TodayLine, branch: Branch) -> tuple[dict[int | StaffRole, str], int | StaffRole | None]:
    """Return the people and groups to choose from with their words, and who is met as a rule; None = anybody."""
    found = [one for one in people(current(), branch.branch_id, current().today) if line.role in (None, one.role)]
    names: dict[int | StaffRole, str] = {}
    if line.role is None:
        names |= {one.staff_id: f"{one.staff_name} · {label(language(), one.role)}" for one in found}
        names |= {role: f"{label(language(), role)} · {t('As a group')}" for role in StaffRole}
        return names, None
    names[line.role] = t("As a group")
    names |= {one.staff_id: one.staff_name for one in found}
    about = line.facts.get("staff_id") or (found[0].staff_id if len(found) == 1 else None)
    return names, about if about in names else line.role


def _form(line: TodayLine) -> str:
    return f"{FORM}_log_{name_of_line(line)}"


def _logged(line: TodayLine, branch: Branch, entry: ContactEntry, *, is_another: bool) -> str | None:
    form = _form(line)
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
    logged = t(
        "Logged: {branch}, {day}.", branch=escaped(branch.branch_name), day=day_word(language(), entry.contact_on)
    )
    kept = t("It keeps the contact planned for that day; the line picked stays until it is ticked or explained.")
    marked = t("Marked as logged late.")
    words = ((True, logged), (late, marked), (_keeps_another(line, entry.contact_on), kept))
    return " ".join(each for holds, each in words if holds)


def _keeps_another(line: TodayLine, day: date) -> bool:
    """Tell whether the week has another contact with the role planned for the very day."""
    if line.item is None:
        return False
    week = lines_in_sight(current(), line.item.supervisor, line.item.week_start)
    return is_kept_instead((one.item for one in week), line.item, day)
