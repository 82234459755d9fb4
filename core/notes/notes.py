"""A coaching note: what a session was for, how things stand, what could be done, what was promised."""

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path

from core.coaching.problems import Problem, ProblemKey, text_problems
from core.facts import StaffRole

RULES_FILE = Path(__file__).with_name("rules.toml")
FIELDS = ("goal", "reality", "options", "will")


class Kept(StrEnum):
    """What became of a commitment."""

    KEPT = "kept"
    PARTLY = "partly"
    BROKEN = "broken"


@dataclass(frozen=True)
class NoteRules:
    """What a note takes; days are calendar days."""

    most_characters: int
    oldest_days: int
    usual_due_days: int
    handover_days: int
    source_en: str
    source_zh: str
    valid_from: date


@cache
def note_rules() -> NoteRules:
    """Return the rules as shipped."""
    with RULES_FILE.open("rb") as file:
        return NoteRules(**tomllib.load(file))


@dataclass(frozen=True)
class NoteEntry:
    """What was filled in; `will` is the commitment and `due_on` the day it is asked about at the latest."""

    session_on: date
    role: StaffRole
    goal: str
    reality: str
    options: str
    will: str
    due_on: date
    is_shared: bool = False


@dataclass(frozen=True)
class CoachingNote:
    """A stored note. `acknowledged_on` None = not yet, or not shared; `kept` None = the commitment is open.

    `author` is a display name, `author_id` None where the command line wrote it.
    """

    note_id: int
    branch_id: int
    branch_code: str
    branch_name: str
    entry: NoteEntry
    author: str | None
    author_id: int | None
    acknowledged_on: date | None
    kept: Kept | None
    kept_on: date | None
    outcome: str | None
    version: int

    def days_open(self, today: date) -> int | None:
        """Return for how many days the commitment has been open, None once it is settled."""
        return None if self.kept else (today - self.entry.session_on).days

    def is_overdue(self, today: date) -> bool:
        """Tell whether an open commitment is past its day; the day itself is in time."""
        return self.kept is None and self.entry.due_on < today


def note_problems(entry: NoteEntry, *, today: date) -> tuple[Problem, ...]:
    """Return all that is wrong with a note, in the order of the form."""
    rules = note_rules()
    problems = []
    if entry.session_on > today:
        problems.append(Problem(ProblemKey.IN_FUTURE, "session_on", {"day": entry.session_on, "today": today}))
    oldest = today - timedelta(days=rules.oldest_days)
    if entry.session_on < oldest:
        problems.append(Problem(ProblemKey.NOTE_TOO_OLD, "session_on", {"day": entry.session_on, "oldest": oldest}))
    for name in FIELDS:
        needed = name in ("goal", "will")
        problems.extend(text_problems(name, getattr(entry, name), most=rules.most_characters, needed=needed))
    if entry.due_on < entry.session_on:
        problems.append(Problem(ProblemKey.DUE_IN_PAST, "due_on", {"day": entry.due_on, "today": entry.session_on}))
    return tuple(problems)
