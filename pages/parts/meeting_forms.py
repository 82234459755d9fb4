"""What is typed in the room: a decision, what became of one, who was there when the review ends.

Each form opens over the page it is about. The words come first, everything else is filled in, so that a decision
is one line and one key.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import streamlit as st

from core.facts import Branch, UserRole
from core.review.agenda import Slide
from core.review.decisions import Decision, DecisionEntry, latest_due_on, usual_due_on
from core.review.figures import DecisionState, ReviewFigures, Topic
from core.review.meeting import Meeting
from core.review.names import Names
from core.review.rules import meeting_rules_on
from core.review.scope import ReviewScope
from core.review.words import state_word, topic_title
from pages.parts.conflict import store_edit
from pages.parts.meeting_place import go_to, names_shown
from pages.parts.notices import leave_notice, stored
from pages.parts.session import MEETING_FORM, current, guarded, language, now, submit_key, t
from pages.parts.store import meeting as store
from pages.parts.store.branch import find_branch

FORM = "meeting"
WHOLE_TOPIC = ""


def show_key(words: str, form: str, shortcut: str, title: str, draw: Callable[[], None]) -> None:
    """Draw the key of a form, and the form over the page while it is open; signed out, nothing of it is seen."""

    def open_form() -> None:
        st.session_state[MEETING_FORM] = form

    st.button(words, key=f"{FORM}_{form}", shortcut=shortcut, on_click=guarded(open_form))
    if st.session_state.get(MEETING_FORM) == form:
        st.dialog(title, width="large", on_dismiss=guarded(_close))(guarded(draw))()


def _close() -> None:
    st.session_state.pop(MEETING_FORM, None)


def _done(words: str) -> None:
    """Close the form and say what was done."""
    _close()
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
        _done(t("Decided."))


def show_settling(meeting: Meeting) -> None:
    """Draw what can be done with an open decision: done, dropped, another owner or due date."""
    ask, names, form = current(), names_shown(meeting.scope), f"{FORM}_settle"
    waiting = {one.decision_id: one for one in store.decisions(ask, meeting) if one.is_open}
    words = {number: _named(one, names) for number, one in waiting.items()}
    if not waiting:
        st.markdown(t("No decision is open."))
        return
    ways = {"done": t("Done"), "dropped": t("Dropped"), "changed": t("Another owner or date")}
    with st.form(form, border=False):
        picked = st.selectbox(
            t("Decision"),
            list(waiting),
            format_func=words.__getitem__,
            key=f"{form}_which",
        )
        how, said = st.columns([1, 2])
        most = meeting_rules_on(ask.today).most_outcome
        way = how.selectbox(t("What became of it"), list(ways), format_func=ways.__getitem__, key=f"{form}_way")
        outcome = said.text_input(t("What came of it, or why it is dropped"), key=f"{form}_outcome", max_chars=most)
        decision = waiting[picked]
        owned, due = st.columns(2)
        owners = store.owners(ask, meeting.scope, tuple(one.branch_id for one in waiting.values() if one.branch_id))
        usernames = list(dict.fromkeys([*(one.username for one in owners)]))
        owner = owned.selectbox(
            t("New owner"), usernames, index=None, format_func=names.of, key=f"{form}_owner", placeholder=t("As it is")
        )
        due_on = due.date_input(
            t("New due date"),
            None,
            min_value=ask.today,
            max_value=latest_due_on(ask.today),
            format="YYYY-MM-DD",
            key=f"{form}_due",
        )
        is_sent = st.form_submit_button(t("Save"), key=f"{form}_save", width="stretch")
    name = f"{form}_{decision.decision_id}"
    entry = Settled(way, outcome or "", owner or decision.owner, due_on or decision.due_on)
    if store_edit(
        name,
        entry if is_sent else None,
        lambda sent, version: _settle(decision, sent, version, key=submit_key(name)),
        version=decision.version,
        told=_told,
        may_insist=lambda _entry, theirs: theirs.get("state") == DecisionState.OPEN,
    ):
        _done(t("Saved."))


@dataclass(frozen=True)
class Settled:
    """What was entered about a decision: what became of it, or another owner or date."""

    way: str
    outcome: str
    owner: str
    due_on: date


def _told(entry: Settled) -> Mapping[str, Any]:
    if entry.way == "changed":
        return {"owner": entry.owner, "due_on": entry.due_on}
    return {"state": entry.way, "outcome": entry.outcome}


def _settle(decision: Decision, entry: Settled, version: int, *, key: str) -> bool:
    ask = current()
    if entry.way == "changed":
        return store.change_decision(
            ask, decision, owner=entry.owner, due_on=entry.due_on, shown_version=version, key=key
        )
    return store.settle(
        ask, decision, is_done=entry.way == "done", outcome=entry.outcome, shown_version=version, key=key
    )


def _named(decision: Decision, names: Names) -> str:
    about = decision.branch_name or topic_title(language(), decision.topic)
    state = state_word(language(), decision.state)
    return f"{names.within(decision.words)} · {about} · {state} {decision.due_on:%m-%d}"


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
        _done(t("The review is over. Its pages are kept as shown."))


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
