"""Whether the week has room for what the targets ask, and what to lower first where it has not.

Asked: the minimum targets of a whole week times the minutes of a usual contact with the role.
There: the half-days of the week's working days. The rows are `capacity_*.csv`.
"""

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from core.facts import ContactMethod, StaffRole, Stage
from core.language import Language

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Effort:
    """How a target of a role is usually met, and how long that takes."""

    role: StaffRole
    method: ContactMethod
    minutes: int
    valid_from: date
    source_en: str
    source_zh: str

    def source(self, language: Language) -> str:
        """Return where the figure comes from."""
        return self.source_zh if language == "zh" else self.source_en


@dataclass(frozen=True)
class LowerFirst:
    """A role in a stage whose target is lowered before those of later rows."""

    place: int
    role: StaffRole
    stage: Stage
    source_en: str
    source_zh: str

    def source(self, language: Language) -> str:
        """Return why it comes here."""
        return self.source_zh if language == "zh" else self.source_en


@dataclass(frozen=True)
class Asked:
    """What the targets of one role in branches of one stage ask of a supervisor in the week; stage None = not known."""

    role: StaffRole
    stage: Stage | None
    branches: int
    contacts: int


@dataclass(frozen=True)
class Lowered:
    """One step: the contacts given up there and the half-days they free."""

    row: LowerFirst
    branches: int
    contacts: int
    half_days: float


@dataclass(frozen=True)
class Capacity:
    """Contacts, minutes and half-days asked of one supervisor, the half-days there, and what to lower first.

    `lowered` are the steps taken until it fits, in order; it may not fit even then.
    """

    supervisor: str | None
    asked: tuple[Asked, ...]
    contacts: int
    minutes: int
    half_days_asked: float
    half_days: int
    lowered: tuple[Lowered, ...]

    @property
    def fits(self) -> bool:
        """Tell whether the week has room for all."""
        return self.half_days_asked <= self.half_days

    @property
    def still_too_much(self) -> float:
        """Half-days too many after all steps; 0 where it fits."""
        return max(self.half_days_asked - sum(step.half_days for step in self.lowered) - self.half_days, 0.0)


@cache
def efforts() -> dict[StaffRole, Effort]:
    """Return the usual contact of each role."""
    return {
        StaffRole(row["role"]): Effort(
            StaffRole(row["role"]),
            ContactMethod(row["method"]),
            int(row["minutes"]),
            date.fromisoformat(row["valid_from"]),
            row["source_en"],
            row["source_zh"],
        )
        for row in _rows("capacity_effort.csv")
    }


@cache
def lower_first() -> tuple[LowerFirst, ...]:
    """Return the order in which targets are lowered."""
    return tuple(
        LowerFirst(int(row["place"]), StaffRole(row["role"]), Stage(row["stage"]), row["source_en"], row["source_zh"])
        for row in _rows("capacity_lower.csv")
    )


@cache
def _day(key: str) -> int:
    return next(int(row["value"]) for row in _rows("capacity_day.csv") if row["key"] == key)


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def half_days_of(workdays: int) -> int:
    """Return the half-days of so many working days."""
    return workdays * _day("half_days_a_workday")


def half_days_for(minutes: int) -> float:
    """Return the half-days that so many minutes of contacts fill."""
    return minutes / _day("minutes_a_half_day")


def minutes_of(asked: Asked) -> int:
    """Return the minutes the contacts take."""
    return asked.contacts * efforts()[asked.role].minutes


def capacity(asked: Sequence[Asked], *, supervisor: str | None, workdays: int) -> Capacity:
    """Hold what is asked of one supervisor against the half-days of the week."""
    minutes = sum(minutes_of(one) for one in asked)
    half_days = half_days_of(workdays)
    steps: list[Lowered] = []
    left = half_days_for(minutes) - half_days
    for row in lower_first():
        if left <= 0:
            break
        of_row = [one for one in asked if (one.role, one.stage) == (row.role, row.stage) and one.contacts]
        each = sum(one.contacts for one in of_row)
        if not each:
            continue
        needed = math.ceil(left / half_days_for(efforts()[row.role].minutes))
        given_up = min(each, needed)
        freed = half_days_for(given_up * efforts()[row.role].minutes)
        steps.append(Lowered(row, sum(one.branches for one in of_row), given_up, freed))
        left -= freed
    return Capacity(
        supervisor=supervisor,
        asked=tuple(asked),
        contacts=sum(one.contacts for one in asked),
        minutes=minutes,
        half_days_asked=half_days_for(minutes),
        half_days=half_days,
        lowered=tuple(steps),
    )
