"""Coaching: the open actions of all branches, what became of them and whether it worked, and the playbook by stage."""

import streamlit as st

from core.facts import SuggestionState, UserRole
from pages.parts.action_forms import show_decisions
from pages.parts.action_table import driver_counts, show_actions
from pages.parts.effect_view import show_dismissed, show_what_worked
from pages.parts.layout import page_header, section
from pages.parts.playbook_view import show_playbook
from pages.parts.session import current, language, t
from pages.parts.store.branches import data_reach
from pages.parts.store.coaching import dismissal_counts, lately_closed, open_actions, open_actions_told

ask = current()
is_head = ask.actor.role is UserRole.BRANCH_HEAD
page_header(t("Coaching"), data_reach(ask).last_policy_on)
actions, closed, told = open_actions(ask), lately_closed(ask), open_actions_told(ask, language())
overdue = sum(one.is_overdue(ask.today) for one in actions)
expired = sum(one.state is SuggestionState.EXPIRED for one in closed)
with section(t("Open actions")):
    counts = [
        t("{count} open, {overdue} overdue; those come first", count=len(actions), overdue=overdue)
        if overdue
        else t("{count} open, none overdue", count=len(actions))
    ]
    if expired:
        counts.append(t("{count} expired in the last four weeks, listed with the closed ones", count=expired))
    st.caption(" · ".join([*counts, *([driver_counts(told)] if actions else [])]))
    show_actions(
        actions,
        key="coaching_open",
        name=t("Open actions"),
        empty=t("No action is open.")
        if is_head
        else t("No action is open. Take one on from the suggestions of a branch."),
        table=told,
    )
    if not is_head:
        show_decisions(actions)
    if closed and st.toggle(
        t("Closed in the last four weeks ({count})", count=len(closed)), key="coaching_show_closed"
    ):
        show_actions(closed, key="coaching_closed", name=t("Closed actions"))
    dismissed = dismissal_counts(ask)
    if dismissed and st.toggle(
        t("Dismissed so far ({count})", count=sum(one.times for one in dismissed)), key="coaching_show_dismissed"
    ):
        show_dismissed(dismissed)
with section(t("What worked")):
    if st.toggle(t("Hold actions against matched branches"), key="coaching_show_effect"):
        show_what_worked()
with section(t("Playbook")):
    show_playbook()
