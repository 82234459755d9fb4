"""Intervals of a branch's past status that overlap in one import."""

import numpy as np

from db.imports.references import OPEN_END
from db.imports.spool import Integers, Spool


def overlapping_rows(spool: Spool) -> list[tuple[int, int]]:
    """Return the place of each row whose days lie in those of another row of its branch, with the place of that row."""
    rows = _sorted_intervals(spool)
    rivals: dict[int, int] = {}
    branch, last_day, last_place = -1, 0, -1
    for number, first, end, place in rows.tolist():
        if number == branch and first <= last_day:
            rivals.setdefault(place, last_place)
            rivals.setdefault(last_place, place)
        if number != branch or end > last_day:
            branch, last_day, last_place = number, end, place
    return sorted(rivals.items())


def _sorted_intervals(spool: Spool) -> Integers:
    """Return branch, first day, last day and place of the rows that are left; days as numbers that sort."""
    numbers: dict[str, int] = {}
    parts = [np.empty((0, 4), dtype=np.int64)]
    for chunk in spool.chunks(with_skipped=True):
        codes, _, starts, ends, _ = chunk.columns
        branches = [numbers.setdefault(code, len(numbers)) for code in codes]
        firsts = [_sortable(day) for day in starts]
        lasts = [_sortable(day or OPEN_END) for day in ends]
        places = range(chunk.first, chunk.first + len(codes))
        parts.append(np.array([branches, firsts, lasts, places], dtype=np.int64).T)
    rows = np.concatenate(parts)
    rows = rows[~np.isin(rows[:, 3], spool.skipped)]
    return rows[np.lexsort((rows[:, 3], rows[:, 1], rows[:, 0]))]


def _sortable(day: str) -> int:
    return int(day.replace("-", ""))
