"""My account: who I am here, and my password."""

import streamlit as st

from core.accounts import AccountError, fault_words
from core.language.labels import label
from core.passwords import MOST_CHARACTERS, password_fault, password_fault_words
from pages.parts.layout import page_header, section
from pages.parts.session import current, language, t
from pages.parts.sign_in import client_address
from pages.parts.store import accounts
from pages.parts.store.branch import branch_names
from pages.parts.store.branches import data_reach

ask = current()
actor = ask.actor
page_header(t("My account"), data_reach(ask).last_policy_on)
if actor.must_change_password:
    st.warning(t("This password was made for you once. Choose one of your own before you go on."))

with section(t("Who I am here")):
    known = [
        (t("User name"), actor.username),
        (t("Name"), actor.display_name),
        (t("Access role"), label(language(), actor.role)),
    ]
    if not actor.must_change_password:
        names = list(branch_names(ask).values())
        known.append((t("Branches I see"), names[0] if len(names) == 1 else f"{len(names):,}"))
    lines = [t("{name}: {value}", name=name, value=value) for name, value in known]
    st.text("\n".join(lines))

with (
    section(t("Change the password")),
    st.form("account_password", border=True, clear_on_submit=True, enter_to_submit=False),
):
    present = st.text_input(t("Present password"), type="password", key="account_present", max_chars=256)
    new = st.text_input(
        t("New password"),
        type="password",
        key="account_new",
        max_chars=256,
        help=t("8 to {count} characters, or up to 24 Chinese ones. Length makes it strong.", count=MOST_CHARACTERS),
    )
    again = st.text_input(t("New password once more"), type="password", key="account_again", max_chars=256)
    if st.form_submit_button(t("Change the password"), type="primary", key="account_change"):
        fault = password_fault(new, username=actor.username)
        if fault:
            st.error(password_fault_words(language(), fault))
        elif new != again:
            st.error(t("The two new passwords differ"))
        else:
            try:
                accounts.change_own_password(ask, present=present, new=new, address=client_address())
            except AccountError as error:
                st.error(fault_words(language(), error.fault))
            else:
                if actor.must_change_password:
                    st.rerun()
                st.success(t("The password is changed. Every other session of yours has ended."))
