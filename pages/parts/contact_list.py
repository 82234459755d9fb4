"""The contacts of a branch, a page at a time from the latest back; one that is picked can be corrected."""

from datetime import date, timedelta
from typing import Any, cast

import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st

from core.coaching.contacts import topic_word
from core.facts import Branch, BranchStatus, ContactMethod, StaffRole, UserRole
from core.language import Language
from core.language.labels import label
from pages.parts.contact_correction import FORM, show_correction
from pages.parts.layout import empty_state
from pages.parts.notices import take_notice
from pages.parts.session import current, guarded, language, t
from pages.parts.shown import last_shown
from pages.parts.store.contacts import recent_contacts
from pages.parts.tables import Column, show_table
from pages.parts.wording import supervisor_words

LINES = 20
OLDER = "branch_contacts_older"
"""In the session: day and id of the contact before which the page begins, None = the latest."""
WIDTHS: dict[Language, tuple[int, ...]] = {"en": (112, 148, 138, 116, 108, 58), "zh": (88, 100, 168, 150, 56, 52)}
"""Whom, topic, next step, note, how and minutes: a phone shows the first two, a laptop all and the marks behind."""
Place = tuple[date, int]


def show_contacts(branch: Branch) -> None:
    """List the contacts, once asked for, with when they were logged; one that is picked can be corrected."""
    ask, notice = current(), take_notice(FORM)
    if notice:
        st.success(notice)  # what was withdrawn is picked no more, and may have been the only one
    if not recent_contacts(ask, branch.branch_id, 1).num_rows:
        if branch.status is BranchStatus.CLOSED:
            empty_state(t("No contact is on record."))
        else:
            empty_state(t("No contact is on record. Log the first one with the button above."))
        return
    if not st.toggle(t("List of contacts"), key="branch_show_contacts"):
        return
    found = recent_contacts(ask, branch.branch_id, LINES + 1, _begins_before(branch))
    table = _with_marks(found.slice(0, LINES))
    is_field = ask.actor.role is not UserRole.BRANCH_HEAD
    row = show_table(
        table,
        _columns(table),
        key="branch_contacts",
        name=t("List of contacts"),
        on_select="rerun" if is_field else None,
        keys=table["contact_id"].to_pylist() if is_field else None,
        empty=t("No contact up to this day is on record. Choose a later day."),
    )
    twice = pc.sum(table["is_twice"]).as_py()
    if twice:
        st.caption(
            t("{count} of these may be one contact twice: logged by hand and brought by an import.", count=twice)
        )
    _show_turning(table, are_more=found.num_rows > LINES)
    if row is not None:
        show_correction(table.slice(row, 1).to_pylist()[0])


def _begins_before(branch: Branch) -> Place | None:
    """Draw the day up to which contacts are listed and return before which contact the page begins."""
    today = current().today
    until = st.date_input(
        t("Up to day"),
        None,
        max_value=today,
        key="branch_contacts_until",
        format="YYYY-MM-DD",
        width=160,
        help=t("Empty: the latest"),
    )
    choice = branch.branch_id, until
    if last_shown("branch_contacts_choice", choice) != choice:
        st.session_state.pop(OLDER, None)
    older = cast("Place | None", st.session_state.get(OLDER))
    return older or ((until + timedelta(days=1), 0) if until else None)


def _show_turning(table: pa.Table, *, are_more: bool) -> None:
    """Draw the buttons that turn to older contacts and back to those the choice begins with."""

    def go(place: Place | None) -> None:
        if place is None:
            st.session_state.pop(OLDER, None)
        else:
            st.session_state[OLDER] = place

    turned = st.session_state.get(OLDER) is not None
    if not turned and not are_more:
        return
    with st.container(horizontal=True):
        if turned:
            st.button(
                t("Newest"),
                icon=":material/first_page:",
                key="branch_contacts_newest",
                on_click=guarded(go),
                args=(None,),
            )
        if are_more:
            last = table.slice(table.num_rows - 1, 1).to_pylist()[0]
            st.button(
                t("Older"),
                icon=":material/chevron_right:",
                key="branch_contacts_next",
                on_click=guarded(go),
                args=((last["contact_on"], last["contact_id"]),),
            )


def _columns(table: pa.Table) -> list[Column]:
    topics = {each: topic_word(language(), each) for each in table["topic"].unique().to_pylist() if each}
    whom, topic, next_step, note, how, minutes = WIDTHS[language()]
    return [
        Column("contact_on", t("Day"), "day", width=92, pinned=True),
        Column("whom", t("Whom"), help=t("A role: with it as a group"), in_files=False, width=whom),
        Column("topic", t("Topic"), words=topics, width=topic),
        Column("next_step", t("Next step"), width=next_step),
        Column("note", t("Note"), width=note),
        Column("method", t("How"), words={one.value: label(language(), one) for one in ContactMethod}, width=how),
        Column("minutes", t("Minutes"), "integer", width=minutes),
        Column(
            "marks",
            t("Marks"),
            help=t("Perhaps twice: an import brought it beside a like contact of the day that was logged by hand"),
            in_files=False,
            width=132,
        ),
        Column("role", t("Role"), words=_role_words(), width=120),
        Column("supervisor", t("By"), words=supervisor_words(), width=90),
        Column("is_usual_minutes", t("Minutes as usual"), words={"true": t("As usual"), "false": ""}, on_screen=False),
        Column("is_late", t("Logged late"), words={"true": t("Late"), "false": ""}, on_screen=False),
        Column("days_later", t("Logged days later"), "integer", on_screen=False),
        Column("is_corrected", t("Corrected"), words={"true": t("Corrected"), "false": ""}, on_screen=False),
        Column("is_twice", t("Perhaps twice"), words={"true": t("Perhaps twice"), "false": ""}, on_screen=False),
    ]


def _role_words() -> dict[str, str]:
    return {role.value: label(language(), role) for role in StaffRole}


def _with_marks(table: pa.Table) -> pa.Table:
    """Return the contacts with whom they were, and what is seldom to be said of one, in words; files have columns."""
    roles = _role_words()
    late, days = t("Late"), t("Logged {days} days later")
    corrected, twice, usual = t("Corrected"), t("Perhaps twice"), t("Minutes as usual")

    def marks(row: dict[str, Any]) -> str:
        words = []
        if row["is_late"]:
            words.append(days.format(days=row["days_later"]) if row["days_later"] else late)
        words += [corrected] if row["is_corrected"] else []
        words += [twice] if row["is_twice"] else []
        words += [usual] if row["is_usual_minutes"] else []
        return " · ".join(words)

    rows = table.to_pylist()
    whom = [row["staff_name"] or roles.get(row["role"]) for row in rows]
    return table.append_column("whom", pa.array(whom, pa.string())).append_column(
        "marks", pa.array([marks(row) for row in rows], pa.string())
    )
