"""Columns that one look clears: all cells of a chunk searched at once instead of each one read."""

import re
from collections.abc import Sequence

from db.imports.datasets import Column
from db.imports.values import TEXT_LIMITS, Cell, is_suspicious

FREE_TEXT = frozenset({"words", "note", "name"})
PLAIN_CODES = re.compile(r"(?:[A-Za-z]{1,3}[0-9_/-][0-9A-Za-z_/-]{0,190}(?:\n|$))+", re.ASCII)
"""Codes such as C000123 that need no closer look, one a line."""
LONG_NUMBER = re.compile(r"\d{17}", re.ASCII)
"""Digits enough for an identity number."""


def plain_column(column: Column, cells: Sequence[Cell]) -> Sequence[str] | None:
    """Return a column of free text or references where one look over all of it shows nothing to refuse."""
    if column.required or (column.kind not in FREE_TEXT and column.kind != "reference"):
        return None
    try:
        texts = list(map(str.strip, cells))  # type: ignore[arg-type]  # a tagged cell ends it
    except TypeError:
        return None
    distinct = set(texts)
    distinct.discard("")
    joined = "\n".join(distinct)
    if column.kind == "reference":
        is_plain = not distinct or (PLAIN_CODES.fullmatch(joined) and not LONG_NUMBER.search(joined))
        return texts if is_plain else None
    if distinct and max(map(len, distinct)) > TEXT_LIMITS[column.kind]:
        return None
    return None if is_suspicious(joined) else texts
