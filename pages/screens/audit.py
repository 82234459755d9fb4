"""Changes: who changed what and when, from which value to which; by subject, person, period and branch."""

from dataclasses import replace

import streamlit as st

from pages.parts.audit_lists import OLDER, show_choice, show_page, shown_page
from pages.parts.layout import page_header
from pages.parts.session import current, t
from pages.parts.store.branches import data_reach

page_header(
    t("Changes"),
    data_reach(current()).last_policy_on,
    note=t("Nothing here can be changed or removed"),
)
choice = show_choice()
show_page(shown_page(replace(choice, before_id=st.session_state.get(OLDER))))
if choice.subject is None:
    st.caption(t("Sign-ins, exports and reasons seen again are listed once their subject is chosen."))
