"""Tables as files: CSV with a byte order mark, XLSX, one description of columns for both and for the screen.

Text never becomes a formula: a cell that begins with `= + - @`, a tab, a return or NUL gets an apostrophe
in front, and XLSX cells of text are typed as text. Every file says that it is internal, who made it and when.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from io import BytesIO, StringIO
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc
from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from core.charts.palette import STAGE_COLOURS
from core.facts import Stage
from core.language import Language, text

Kind = Literal[
    "text", "integer", "decimal", "tenths", "money", "share", "day", "month", "moment", "trend", "words", "stage"
]
"""What a column holds.

money: yuan; share: 0 to 1; month: its first day; moment: with an offset, or naive and then Asia/Shanghai; trend: a
list of numbers, oldest first, kept out of files; words: a list of stored values; stage: a stored stage.
"""

MAX_ROWS = 50_000
"""Rows of one file; a larger table is cut there and the file says so. Our assumption: what Excel opens at ease."""

SHANGHAI_AHEAD = pa.scalar(timedelta(hours=8), pa.duration("us"))
"""China keeps no summer time; a fixed offset needs no time zone files."""

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\0", "＝", "＋", "－", "＠")
_CONTROL = {code: None for code in (*range(0x20), 0x7F, 0xFFFE, 0xFFFF) if code not in (0x09, 0x0A)}
NUMBER_FORMATS: dict[Kind, str] = {
    "integer": "#,##0",
    "decimal": "#,##0.00",
    "tenths": "#,##0.0",
    "money": "#,##0.00",
    "share": "0.0%",
    "day": "yyyy-mm-dd",
    "month": "yyyy-mm",
    "moment": "yyyy-mm-dd hh:mm",
}


@dataclass(frozen=True)
class Column:
    """One column of a table: where it stands, how it is headed, what it holds.

    Attributes:
        key: name of the column in the table; never changes with the language.
        label: heading in the reader's language, with the unit.
        kind: what the column holds.
        help: what the figure means, shown beside the heading.
        words: words of stored values, by their text (true and false for yes and no); for `text` and `words`.
        width: pixels, or small, medium, large on the screen; None fits the content.
        pinned: stays in view while the reader scrolls sideways.
        in_files: whether exports carry the column.
        on_screen: whether the screen draws it; what it tells there in fewer words, files keep apart.
    """

    key: str
    label: str
    kind: Kind = "text"
    help: str | None = None
    words: Mapping[str, str] | None = None
    width: int | Literal["small", "medium", "large"] | None = None
    pinned: bool = False
    in_files: bool = True
    on_screen: bool = True


@dataclass(frozen=True)
class Stamp:
    """Who made a file and when; `made_at` is naive, Asia/Shanghai."""

    title: str
    made_by: str
    made_at: datetime
    language: Language

    def lines(self, *, rows: int, total: int) -> tuple[str, ...]:
        """Return the lines that every file carries."""
        made_at = f"{self.made_at:%Y-%m-%d %H:%M}"
        count = (
            text(self.language, "{rows} rows", rows=rows)
            if rows == total
            else text(self.language, "first {rows} of {total} rows", rows=rows, total=total)
        )
        return (
            self.title,
            text(self.language, "Internal, no customer data"),
            text(self.language, "Exported by {name} on {moment}", name=self.made_by, moment=made_at),
            count,
        )


def csv_bytes(table: pa.Table, columns: Sequence[Column], stamp: Stamp) -> bytes:
    """Return the table as CSV: UTF-8 with a byte order mark, header in row 1, the stamp in the last line."""
    shown = files_columns(table, columns)
    buffer = StringIO(newline="")
    writer = csv.writer(buffer, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow([neutral(column.label) for column in shown])
    kept = table.slice(0, MAX_ROWS)
    for row in _rows(kept, shown):
        writer.writerow([_csv_cell(cell, column) for cell, column in zip(row, shown, strict=True)])
    writer.writerow([neutral(" · ".join(stamp.lines(rows=kept.num_rows, total=table.num_rows)))])
    return buffer.getvalue().encode("utf-8-sig")


def _csv_cell(cell: object, column: Column) -> object:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M}"
    if column.kind == "month" and isinstance(cell, date):
        return f"{cell:%Y-%m}"
    return cell.isoformat() if isinstance(cell, date) else cell


def xlsx_bytes(table: pa.Table, columns: Sequence[Column], stamp: Stamp) -> bytes:
    """Return the table as a workbook: one sheet with the rows, typed, a second with the stamp."""
    shown = files_columns(table, columns)
    kept = table.slice(0, MAX_ROWS)
    lines = stamp.lines(rows=kept.num_rows, total=table.num_rows)
    book = Workbook(write_only=True)
    book.properties.creator = cleaned(stamp.made_by)
    book.properties.title = cleaned(stamp.title)
    sheet = book.create_sheet(sheet_name(stamp.title))
    sheet.freeze_panes = "A2"
    if shown:
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(shown))}{kept.num_rows + 1}"
    rows = list(_rows(kept, shown))
    for at, column in enumerate(shown):
        sheet.column_dimensions[get_column_letter(at + 1)].width = _width(column, [row[at] for row in rows[:200]])
    sheet.oddFooter.center.text = lines[1].replace("&", "&&")
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation = "landscape"
    sheet.append([_heading(sheet, column) for column in shown])
    for row, stages in zip(rows, _stages(kept, shown), strict=True):
        cells = [_xlsx_cell(sheet, cell, column) for cell, column in zip(row, shown, strict=True)]
        for at, stage in stages:
            cells[at].font = Font(bold=True, color=STAGE_COLOURS[stage].lstrip("#"))
        sheet.append(cells)
    notice = book.create_sheet(text(stamp.language, "About this file"))
    notice.column_dimensions["A"].width = 60
    for line in lines:
        notice.append([_text_cell(notice, line)])
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def files_columns(table: pa.Table, columns: Sequence[Column]) -> tuple[Column, ...]:
    """Return the columns a file carries: those in the table that are neither trends nor kept out."""
    present = set(table.column_names)
    return tuple(c for c in columns if c.key in present and c.in_files and c.kind != "trend")


def in_shanghai(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return moments with an offset as naive moments of Asia/Shanghai, anything else as it is."""
    if not pa.types.is_timestamp(cells.type) or cells.type.tz is None:
        return cells
    return pc.add(cells.cast(pa.timestamp("us", "UTC")).cast(pa.timestamp("us")), SHANGHAI_AHEAD)


