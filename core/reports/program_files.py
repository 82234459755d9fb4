"""CSV files for programs, as the command line writes them: UTF-8 without a mark, canonical column names."""

import csv
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

from core.reports.tables import neutral

DIGITS = 10
"""Digits kept behind the point."""


def write_program_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a file; None is an empty cell, a text that would start a formula gets an apostrophe in front."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows([_cell(value) for value in row] for row in rows)


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, str):
        return neutral(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return f"{value:.{DIGITS}f}".rstrip("0").rstrip(".")
    return value
