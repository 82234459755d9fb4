"""Forms of coaching notes: a new one, a change of one's own, what became of a commitment, the head's reading."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import streamlit as st

from core.facts import Branch, StaffRole
from core.language.days import day_word
from core.language.labels import label
from core.notes.notes import CoachingNote, Kept, NoteEntry, note_rules
from pages.parts.conflict import is_at_work, store_edit
from pages.parts.drafts import Draft, begin_draft, is_begun
from pages.parts.layout import LIVE, escaped
from pages.parts.notices import leave_notice, stored
from pages.parts.session import current, language, submit_key, t
from pages.parts.shown import first_shown, forget_shown, last_shown
from pages.parts.store.notes import acknowledge, change_note, settle, write_note

FORM = "notes"
TEXTS = ("goal", "reality", "options", "will")
STILL_OPEN = "open"
"""A result settled by mistake is taken back: the promise is open again."""


def kept_words() -> dict[Kept, str]:
    """Return what became of a commitment, in words."""
    return {Kept.KEPT: t("Kept"), Kept.PARTLY: t("Kept in part"), Kept.BROKEN: t("Not kept")}


def show_new_note(branch: Branch) -> None:
    """Draw the form of a new note and store it."""
    form = f"{FORM}_new_{branch.branch_code}"
    entry = _fields(begin_draft(form, _held(None)))
    if entry and stored(form, lambda: write_note(current(), branch.branch_id, entry, key=submit_key(form))):
        day = day_word(language(), entry.due_on)
        leave_notice(FORM, t("Stored. The commitment comes back at the next contact, at the latest on {day}.", day=day))
        st.rerun()


def show_change(note: CoachingNote) -> None:
    """Draw the form that changes a note of one's own."""
    form = _changing(note)
    shown = first_shown(form, note)
    if shown.acknowledged_on:
        st.caption(t("The branch head read this note. After a change he is asked to read it again."))
    if store_edit(
        form,
        _fields(begin_draft(form, _held(shown))),
        lambda entry, version: change_note(current(), replace(shown, version=version), entry, key=submit_key(form)),
        version=shown.version,
        told=vars,
        shown={"acknowledged_on": shown.acknowledged_on, "kept": shown.kept, "outcome": shown.outcome},
    ):
        leave_notice(FORM, t("The note is changed."))
        st.rerun()


def leave_change(note: CoachingNote) -> None:
    """Let the form show the note as it stands when it is opened the next time, unless something waits in it."""
    form = _changing(note)
    if not is_begun(form):
        forget_shown(form)


def _changing(note: CoachingNote) -> str:
    return f"{FORM}_change_{note.note_id}"


def _held(note: CoachingNote | None) -> dict[str, Any]:
    """Return what the fields are filled with; a new note is private."""
    if note:
        return vars(note.entry)
    today = current().today
    return {
        "session_on": today,
        "role": StaffRole.WEALTH_MANAGER,
        "due_on": today + timedelta(days=note_rules().usual_due_days),
        "is_shared": False,
        **dict.fromkeys(TEXTS, ""),
    }


def _fields(draft: Draft) -> NoteEntry | None:
    """Draw the fields; return what was filled in once it is sent."""
    held, whose = draft.held, list(StaffRole)
    with st.container(horizontal=True):
        session_on = st.date_input(
            t("Session on"),
            held["session_on"],
            max_value=current().today,
            format="YYYY-MM-DD",
            width=150,
            **draft.of("session_on"),
        )
        role = st.selectbox(
            t("With"),
            whose,
            index=whose.index(held["role"]),
            format_func=lambda one: label(language(), one),
            width=180,
            **draft.of("role"),
        )
        due_on = st.date_input(
            t("Commitment until"), held["due_on"], format="YYYY-MM-DD", width=150, **draft.of("due_on")
        )
    words = {
        "goal": (t("Goal"), t("What should be different afterwards?")),
        "reality": (t("Reality"), t("How do things stand, what was seen?")),
        "options": (t("Options"), t("What could be done?")),
        "will": (t("Will (what was promised)"), t("Who does what, until when?")),
    }
    places = [*st.columns(2), *st.columns(2)]  # in rows: one above the other on a phone they keep their order
    texts = {}
    for place, (field, (name, hint)) in zip(places, words.items(), strict=True):
        with place:
            texts[field] = st.text_area(
                name,
                held[field],
                max_chars=note_rules().most_characters,
                placeholder=hint,
                height=80,
                **draft.of(field),
            )
    is_shared = st.checkbox(t("Share with the branch head"), held["is_shared"], **draft.of("is_shared"))
    with st.container(horizontal=True, vertical_alignment="center"):
        sent = st.button(t("Save the note"), type="primary", key=f"{draft.form}_save")
        draft.show_way_back()
    if not sent:
        return None
    return NoteEntry(session_on=session_on, role=role, due_on=due_on, is_shared=is_shared, **texts)