def word_of(stored: object, words: Mapping[str, str] | None) -> str:
    """Return the word of a stored value; yes and no may be named True and False or true and false."""
    known, key = words or {}, str(stored)
    if isinstance(stored, bool) and key not in known:
        key = key.lower()
    return known.get(key, key)


def cleaned(words: str) -> str:
    """Return a text without the control characters that spreadsheets refuse or hide."""
    return words.replace("\r\n", "\n").translate(_CONTROL)


def neutral(words: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    kept = cleaned(words)
    risky = words.startswith(FORMULA_STARTS) or kept.lstrip().startswith(FORMULA_STARTS)
    return f"'{kept}" if risky else kept


def _rows(table: pa.Table, columns: Sequence[Column]) -> Iterator[tuple[Any, ...]]:
    cells = [[_cell(cell, column) for cell in in_shanghai(table.column(column.key)).to_pylist()] for column in columns]
    return zip(*cells, strict=True)


def _stages(table: pa.Table, columns: Sequence[Column]) -> Iterator[list[tuple[int, Stage]]]:
    """Yield for each row the places of its stage cells, with the stage."""
    known = {stage.value for stage in Stage}
    cells = {at: table.column(c.key).to_pylist() for at, c in enumerate(columns) if c.kind == "stage"}
    for row in range(table.num_rows):
        yield [(at, Stage(stored[row])) for at, stored in cells.items() if stored[row] in known]


def _cell(cell: Any, column: Column) -> Any:
    if cell is None:
        return None
    if isinstance(cell, list | tuple):
        return neutral(", ".join(word_of(item, column.words) for item in cell))
    if isinstance(cell, str | bool) or column.words:
        return neutral(word_of(cell, column.words))
    return cell


def _heading(sheet: Any, column: Column) -> Cell:
    cell = _text_cell(sheet, neutral(column.label))
    cell.font = Font(bold=True)
    cell.fill = PatternFill("solid", fgColor="E8EDF3")
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell


def _text_cell(sheet: Any, words: str) -> Cell:
    cell: Cell = WriteOnlyCell(sheet, words)
    cell.data_type = "s"
    return cell


def _xlsx_cell(sheet: Any, cell: Any, column: Column) -> Any:
    if cell is None or cell == "":
        return None
    if isinstance(cell, str):
        return _text_cell(sheet, cell)
    if column.kind not in NUMBER_FORMATS:
        return cell
    typed = WriteOnlyCell(sheet, cell)
    typed.number_format = NUMBER_FORMATS[column.kind]
    return typed


def _width(column: Column, cells: Sequence[Any]) -> float:
    longest = max((_columns_wide(cell) for cell in cells), default=0)
    return float(min(max(longest, _columns_wide(column.label), 8) + 2, 60))


def _columns_wide(cell: Any) -> int:
    return 0 if cell is None else sum(2 if ord(sign) > 0x2E7F else 1 for sign in str(cell))


def sheet_name(title: str) -> str:
    """Return a name Excel takes for a sheet."""
    kept = "".join(" " if sign in "[]:*?/\\'" else sign for sign in cleaned(title)).strip()
    return kept[:31] or "Sheet1"
