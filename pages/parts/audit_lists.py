"""What the screen of changes is made of: the choice of subject, person, period and branch, and the table."""

from collections.abc import Mapping
from datetime import date

import pyarrow as pa
import streamlit as st

from core.language import Language
from core.trail.entries import MOST_LINES, Mark, TrailChoice, usual_period
from core.trail.pages import TrailPage, trail_page
from core.trail.words import action_word, subject_names, subject_word
from pages.parts.action_table import action_titles
from pages.parts.branch_choice import ADDRESS, draw_choice
from pages.parts.session import current, guarded, language, t
from pages.parts.shown import last_shown
from pages.parts.store import audit as store
from pages.parts.store.branch import branch_names
from pages.parts.tables import Column, show_table

WIDTHS: dict[Language, tuple[int, ...]] = {"en": (116, 104, 72, 100), "zh": (104, 88, 60, 96)}
"""By whom, what, change and field, so that what stood before and after is seen whole at 1280 pixels."""
OLDER = "audit_older"
"""In the session: the entry older than which the page begins, None = the newest."""


def show_choice() -> TrailChoice:
    """Draw the filters and return what is asked for; another choice begins with the newest change again."""
    today = current().today
    usual = usual_period(today)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        first = _day(t("From day"), usual[0], "audit_first", latest=today)
        last = _day(t("Until"), usual[1], "audit_last", latest=today)
        names = {name: words.said(language()) for name, words in subject_names().items()}
        subject = st.selectbox(
            t("Subject"),
            sorted(names, key=names.__getitem__),
            index=None,
            format_func=names.__getitem__,
            key="audit_subject",
            placeholder=t("All changes"),
            width=210,
        )
        user_id = _person(first, last)
    branches = branch_names(current())
    if len(branches) > 1:
        draw_choice("audit_branch", st.query_params.get(ADDRESS), branches)
    choice = TrailChoice(first, last, subject, user_id, st.query_params.get(ADDRESS))
    if last_shown("audit_choice", choice) != choice:
        st.session_state.pop(OLDER, None)
    return choice


def _day(words: str, usual: date, key: str, *, latest: date) -> date:
    picked = st.date_input(words, usual, max_value=latest, key=key, format="YYYY-MM-DD", width=140)
    return picked or usual


def _person(first: date, last: date) -> int | None:
    found = store.people(current(), first, last)
    names: Mapping[int, str] = {user_id: name or t("the command line") for user_id, name in found.items()}
    if st.session_state.get("audit_person") not in (None, *names):
        st.session_state.pop("audit_person")
    return st.selectbox(
        t("Changed by"),
        list(names),
        index=None,
        format_func=names.__getitem__,
        key="audit_person",
        placeholder=t("Everybody"),
        width=190,
    )


def shown_page(choice: TrailChoice) -> TrailPage:
    """Return the lines the table shows."""
    found, are_more = store.entries(current(), choice)
    return trail_page(language(), found, titles=action_titles(), are_more=are_more)


def show_page(page: TrailPage) -> None:
    """Draw the table and the buttons that turn to older changes and back to the newest."""
    show_table(
        _table(page),
        _columns(),
        key="audit_changes",
        name=t("Changes"),
        empty=t("Nothing was changed in this period. Widen it or clear a filter."),
        height=560,
    )

    def go(before: int | None) -> None:
        if before is None:
            st.session_state.pop(OLDER, None)
        else:
            st.session_state[OLDER] = before

    with st.container(horizontal=True, vertical_alignment="center"):
        if st.session_state.get(OLDER) is not None:
            st.button(t("Newest"), icon=":material/first_page:", key="audit_newest", on_click=guarded(go), args=(None,))
        if page.older_than is not None:
            older = (page.older_than,)
            st.button(t("Older"), icon=":material/chevron_right:", key="audit_next", on_click=guarded(go), args=older)
            st.caption(t("At most {most} lines a page, newest first", most=MOST_LINES))


def _table(page: TrailPage) -> pa.Table:
    said, words, lines = language(), pa.string(), page.lines
    marks = {Mark.LATE: t("Late"), Mark.CORRECTED: t("Corrected")}
    system = t("the command line")
    return pa.table(
        {
            "at": pa.array([one.entry.at for one in lines], pa.timestamp("us", "UTC")),
            "who": pa.array([one.entry.who or system for one in lines], words),
            "subject": pa.array([subject_word(said, one.entry.subject) for one in lines], words),
            "action": pa.array([action_word(said, one.entry.action) for one in lines], words),
            "branch_name": pa.array([one.entry.branch_name for one in lines], words),
            "field": pa.array([one.field or None for one in lines], words),
            "before": pa.array([one.before or None for one in lines], words),
            "after": pa.array([one.after or None for one in lines], words),
            "marks": pa.array([" · ".join(marks[mark] for mark in one.entry.marks) for one in lines], words),
            "branch_code": pa.array([one.entry.branch_code for one in lines], words),
            "record": pa.array([one.entry.subject_id for one in lines], words),
        }
    )


def _columns() -> list[Column]:
    who, what, change, field = WIDTHS[language()]
    return [
        Column("at", t("When"), "moment", width=130),
        Column("who", t("Changed by"), width=who),
        Column("subject", t("What"), width=what),
        Column("action", t("Change"), width=change),
        Column("field", t("Field"), width=field),
        Column("before", t("Before"), width=150),
        Column("after", t("After"), width=150),
        Column("branch_name", t("Branch"), width=180),
        Column("marks", t("Marks"), width=96),
        Column("branch_code", t("Branch code")),
        Column("record", t("Record"), help=t("The number or code the record goes by")),
    ]
