"""The numbers of actions and of their effect: dated rows with unit and source in `action_limits.csv`.

They have no part in computing a stage. A change is a new row with a later `valid_from`.
"""

import csv
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from pathlib import Path

from core.stages.limits import LimitRow

LIMITS_FILE = Path(__file__).with_name("action_limits.csv")


@dataclass(frozen=True)
class ActionLimits:
    """What holds on a day; fields are the keys of the rows, all whole numbers but two."""

    expires_after_days: int
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
    with LIMITS_FILE.open(encoding="utf-8", newline="") as file:
        return tuple(
            LimitRow(
                subject="action",
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
def action_limits_on(day: date) -> ActionLimits:
    """Return the limits in force on a day.

    Raises:
        LookupError: no row was in force yet.
    """
    rows = sorted((row for row in action_limits_table() if row.valid_from <= day), key=lambda row: row.valid_from)
    if not rows:
        raise LookupError(f"no limits of actions are in force on {day}")
    values = {row.key: row.value for row in rows}
    whole = {one.name: int(values[one.name]) for one in fields(ActionLimits) if one.type is int}
    return ActionLimits(
        **whole, effect_level_step=values["effect_level_step"], effect_coverage=values["effect_coverage"]
    )
