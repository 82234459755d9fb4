"""The numbers of a review in the room: rows with day, unit and source in `meeting_rules.csv`; a change is a new one."""

from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from pathlib import Path

from core.limit_rows import LimitRow, limits_in_force, read_limits
from core.review.figures import Topic

RULES_FILE = Path(__file__).with_name("meeting_rules.csv")
LINES = "lines."


@dataclass(frozen=True)
class MeetingRules:
    """How long words may be (characters), how far ahead a decision may be due, what a page holds.

    `lines` are the lines of a topic on one page of the projector; a topic that is not named has one page.
    """

    most_words: int
    most_measure: int
    most_outcome: int
    most_attendees: int
    usual_due_days: int
    due_most_days: int
    weeks_offered: int
    lines: dict[Topic, int]


@cache
def meeting_rules_table() -> tuple[LimitRow, ...]:
    """Return all rows in the order of the file, as the screen "how it decides" prints them."""
    return read_limits(RULES_FILE, subject="meeting")


@cache
def meeting_rules_on(day: date) -> MeetingRules:
    """Return the rules in force on a day.

    Raises:
        LookupError: no row was in force yet.
    """
    values = limits_in_force(meeting_rules_table(), day=day, of="rules of the weekly review")
    lines = {Topic(key.removeprefix(LINES)): int(most) for key, most in values.items() if key.startswith(LINES)}
    numbers = {one.name: int(values[one.name]) for one in fields(MeetingRules) if one.type is int}
    return MeetingRules(lines=lines, **numbers)
