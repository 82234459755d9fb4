"""The numbers of confirming and overriding stages: dated rows with unit and source in `review_limits.csv`.

They have no part in computing a stage. A change is a new row with a later `valid_from`.
"""

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from core.stages.limits import LimitRow

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
    with LIMITS_FILE.open(encoding="utf-8", newline="") as file:
        return tuple(
            LimitRow(
                subject="review",
                key=row["key"],
                value=float(row["value"]),
                unit=row["unit"],
                unit_zh=row["unit_zh"],
                valid_from=date.fromisoformat(row["valid_from"]),
                source=row["source"],
                source_zh=row["source_zh"],
                title_en=row["title_en"],
                title_zh=row["title_zh"],
            )
            for row in csv.DictReader(file)
        )


@cache
def review_limits_on(day: date) -> ReviewLimits:
    """Return the limits in force on a day.

    Raises:
        LookupError: no row was in force yet.
    """
    rows = sorted((row for row in review_limits_table() if row.valid_from <= day), key=lambda row: row.valid_from)
    if not rows:
        raise LookupError(f"no limits of the stage review are in force on {day}")
    return ReviewLimits(**{row.key: int(row.value) for row in rows})
