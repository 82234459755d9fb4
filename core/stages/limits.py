"""The numbers the stage engine runs on: dated rows with unit and source, read from the files beside this one.

A change is a new row with a later `valid_from`, in a file or in a version an administrator stored; the row in
force on a day is the latest that started on or before it, a stored one wins over a shipped one. So old weeks stay
reproducible. A number is named by its subject (the file) and its key, as `limits_table` prints them.
"""

import csv
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, lru_cache
from pathlib import Path

from core.facts import Badge, SizeTier, Stage
from core.limit_rows import LimitRow, Name, limit_row

FOLDER = Path(__file__).parent
FILES: Mapping[str, tuple[tuple[str, ...], str]] = {
    "limits": (("key",), "value"),
    "warnings": (("badge", "key"), "value"),
    "phases": (("phase",), ""),
    "moves": (("phase", "next_phase"), "share"),
    "season": (("month",), "factor"),
    "size_standards": (("tier",), "policies_per_13_weeks"),
}
"""By subject: the columns that name a row, and the one that holds its number (phases: those of phase_columns.csv)."""


@dataclass(frozen=True)
class Phase:
    """A step of a stage: the share of the branch's own level it sells, and how long it lasts."""

    name: str
    stage: Stage
    level_share: float
    mean_weeks: float
    start_share: float  # of new branches


@dataclass(frozen=True)
class StageLimits:
    """Everything the engine reads, as in force on `rules_on`.

    `values` are the rows of limits.csv by key, `warnings` those of warnings.csv by badge and key,
    `moves` the share of exits by (phase, next phase), `months` the twelve season factors.
    """

    rules_on: date
    values: Mapping[str, float]
    warnings: Mapping[tuple[Badge, str], float]
    phases: tuple[Phase, ...]
    moves: Mapping[tuple[str, str], float]
    months: tuple[float, ...]
    standards: Mapping[SizeTier, float]

    def __getitem__(self, key: str) -> float:
        """Return a limit by its key."""
        return self.values[key]


@dataclass(frozen=True)
class RuleValue:
    """Another value of one number."""

    subject: str
    key: str
    value: float


@dataclass(frozen=True)
class RuleVersion:
    """Values that hold from a Monday on, until a later version changes them again."""

    valid_from: date
    values: tuple[RuleValue, ...]
    note: str = ""


def limits_on(day: date, changes: Sequence[RuleVersion] = ()) -> StageLimits:
    """Return the limits in force on a day: the shipped ones under the stored versions.

    A number a version names that the program no longer has is left aside. The shares of a phase, and the months, are
    brought back to their sum where a version touches them.

    Raises:
        LookupError: no row was in force yet.
    """
    return _limits_on(day, tuple(changes))


def rules_over(weeks: Sequence[date], changes: Sequence[RuleVersion] = ()) -> tuple[StageLimits, ...]:
    """Return the limits that hold over weeks, by `rules_on`: each week goes by the last that began by its Monday.

    Raises:
        LookupError: no row was in force in the first week.
    """
    begins = {start for subject in FILES for start in _starts(subject)} | {one.valid_from for one in changes}
    days = [weeks[0], *sorted(day for day in begins if weeks[0] < day <= weeks[-1])]
    return tuple(limits_on(day, changes) for day in days)


def rules_by_week(weeks: Sequence[date], rules: Sequence[StageLimits]) -> list[StageLimits]:
    """Return the limits each week goes by, of limits sorted by `rules_on`; a week before all goes by the first."""
    starts = [limits.rules_on for limits in rules]
    return [rules[max(bisect_right(starts, week) - 1, 0)] for week in weeks]


def changed_limits(limits: StageLimits, values: Sequence[RuleValue]) -> StageLimits:
    """Return the limits with other values."""
    return _assembled(limits.rules_on, limits_numbers(limits) | {(one.subject, one.key): one.value for one in values})


def limits_numbers(limits: StageLimits) -> dict[Name, float]:
    """Return every number of the limits by subject and key, as `limits_table` names them."""
    numbers: dict[Name, float] = {("limits", key): value for key, value in limits.values.items()}
    numbers |= {("warnings", f"{badge.value}.{key}"): value for (badge, key), value in limits.warnings.items()}
    for phase in limits.phases:
        numbers |= {("phases", f"{phase.name}.{column}"): getattr(phase, column) for column in _phase_columns()}
    numbers |= {("moves", f"{name}.{following}"): share for (name, following), share in limits.moves.items()}
    numbers |= {("season", f"month_{number}"): factor for number, factor in enumerate(limits.months, 1)}
    return numbers | {("size_standards", tier.value): policies for tier, policies in limits.standards.items()}


def limits_table(changes: Sequence[RuleVersion] = ()) -> list[LimitRow]:
    """Return every row of the stage engine, by subject in the order of the files, stored ones after the shipped one."""
    later: dict[Name, list[tuple[RuleVersion, RuleValue]]] = {}
    for version in sorted(changes, key=lambda one: one.valid_from):
        for value in version.values:
            later.setdefault((value.subject, value.key), []).append((version, value))
    table = []
    for row in _shipped_table():
        table.append(row)
        table += [
            replace(
                row,
                value=value.value,
                valid_from=version.valid_from,
                source=version.note,
                source_zh=version.note,
                is_stored=True,
            )
            for version, value in later.pop(row.name, ())
        ]
    return table


