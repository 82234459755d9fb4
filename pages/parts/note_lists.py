"""Coaching notes in lists: open commitments of a branch or of all, and the notes of a branch."""

from collections.abc import Sequence
from dataclasses import replace

import pyarrow as pa
import streamlit as st

from core.facts import Branch, UserRole
from core.language.days import day_word
from core.language.labels import label
from core.notes.notes import CoachingNote, Kept
from pages.parts.conflict import still_drawn
from pages.parts.layout import empty_state, escaped
from pages.parts.navigation import page_of
from pages.parts.note_forms import (
    FORM,
    is_reading,
    is_settling,
    kept_words,
    leave_change,
    settling_switch,
    show_change,
    show_reading,
    show_settling,
)
from pages.parts.notices import take_notice
from pages.parts.session import current, language, t
from pages.parts.store.notes import commitments, notes
from pages.parts.tables import Column, show_table

IN_LIST = "list_"
"""Tells the form in the list of notes from the one among the open commitments."""


def show_notice() -> None:
    """Say once what was stored."""
    notice = take_notice(FORM)
    if notice:
        st.success(notice)


def commitment_line(note: CoachingNote) -> str:
    """Return a commitment in one line of Markdown: what, by whom, until when, for how long."""
    today = current().today
    until = day_word(language(), note.entry.due_on)
    word = t("Overdue")
    late = f" :red-badge[{escaped(word)}]" if note.is_overdue(today) else ""
    details = t(
        "{role} · until {day} · open for {days} days",
        role=label(language(), note.entry.role),
        day=until,
        days=note.days_open(today) or 0,
    )
    return f"**{escaped(note.entry.will)}**{late}  \n:small[{escaped(details)}]"


def show_open_commitments(branch: Branch) -> None:
    """List what was promised at a branch and is open, and let it be settled; nothing where nothing is open."""
    found = still_drawn(
        f"{FORM}_open_{branch.branch_code}",
        commitments(current(), branch.branch_id),
        number=lambda one: one.note_id,
        waits=lambda one: is_settling(replace(one, kept=Kept.KEPT)),
    )
    if not found:
        return
    with st.container(border=True):
        st.markdown(f"**{escaped(t('Promised, and not settled yet'))}**")
        for note in found:
            st.markdown(commitment_line(note))
            if current().actor.role is not UserRole.BRANCH_HEAD and st.toggle(
                t("Settle it"), key=f"notes_settle_{note.note_id}"
            ):
                show_settling(note)


def show_promised(branch: Branch) -> None:
    """Say on the page of the branch what was promised and is open, with the way to the notes; else nothing."""
    found = commitments(current(), branch.branch_id)
    if not found:
        return
    head = t("Promised, and not settled yet")
    st.markdown("\n".join([f"**{escaped(head)}**", "", *(f"- {commitment_line(note)}" for note in found)]))
    st.page_link(
        page_of("notes"),
        label=t("Open the coaching notes"),
        icon=":material/edit_note:",
        query_params={"branch": branch.branch_code},
    )


def show_notes(branch: Branch) -> None:
    """List the notes of a branch; a line opens the whole note with what may be done about it."""
    found = notes(current(), branch.branch_id)
    if not found:
        empty_state(
            t("No note is shared with you yet.")
            if current().actor.role is UserRole.BRANCH_HEAD
            else t("No session was noted here yet. Four short fields are enough.")
        )
        return
    place = show_table(
        notes_table(found),
        note_columns(),
        key="notes_list",
        name=t("Coaching notes"),
        on_select="rerun",
        keys=[one.note_id for one in found],
    )
    if place is not None and place < len(found):
        _show_note(found[place])
    elif current().actor.role is UserRole.BRANCH_HEAD:
        unread = _unread(found)
        if unread:
            _show_note(unread)


def _unread(found: Sequence[CoachingNote]) -> CoachingNote | None:
    """Return the newest note the branch head has still to read, or the one he just said he read."""
    return next((one for one in found if one.acknowledged_on is None or is_reading(one)), None)


