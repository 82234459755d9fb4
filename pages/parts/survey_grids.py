"""Tables in which the composed answers of a survey are typed: fields that share their lines share a table.

A grid turns stored answers into the frame an editor shows, and the edited frame back into raw answers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from core.language import Language
from core.survey.fields import Choice, Field, Kind

LINE = "line"
WIDE = (Kind.SHARES, Kind.NUMBERS, Kind.SCALES)
"""Kinds whose value is one figure for each choice."""
GRID_KINDS = (*WIDE, Kind.TABLE, Kind.ROWS, Kind.STAFF_SCALE)


@dataclass(frozen=True)
class Cell:
    """One column of a grid: the field it belongs to, the part of its answer, how it is typed."""

    field: Field
    part: str | None
    kind: Kind
    choices: tuple[Choice, ...]
    most: int | None

    @property
    def key(self) -> str:
        """Name of the column in the frame."""
        return self.field.key if self.part is None else f"{self.field.key}.{self.part}"

    def label(self, language: Language) -> str:
        """Return the heading; parts of the only field of a grid need no more than their own name."""
        if self.part is None or self.field.kind in WIDE:
            return self.field.words.said(language)
        columns = {one.key: one for one in self.field.columns}
        return columns[self.part].words.said(language)


@dataclass(frozen=True)
class Grid:
    """Fields typed in one table; `lines` None = rows are added freely; `is_wide` = one row, a column a choice."""

    key: str
    fields: tuple[Field, ...]
    cells: tuple[Cell, ...]
    lines: tuple[Choice, ...] | None = None
    is_wide: bool = False

    def title(self, language: Language) -> str:
        """Return the fields it is for, the required ones marked."""
        return " · ".join(one.words.said(language) + (" *" if one.required else "") for one in self.fields)


def grids_of(fields: Sequence[Field]) -> tuple[Grid, ...]:
    """Return the grids of a section: one for each set of lines several fields share, one for each other field."""
    grids: dict[str, Grid] = {}
    by_person = [one for one in fields if one.kind is Kind.STAFF_SCALE]
    shared = [_lines(one) for one in fields if _lines(one)]
    for one in fields:
        lines = _lines(one)
        if one.kind is Kind.STAFF_SCALE or one.kind not in GRID_KINDS:
            continue
        if one.kind is Kind.ROWS:
            more = by_person if one.unique else []
            cells = (*_cells(one), *(Cell(each, None, Kind.SCALE, (), None) for each in more))
            grids[one.key] = Grid(one.key, (one, *more), cells)
        elif one.kind is not Kind.TABLE and shared.count(lines) == 1:
            grids[one.key] = Grid(one.key, (one,), (), lines, is_wide=True)
        else:
            key = "_".join(each.key for each in lines)
            before = grids.get(key, Grid(key, (), (), lines))
            grids[key] = Grid(key, (*before.fields, one), (*before.cells, *_cells(one)), lines)
    return tuple(grids.values())


def _lines(one: Field) -> tuple[Choice, ...]:
    return one.choices if one.kind in WIDE else one.lines


def _figure(one: Field) -> Kind:
    return {Kind.SHARES: Kind.PERCENT, Kind.SCALES: Kind.SCALE}.get(one.kind, Kind.NUMBER)


def _cells(one: Field) -> tuple[Cell, ...]:
    if one.kind in WIDE:
        return (Cell(one, None, _figure(one), (), one.most),)
    return tuple(Cell(one, each.key, each.kind, each.choices, each.most) for each in one.columns)


def grid_frame(grid: Grid, values: Mapping[str, Any], language: Language) -> pd.DataFrame:
    """Return the frame an editor shows: one row per line or row, empty cells None."""
    if grid.is_wide:
        one = grid.fields[0]
        stored = values.get(one.key) or {}
        return pd.DataFrame([{each.key: stored.get(each.key) for each in one.choices}], dtype="object")
    columns = [cell.key for cell in grid.cells]
    if grid.lines is None:
        stored_rows = values.get(grid.fields[0].key) or []
        rows = [{cell.key: _row_cell(cell, row, grid, values) for cell in grid.cells} for row in stored_rows]
        return _typed(pd.DataFrame(rows, columns=columns, dtype="object"), grid)
    rows = [{cell.key: _line_cell(cell, line.key, values) for cell in grid.cells} for line in grid.lines]
    frame = _typed(pd.DataFrame(rows, columns=columns, dtype="object"), grid)
    frame.insert(0, LINE, [one.words.said(language) for one in grid.lines])
    return frame


def _row_cell(cell: Cell, row: Mapping[str, Any], grid: Grid, values: Mapping[str, Any]) -> Any:
    if cell.part is not None:
        return row.get(cell.part)
    code = row.get(grid.fields[0].unique or "")
    return (values.get(cell.field.key) or {}).get(code)


def _line_cell(cell: Cell, line: str, values: Mapping[str, Any]) -> Any:
    stored = (values.get(cell.field.key) or {}).get(line)
    if cell.part is None or stored is None:
        return stored
    return stored.get(cell.part)


def _typed(frame: pd.DataFrame, grid: Grid) -> pd.DataFrame:
    for cell in grid.cells:
        match cell.kind:
            case Kind.TICK:
                frame[cell.key] = [value is True for value in frame[cell.key]]
            case Kind.DAY:
                frame[cell.key] = pd.to_datetime(frame[cell.key])
            case Kind.NUMBER | Kind.PERCENT | Kind.SCALE:
                frame[cell.key] = pd.to_numeric(frame[cell.key]).astype("float64")
    return frame


def grid_values(grid: Grid, frame: pd.DataFrame) -> dict[str, Any]:
    """Return the raw answers of an edited frame by field key."""
    rows = [{str(name): _plain(value) for name, value in row.items()} for row in frame.to_dict("records")]
    if grid.is_wide:
        return {grid.fields[0].key: rows[0] if rows else {}}
    if grid.lines is None:
        return _rows_back(grid, rows)
    found: dict[str, Any] = {one.key: {} for one in grid.fields}
    for line, row in zip(grid.lines, rows, strict=True):
        for cell in grid.cells:
            if cell.part is None:
                found[cell.field.key][line.key] = row[cell.key]
            else:
                found[cell.field.key].setdefault(line.key, {})[cell.part] = row[cell.key]
    return found


def _rows_back(grid: Grid, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    first = grid.fields[0]
    found: dict[str, Any] = {first.key: []} | {one.key: {} for one in grid.fields[1:]}
    for row in rows:
        found[first.key].append({cell.part: row.get(cell.key) for cell in grid.cells if cell.part})
        for cell in grid.cells:
            if cell.part is None and row.get(cell.key) is not None:
                found[cell.field.key][row.get(f"{first.key}.{first.unique}") or ""] = row[cell.key]
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return list(value)
    if value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and pd.isna(value)):
        return None
    return value.date() if isinstance(value, pd.Timestamp) else value


def column_config(grid: Grid, language: Language, codes: Sequence[str], line_label: str) -> dict[str, Any]:
    """Return how the editor types each column."""
    config: dict[str, Any] = {LINE: st.column_config.TextColumn(line_label, disabled=True, pinned=True)}
    if grid.is_wide:
        for choice in grid.fields[0].choices:
            config[choice.key] = _number_column(
                choice.words.said(language), _figure(grid.fields[0]), grid.fields[0].most
            )
        return config
    for cell in grid.cells:
        config[cell.key] = _cell_column(cell, language, codes)
    return config


def _cell_column(cell: Cell, language: Language, codes: Sequence[str]) -> Any:
    label = cell.label(language)
    words = {one.key: one.words.said(language) for one in cell.choices}
    match cell.kind:
        case Kind.ONE:
            return st.column_config.SelectboxColumn(
                label, options=list(words), format_func=lambda key: words.get(str(key), str(key))
            )
        case Kind.SEVERAL:
            return st.column_config.MultiselectColumn(
                label, options=list(words), format_func=lambda key: words.get(str(key), str(key))
            )
        case Kind.STAFF if codes:
            return st.column_config.SelectboxColumn(label, options=list(codes))
        case Kind.TICK:
            return st.column_config.CheckboxColumn(label)
        case Kind.DAY:
            return st.column_config.DateColumn(label, format="YYYY-MM-DD")
        case Kind.NUMBER | Kind.PERCENT | Kind.SCALE:
            return _number_column(label, cell.kind, cell.most)
        case Kind.MONTH | Kind.TIME:
            return st.column_config.TextColumn(label, help={Kind.MONTH: "2026-03"}.get(cell.kind, "08:30"))
        case _:
            return st.column_config.TextColumn(label)


def _number_column(label: str, kind: Kind, most: int | None) -> Any:
    least, highest = {Kind.SCALE: (1, 5), Kind.PERCENT: (0, 100)}.get(kind, (0, most))
    return st.column_config.NumberColumn(label, min_value=least, max_value=highest, step=1, format="%d")


def column_order(grid: Grid) -> list[str]:
    """Return the columns in order."""
    if grid.is_wide:
        return [one.key for one in grid.fields[0].choices]
    return [*([LINE] if grid.lines else []), *(cell.key for cell in grid.cells)]
