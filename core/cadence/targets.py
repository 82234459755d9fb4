"""How often whom: dated targets by role and, where given, by stage.

A row holds from `valid_from` until a later row of the same role and stage; the row in force on
the Monday of a week holds for the whole week. A row of the stage wins over a row of any stage, a
stored row over a shipped one, then the later one. A row without a minimum ends the target.
"""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from core.facts import StaffRole, Stage
from core.language import Language

CadenceUnit = Literal["day", "week"]
CadenceScope = Literal["role", "person"]
UNITS: tuple[CadenceUnit, ...] = get_args(CadenceUnit)
SCOPES: tuple[CadenceScope, ...] = get_args(CadenceScope)
TARGETS_FILE = Path(__file__).with_name("targets.csv")
PARTS = 10_000
"""Targets are counted in ten-thousandths, so that rounding up is exact."""
NO_LIMIT = -1
STAGE_CODES = {stage: number for number, stage in enumerate(Stage, start=1)}
"""Code of each stage in a grid; 0 = no stage known."""
MOST_CONTACTS = 100


@dataclass(frozen=True)
class CadenceTarget:
    """One dated row. `stage` None = any, `minimum` None = no target from then on, `scope` None = the setting."""

    role: StaffRole
    stage: Stage | None
    unit: CadenceUnit
    minimum: Decimal | None
    maximum: Decimal | None
    scope: CadenceScope | None
    valid_from: date
    source_en: str
    source_zh: str
    is_stored: bool = False
    version: int = 0

    def source(self, language: Language) -> str:
        """Return where the number comes from."""
        return self.source_zh if language == "zh" else self.source_en


@dataclass(frozen=True)
class TargetGrid:
    """Targets by role, stage code and week; `roles` are those with a target at any time.

    `minimum` and `maximum` in ten-thousandths of a contact, `NO_LIMIT` where there is none.
    """

    roles: tuple[StaffRole, ...]
    minimum: NDArray[np.int64]
    maximum: NDArray[np.int64]
    is_daily: NDArray[np.bool_]
    is_person: NDArray[np.bool_]

    @property
    def differs_by_stage(self) -> bool:
        """Tell whether any part of a target depends on the stage of the branch."""
        grids = (self.minimum, self.maximum, self.is_daily, self.is_person)
        return any(bool((grid != grid[:, :1]).any()) for grid in grids)


@cache
def shipped_targets() -> tuple[CadenceTarget, ...]:
    """Return the default targets, by role and day."""
    with TARGETS_FILE.open(encoding="utf-8", newline="") as file:
        return tuple(
            CadenceTarget(
                role=StaffRole(row["role"]),
                stage=Stage(row["stage"]) if row["stage"] else None,
                unit="day" if row["unit"] == "day" else "week",
                minimum=Decimal(row["minimum"]) if row["minimum"] else None,
                maximum=Decimal(row["maximum"]) if row["maximum"] else None,
                scope=scope_of(row["scope"]),
                valid_from=date.fromisoformat(row["valid_from"]),
                source_en=row["source_en"],
                source_zh=row["source_zh"],
            )
            for row in csv.DictReader(file)
        )


def scope_of(words: str | None) -> CadenceScope | None:
    """Return the scope a stored word names; None where it is empty."""
    if not words:
        return None
    return "person" if words == "person" else "role"


def target_mistake(target: CadenceTarget) -> str | None:
    """Return the key of what is wrong with a new row, None where nothing is.

    A daily target is one contact each working day, since a day counts once.
    """
    low, high = target.minimum, target.maximum
    if low is None:
        return "maximum_without_minimum" if high is not None else None
    if not 0 <= low <= MOST_CONTACTS or (high is not None and not 0 <= high <= MOST_CONTACTS):
        return "out_of_range"
    if target.unit == "day" and (low not in (0, 1) or high is not None):
        return "daily_is_one"
    if high is not None and high < low:
        return "maximum_below_minimum"
    return None


def target_in_force(
    targets: Iterable[CadenceTarget], *, role: StaffRole, stage: Stage | None, week_start: date
) -> CadenceTarget | None:
    """Return the row that holds for a role in a stage in a week; None = no target."""
    candidates = [
        target
        for target in targets
        if target.role == role and target.stage in (None, stage) and target.valid_from <= week_start
    ]
    if not candidates:
        return None
    best = max(candidates, key=lambda target: (target.stage is not None, target.is_stored, target.valid_from))
    return None if best.minimum is None else best


def target_grid(
    targets: Sequence[CadenceTarget], *, weeks: Sequence[date], scopes: Sequence[CadenceScope]
) -> TargetGrid:
    """Return the targets of all roles, stages and weeks; `scopes` is the setting in each week."""
    roles = tuple(role for role in StaffRole if any(target.role == role for target in targets))
    shape = (len(roles), len(STAGE_CODES) + 1, len(weeks))
    grid = TargetGrid(
        roles=roles,
        minimum=np.full(shape, NO_LIMIT, dtype=np.int64),
        maximum=np.full(shape, NO_LIMIT, dtype=np.int64),
        is_daily=np.zeros(shape, dtype=np.bool_),
        is_person=np.zeros(shape, dtype=np.bool_),
    )
    for at_role, role in enumerate(roles):
        own = [target for target in targets if target.role == role]
        for stage, at_stage in [(None, 0), *STAGE_CODES.items()]:
            found, begun = None, 0
            for at_week, week_start in enumerate(weeks):
                if begun != (begun := sum(target.valid_from <= week_start for target in own)):
                    found = target_in_force(own, role=role, stage=stage, week_start=week_start)
                if found is None or found.minimum is None:
                    continue
                at = (at_role, at_stage, at_week)
                grid.minimum[at] = int(found.minimum * PARTS)
                grid.maximum[at] = NO_LIMIT if found.maximum is None else int(found.maximum * PARTS)
                grid.is_daily[at] = found.unit == "day"
                grid.is_person[at] = (found.scope or scopes[at_week]) == "person"
    return grid
