"""Accounts as the screens show them, and what a user name may look like."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.facts import UserRole
from core.language import Language, text

LONGEST_NAME = 64
_NAME = re.compile(r"[\w.@-]+")


@dataclass(frozen=True)
class Account:
    """An account. `region_path` bounds a manager, `branch_code` a branch head, the name itself a supervisor."""

    user_id: int
    username: str
    display_name: str
    role: UserRole
    region_path: str | None
    branch_code: str | None
    is_active: bool
    is_demo: bool
    must_change_password: bool
    created_at: datetime
    last_seen_at: datetime | None
    version: int


def username_of(words: str) -> str:
    """Return the user name as stored: one form of each letter, no blanks around, lower case.

    Raises:
        AccountError: empty, too long, or with signs other than letters, digits and . _ @ -
    """
    name = unicodedata.normalize("NFKC", words).strip().lower()
    if not name or len(name) > LONGEST_NAME or not _NAME.fullmatch(name):
        raise AccountError(AccountFault.NAME_SIGNS)
    return name


class AccountFault(StrEnum):
    """Why an account cannot be made or changed like this."""

    NAME_TAKEN = "name_taken"
    NAME_SIGNS = "name_signs"
    LAST_ADMIN = "last_admin"
    OWN_ROLE = "own_role"
    REGION_MISSING = "region_missing"
    BRANCH_MISSING = "branch_missing"
    DEMO_BESIDE_DATA = "demo_beside_data"
    DEMO_FIXED = "demo_fixed"
    WRONG_PASSWORD = "wrong_password"  # noqa: S105  # a fault, not a password
    SAME_PASSWORD = "same_password"  # noqa: S105  # as above


def fault_words(language: Language, fault: AccountFault) -> str:
    """Return what to tell whoever tried."""
    match fault:
        case AccountFault.NAME_TAKEN:
            return text(language, "There is an account of that name already")
        case AccountFault.NAME_SIGNS:
            return text(language, "A user name is 1 to 64 letters (Chinese ones too), digits and . _ @ -")
        case AccountFault.LAST_ADMIN:
            return text(language, "The last active administrator must stay one: make another administrator first")
        case AccountFault.OWN_ROLE:
            return text(language, "You cannot change your own role or disable yourself")
        case AccountFault.REGION_MISSING:
            return text(language, "A manager needs a region")
        case AccountFault.BRANCH_MISSING:
            return text(language, "A branch head needs a branch")
        case AccountFault.DEMO_BESIDE_DATA:
            return text(language, "Demo accounts live in the sample store only")
        case AccountFault.DEMO_FIXED:
            return text(language, "Demo accounts cannot be changed")
        case AccountFault.WRONG_PASSWORD:
            return text(language, "The present password is wrong")
        case AccountFault.SAME_PASSWORD:
            return text(language, "The new password is the present one")


class AccountError(ValueError):
    """The account cannot be made or changed like this; `fault` says why."""

    def __init__(self, fault: AccountFault) -> None:
        """Keep the reason; the message is the English one."""
        super().__init__(fault_words("en", fault))
        self.fault = fault
