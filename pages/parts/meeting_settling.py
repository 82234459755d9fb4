"""What became of a decision, said in the room: done, dropped, another owner or due date.

The form is held against the decisions as they stood when it was opened: a colleague who settles one meanwhile takes
it out of nobody's list, so that what is sent is about the decision that was seen, or is refused with both values shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import streamlit as st

from core.facts import SuggestionState
from core.review.decisions import Decision, latest_due_on
from core.review.figures import DecisionState, Topic
from core.review.meeting import Meeting
from core.review.names import Names
from core.review.rules import meeting_rules_on
from core.review.words import state_word, topic_title
from pages.parts.conflict import begin_anew, keeps_stored, store_edit
from pages.parts.meeting_forms import FORM, done
from pages.parts.meeting_place import names_shown
from pages.parts.session import current, language, submit_key, t
from pages.parts.shown import draw_anew, drawing, first_shown
from pages.parts.store import meeting as store

SETTLE = f"{FORM}_settle"
MAY_CHANGE = (DecisionState.OPEN, SuggestionState.TAKEN)
"""How what a colleague stored must stand, so that another entry may still take its place."""


def show_settling(meeting: Meeting) -> None:
    """Draw what can be done with an open decision: done, dropped, another owner or due date."""
    ask, names = current(), names_shown(meeting.scope)
    waiting = _as_opened(meeting)
    if not waiting:
        st.markdown(t("No decision is open."))
        return
    form, anew = SETTLE, drawing(SETTLE)
    words = _labels(meeting, waiting, names)
    ways = {"done": t("Done"), "dropped": t("Dropped"), "changed": t("Another owner or date")}
    with st.form(form, border=False):
        picked = st.selectbox(t("Decision"), list(waiting), format_func=words.__getitem__, key=f"{form}_which{anew}")
        how, said = st.columns([1, 2])
        most, came = meeting_rules_on(ask.today).most_outcome, t("What came of it, or why it is dropped")
        way = how.selectbox(t("What became of it"), list(ways), format_func=ways.__getitem__, key=f"{form}_way{anew}")
        outcome = said.text_input(came, key=f"{form}_outcome{anew}", max_chars=most)
        decision = waiting[picked]
        owned, due = st.columns(2)
        owners = store.owners(ask, meeting.scope, tuple(one.branch_id for one in waiting.values() if one.branch_id))
        usernames = [one.username for one in owners]
        owner = owned.selectbox(
            t("New owner"),
            usernames,
            index=None,
            format_func=names.of,
            key=f"{form}_owner{anew}",
            placeholder=t("As it is"),
        )
        due_on = due.date_input(
            t("New due date"),
            None,
            min_value=ask.today,
            max_value=latest_due_on(ask.today),
            format="YYYY-MM-DD",
            key=f"{form}_due{anew}",
        )
        is_sent = st.form_submit_button(t("Save"), key=f"{form}_save", width="stretch")
    name = _form_of(decision)
    entry = Settled(way, outcome or "", owner or decision.owner, due_on or decision.due_on)
    if store_edit(
        name,
        entry if is_sent else None,
        lambda sent, version: _settle(meeting, decision, sent, version, key=submit_key(name)),
        version=decision.version,
        told=_told,
        may_insist=lambda _entry, theirs: theirs.get("state") in MAY_CHANGE,
    ):
        done(t("Saved."))


def _as_opened(meeting: Meeting) -> dict[int, Decision]:
    """Return the open decisions as they stood when the form was opened, or when what a colleague stored was kept."""
    for one in first_shown(SETTLE, _open(meeting)):
        if keeps_stored(_form_of(one)):
            begin_anew(_form_of(one))
            draw_anew(SETTLE)
    return {one.decision_id: one for one in first_shown(SETTLE, _open(meeting))}


def _open(meeting: Meeting) -> tuple[Decision, ...]:
    return tuple(one for one in store.decisions(current(), meeting) if one.is_open)


def _form_of(decision: Decision) -> str:
    return f"{SETTLE}_{decision.decision_id}"


def _labels(meeting: Meeting, waiting: Mapping[int, Decision], names: Names) -> dict[int, str]:
    """Return what each decision is called: by the page and number it stands on, so that no two are called alike."""
    found: dict[int, str] = {}
    counts = {Topic.DECIDED: 0, Topic.DECISIONS: 0}
    for one in store.decisions(current(), meeting):
        page = Topic.DECISIONS if one.meeting_id == meeting.meeting_id else Topic.DECIDED
        counts[page] += 1
        if one.decision_id in waiting:
            place = f"{topic_title(language(), page)} {counts[page]}"
            found[one.decision_id] = f"{place} · {_named(waiting[one.decision_id], names)}"
    return {number: found.get(number) or f"{number} · {_named(one, names)}" for number, one in waiting.items()}


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


def _settle(meeting: Meeting, decision: Decision, entry: Settled, version: int, *, key: str) -> bool:
    ask = current()
    if entry.way == "changed":
        return store.change_decision(
            ask,
            decision,
            owner=entry.owner,
            due_on=entry.due_on,
            shown_version=version,
            key=key,
            within=meeting,
        )
    return store.settle(
        ask,
        decision,
        is_done=entry.way == "done",
        outcome=entry.outcome,
        shown_version=version,
        key=key,
        within=meeting,
    )


def _named(decision: Decision, names: Names) -> str:
    about = decision.branch_name or topic_title(language(), decision.topic)
    state = state_word(language(), decision.state)
    return f"{names.within(decision.words)} · {about} · {state} {decision.due_on:%m-%d}"
