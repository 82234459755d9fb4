"""Coaching: the open actions of all branches, and the playbook by stage."""

import streamlit as st

from core.facts import UserRole
from pages.parts.action_table import show_actions, show_closing
from pages.parts.layout import page_header, section
from pages.parts.playbook_view import show_playbook
from pages.parts.session import current, t
from pages.parts.store.branches import data_reach
from pages.parts.store.coaching import lately_closed, open_actions

ask = current()
page_header(t("Coaching"), data_reach(ask).last_policy_on)
actions = open_actions(ask)
overdue = sum(one.is_overdue(ask.today) for one in actions)
with section(t("Open actions")):
    st.caption(
        t("{count} open, {overdue} overdue; those come first", count=len(actions), overdue=overdue)
        if overdue
        else t("{count} open, none overdue", count=len(actions))
    )
    show_actions(
        actions,
        key="coaching_open",
        name=t("Open actions"),
        empty=t("No action is open. Take one on from the suggestions of a branch."),
    )
    if ask.actor.role is not UserRole.BRANCH_HEAD:
        show_closing(actions)
    closed = lately_closed(ask)
    if closed and st.toggle(
        t("Closed in the last four weeks ({count})", count=len(closed)), key="coaching_show_closed"
    ):
        show_actions(closed, key="coaching_closed", name=t("Closed actions"))
with section(t("Playbook")):
    show_playbook()
