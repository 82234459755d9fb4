"""From the files of one import to its sheets, in the order they are stored.

A CSV is one sheet without a name. What a sheet holds is told by `kind`, its name, the file's name,
or its header, in this order.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from db.imports.datasets import COLUMNS, Dataset, dataset_named
from db.imports.headers import Header, all_known_headers, fitting_dataset, header_score, read_header
from db.imports.messages import (
    NO_FILES,
    NO_HEADER,
    NO_KIND,
    NO_PATH,
    NO_RESULT,
    NO_RESULTS,
    NO_SHEET,
    NOT_A_KNOWN_FILE,
    TOO_LARGE_FILE,
    TOO_MANY_COLUMNS,
    TOO_MANY_ROWS,
    TWO_SHEETS,
    FileRefusedError,
    ImportRefusedError,
    Remark,
)
from db.imports.text_files import HEADER_ROWS, csv_rows, encoding_of, separator_of
from db.imports.values import Cell
from db.imports.workbook_scan import NOTED_CELLS
from db.imports.workbooks import Limits, WorkbookSheet, read_workbook

SUFFIXES = (".csv", ".xlsx")
CHUNK_ROWS = 20_000
ORDER = {dataset: number for number, dataset in enumerate(Dataset)}


@dataclass(frozen=True)
class ImportFile:
    """A file to import: the name shown to people and where its bytes are."""

    name: str
    path: Path


@dataclass
class Sheet:
    """One table of one dataset. `rows()` streams its data rows in chunks of row numbers and cells."""

    file: str
    sheet: str | None
    dataset: Dataset
    header: Header
    csv: tuple[Path, str, str] | None = None
    workbook: WorkbookSheet | None = None
    row_limit: int | None = None

    @property
    def present(self) -> frozenset[str]:
        """Return the canonical columns the sheet has."""
        return frozenset(self.header.places)

    def chunks(self) -> Iterator[tuple[Sequence[int], list[list[Cell]]]]:
        """Yield row numbers and cells of the data rows, blank ones included, in chunks.

        Raises:
            FileRefusedError: the file cannot be split into rows, or has more than allowed.
        """
        seen = 0
        for numbers, rows in self._raw_chunks():
            seen += len(rows)
            if self.row_limit is not None and seen > self.row_limit:
                raise FileRefusedError(
                    Remark(TOO_MANY_ROWS, {"limit": self.row_limit}), row=self.row_limit + 1, sheet=self.sheet
                )
            yield numbers, rows

    def _raw_chunks(self) -> Iterator[tuple[Sequence[int], list[list[Cell]]]]:
        if self.csv is not None:
            first = self.header.row + 1
            rows: Iterator[list[list[Cell]]] = csv_rows(  # type: ignore[assignment]  # text cells are cells
                *self.csv, after=self.header.row, at_once=CHUNK_ROWS
            )
            for chunk in rows:
                yield range(first, first + len(chunk)), chunk
                first += len(chunk)
        elif self.workbook is not None:
            numbered = (pair for pair in self.workbook.rows() if pair[0] > self.header.row)
            while pairs := list(islice(numbered, CHUNK_ROWS)):
                yield [number for number, _ in pairs], [cells for _, cells in pairs]


@dataclass
class Sources:
    """The sheets of an import in the order they are stored, and what was left out.

    `refused` holds the files or sheets that cannot be read, with the reason.
    """

    sheets: list[Sheet] = field(default_factory=list)
    refused: list[tuple[str, FileRefusedError]] = field(default_factory=list)
    ignored_files: list[str] = field(default_factory=list)
    ignored_sheets: list[tuple[str, str]] = field(default_factory=list)
    digest: str = ""


def files_below(paths: Sequence[Path]) -> tuple[list[ImportFile], list[str]]:
    """Return the files to import and the names of the files of folders that are left out.

    Raises:
        ImportRefusedError: a path does not exist, or nothing to import is left.
    """
    files: list[ImportFile] = []
    ignored: list[str] = []
    for path in paths:
        if path.is_dir():
            for inside in sorted(path.iterdir()):
                if inside.is_file() and inside.suffix.lower() in SUFFIXES and dataset_named(inside.stem):
                    files.append(ImportFile(inside.name, inside))
                else:
                    ignored.append(inside.name)
        elif path.exists():
            files.append(ImportFile(path.name, path))
        else:
            raise ImportRefusedError(Remark(NO_PATH, {"path": str(path)}))
    if not files:
        raise ImportRefusedError(Remark(NO_FILES))
    return files, ignored


def open_sources(files: Sequence[ImportFile], *, folder: Path, limits: Limits, kind: Dataset | None = None) -> Sources:
    """Find the sheets of the files; what cannot be read is listed as refused, not raised."""
    found = Sources(digest=digest_of(files))
    for file in files:
        try:
            _check_file(file, limits)
            if file.path.suffix.lower() == ".csv":
                found.sheets.append(_csv_sheet(file, kind, limits))
            else:
                found.sheets.extend(_workbook_sheets(file, kind, folder, limits, found))
        except FileRefusedError as error:
            found.refused.append((file.name, error))
    found.sheets.sort(key=lambda sheet: ORDER[sheet.dataset])
    return found


def digest_of(files: Sequence[ImportFile]) -> str:
    """Return a digest of the bytes of all files, whatever their names and order."""
    digests = []
    for file in files:
        with file.path.open("rb") as opened:
            digests.append(hashlib.file_digest(opened, "sha256").hexdigest())
    return hashlib.sha256("".join(sorted(digests)).encode()).hexdigest()


def _check_file(file: ImportFile, limits: Limits) -> None:
    if file.path.suffix.lower() not in SUFFIXES:
        raise FileRefusedError(Remark(NOT_A_KNOWN_FILE))
    if limits.file_bytes is not None and file.path.stat().st_size > limits.file_bytes:
        raise FileRefusedError(Remark(TOO_LARGE_FILE, {"limit": limits.file_bytes >> 20}))


def _csv_sheet(file: ImportFile, kind: Dataset | None, limits: Limits) -> Sheet:
    encoding = encoding_of(file.path)
    separator = separator_of(file.path, encoding, all_known_headers())
    head = next(csv_rows(file.path, encoding, separator, after=0, at_once=HEADER_ROWS), [])
    first: list[list[Cell]] = [list(row) for row in head]
    dataset = kind or dataset_named(Path(file.name).stem)
    header = _find_header(list(enumerate(first, start=1)), dataset, limits)
    return Sheet(
        file=file.name,
        sheet=None,
        dataset=header[0],
        header=header[1],
        csv=(file.path, encoding, separator),
        row_limit=limits.csv_rows,
    )


def _workbook_sheets(
    file: ImportFile, kind: Dataset | None, folder: Path, limits: Limits, found: Sources
) -> list[Sheet]:
    books = read_workbook(file.path, folder, limits)
    named = [book for book in books if dataset_named(book.name)]
    dataset = kind or dataset_named(Path(file.name).stem)
    if not named:
        named = [book for book in books if _looks_like_data(book, dataset, limits)]
        if len(named) > 1:
            words = {"first": named[0].name, "second": named[1].name, "dataset": str(dataset or "data")}
            raise FileRefusedError(Remark(TWO_SHEETS, words))
        if not named and len(books) == 1:
            named = books
    if not named:
        raise FileRefusedError(Remark(NO_SHEET))
    found.ignored_sheets.extend((file.name, book.name) for book in books if book not in named)
    sheets = []
    for book in named:
        if book.no_results > NOTED_CELLS:
            raise FileRefusedError(Remark(NO_RESULTS, {"limit": NOTED_CELLS}), sheet=book.name)
        try:
            rows = list(islice(book.rows(), HEADER_ROWS))
            fitting, header = _find_header(rows, dataset_named(book.name) or dataset, limits)
        except FileRefusedError as error:
            raise FileRefusedError(error.remark, row=error.row, column=error.column, sheet=book.name) from error
        sheets.append(
            Sheet(
                file=file.name,
                sheet=book.name,
                dataset=fitting,
                header=header,
                workbook=book,
                row_limit=limits.workbook_rows,
            )
        )
    return sheets


def _looks_like_data(book: WorkbookSheet, dataset: Dataset | None, limits: Limits) -> bool:
    try:
        _find_header(list(islice(book.rows(), HEADER_ROWS)), dataset, limits)
    except FileRefusedError:
        return False
    return True


def _find_header(
    rows: Sequence[tuple[int, list[Cell]]], dataset: Dataset | None, limits: Limits
) -> tuple[Dataset, Header]:
    """Return what the sheet holds and its header: the row of the first ten that names most columns."""
    as_text = [(number, [cell if isinstance(cell, str) else str(cell[1]) for cell in cells]) for number, cells in rows]
    if dataset is None:
        fitting = [(fitting_dataset(cells), number, cells) for number, cells in as_text]
        known = [(found, number, cells) for found, number, cells in fitting if found is not None]
        if not known:
            raise FileRefusedError(Remark(NO_KIND))
        dataset, number, cells = known[0]
    else:
        best = max(as_text, key=lambda pair: header_score(pair[1], dataset), default=(1, []))
        number, cells = best
        if header_score(cells, dataset) == 0:
            names = ", ".join(column.name for column in COLUMNS[dataset] if column.required)
            raise FileRefusedError(Remark(NO_HEADER, {"columns": names}), row=1)
    if any(cell[0] == "f" for cell in dict(rows).get(number, []) if isinstance(cell, tuple)):
        raise FileRefusedError(Remark(NO_RESULT), row=number)
    if len(cells) > limits.columns:
        raise FileRefusedError(Remark(TOO_MANY_COLUMNS, {"limit": limits.columns}), row=number)
    return dataset, read_header(cells, dataset, number)
