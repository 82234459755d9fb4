"""The numbers of actions and of their effect: dated rows with unit and source in `action_limits.csv`.

They have no part in computing a stage. A change is a new row with a later `valid_from`.
"""

from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from pathlib import Path

from core.limit_rows import LimitRow, limits_in_force, read_limits

LIMITS_FILE = Path(__file__).with_name("action_limits.csv")


@dataclass(frozen=True)
class ActionLimits:
    """What holds on a day; fields are the keys of the rows, all whole numbers but two."""

    expires_after_days: int
    due_most_days: int
    effect_weeks: int
    effect_judged_weeks: int
    effect_earlier_weeks: int
    effect_cases_min: int
    effect_matched_min: int
    effect_level_step: float
    effect_coverage: float
    effect_branches_max: int
    dismissed_texts_max: int


@cache
def action_limits_table() -> tuple[LimitRow, ...]:
    """Return all rows in the order of the file."""
    return read_limits(LIMITS_FILE, subject="action")


@cache
def action_limits_on(day: date) -> ActionLimits:
    """Return the limits in force on a day.

    Raises:
        LookupError: no row was in force yet.
    """
    values = limits_in_force(action_limits_table(), day=day, of="limits of actions")
    whole = {one.name: int(values[one.name]) for one in fields(ActionLimits) if one.type is int}
    return ActionLimits(
        **whole, effect_level_step=values["effect_level_step"], effect_coverage=values["effect_coverage"]
    )
