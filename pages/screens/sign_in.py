"""Sign in; an empty store says how to make the first account, the sample names its demo accounts."""

import streamlit as st

from pages.parts.frame import run_page_script, show_language_choice, show_sample_mark
from pages.parts.session import t
from pages.parts.sign_in import show_demo_accounts, show_sign_in_form
from pages.parts.store.accounts import front_door

door = front_door()
show_language_choice(None)
st.title(t("Branch Coach"), anchor=False)
show_sample_mark(is_sample=door.is_sample)
form, beside = st.columns([3, 2], gap="medium")
with form:
    if not door.has_users:
        st.info(t("There is no account yet. Whoever runs this server makes the first one with:"))
        st.code("python manage.py user add NAME --role admin", language=None)
    signed_in = show_sign_in_form()
    if signed_in:
        st.rerun()
    if signed_in is False:
        st.error(
            t("The name or the password is wrong, or there were too many attempts. After 15 minutes you can try again.")
        )
if door.is_sample:
    with beside:
        show_demo_accounts()
run_page_script()
