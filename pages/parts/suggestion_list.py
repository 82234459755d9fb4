"""Suggestions of one branch, each with its reason and what it did elsewhere: taken on, or dismissed with a reason."""

from datetime import timedelta

import streamlit as st

from core.coaching.actions import latest_due_on
from core.coaching.dismissals import dismissal_word, dismissals
from core.coaching.playbook import Action
from core.coaching.reason_words import reason_sentence
from core.coaching.suggestion import Suggestion
from core.coaching.words import compliance_word, driver_word, method_word, party_words, step_word
from core.facts import Branch, SuggestionState, UserRole
from core.language.days import day_word
from pages.parts.action_table import action_titles, show_actions
from pages.parts.conflict import is_at_work, still_drawn, store_edit
from pages.parts.effect_view import claim_line, dismissed_line
from pages.parts.layout import empty_state, escaped, section
from pages.parts.navigation import page_of
from pages.parts.note_lists import show_promised
from pages.parts.notices import leave_notice, take_notice
from pages.parts.session import current, language, submit_key, t
from pages.parts.shown import last_shown
from pages.parts.store.coaching import (
    branch_actions,
    branch_actions_told,
    dismiss,
    last_decided,
    owners,
    suggestions,
    take_on,
)
from pages.parts.store.notes import commitments

FORM = "branch_suggestion"
MOST_CLOSED = 20
USUAL_DAYS = 14
"""Due date offered first, two weeks ahead."""


def show_suggestions(branch: Branch) -> None:
    """List what fits the branch now; field roles can decide."""
    notice = take_notice(FORM)
    if notice:
        st.success(notice)
    found = still_drawn(
        f"{FORM}_{branch.branch_code}",
        suggestions(current(), branch.branch_id),
        number=lambda one: one.action.key,
        waits=lambda one: any(is_at_work(*form) for form in _forms(branch, one)),
    )
    if not found:
        empty_state(t("Nothing new this week: what fits was decided already, or the stage is not known yet."))
    for suggestion in found:
        with st.container(border=True):
            _show(branch, suggestion)


def _show(branch: Branch, suggestion: Suggestion) -> None:
    action = suggestion.action
    lines = [
        f"**{escaped(action.title(language()))}**",
        escaped(reason_sentence(language(), suggestion.reason_key, suggestion.facts)),
        f":small[:gray[{escaped(action_line(action))}]]",
        *(f":small[{line}]" for line in [claim_line(branch.branch_id, action.key)] if line),
    ]
    st.markdown("  \n".join(lines))
    only_reads = current().actor.role is UserRole.BRANCH_HEAD
    opens = t("Show the steps") if only_reads else t("Show and decide")
    if not st.toggle(opens, key=f"branch_open_{action.key}"):
        return
    show_card(action)
    if only_reads:
        return
    dismissed = dismissed_line(branch.branch_id, action.key)
    if dismissed:
        st.caption(dismissed)
    if _taken_on(branch, suggestion) or _dismissed(branch, suggestion):
        st.rerun()


def _forms(branch: Branch, suggestion: Suggestion) -> tuple[tuple[str, str], tuple[str, str]]:
    """Return the two forms of a suggestion, each with its button: taken on, dismissed."""
    key = suggestion.action.key
    name = f"{FORM}_{branch.branch_code}_{key}"
    return (f"{name}_take", f"branch_take_on_{key}"), (f"{name}_dismiss", f"branch_put_aside_{key}")


