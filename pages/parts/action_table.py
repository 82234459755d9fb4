"""Decided actions as a table, and the form that closes an open one."""

from collections.abc import Sequence

import pyarrow as pa
import streamlit as st

from core.coaching.actions import BranchAction
from core.facts import SuggestionState
from core.language.labels import label
from pages.parts.layout import escaped
from pages.parts.notices import leave_notice, stored, take_notice
from pages.parts.session import current, language, submit_key, t
from pages.parts.store.coaching import drop, finish, playbook
from pages.parts.tables import Column, show_table

FORM = "coaching_close"


def action_titles() -> dict[str, str]:
    """Return the titles of all actions by key, in the reader's language."""
    return {action.key: action.title(language()) for action in playbook(current())}


def show_actions(
    actions: Sequence[BranchAction], *, key: str, name: str, with_branch: bool = True, empty: str | None = None
) -> None:
    """List actions with state, owner, due date and what came of them; overdue ones say so."""
    titles, today = action_titles(), current().today
    states = {state.value: label(language(), state) for state in SuggestionState} | {"overdue": t("Overdue")}
    table = pa.table(
        {
            "branch_name": pa.array([one.branch_name for one in actions], pa.string()),
            "action": pa.array([titles.get(one.action_key, one.action_key) for one in actions], pa.string()),
            "state": pa.array(
                ["overdue" if one.is_overdue(today) else one.state.value for one in actions], pa.string()
            ),
            "owner": pa.array([one.owner for one in actions], pa.string()),
            "due_on": pa.array([one.due_on for one in actions], pa.date32()),
            "decided_on": pa.array([one.decided_on for one in actions], pa.date32()),
            "result": pa.array([one.outcome or one.dismissed_reason for one in actions], pa.string()),
            "measure": pa.array([_measure(one) for one in actions], pa.string()),
            "branch_code": pa.array([one.branch_code for one in actions], pa.string()),
        }
    )
    columns = [
        Column("branch_name", t("Branch"), width=204, pinned=True),
        Column("action", t("Action")),
        Column("state", t("State"), words=states, width=84),
        Column("result", t("Result or reason"), width=250),
        Column("measure", t("Measure"), words={"met": t("Reached"), "missed": t("Not reached")}),
        Column("due_on", t("Due date"), "day", width=90),
        Column("owner", t("Owner")),
        Column("decided_on", t("Decided on"), "day", width=90),
        Column("branch_code", t("Branch code")),
    ]
    hidden = set() if with_branch else {"branch_name", "branch_code"}
    if all(one.state is SuggestionState.TAKEN for one in actions):
        hidden |= {"result", "measure"}
    show_table(table, [one for one in columns if one.key not in hidden], key=key, name=name, empty=empty)


def _measure(action: BranchAction) -> str | None:
    return None if action.measure_met is None else ("met" if action.measure_met else "missed")


def show_closing(actions: Sequence[BranchAction]) -> None:
    """Draw the form that marks an open action done with its outcome, or dismisses it with a reason."""
    notice = take_notice(FORM)
    if notice:
        st.success(notice)
    titles = action_titles()
    by_id = {one.suggestion_id: one for one in actions}
    picked = st.selectbox(
        t("Close an action"),
        list(by_id),
        index=None,
        key="coaching_action",
        format_func=lambda one: (
            f"{by_id[one].branch_name} · {titles.get(by_id[one].action_key, by_id[one].action_key)}"
        ),
        placeholder=t("Branch and action"),
    )
    if picked is None:
        return
    action, form = by_id[picked], f"{FORM}_{picked}"
    with st.form(f"coaching_close_{picked}"):
        is_done = st.segmented_control(
            t("What became of it"),
            ["done", "dismissed"],
            default="done",
            required=True,
            key=f"coaching_how_{picked}",
            format_func=lambda one: label(language(), SuggestionState(one)),
        )
        words = st.text_area(
            t("Outcome, or the reason to dismiss it"), key=f"coaching_words_{picked}", height=80, max_chars=500
        )
        measure = st.segmented_control(
            t("Was the measure reached?"),
            ["yes", "no", "early"],
            default="early",
            required=True,
            key=f"coaching_measure_{picked}",
            format_func={"yes": t("Reached"), "no": t("Not reached"), "early": t("Too early to say")}.__getitem__,
        )
        if not st.form_submit_button(t("Save"), type="primary", key=f"coaching_save_{picked}"):
            return
    key = submit_key(form)
    met = {"yes": True, "no": False}.get(measure or "early")
    if stored(
        form,
        (lambda: finish(current(), action, outcome=words or "", measure_met=met, key=key))
        if is_done == "done"
        else (lambda: drop(current(), action, reason=words or "", key=key)),
    ):
        leave_notice(FORM, t("Stored: {action}.", action=escaped(titles.get(action.action_key, action.action_key))))
        st.rerun()