def notes_table(found: Sequence[CoachingNote]) -> pa.Table:
    """Return notes as a table, columns as `note_columns`."""
    today, words = current().today, kept_words()
    return pa.table(
        {
            "session_on": pa.array([one.entry.session_on for one in found], pa.date32()),
            "role": [label(language(), one.entry.role) for one in found],
            "goal": [one.entry.goal for one in found],
            "will": [one.entry.will for one in found],
            "due_on": pa.array([one.entry.due_on for one in found], pa.date32()),
            "state": [
                words[one.kept] if one.kept else (t("Overdue") if one.is_overdue(today) else t("Open")) for one in found
            ],
            "reading": [
                day_word(language(), one.acknowledged_on) if one.acknowledged_on else _reading_word(one)
                for one in found
            ],
            "author": pa.array([one.author for one in found], pa.string()),
            "reality": [one.entry.reality for one in found],
            "options": [one.entry.options for one in found],
            "outcome": pa.array([one.outcome for one in found], pa.string()),
        }
    )


def note_columns() -> list[Column]:
    """Return how notes are headed."""
    return [
        Column("session_on", t("Session on"), "day", pinned=True),
        Column("state", t("State"), width=84),  # state and reading before the words: seen on a phone without scrolling
        Column("reading", t("Read on"), width=122),
        Column("role", t("With"), width=110),
        Column("goal", t("Goal"), width=196),
        Column("will", t("Will (what was promised)"), width=250),
        Column("due_on", t("Commitment until"), "day"),
        Column("author", t("Author")),
        Column("reality", t("Reality"), width="medium"),
        Column("options", t("Options"), width="medium"),
        Column("outcome", t("Result or reason"), width="medium"),
    ]


def _reading_word(note: CoachingNote) -> str:
    """Return whether the branch head may read a note, and did; to himself a note he did not read is new."""
    if not note.entry.is_shared:
        return t("Not shared")
    if note.acknowledged_on:
        return t("Read, {day}", day=day_word(language(), note.acknowledged_on))
    return t("New, to be read") if current().actor.role is UserRole.BRANCH_HEAD else t("Not read yet")


def note_status(note: CoachingNote) -> str:
    """Return whose note it is, of which day, who may read it and did, and what became of the promise."""
    said, kept = language(), kept_words()
    day = day_word(said, note.entry.session_on)
    parts = [
        t("{author}, {day}", author=note.author or t("the command line"), day=day),
        label(said, note.entry.role),
        t("Shared with the branch head") if note.entry.is_shared else "",
        _reading_word(note),
    ]
    if note.kept and note.kept_on:
        parts.append(t("{result}, recorded on {day}", result=kept[note.kept], day=day_word(said, note.kept_on)))
    else:
        until = day_word(said, note.entry.due_on)
        late = note.is_overdue(current().today)
        parts.append(t("Open, overdue since {day}", day=until) if late else t("Open until {day}", day=until))
    return " · ".join(one for one in parts if one)


def _show_note(note: CoachingNote) -> None:
    ask = current()
    with st.container(border=True):
        st.caption(escaped(note_status(note)))
        rows = [
            (t("Goal"), note.entry.goal),
            (t("Reality"), note.entry.reality),
            (t("Options"), note.entry.options),
            (t("Will (what was promised)"), note.entry.will),
            (t("Result or reason"), note.outcome or ""),
        ]
        heads = [t("{head}:", head=head) for head, _ in rows]
        lines = [f"**{escaped(head)}** {escaped(words)}" for head, (_, words) in zip(heads, rows, strict=True) if words]
        st.markdown("  \n".join(lines))
        if ask.actor.role is UserRole.BRANCH_HEAD:
            show_reading(note)
            return
        if st.toggle(t("Settle it") if note.kept is None else t("Correct the result"), key=settling_switch(note)):
            show_settling(note, IN_LIST)
        is_own = note.author_id is not None and note.author_id == ask.actor.user_id
        if is_own and st.toggle(t("Change this note"), key=f"notes_open_change_{note.note_id}"):
            show_change(note)
        else:
            leave_change(note)
