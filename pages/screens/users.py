"""Users: make accounts, change what they may see, disable them, give one-time passwords."""

import pyarrow as pa
import streamlit as st

from core.facts import UserRole
from core.language.labels import label
from pages.parts.account_forms import show_changes, show_new_account
from pages.parts.layout import page_header, section
from pages.parts.session import current, language, t
from pages.parts.store.accounts import accounts_of
from pages.parts.store.branches import data_reach
from pages.parts.tables import Column, show_table

ask = current()
accounts = accounts_of(ask)
yes_no = {str(True): t("Yes"), str(False): t("No")}
page_header(t("Users"), data_reach(ask).last_policy_on)
show_table(
    pa.table(
        {
            "username": [account.username for account in accounts],
            "display_name": [account.display_name for account in accounts],
            "role": [account.role.value for account in accounts],
            "bound": [account.region_path or account.branch_code for account in accounts],
            "is_active": [str(account.is_active) for account in accounts],
            "must_change": [str(account.must_change_password) for account in accounts],
            "last_seen_at": pa.array([account.last_seen_at for account in accounts], pa.timestamp("s", "UTC")),
        }
    ),
    [
        Column("username", t("User name"), pinned=True),
        Column("display_name", t("Name")),
        Column("role", t("Access role"), words={role.value: label(language(), role) for role in UserRole}),
        Column("bound", t("Region or branch")),
        Column("is_active", t("May sign in"), words=yes_no),
        Column("must_change", t("Must change the password"), words=yes_no),
        Column("last_seen_at", t("Last seen"), kind="moment"),
    ],
    key="users_accounts",
    name=t("Users"),
)

new, change = st.columns(2, gap="large")
with new, section(t("New account")):
    show_new_account(ask)
with change, section(t("Change an account")):
    show_changes(ask, accounts)
