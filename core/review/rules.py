"""The numbers of a review in the room; the rows are `meeting_rules.toml`."""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from core.review.figures import Topic

RULES_FILE = Path(__file__).with_name("meeting_rules.toml")


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
    valid_from: date
    source: str


@cache
def meeting_rules() -> MeetingRules:
    """Return the rules as they run."""
    rows = tomllib.loads(RULES_FILE.read_text(encoding="utf-8"))
    lines = {Topic(topic): most for topic, most in rows.pop("lines").items()}
    return MeetingRules(lines=lines, **rows)
