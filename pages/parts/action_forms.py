"""Forms over an open action: done with its proof, dismissed with a reason, or another owner and due date."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import streamlit as st

from core.coaching.action_table import proof_words
from core.coaching.action_words import action_words
from core.coaching.actions import BranchAction, latest_due_on
from core.coaching.dismissals import dismissal_word, dismissals
from core.coaching.playbook import find_action
from core.facts import SuggestionState
from pages.parts.action_table import action_titles
from pages.parts.conflict import is_at_work, still_drawn, store_edit
from pages.parts.layout import escaped
from pages.parts.navigation import page_of
from pages.parts.notices import leave_notice, take_notice
from pages.parts.session import PROOF_LOGGED, current, language, submit_key, t
from pages.parts.shown import draw_anew, drawing, first_shown, forget_others
from pages.parts.store.coaching import change_action, drop, finish, open_actions, owners, playbook, proofs

FORM = "coaching_close"


@dataclass(frozen=True)
class Decision:
    """What is to become of an action."""


@dataclass(frozen=True)
class Done(Decision):
    """What came of an action; `measure_met` None = too early to say."""

    outcome: str
    measure_met: bool | None
    proof_contact_id: int | None


@dataclass(frozen=True)
class Dropped(Decision):
    """Why an action is dismissed: a key and words beside it."""

    dismissal: str
    reason: str


@dataclass(frozen=True)
class Moved(Decision):
    """Another owner or due date."""

    owner: str
    due_on: date


def show_decisions(actions: Sequence[BranchAction]) -> None:
    """Let an open action be chosen and closed or changed; what the form was drawn with is what it is held against."""
    notice = take_notice(FORM)
    if notice:
        st.success(notice)
    titles = action_titles()
    drawn = still_drawn(
        FORM,
        actions,
        number=lambda one: one.suggestion_id,
        waits=lambda one: is_at_work(f"{FORM}_{one.suggestion_id}", save_key(one)),
    )
    by_id = {one.suggestion_id: one for one in drawn}
    before = st.session_state.get("coaching_action")
    if before is not None and before not in by_id:
        st.warning(t("The action you had opened is not open any more: somebody else closed it, or it expired."))
    picked = st.selectbox(
        t("Close or change an action"),
        list(by_id),
        index=None,
        key="coaching_action",
        format_func=lambda one: (
            f"{by_id[one].branch_name} · {action_words(language(), by_id[one].action_key, by_id[one].facts, titles)}"
        ),
        placeholder=t("Branch and action"),
    )
    forget_others(f"{FORM}_", f"{FORM}_{picked}")
    if picked not in by_id:
        return
    form = f"{FORM}_{picked}"
    action = first_shown(form, by_id[picked])
    how = st.segmented_control(
        t("What became of it"),
        ["done", "dismissed", "change"],
        default="done",
        required=True,
        key=f"coaching_how_{picked}",
        format_func={"done": t("Done"), "dismissed": t("Dismiss"), "change": t("Owner or due date")}.__getitem__,
    )
    with st.container(border=True):
        decision = _FORMS[how or "done"](action, drawing(form))
    if decide(action, decision, form):
        leave_notice(FORM, t("Stored: {action}.", action=escaped(titles.get(action.action_key, action.action_key))))
        st.rerun()


def decide(action: BranchAction, decision: Decision | None, form: str) -> bool:
    """Store what was decided about an action as it was shown; tell whether it was."""

    def store(decided: Decision, version: int) -> bool:
        held, key = replace(action, version=version), submit_key(form)
        match decided:
            case Done():
                return finish(current(), held, **vars(decided), key=key)
            case Dropped():
                return drop(current(), held, **vars(decided), key=key)
            case _:
                return change_action(current(), held, **vars(decided), key=key)

    is_stored = store_edit(
        form,
        decision,
        store,
        version=action.version,
        told=_told,
        shown={"owner": action.owner, "due_on": action.due_on},
        may_insist=lambda _, theirs: theirs["state"] == SuggestionState.TAKEN,
    )
    if is_stored:
        draw_anew(form)
    if is_stored and st.session_state.get(PROOF_LOGGED) == action.suggestion_id:
        st.session_state.pop(PROOF_LOGGED)
    return bool(is_stored)


def say_if_gone() -> None:
    """Warn where the action a contact was just logged for is not open any more."""
    number = st.session_state.get(PROOF_LOGGED)
    if number is not None and all(one.suggestion_id != number for one in open_actions(current())):
        st.session_state.pop(PROOF_LOGGED)
        st.warning(t("The action you had opened is not open any more: somebody else closed it, or it expired."))


def _told(decided: Decision) -> dict[str, Any]:
    match decided:
        case Done():
            return {"state": SuggestionState.DONE, "outcome": decided.outcome, "measure_met": decided.measure_met}
        case Dropped():
            words = {"dismissal": decided.dismissal, "dismissed_reason": decided.reason}
            return {"state": SuggestionState.DISMISSED, **words}
        case _:
            return {"state": SuggestionState.TAKEN, **vars(decided)}


def save_key(action: BranchAction) -> str:
    """Return the key of the button that stores a decision."""
    return f"coaching_save_{action.suggestion_id}"


def _saved(action: BranchAction) -> bool:
    return st.button(t("Save"), type="primary", key=save_key(action))


def show_done(action: BranchAction, drawn: str) -> Done | None:
    """Draw what came of an action and what proves it; return it once it is sent."""
    number = f"{action.suggestion_id}{drawn}"
    words = st.text_area(
        t("Outcome"), key=f"coaching_words_{number}", height=80, max_chars=500, persist_state="session"
    )
    measure = st.segmented_control(
        t("Was the measure reached?"),
        ["yes", "no", "early"],
        default="early",
        required=True,
        key=f"coaching_measure_{number}",
        persist_state="session",
        format_func={"yes": t("Yes"), "no": t("No"), "early": t("Too early")}.__getitem__,
    )
    offered = {one.contact_id: one for one in proofs(current(), action)}
    needs = _needs_proof(action)
    proof = st.selectbox(
        t("Contact that shows it") if needs else t("Contact that shows it (not needed for paperwork)"),
        list(offered),
        index=0 if offered and st.session_state.get(PROOF_LOGGED) == action.suggestion_id else None,
        key=f"coaching_proof_{number}",
        format_func=lambda one: proof_words(language(), offered[one]),
        placeholder=t("A contact since the action was taken on"),
        disabled=not offered,
    )
    if lacks_proof(action):
        st.caption(no_proof_yet())
        st.page_link(
            page_of("log_contact"),
            label=t("Log a contact"),
            icon=":material/add_comment:",
            query_params={"branch": action.branch_code},
        )
    if not _saved(action):
        return None
    return Done(words or "", {"yes": True, "no": False}.get(measure or "early"), proof)


def _needs_proof(action: BranchAction) -> bool:
    of = find_action(playbook(current()), action.action_key)
    return of is None or of.needs_proof


def lacks_proof(action: BranchAction) -> bool:
    """Tell whether an action cannot be closed as done yet: no contact since it was taken on could show it."""
    return _needs_proof(action) and not proofs(current(), action)


def no_proof_yet() -> str:
    """Return what is to be done first where the proof is lacking."""
    return t("No contact with this branch since the action was taken on. Log it first, then close the action.")


def show_dismissal(action: BranchAction, drawn: str) -> Dropped | None:
    """Draw why an action is dismissed; return it once it is sent."""
    number = f"{action.suggestion_id}{drawn}"
    chosen = st.selectbox(
        t("Reason to dismiss"),
        [one.key for one in dismissals()],
        index=None,
        key=f"coaching_dismissal_{number}",
        persist_state="session",
        format_func=lambda one: dismissal_word(language(), one),
        placeholder=t("Choose a reason"),
    )
    words = st.text_area(
        t("In your words"), key=f"coaching_reason_{number}", height=80, max_chars=500, persist_state="session"
    )
    return Dropped(chosen or "", words or "") if _saved(action) else None


def _show_change(action: BranchAction, drawn: str) -> Moved | None:
    number = f"{action.suggestion_id}{drawn}"
    names = {one.username: one.display_name for one in owners(current(), action.branch_id)}
    if action.owner and action.owner not in names:
        names = {action.owner: action.owner, **names}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        owner = st.selectbox(
            t("Owner"),
            list(names),
            index=list(names).index(action.owner) if action.owner else 0,
            key=f"coaching_owner_{number}",
            format_func=lambda one: names[one],
            width=220,
        )
        due_on = st.date_input(
            t("Due date"),
            action.due_on or current().today,
            max_value=max(latest_due_on(current().today), action.due_on or date.min),
            key=f"coaching_due_{number}",
            format="YYYY-MM-DD",
            width=160,
        )
        return Moved(owner or "", due_on) if _saved(action) else None


_FORMS: dict[str, Callable[[BranchAction, str], Decision | None]] = {
    "done": show_done,
    "dismissed": show_dismissal,
    "change": _show_change,
}
