"""The numbers of the week plan and of the diagnosis of a gap: dated rows with unit and source in `rules.csv`.

A change is a new row.
"""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from core.limit_rows import LimitRow, limits_in_force, read_limits

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
    carry_weeks: int
    cause_due_days: int
    write_days_back: int
    text_most_characters: int
    diagnosis_due_days: int
    diagnosis_review_days: int
    diagnosis_review_most_days: int
    diagnosis_overdue_days: int
    diagnosis_branches_max: int


@cache
def plan_rules_table() -> tuple[LimitRow, ...]:
    """Return all rows in the order of the file, as the screen "how it decides" prints them."""
    return read_limits(RULES_FILE, subject="planning")


@cache
def plan_rules_on(day: date) -> PlanRules:
    """Return the rules in force on a day.

    Raises:
        LookupError: no row was in force yet.
    """
    values = limits_in_force(plan_rules_table(), day=day, of="rules of the week plan")
    return PlanRules(**{key: int(value) for key, value in values.items()})
