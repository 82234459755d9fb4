"""The policies or contacts of one branch that a figure is counted from."""

from dataclasses import replace

import streamlit as st

from core.coaching.contacts import topic_word
from core.facts import ContactMethod, PaymentMode, PolicyStatus, StaffRole
from core.language.labels import label
from core.review.figures import KpiCard
from pages.parts.figures_choice import FiguresChoice
from pages.parts.layout import escaped, section
from pages.parts.session import language, t
from pages.parts.store import figures as store
from pages.parts.tables import Column, show_table

OF_CONTACTS = frozenset({"contact_attainment"})
"""KPIs counted from contacts; all others are counted from policies."""


def show_rows_behind(choice: FiguresChoice, card: KpiCard, *, branch_code: str) -> None:
    """List what a figure of one branch is counted from, and offer the page about the branch."""
    sight = replace(choice.sight, branch_code=branch_code)
    is_of_contacts = card.kpi in OF_CONTACTS
    name = t("Contacts behind it") if is_of_contacts else t("Policies behind it")
    with section(f"{name} · {escaped(branch_code)}"):
        if is_of_contacts:
            _show_contacts(choice, sight, name)
        else:
            _show_policies(choice, sight, name)
        st.page_link(
            "screens/branch.py",
            label=t("Branch page"),
            icon=":material/store:",
            query_params={"branch": branch_code},
        )


def _show_policies(choice: FiguresChoice, sight: store.Sight, name: str) -> None:
    show_table(
        store.policies_behind(choice.ask, sight, choice.kind, choice.week_start),
        [
            Column("issued_on", t("Accepted on"), "day", pinned=True),
            Column("product", t("Product")),
            Column("payment_mode", t("Payment mode"), words={one.value: label(language(), one) for one in PaymentMode}),
            Column("premium", t("Premium (yuan)"), "money"),
            Column("status", t("Status"), words={one.value: label(language(), one) for one in PolicyStatus}),
            Column("cancelled_on", t("Cancelled on"), "day"),
            Column("staff_code", t("Staff code")),
        ],
        key="figures_policies",
        name=name,
        empty=t("No policy was accepted or cancelled in these days."),
    )


def _show_contacts(choice: FiguresChoice, sight: store.Sight, name: str) -> None:
    table = store.contacts_behind(choice.ask, sight, choice.kind, choice.week_start)
    topics = {topic: topic_word(language(), topic) for topic in table["topic"].unique().to_pylist() if topic}
    show_table(
        table,
        [
            Column("contact_on", t("Day"), "day", pinned=True),
            Column("role", t("Role"), words={one.value: label(language(), one) for one in StaffRole}),
            Column("method", t("How"), words={one.value: label(language(), one) for one in ContactMethod}),
            Column("staff_code", t("Staff code"), help=t("Empty: the role as a group")),
            Column("minutes", t("Minutes"), "integer"),
            Column("topic", t("Topic"), words=topics),
        ],
        key="figures_contacts",
        name=name,
        empty=t("No contact was made in these days."),
    )