def is_settling(note: CoachingNote, place: str = "") -> bool:
    """Tell whether a commitment is open, or somebody is at it although a colleague just settled it."""
    form = _settling(note, place)
    return note.kept is None or is_at_work(form, f"{form}_save")


def _settling(note: CoachingNote, place: str) -> str:
    return f"{FORM}_settle_{place}{note.note_id}"


def settling_switch(note: CoachingNote) -> str:
    """Return the key of the switch that opens the form in an opened note."""
    return f"{FORM}_open_settle_{note.note_id}"


def show_settling(note: CoachingNote, place: str = "") -> None:
    """Draw what became of a commitment, to be said once it is open and to be corrected once it is settled.

    Nothing is chosen beforehand where it is open; `place` tells two on one screen apart.
    """
    form = _settling(note, place)
    save_key = f"{form}_save"
    if not is_begun(form) and not is_at_work(form, save_key):
        forget_shown(form)
    shown = first_shown(form, note)
    choices = {one.value: words for one, words in kept_words().items()}
    if shown.kept:
        choices[STILL_OPEN] = t("Open again")
    draft = begin_draft(form, {"kept": shown.kept, "outcome": shown.outcome or ""})
    with st.container(horizontal=True, vertical_alignment="bottom"):
        picked = st.selectbox(
            t("What became of the promise"),
            list(choices),
            index=list(choices).index(shown.kept) if shown.kept else None,
            format_func=choices.__getitem__,
            placeholder=t("Choose a result"),
            width=210,
            **draft.of("kept"),
        )
        outcome = st.text_input(
            t("In a word"),
            draft.held["outcome"],
            max_chars=note_rules().most_characters,
            live=LIVE,
            width=360,
            **draft.of("outcome"),
        )
        sent = st.button(t("Correct the result") if shown.kept else t("Record the result"), key=save_key)
        draft.show_way_back()
    if sent and picked is None:
        st.error(t("Choose first what became of the promise: kept, kept in part, or not kept."))
    kept = Kept(picked) if picked and picked != STILL_OPEN else None
    if store_edit(
        form,
        (kept, outcome) if sent and picked else None,
        lambda entry, version: settle(
            current(), replace(shown, version=version), kept=entry[0], outcome=entry[1], key=submit_key(form)
        ),
        version=shown.version,
        told=lambda entry: {"kept": entry[0], "outcome": entry[1].strip()},
        shown={"will": shown.entry.will, "due_on": shown.entry.due_on},
    ):
        commitment = escaped(note.entry.will)
        words = t("Settled: {commitment}", commitment=commitment)
        told = words if kept else t("Open again: {commitment}", commitment=commitment)
        leave_notice(FORM, told, cleared={settling_switch(note): False} if place else None)
        st.rerun()


def _reading(note: CoachingNote) -> str:
    return f"{FORM}_read_{note.note_id}"


def is_reading(note: CoachingNote) -> bool:
    """Tell whether the branch head said in this run that he read a note, or has to choose about it."""
    return is_at_work(_reading(note), _reading(note))


def show_reading(note: CoachingNote) -> None:
    """Let the branch head say that he read a shared note; somebody else may have done so for the branch meanwhile."""
    form = _reading(note)
    if note.acknowledged_on:
        if is_reading(note):
            st.info(t("It was marked as read already, {day}.", day=day_word(language(), note.acknowledged_on)))
        return
    shown = last_shown(form, note)
    sent = st.button(t("I have read it"), icon=":material/done:", key=form)
    if store_edit(
        form,
        shown if sent else None,
        lambda read, version: acknowledge(current(), replace(read, version=version), key=submit_key(form)),
        version=shown.version,
        told=lambda read: vars(read.entry),
        may_insist=lambda _, __: False,  # what was changed is to be read first
    ):
        st.rerun()