def _taken_on(branch: Branch, suggestion: Suggestion) -> bool:
    action = suggestion.action
    form, button = _forms(branch, suggestion)[0]
    shown = last_shown(form, last_decided(current(), branch.branch_id, action.key))
    with st.form(f"branch_take_{action.key}", border=False, enter_to_submit=False):
        names = {one.username: one.display_name for one in owners(current(), branch.branch_id)}
        with st.container(horizontal=True, vertical_alignment="bottom"):
            owner = st.selectbox(
                t("Owner"), list(names), key=f"branch_owner_{action.key}", format_func=lambda one: names[one], width=220
            )
            due_on = st.date_input(
                t("Due date"),
                current().today + timedelta(days=USUAL_DAYS),
                min_value=current().today,
                max_value=latest_due_on(current().today),
                key=f"branch_due_{action.key}",
                format="YYYY-MM-DD",
                width=160,
            )
            is_sent = st.form_submit_button(t("Take on"), type="primary", key=button)
    taken = store_edit(
        form,
        (owner or "", due_on) if is_sent else None,
        lambda entry, version: take_on(
            current(),
            branch.branch_id,
            suggestion,
            owner=entry[0],
            due_on=entry[1],
            shown_version=version,
            key=submit_key(form),
        ),
        version=shown,
        told=lambda entry: {"state": SuggestionState.TAKEN, "owner": entry[0], "due_on": entry[1]},
        shown={"dismissal": None, "dismissed_reason": None},
    )
    if taken is None:
        return False
    title = escaped(action_titles().get(taken.action_key, taken.action_key))
    day = day_word(language(), taken.due_on) if taken.due_on else "–"
    if taken.is_new:
        leave_notice(FORM, t("Taken on: {action}, due {day}.", action=title, day=day))
    else:
        leave_notice(
            FORM,
            t(
                "Already being worked on: {action}, {owner}, due {day}. It was noted that its reason was seen again.",
                action=title,
                owner=escaped(taken.owner),
                day=day,
            ),
        )
    return True


def _dismissed(branch: Branch, suggestion: Suggestion) -> bool:
    action = suggestion.action
    form, button = _forms(branch, suggestion)[1]
    shown = last_shown(form, last_decided(current(), branch.branch_id, action.key))
    with (
        st.form(f"branch_dismiss_{action.key}", border=False, enter_to_submit=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        chosen = st.selectbox(
            t("Reason to dismiss"),
            [one.key for one in dismissals()],
            index=None,
            key=f"branch_dismissal_{action.key}",
            format_func=lambda one: dismissal_word(language(), one),
            placeholder=t("Choose a reason"),
            width=240,
        )
        reason = st.text_input(t("In your words"), key=f"branch_reason_{action.key}", width=320)
        is_sent = st.form_submit_button(t("Dismiss"), key=button)
    done = store_edit(
        form,
        (chosen or "", reason or "") if is_sent else None,
        lambda entry, version: dismiss(
            current(),
            branch.branch_id,
            suggestion,
            dismissal=entry[0],
            reason=entry[1],
            shown_version=version,
            key=submit_key(form),
        ),
        version=shown,
        told=lambda entry: {
            "state": SuggestionState.DISMISSED,
            "dismissal": entry[0] or None,
            "dismissed_reason": entry[1].strip() or None,
        },
        may_insist=lambda *_: False,
    )
    if done:
        leave_notice(FORM, t("Dismissed: {action}.", action=escaped(action.title(language()))))
    return bool(done)


def action_line(action: Action) -> str:
    """Return who meets whom, how and how long, driver and step, on one line."""
    who, whom = party_words(language(), action.who), party_words(language(), action.with_whom)
    parts = [
        f"{who} → {whom}" if action.with_whom else who,
        method_word(language(), action.method),
        t("{minutes} min", minutes=action.minutes),
        action.rhythm(language()),
        driver_word(language(), action.driver),
        step_word(language(), action.step),
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


def show_left(branch: Branch) -> None:
    """List under one heading what was done, or is left open, at a branch that is closed; nothing where nothing is."""
    if branch_actions(current(), branch.branch_id) or commitments(current(), branch.branch_id):
        with section(t("Actions")):
            show_branch_actions(branch)
            show_promised(branch)


def show_branch_actions(branch: Branch) -> None:
    """List the open actions with owner and due date, and the latest closed ones once they are asked for."""
    decided = branch_actions(current(), branch.branch_id)
    told = branch_actions_told(current(), branch.branch_id, language())
    still_open = [one for one in decided if one.state is SuggestionState.TAKEN]  # those come first
    closed = decided[len(still_open) :][:MOST_CLOSED]
    if still_open:
        show_actions(
            still_open,
            key="branch_actions",
            name=t("Open actions"),
            with_branch=False,
            table=told.slice(0, len(still_open)),
            downloads=False,  # the Coaching screen has the same with all branches
        )
        if current().actor.role is not UserRole.BRANCH_HEAD:
            st.page_link(page_of("coaching"), label=t("Close or change open actions"), icon=":material/task_alt:")
    if closed and st.toggle(t("Latest closed actions ({count})", count=len(closed)), key="branch_show_closed"):
        table = told.slice(len(still_open), len(closed))
        show_actions(closed, key="branch_closed", name=t("Closed actions"), with_branch=False, table=table)
