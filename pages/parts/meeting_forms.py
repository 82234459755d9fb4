"""What is typed in the room: a decision, what became of one, who was there when the review ends.

Each form opens over the page it is about. The words come first, everything else is filled in, so that a decision
is one line and one key.
"""

from collections.abc import Callable
from functools import partial

import streamlit as st

from core.facts import Branch, UserRole
from core.review.agenda import Slide
from core.review.decisions import DecisionEntry, latest_due_on, usual_due_on
from core.review.figures import ReviewFigures, Topic
from core.review.meeting import Meeting
from core.review.rules import meeting_rules_on
from core.review.scope import ReviewScope
from core.review.words import topic_title
from pages.parts.meeting_frame import bar_key
from pages.parts.meeting_place import go_to, names_shown
from pages.parts.notices import leave_notice, stored
from pages.parts.session import MEETING_FORM, current, guarded, language, now, submit_key, t
from pages.parts.shown import draw_anew
from pages.parts.store import meeting as store
from pages.parts.store.branch import find_branch

FORM = "meeting"
WHOLE_TOPIC = ""


def show_key(words: str, form: str, shortcut: str, title: str, draw: Callable[[], None]) -> None:
    """Draw the key of a form, and the form over the page while it is open; signed out, nothing of it is seen.

    The page script puts the focus into the first field, and what is typed before the form is there as well.
    """

    def open_form() -> None:
        st.session_state[MEETING_FORM] = form

    bar_key(words, f"{FORM}_{form}", shortcut, on_click=guarded(open_form))
    if st.session_state.get(MEETING_FORM) == form:
        st.dialog(title, width="large", on_dismiss=guarded(close_form))(guarded(draw))()


def close_form() -> None:
    """Close the form that stands open, if any; what it was drawn with is forgotten."""
    form = st.session_state.pop(MEETING_FORM, None)
    if form:
        draw_anew(f"{FORM}_{form}")


def done(words: str) -> None:
    """Close the form and say what was done."""
    close_form()
    leave_notice(FORM, words)
    st.rerun()


def branches_on(figures: ReviewFigures, slide: Slide) -> tuple[Branch, ...]:
    """Return the branches on the page, the one it is about first; empty where it names none."""
    codes: list[str] = []
    if slide.topic is Topic.WEAKEST and figures.weakest:
        codes = [one.branch_code for one in figures.weakest.branches]
        codes = codes[slide.part - 2 : slide.part - 1] if slide.part > 1 else codes
    elif slide.topic is Topic.MOVES and figures.moves:
        codes = [one.branch_code for one in figures.moves.told]
    elif slide.topic in (Topic.DECIDED, Topic.DECISIONS):
        codes = [one.branch_code for one in (*(figures.decided or ()), *(figures.decisions or ())) if one.branch_code]
    found = (find_branch(current(), code) for code in dict.fromkeys(codes))
    return tuple(one for one in found if one)


def show_deciding(meeting: Meeting, figures: ReviewFigures, slide: Slide) -> None:
    """Draw the form of a decision about the topic or a branch on the page, and keep it."""
    ask, names, form = current(), names_shown(meeting.scope), f"{FORM}_decide"
    branches = {one.branch_code: one for one in branches_on(figures, slide)}
    is_about_one = slide.topic is Topic.WEAKEST and slide.part > 1 and len(branches) == 1
    owners = store.owners(ask, meeting.scope, tuple(one.branch_id for one in branches.values()))
    usernames, rules = [one.username for one in owners], meeting_rules_on(ask.today)
    first = next(iter(branches.values())).supervisor if is_about_one else ask.actor.username
    with st.form(form, border=False):
        words = st.text_input(t("Decision"), key=f"{form}_words", max_chars=rules.most_words)
        about, owned, due, measured = st.columns([3, 3, 2, 3])
        about_words = {WHOLE_TOPIC: topic_title(language(), slide.topic)}
        about_words |= {code: one.branch_name for code, one in branches.items()}
        code = about.selectbox(
            t("About"),
            list(about_words),
            index=1 if is_about_one else 0,
            format_func=about_words.__getitem__,
            key=f"{form}_about_{slide.name}",
        )
        owner = owned.selectbox(
            t("Owner"),
            usernames,
            index=usernames.index(first) if first in usernames else 0,
            format_func=names.of,
            key=f"{form}_owner_{slide.name}",
        )
        due_on = due.date_input(
            t("Due date"),
            usual_due_on(ask.today),
            min_value=ask.today,
            max_value=latest_due_on(ask.today),
            format="YYYY-MM-DD",
            key=f"{form}_due",
        )
        measure = measured.text_input(t("How it is measured"), key=f"{form}_measure", max_chars=rules.most_measure)
        if not st.form_submit_button(t("Keep the decision"), key=f"{form}_save", width="stretch"):
            return
    branch_id = branches[code].branch_id if code in branches else None
    entry = DecisionEntry(slide.topic, branch_id, words, owner or "", due_on, measure)
    if stored(form, lambda: store.decide(ask, meeting, entry, key=submit_key(form))):
        done(t("Decided."))


def show_ending(meeting: Meeting) -> None:
    """Draw who was there, and end the review: its pages are kept as shown."""
    ask, form = current(), f"{FORM}_end"
    with st.form(form, border=False):
        st.markdown(t("The pages are kept as they are shown now and never change. Who was there?"))
        present, guests = attendance_fields(meeting.present, meeting.guests, meeting.scope, form)
        if not st.form_submit_button(t("End the review"), key=f"{form}_save", width="stretch"):
            return
    end = partial(store.close, ask, meeting, present=present, guests=guests, now=now(), key=submit_key(form))
    if stored(form, end):
        go_to()
        done(t("The review is over. Its pages are kept as shown."))


def attendance_fields(
    present: tuple[str, ...], guests: tuple[str, ...], scope: ReviewScope, key: str
) -> tuple[list[str], tuple[str, ...]]:
    """Draw who of the own staff was there, and others by rank or code."""
    names = names_shown(scope)
    known = [one.username for one in store.people(current(), scope) if one.role is not UserRole.BRANCH_HEAD]
    there = st.multiselect(
        t("Present"),
        known,
        default=[name for name in present if name in known],
        format_func=names.of,
        key=f"{key}_people",
        placeholder=t("Choose persons"),
    )
    others = st.text_input(t("Others, by rank or code, with commas between"), ", ".join(guests), key=f"{key}_guests")
    parts = others.replace("，", ",").replace("、", ",").split(",")
    return there, tuple(part.strip() for part in parts if part.strip())
