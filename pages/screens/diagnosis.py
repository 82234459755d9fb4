"""Gap diagnosis: why a KPI is below its target, what changes, and what came of it at the review."""

import streamlit as st

from pages.parts.diagnosis_form import ASKED, show_new
from pages.parts.diagnosis_list import CHOSEN, FORM, show_list
from pages.parts.diagnosis_page import show_diagnosis
from pages.parts.layout import no_branches, page_header
from pages.parts.notices import take_notice
from pages.parts.session import current, t
from pages.parts.store import diagnoses as store
from pages.parts.store.branches import data_reach

ask = current()
reach = data_reach(ask)
page_header(t("Gap diagnosis"), reach.last_policy_on)
if reach.last_week is None or not store.scopes(ask):
    no_branches()
    st.stop()
notice = take_notice(FORM)
if notice:
    st.success(notice)
diagnoses = store.diagnoses(ask)
show_list(diagnoses)
asked = st.query_params.get(CHOSEN, "")
found = store.find_diagnosis(ask, int(asked)) if asked.isascii() and asked.isdigit() and len(asked) < 10 else None
if asked and found is None:
    st.warning(t("There is no such diagnosis among yours. Choose one of the list."))
if found is not None:
    if st.button(t("Back to the list"), icon=":material/arrow_back:", key="diagnosis_back"):
        st.query_params.pop(CHOSEN)
        st.rerun()
    show_diagnosis(found)
else:
    is_asked = any(name in st.query_params for name in ASKED)
    is_idle = not any(one.is_open for one in diagnoses)
    if st.toggle(t("Diagnose a gap"), is_asked or is_idle, key="diagnosis_new"):
        show_new(reach.last_week)
