"""The numbers of confirming and overriding stages: dated rows with unit and source in `review_limits.csv`.

They have no part in computing a stage. A change is a new row with a later `valid_from`.
"""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from core.limit_rows import LimitRow, limits_in_force, read_limits

LIMITS_FILE = Path(__file__).with_name("review_limits.csv")


@dataclass(frozen=True)
class ReviewLimits:
    """What holds on a day; fields are the keys of the rows, weeks are whole numbers."""

    override_most_weeks: int
    override_usual_weeks: int
    override_soon_weeks: int
    override_lately_weeks: int
    proposal_new_weeks: int
    reason_most_characters: int


@cache
def review_limits_table() -> tuple[LimitRow, ...]:
    """Return all rows in the order of the file, as the screen "how it decides" prints them."""
    return read_limits(LIMITS_FILE, subject="review")


@cache
def review_limits_on(day: date) -> ReviewLimits:
    """Return the limits in force on a day.

    Raises:
        LookupError: no row was in force yet.
    """
    values = limits_in_force(review_limits_table(), day=day, of="limits of the stage review")
    return ReviewLimits(**{key: int(value) for key, value in values.items()})
