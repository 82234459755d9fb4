"""The logging coverage beside every chart of contacts: a low chart may mean that nothing was logged."""

import streamlit as st

from core.facts import UserRole
from core.today.coverage import Coverage
from pages.parts.session import current, t


def show_coverage(found: Coverage) -> None:
    """Say on how many working days anything was logged, as a share with its two figures."""
    if found.share is None:
        return
    figures = {"share": f"{found.share:.0%}", "logged": f"{found.logged:,}", "workdays": f"{found.workdays:,}"}
    if current().actor.role is UserRole.BRANCH_HEAD:
        words = t(
            "Logging coverage {share}: a contact here is on record on {logged} of {workdays} working days", **figures
        )
    else:
        words = t(
            "Logging coverage {share}: supervisors logged a contact on {logged} of {workdays} working days", **figures
        )
    st.caption(
        words,
        help=t(
            "Working days on which a supervisor has at least one contact on record, in all his working days before "
            "today. Where it is low, a missing contact may only not have been logged."
        ),
    )
