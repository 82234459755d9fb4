"""The numbers the stage engine runs on: dated rows with unit and source, read from the files beside this one.

A change is a new row with a later `valid_from`; the row in force on a day is the latest that
started on or before it, so old weeks stay reproducible.
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from core.facts import Badge, SizeTier, Stage

FOLDER = Path(__file__).parent


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
class LimitRow:
    """One dated number as the screen "how it decides" prints it."""

    subject: str  # limits, warnings, phases, moves, season or size_standards
    key: str
    value: float
    unit: str
    unit_zh: str
    valid_from: date
    source: str
    source_zh: str
    title_en: str
    title_zh: str


@cache
def limits_on(day: date) -> StageLimits:
    """Return the shipped limits in force on a day.

    Raises:
        LookupError: no row was in force yet.
    """
    limits = _in_force("limits", ("key",), day)
    warnings = _in_force("warnings", ("badge", "key"), day)
    phases = _in_force("phases", ("phase",), day)
    moves = _in_force("moves", ("phase", "next_phase"), day)
    months = _in_force("season", ("month",), day)
    standards = _in_force("size_standards", ("tier",), day)
    starts = [date.fromisoformat(row["valid_from"]) for row in (*limits, *warnings, *phases, *moves, *months)]
    if not starts:
        raise LookupError(f"no stage limits are in force on {day}")
    return StageLimits(
        rules_on=max(starts),
        values={row["key"]: float(row["value"]) for row in limits},
        warnings={(Badge(row["badge"]), row["key"]): float(row["value"]) for row in warnings},
        phases=tuple(
            Phase(
                name=row["phase"],
                stage=Stage(row["stage"]),
                level_share=float(row["level_share"]),
                mean_weeks=float(row["mean_weeks"]),
                start_share=float(row["start_share"]),
            )
            for row in phases
        ),
        moves={(row["phase"], row["next_phase"]): float(row["share"]) for row in moves},
        months=tuple(float(row["factor"]) for row in sorted(months, key=lambda row: int(row["month"]))),
        standards={SizeTier(row["tier"]): float(row["policies_per_13_weeks"]) for row in standards},
    )


def limits_table() -> list[LimitRow]:
    """Return every shipped row of the stage engine, by subject in the order of the files."""
    table = [_limit_row("limits", row["key"], row["value"], row) for row in _rows("limits")]
    table += [_limit_row("warnings", f"{row['badge']}.{row['key']}", row["value"], row) for row in _rows("warnings")]
    table += [
        _limit_row("phases", f"{row['phase']}.{column['column']}", row[column["column"]], _of_phase(row, column))
        for row in _rows("phases")
        for column in _rows("phase_columns")
    ]
    table += [_limit_row("moves", f"{row['phase']}.{row['next_phase']}", row["share"], row) for row in _rows("moves")]
    table += [_limit_row("season", f"month_{row['month']}", row["factor"], row) for row in _rows("season")]
    return table + [
        _limit_row("size_standards", row["tier"], row["policies_per_13_weeks"], row) for row in _rows("size_standards")
    ]


def _of_phase(row: Mapping[str, str], column: Mapping[str, str]) -> dict[str, str]:
    return {
        **row,
        "unit": column["unit"],
        "unit_zh": column["unit_zh"],
        "title_en": f"{row['title_en']}: {column['title_en']}",
        "title_zh": f"{row['title_zh']}：{column['title_zh']}",
    }


def _limit_row(subject: str, key: str, value: str, row: Mapping[str, str]) -> LimitRow:
    return LimitRow(
        subject=subject,
        key=key,
        value=float(value),
        unit=row["unit"],
        unit_zh=row["unit_zh"],
        valid_from=date.fromisoformat(row["valid_from"]),
        source=row["source"],
        source_zh=row["source_zh"],
        title_en=row["title_en"],
        title_zh=row["title_zh"],
    )


@cache
def _rows(name: str) -> tuple[dict[str, str], ...]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def _in_force(name: str, key: Iterable[str], day: date) -> list[dict[str, str]]:
    columns = tuple(key)
    latest: dict[tuple[str, ...], dict[str, str]] = {}
    for row in sorted(_rows(name), key=lambda row: row["valid_from"]):
        if date.fromisoformat(row["valid_from"]) <= day:
            latest[tuple(row[column] for column in columns)] = row
    return list(latest.values())
