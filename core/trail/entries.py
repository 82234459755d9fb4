"""Changes as they are listed: an entry of the audit trail, its marks, and what is asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

MOST_LINES = 200
"""Lines of a page; only a single change may bring more."""
USUAL_DAYS = 7
QUIET_ACTIONS = ("sign_in", "sign_out", "see_again", "export")
"""What changes no record: listed only where its subject is asked for."""


class Mark(StrEnum):
    """What an entry of the trail is marked with."""

    LATE = "late"
    CORRECTED = "corrected"


@dataclass(frozen=True)
class TrailEntry:
    """One change; `who` is a name, None for the command line and for what the program does by itself."""

    entry_id: int
    at: datetime
    who: str | None
    action: str
    subject: str
    subject_id: str | None
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    branch_code: str | None = None
    branch_name: str | None = None

    @property
    def marks(self) -> tuple[Mark, ...]:
        """Tell whether a contact was logged late, and whether it was corrected afterwards."""
        if self.subject != "contact":
            return ()
        is_late = bool((self.after or {}).get("is_late"))
        found = [(is_late, Mark.LATE), (self.action == "correct", Mark.CORRECTED)]
        return tuple(mark for holds, mark in found if holds)


@dataclass(frozen=True)
class TrailChoice:
    """Which changes are asked for, both days included; None = whichever.

    `user_id` 0 is the command line. `before_id` asks for what is older than that entry.
    """

    first: date
    last: date
    subject: str | None = None
    user_id: int | None = None
    branch_code: str | None = None
    before_id: int | None = None


def usual_period(today: date) -> tuple[date, date]:
    """Return the first and the last day that are shown at first."""
    return today - timedelta(days=USUAL_DAYS - 1), today
