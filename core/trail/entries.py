"""Changes as they are listed: an entry of the audit trail, what is asked for, and the lines a page shows.

A line is one field of a change: who, when, what, from what to what. A page ends with the change that fills it, so
that no change is cut in two.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from core.language import Language
from core.trail.words import changed_fields

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


@dataclass(frozen=True)
class TrailLine:
    """One field of a change in words; a change that tells no field has one line without."""

    entry: TrailEntry
    field: str = ""
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class TrailPage:
    """The lines of a page, newest first; `older_than` is the last entry shown where more follow."""

    lines: tuple[TrailLine, ...]
    older_than: int | None


def usual_period(today: date) -> tuple[date, date]:
    """Return the first and the last day that are shown at first."""
    return today - timedelta(days=USUAL_DAYS - 1), today


def trail_page(
    language: Language,
    entries: Sequence[TrailEntry],
    *,
    titles: Mapping[str, str] | None = None,
    are_more: bool = False,
    most: int = MOST_LINES,
) -> TrailPage:
    """Return as many changes as fit a page, field by field.

    Args:
        language: of the reader.
        entries: newest first.
        titles: the names of the playbook's actions by key.
        are_more: whether the store holds older ones than these.
        most: lines of the page.
    """
    lines: list[TrailLine] = []
    for place, entry in enumerate(entries):
        told = changed_fields(language, entry.subject, entry.before, entry.after, titles=titles)
        found = [TrailLine(entry, one.title, one.before, one.after) for one in told] or [TrailLine(entry)]
        if lines and len(lines) + len(found) > most:
            return TrailPage(tuple(lines), entries[place - 1].entry_id)
        lines += found
    return TrailPage(tuple(lines), entries[-1].entry_id if entries and are_more else None)
