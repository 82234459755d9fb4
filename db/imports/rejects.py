"""Rejected rows with their reasons: kept on disk while checking, written as the same sheet to fix.

The column of reasons is named `reason`, or `reject_reason` where the dataset has a reason of its own. Columns that
name customer data are left out, identity-like values are masked, and formulas are neutralised.
"""

import csv
import marshal
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import TypeGuard

from core.language import Language
from db.imports.datasets import COLUMNS, Dataset
from db.imports.messages import IDENTITY, Remark
from db.imports.sources import Sheet
from db.imports.values import Cell, masked, without_persons

XLSX_TEXT = 32_767
_NEUTRALISED = re.compile(r"'(?=\s*[=+\-@\t\r＝＋－＠])")


class Rejects:
    """The rejected rows of one import."""

    def __init__(self, folder: Path) -> None:
        """Make the file below the folder."""
        self._path = folder / "rejects"
        self._path.touch()
        self.count = 0

    def add(self, sheet: int, row: int, cells: list[Cell], reasons: list[tuple[str, Remark]]) -> None:
        """Keep one row."""
        plain = [(column, remark.source, dict(remark.values)) for column, remark in reasons]
        with self._path.open("ab") as file:
            marshal.dump((sheet, row, [_words(cell) for cell in cells], plain), file)
        self.count += 1

    def __iter__(self) -> Iterator[tuple[int, int, list[str], list[tuple[str, Remark]]]]:
        """Yield sheet, row, cells and reasons."""
        with self._path.open("rb") as file:
            for _ in range(self.count):
                sheet, row, cells, plain = marshal.load(file)  # noqa: S302  # written by this process alone
                yield (
                    sheet,
                    row,
                    cells,
                    [(column, Remark(source=source, values=values)) for column, source, values in plain],
                )


def _words(cell: Cell) -> str:
    return cell if isinstance(cell, str) else str(cell[1])


def reason_column(dataset: Dataset) -> str:
    """Return the heading of the reasons."""
    return "reject_reason" if any(column.name == "reason" for column in COLUMNS[dataset]) else "reason"


def as_entered(sheet: Sheet, rows: list[list[Cell]]) -> list[list[Cell]]:
    """Return the rows of a corrected file of rejects without the apostrophes that kept its formulas from running."""
    if reason_column(sheet.dataset) not in sheet.header.ignored:
        return rows
    return [[_NEUTRALISED.sub("", cell, count=1) if _is_quoted(cell) else cell for cell in cells] for cells in rows]


def _is_quoted(cell: Cell) -> TypeGuard[str]:
    return isinstance(cell, str) and cell.startswith("'")


def reject_tables(
    rejects: Rejects, sheets: list[Sheet], language: Language
) -> dict[Dataset, tuple[list[str], list[list[str]]]]:
    """Return headings and rows of the rejected rows of each dataset, in the order of import."""
    tables: dict[Dataset, tuple[list[str], list[list[str]]]] = {}
    for number, _row, cells, reasons in rejects:
        sheet = sheets[number]
        titles, rows = tables.setdefault(sheet.dataset, ([], []))
        kept = sheet.header.kept
        for place in kept:
            title = sheet.header.titles[place]
            if title and title not in titles:
                titles.append(title)
        kinds = {sheet.header.places.get(column.name): column.kind for column in COLUMNS[sheet.dataset]}
        by_title = {
            sheet.header.titles[place]: without_persons(cells[place], kinds.get(place))
            for place in kept
            if place < len(cells)
        }
        said = "; ".join(
            f"{column}: {remark.said(language)}" if column else remark.said(language) for column, remark in reasons
        )
        if any(remark.source == IDENTITY for _, remark in reasons):
            by_title = {title: masked(words) for title, words in by_title.items()}
        rows.append([*(by_title.get(title, "") for title in titles), said])
    for dataset, (titles, rows) in tables.items():
        for row in rows:
            row[-1:-1] = [""] * (len(titles) + 1 - len(row))
        titles.append(reason_column(dataset))
    return {dataset: tables[dataset] for dataset in Dataset if dataset in tables}


def write_reject_csv(path: Path, titles: list[str], rows: list[list[str]]) -> None:
    """Write one dataset's rejected rows as CSV with a byte-order mark."""
    from core.reports.tables import neutral  # brings Arrow along, which an import without rejects spares

    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([neutral(title) for title in titles])
        writer.writerows([neutral(cell) for cell in row] for row in rows)


def reject_workbook(tables: dict[Dataset, tuple[list[str], list[list[str]]]]) -> bytes:
    """Return a workbook with one sheet a dataset; every cell is text."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    from core.reports.tables import neutral

    book = Workbook(write_only=True)
    for dataset, (titles, rows) in tables.items():
        sheet = book.create_sheet(dataset.value)
        for row in [titles, *rows]:
            cells = []
            for words in row:
                cell = WriteOnlyCell(sheet, value=neutral(words)[:XLSX_TEXT])
                cell.data_type = "s"
                cells.append(cell)
            sheet.append(cells)
    content = BytesIO()
    book.save(content)
    return content.getvalue()
