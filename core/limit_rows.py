"""Dated numbers with unit and source, as rows of a CSV file. A change is a new row with a later `valid_from`."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

Name = tuple[str, str]
"""Subject and key of a number."""


@dataclass(frozen=True)
class LimitRow:
    """One dated number as the screen "how it decides" prints it."""

    subject: str  # the file, or the part of the product the number belongs to
    key: str
    value: float
    unit: str
    unit_zh: str
    valid_from: date
    source: str
    source_zh: str
    title_en: str
    title_zh: str
    is_stored: bool = False

    @property
    def name(self) -> Name:
        """Subject and key."""
        return self.subject, self.key


def limit_row(subject: str, key: str, value: str, row: Mapping[str, str]) -> LimitRow:
    """Return a row of a file as a dated number; what names it and its number are given apart."""
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


def read_limits(path: Path, *, subject: str) -> tuple[LimitRow, ...]:
    """Return all rows of a file with the columns key and value, in its order."""
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(limit_row(subject, row["key"], row["value"], row) for row in csv.DictReader(file))


def limits_in_force(rows: Iterable[LimitRow], *, day: date, of: str) -> dict[str, float]:
    """Return the numbers in force on a day by key, the latest row of each.

    Raises:
        LookupError: no row was in force yet; the message names what the numbers are `of`.
    """
    started = sorted((row for row in rows if row.valid_from <= day), key=lambda row: row.valid_from)
    if not started:
        raise LookupError(f"no {of} are in force on {day}")
    return {row.key: row.value for row in started}
