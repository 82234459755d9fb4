"""The forms of the Users screen. Passwords made here are shown once and work once."""

from dataclasses import replace
from typing import Any

import streamlit as st

from core.accounts import Account, AccountError, fault_words
from core.facts import UserRole
from core.language.labels import label
from pages.parts.conflict import store_edit
from pages.parts.session import language, renew_submit_key, submit_key, t
from pages.parts.shown import drawing, first_shown, forget_shown
from pages.parts.store import accounts
from pages.parts.store.base import Ask

NEW_FORM = "users_new"
CHANGE_FORM = "users_change"
CHOSEN = "users_chosen"


def show_new_account(ask: Ask) -> None:
    """Draw the form that makes an account."""
    with st.form(NEW_FORM, border=True, enter_to_submit=False):
        username = st.text_input(
            t("User name"),
            key="users_new_username",
            max_chars=64,
            help=t("A supervisor sees the branches that carry this name in their column “supervisor”"),
        )
        display_name = st.text_input(t("Name"), key="users_new_display_name", max_chars=64)
        role, region_path, branch_code = _role_and_bound("users_new", None)
        if not st.form_submit_button(t("Make the account"), type="primary", key="users_new_submit"):
            return
        try:
            password = accounts.create_account(
                ask,
                username=username,
                display_name=display_name,
                role=role,
                region_path=region_path,
                branch_code=branch_code,
                key=submit_key(NEW_FORM),
            )
        except AccountError as error:
            st.error(fault_words(language(), error.fault))
            return
    renew_submit_key(NEW_FORM)
    if password is None:
        st.info(t("This account was made already"))
        return
    _show_password(username, password)
    if not accounts.bound_is_known(ask, region_path=region_path, branch_code=branch_code):
        st.warning(t("That region or branch is not in the store yet: the account sees nothing until it is imported"))


def show_changes(ask: Ask, shown: list[Account]) -> None:
    """Draw what can be done with one account; everything is held against the version shown here."""
    by_id = {account.user_id: account for account in shown if account.user_id != ask.actor.user_id}
    user_id = st.selectbox(
        t("Account"),
        list(by_id),
        format_func=lambda key: f"{by_id[key].display_name} · {by_id[key].username}",
        index=None,
        placeholder=t("Choose an account"),
        key="users_account",
    )
    before = st.session_state.get(CHOSEN)
    if before is not None and before != user_id:
        forget_shown(_changing(before))
    st.session_state[CHOSEN] = user_id
    if user_id is None:
        return
    account = first_shown(_changing(user_id), by_id[user_id])
    wish: _Wish | None = None
    with st.form(f"users_role_{user_id}", border=True, enter_to_submit=False):
        drawn = f"{account.version}{drawing(_changing(user_id))}"
        role, region_path, branch_code = _role_and_bound(f"users_role_{user_id}_{drawn}", account)
        if st.form_submit_button(t("Change the role"), key="users_role_submit"):
            wish = {"role": role, "region_path": region_path, "branch_code": branch_code}
    with st.container(horizontal=True):
        word = t("Disable") if account.is_active else t("Enable")
        if st.button(word, key="users_activity", icon=":material/block:" if account.is_active else ":material/check:"):
            wish = {"is_active": not account.is_active}
        if st.button(t("New one-time password"), key="users_reset", icon=":material/key:"):
            wish = {"must_change_password": True}
        if st.button(t("Allow signing in again now"), key="users_unlock", icon=":material/lock_open:"):
            accounts.unlock(ask, account)
            st.success(t("Failed sign-ins of this account are forgotten"))
    _change(ask, account, wish)


_Wish = dict[str, Any]
"""What is to change, under the names the audit trail has: role and bounds, activity, or a new password."""


def _changing(user_id: int) -> str:
    return f"{CHANGE_FORM}_{user_id}"


def _change(ask: Ask, account: Account, wish: _Wish | None) -> None:
    """Store what was asked for; the form shows the account as it stands afterwards, and a new password once."""

    def change(asked: _Wish, version: int) -> str:
        held = replace(account, version=version)
        if "must_change_password" in asked:
            return accounts.reset_password(ask, held)
        if "is_active" in asked:
            accounts.set_active(ask, held, **asked)
        else:
            accounts.change_role(ask, held, **asked)
        return ""

    shown = {name: getattr(account, name) for name in ("role", "region_path", "branch_code", "is_active")}
    try:
        password = store_edit(
            _changing(account.user_id), wish, change, version=account.version, told=lambda asked: asked, shown=shown
        )
    except AccountError as error:
        st.error(fault_words(language(), error.fault))
        return
    if password is None:
        return
    if not password:
        st.rerun()
    _show_password(account.username, password)


def _role_and_bound(key: str, account: Account | None) -> tuple[UserRole, str | None, str | None]:
    """Draw role and bounds; those that do not belong to the role are left aside when stored."""
    roles = list(UserRole)
    role = st.selectbox(
        t("Access role"),
        roles,
        format_func=lambda one: label(language(), one),
        index=roles.index(account.role if account else UserRole.SUPERVISOR),
        key=f"{key}_role",
    )
    region_path = st.text_input(
        t("Region of a manager"),
        value=(account and account.region_path) or "",
        placeholder=t("Province unit/City unit"),
        key=f"{key}_region",
        max_chars=200,
    )
    branch_code = st.text_input(
        t("Branch code of a branch head"),
        value=(account and account.branch_code) or "",
        key=f"{key}_branch",
        max_chars=64,
    )
    return role, region_path or None, branch_code or None


def _show_password(username: str, password: str) -> None:
    st.success(t("One-time password; it is shown only now and must be changed at the first sign-in:"))
    st.code(f"{username}\n{password}", language=None)
