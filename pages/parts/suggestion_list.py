"""Suggestions of one branch, each with its reason: taken on with owner and due date, or dismissed with a reason."""

from datetime import timedelta

import streamlit as st

from core.coaching.playbook import Action
from core.coaching.suggestion import Suggestion
from core.coaching.words import compliance_word, day_word, method_word, party_words, reason_sentence
from core.facts import Branch, SuggestionState, UserRole
from pages.parts.action_table import show_actions
from pages.parts.layout import empty_state, escaped
from pages.parts.notices import leave_notice, stored, take_notice
from pages.parts.session import current, language, submit_key, t
from pages.parts.store.coaching import branch_actions, dismiss, owners, suggestions, take_on

FORM = "branch_suggestion"
USUAL_DAYS = 14
"""Due date offered first, two weeks ahead."""


def show_suggestions(branch: Branch) -> None:
    """List what fits the branch now; field roles can decide."""
    notice = take_notice(FORM)
    if notice:
        st.success(notice)
    found = suggestions(current(), branch.branch_id)
    if not found:
        empty_state(t("Nothing new this week: what fits was decided already, or the stage is not known yet."))
    for suggestion in found:
        with st.container(border=True):
            _show(branch, suggestion)


def _show(branch: Branch, suggestion: Suggestion) -> None:
    action = suggestion.action
    st.markdown(
        f"**{escaped(action.title(language()))}**  \n"
        f"{escaped(reason_sentence(language(), suggestion.reason_key, suggestion.facts))}  \n"
        f":small[:gray[{escaped(action_line(action))}]]"
    )
    if not st.toggle(t("Show and decide"), key=f"branch_open_{action.key}"):
        return
    show_card(action)
    if current().actor.role is UserRole.BRANCH_HEAD:
        return
    form = f"{FORM}_{branch.branch_code}_{action.key}"
    takes = t("Take on")
    with st.form(f"branch_take_{action.key}", border=False):
        names = {one.username: one.display_name for one in owners(current(), branch.branch_id)}
        with st.container(horizontal=True, vertical_alignment="bottom"):
            owner = st.selectbox(
                t("Owner"), list(names), key=f"branch_owner_{action.key}", format_func=lambda one: names[one], width=220
            )
            due_on = st.date_input(
                t("Due date"),
                current().today + timedelta(days=USUAL_DAYS),
                min_value=current().today,
                key=f"branch_due_{action.key}",
                format="YYYY-MM-DD",
                width=160,
            )
            taken = st.form_submit_button(takes, type="primary", key=f"branch_take_on_{action.key}")
    with (
        st.form(f"branch_dismiss_{action.key}", border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        reason = st.text_input(t("Reason to dismiss"), key=f"branch_reason_{action.key}", width=400)
        dismissed = st.form_submit_button(t("Dismiss"), key=f"branch_put_aside_{action.key}")
    title = escaped(action.title(language()))
    if taken and stored(
        form,
        lambda: take_on(
            current(), branch.branch_id, suggestion, owner=owner or "", due_on=due_on, key=submit_key(form)
        ),
    ):
        leave_notice(FORM, t("Taken on: {action}, due {day}.", action=title, day=day_word(language(), due_on)))
        st.rerun()
    if dismissed and stored(
        form, lambda: dismiss(current(), branch.branch_id, suggestion, reason=reason or "", key=submit_key(form))
    ):
        leave_notice(FORM, t("Dismissed: {action}.", action=title))
        st.rerun()


def action_line(action: Action) -> str:
    """Return who meets whom, how and how long, on one line."""
    who, whom = party_words(language(), action.who), party_words(language(), action.with_whom)
    parts = [
        f"{who} → {whom}" if action.with_whom else who,
        method_word(language(), action.method),
        t("{minutes} min", minutes=action.minutes),
        action.rhythm(language()),
    ]
    return " · ".join(parts)


def show_card(action: Action) -> None:
    """Show the steps of an action, its materials, its measure and what the rules ask."""
    st.markdown(
        "\n".join(f"{number}. {escaped(step)}" for number, step in enumerate(action.steps(language()), start=1))
    )
    rows = [
        (t("Supported by"), party_words(language(), action.supported_by) if action.supported_by else ""),
        (t("Materials"), action.materials(language())),
        (t("Success"), action.measure(language())),
        (t("Rules"), compliance_word(language(), action.compliance)),
        (t("Source"), action.source(language())),
    ]
    st.markdown("  \n".join(f"**{head}** {escaped(words)}" for head, words in rows if words))
    if action.changed_from:
        st.caption(
            t("Changed by an administrator, in force since {day}", day=day_word(language(), action.changed_from))
        )


def show_branch_actions(branch: Branch) -> None:
    """List what was decided here: open actions with owner and due date, then the latest closed ones."""
    decided = branch_actions(current(), branch.branch_id)
    if decided:
        show_actions(decided[:20], key="branch_actions", name=t("Actions of this branch"), with_branch=False)
    if any(one.state is SuggestionState.TAKEN for one in decided):
        st.page_link("screens/coaching.py", label=t("Close open actions"), icon=":material/task_alt:")