@lru_cache(maxsize=64)
def _limits_on(day: date, changes: tuple[RuleVersion, ...]) -> StageLimits:
    numbers: dict[Name, float] = {}
    for subject in FILES:
        numbers |= _shipped_numbers(subject, day)
    starts = [start for subject in FILES for start in _starts(subject) if start <= day]
    if not numbers:
        raise LookupError(f"no stage limits are in force on {day}")
    changed: dict[Name, float] = {}
    for version in sorted(changes, key=lambda one: one.valid_from):
        if version.valid_from <= day:
            starts.append(version.valid_from)
            changed |= {(one.subject, one.key): one.value for one in version.values}
    changed = {name: value for name, value in changed.items() if name in numbers}
    numbers |= changed
    for group, total in {one for name in changed if (one := sum_of(name)) is not None}:
        members = [name for name in numbers if sum_of(name) == (group, total)]
        whole = sum(numbers[name] for name in members)
        numbers |= {name: numbers[name] * total / whole for name in members}
    return _assembled(max(starts), numbers)


def sum_of(name: Name) -> tuple[str, float] | None:
    """Return which numbers a number adds up with, and to what; None where it stands for itself."""
    subject, key = name
    if subject == "moves":
        return f"moves from {key.partition('.')[0]}", 1.0
    if subject == "season":
        return "months", 12.0
    if subject == "phases" and key.endswith(".start_share"):
        return "start shares", 1.0
    return None


def phase_stages() -> dict[str, Stage]:
    """Return the stage of each phase, in the order of the phases."""
    return {row["phase"]: Stage(row["stage"]) for row in _rows("phases")}


def _assembled(rules_on: date, numbers: Mapping[Name, float]) -> StageLimits:
    of = {subject: {key: value for (one, key), value in numbers.items() if one == subject} for subject in FILES}
    names = dict.fromkeys(key.partition(".")[0] for key in of["phases"])
    stages = phase_stages()
    phases = tuple(
        Phase(
            name=name,
            stage=stages[name],
            level_share=of["phases"][f"{name}.level_share"],
            mean_weeks=of["phases"][f"{name}.mean_weeks"],
            start_share=of["phases"][f"{name}.start_share"],
        )
        for name in names
    )
    warnings = {tuple(key.split(".")): value for key, value in of["warnings"].items()}
    moves = {tuple(key.split(".")): value for key, value in of["moves"].items()}
    return StageLimits(
        rules_on=rules_on,
        values=of["limits"],
        warnings={(Badge(badge), key): value for (badge, key), value in warnings.items()},
        phases=phases,
        moves={(name, following): value for (name, following), value in moves.items()},
        months=tuple(of["season"][f"month_{number}"] for number in range(1, 13)),
        standards={SizeTier(tier): value for tier, value in of["size_standards"].items()},
    )


def _shipped_numbers(subject: str, day: date) -> dict[Name, float]:
    columns, number = FILES[subject]
    latest: dict[str, dict[str, str]] = {}
    for row in sorted(_rows(subject), key=lambda row: row["valid_from"]):
        if date.fromisoformat(row["valid_from"]) <= day:
            latest[".".join(row[column] for column in columns)] = row
    if subject == "phases":
        found = {f"{key}.{column}": float(row[column]) for key, row in latest.items() for column in _phase_columns()}
    else:
        prefix = "month_" if subject == "season" else ""
        found = {f"{prefix}{key}": float(row[number]) for key, row in latest.items()}
    return {(subject, key): value for key, value in found.items()}


@cache
def _phase_columns() -> tuple[str, ...]:
    return tuple(row["column"] for row in _rows("phase_columns"))


@cache
def _starts(subject: str) -> frozenset[date]:
    return frozenset(date.fromisoformat(row["valid_from"]) for row in _rows(subject))


@cache
def _shipped_table() -> tuple[LimitRow, ...]:
    table = []
    for subject, (columns, number) in FILES.items():
        for row in _rows(subject):
            key = ".".join(row[column] for column in columns)
            if subject == "phases":
                table += [
                    limit_row("phases", f"{key}.{column['column']}", row[column["column"]], _of_phase(row, column))
                    for column in _rows("phase_columns")
                ]
            else:
                table.append(limit_row(subject, f"month_{key}" if subject == "season" else key, row[number], row))
    return tuple(table)


def _of_phase(row: Mapping[str, str], column: Mapping[str, str]) -> dict[str, str]:
    return {
        **row,
        "unit": column["unit"],
        "unit_zh": column["unit_zh"],
        "title_en": f"{row['title_en']}: {column['title_en']}",
        "title_zh": f"{row['title_zh']}：{column['title_zh']}",
    }


@cache
def _rows(name: str) -> tuple[dict[str, str], ...]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))
