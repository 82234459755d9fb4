"""The numbers of the week plan: dated rows with unit and source in `rules.csv`. A change is a new row."""

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from core.stages.limits import LimitRow

RULES_FILE = Path(__file__).with_name("rules.csv")


@dataclass(frozen=True)
class PlanRules:
    """What holds on a day; fields are the keys of the rows, all whole numbers."""

    lock_weekday: int
    lock_hour: int
    feedback_hour: int
    scored_workdays_min: int
    completion_target: int
    gap_most_months: int
    write_days_back: int
    text_most_characters: int


@cache
def plan_rules_table() -> tuple[LimitRow, ...]:
    """Return all rows in the order of the file, as the screen "how it decides" prints them."""
    with RULES_FILE.open(encoding="utf-8", newline="") as file:
        return tuple(
            LimitRow(
                subject="planning",
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
def plan_rules_on(day: date) -> PlanRules:
    """Return the rules in force on a day.

    Raises:
        LookupError: no row was in force yet.
    """
    rows = sorted((row for row in plan_rules_table() if row.valid_from <= day), key=lambda row: row.valid_from)
    if not rows:
        raise LookupError(f"no rules of the week plan are in force on {day}")
    return PlanRules(**{row.key: int(row.value) for row in rows})
