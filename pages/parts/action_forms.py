"""Forms over an open action: done with its proof, dismissed with a reason, or another owner and due date."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.coaching.actions import BranchAction
from core.coaching.dismissals import dismissal_word, dismissals
from core.coaching.playbook import find_action
from pages.parts.action_table import action_titles, proof_words
from pages.parts.layout import escaped
from pages.parts.notices import leave_notice, stored, take_notice
from pages.parts.session import current, language, submit_key, t
from pages.parts.shown import first_shown, forget_shown
from pages.parts.store.coaching import change_action, drop, finish, owners, playbook, proofs

FORM = "coaching_close"


def show_decisions(actions: Sequence[BranchAction]) -> None:
    """Let an open action be chosen and closed or changed; what the form was drawn with is what it is held against."""
    notice = take_notice(FORM)
    if notice:
        st.success(notice)
    titles = action_titles()
    by_id = {one.suggestion_id: one for one in actions}
    before = st.session_state.get("coaching_action")
    if before is not None and before not in by_id:
        st.warning(t("The action you had opened is not open any more: somebody else closed it, or it expired."))
    picked = st.selectbox(
        t("Close or change an action"),
        list(by_id),
        index=None,
        key="coaching_action",
        format_func=lambda one: (
            f"{by_id[one].branch_name} · {titles.get(by_id[one].action_key, by_id[one].action_key)}"
        ),
        placeholder=t("Branch and action"),
    )
    for other in by_id.keys() - {picked}:
        forget_shown(f"{FORM}_{other}")
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
    with st.form(f"coaching_{how}_{picked}"):
        done = _FORMS[how or "done"](action, form)
    if action.version != by_id[picked].version:
        forget_shown(form)  # refused and told what it reads now: the next answer is about that
    if done:
        forget_shown(form)
        leave_notice(FORM, t("Stored: {action}.", action=escaped(titles.get(action.action_key, action.action_key))))
        st.rerun()


def _saved(action: BranchAction) -> bool:
    return st.form_submit_button(t("Save"), type="primary", key=f"coaching_save_{action.suggestion_id}")


def show_done(action: BranchAction, form: str) -> bool:
    """Draw, inside a form, what came of an action and what proves it; tell whether it was closed."""
    number = action.suggestion_id
    words = st.text_area(t("Outcome"), key=f"coaching_words_{number}", height=80, max_chars=500)
    measure = st.segmented_control(
        t("Was the measure reached?"),
        ["yes", "no", "early"],
        default="early",
        required=True,
        key=f"coaching_measure_{number}",
        format_func={"yes": t("Reached"), "no": t("Not reached"), "early": t("Too early to say")}.__getitem__,
    )
    offered = {one.contact_id: one for one in proofs(current(), action)}
    of = find_action(playbook(current()), action.action_key)
    needs = of is None or of.needs_proof
    proof = st.selectbox(
        t("Contact that shows it") if needs else t("Contact that shows it (not needed for paperwork)"),
        list(offered),
        index=None,
        key=f"coaching_proof_{number}",
        format_func=lambda one: proof_words(offered[one]),
        placeholder=t("A contact since the action was taken on"),
        disabled=not offered,
    )
    if needs and not offered:
        st.caption(t("No contact with this branch since the action was taken on. Log it first, then close the action."))
        st.page_link("screens/log_contact.py", label=t("Log a contact"), icon=":material/add_comment:")
    if not _saved(action):
        return False
    met = {"yes": True, "no": False}.get(measure or "early")
    return bool(
        stored(
            form,
            lambda: finish(
                current(),
                action,
                outcome=words or "",
                measure_met=met,
                proof_contact_id=proof,
                key=submit_key(form),
            ),
        )
    )


def show_dismissal(action: BranchAction, form: str) -> bool:
    """Draw, inside a form, why an action is dismissed; tell whether it was."""
    number = action.suggestion_id
    chosen = st.selectbox(
        t("Reason to dismiss"),
        [one.key for one in dismissals()],
        index=None,
        key=f"coaching_dismissal_{number}",
        format_func=lambda one: dismissal_word(language(), one),
        placeholder=t("Choose a reason"),
    )
    words = st.text_area(t("In your words"), key=f"coaching_reason_{number}", height=80, max_chars=500)
    if not _saved(action):
        return False
    return bool(
        stored(
            form,
            lambda: drop(current(), action, dismissal=chosen or "", reason=words or "", key=submit_key(form)),
        )
    )


def _show_change(action: BranchAction, form: str) -> bool:
    number = action.suggestion_id
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
            key=f"coaching_due_{number}",
            format="YYYY-MM-DD",
            width=160,
        )
        saved = _saved(action)
    if not saved:
        return False
    return bool(
        stored(
            form,
            lambda: change_action(current(), action, owner=owner or "", due_on=due_on, key=submit_key(form)),
        )
    )


_FORMS: dict[str, Any] = {"done": show_done, "dismissed": show_dismissal, "change": _show_change}
