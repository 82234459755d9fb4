"""Looking over an .xlsx as a stream before any library opens it.

Nothing is unpacked to disk and no XML is parsed: blocks of each part are counted and searched.
What passes is then read in a child process with limits (`workbook_child.py`).
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from db.imports.messages import (
    DAMAGED_XLSX,
    NOT_XLSX,
    OLD_XLS,
    TOO_LARGE_XLSX,
    TOO_MANY_COLUMNS,
    TOO_MANY_ROWS,
    UNSAFE_XLSX,
    FileRefusedError,
    Remark,
)

ENTRIES = 2_000
LONGEST_STRING = 32_767
CELLS = 12_000_000
NOTED_CELLS = 100_000
"""Formula cells without a result that are remembered by place for each sheet; one with more cannot be read."""
MERGED_CELLS = 240_000
"""Cells under merged ranges that are remembered by place for each sheet."""
BLOCK = 1 << 18
OVERLAP = 40_000
OLE_MARK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_CELL = re.compile(rb'<(?:\w+:)?c [^>]*?\br="([A-Z]{1,3})(\d{1,7})"')
_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*?>")
_ROW_NUMBER = re.compile(rb'\br="(\d{1,9})"')
_HIDDEN = re.compile(rb'\bhidden="(?:1|true)"')
_MERGE = re.compile(rb'<(?:\w+:)?mergeCell [^>]*?ref="([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})"')
_NO_RESULT = re.compile(
    rb'<(?:\w+:)?c [^>]*?\br="([A-Z]{1,3})(\d{1,7})"[^>]*>\s*<(?:\w+:)?f\b[^>]*(?:/>|>[^<]*</(?:\w+:)?f>)\s*'
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_TEXT_RESULT = re.compile(rb'\bt="str"[^>]*>.*<(?:\w+:)?v[\s/>]', re.DOTALL)
"""A formula whose result is text; without content it is the empty text, as of ="", and no missing result."""
_LONG_TEXT = re.compile(rb">[^<]{%d}" % (LONGEST_STRING + 1))
_DECLARATION = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_UTF16_DECLARATION = "<!DOCTYPE".encode("utf-16-le")


@dataclass
class PartScan:
    """What was seen in one sheet part: hidden rows, merged ranges, formula cells without a result.

    `no_result` holds (row, column), at most `NOTED_CELLS` and one, which says that there are more.
    """

    hidden_rows: int = 0
    merged: list[str] = field(default_factory=list)
    no_result: set[tuple[int, int]] = field(default_factory=set)


@dataclass(frozen=True)
class ScanLimits:
    """What a workbook may hold: rows and columns of a sheet, bytes of all parts unpacked."""

    rows: int
    columns: int
    unpacked_bytes: int


def scan_workbook(path: Path, limits: ScanLimits) -> dict[str, PartScan]:
    """Return what each sheet part holds, by its name in the archive.

    Raises:
        FileRefusedError: not a workbook, unsafe, damaged or larger than the limits.
    """
    with path.open("rb") as file:
        head = file.read(8)
    if head == OLE_MARK:
        raise FileRefusedError(Remark(OLD_XLS))
    if not zipfile.is_zipfile(path):
        raise FileRefusedError(Remark(DAMAGED_XLSX if head.startswith(b"PK") else NOT_XLSX))
    try:
        with zipfile.ZipFile(path) as archive:
            return _scan_archive(archive, limits)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise FileRefusedError(Remark(DAMAGED_XLSX)) from error


def _scan_archive(archive: zipfile.ZipFile, limits: ScanLimits) -> dict[str, PartScan]:
    entries = archive.infolist()
    names = [entry.filename for entry in entries]
    if len(entries) > ENTRIES or sum(entry.file_size for entry in entries) > limits.unpacked_bytes:
        raise FileRefusedError(Remark(TOO_LARGE_XLSX))
    if len({name.lower() for name in names}) != len(names):
        raise FileRefusedError(Remark(UNSAFE_XLSX, {"part": "double names"}))
    for entry in entries:
        if entry.flag_bits & 1:
            raise FileRefusedError(Remark(OLD_XLS))
        if entry.filename.startswith("/") or ".." in entry.filename.split("/") or "\\" in entry.filename:
            raise FileRefusedError(Remark(UNSAFE_XLSX, {"part": "path"}))
        if "vbaProject" in entry.filename:
            raise FileRefusedError(Remark(UNSAFE_XLSX, {"part": "macro"}))
    if "xl/workbook.xml" not in names or "[Content_Types].xml" not in names:
        raise FileRefusedError(Remark(NOT_XLSX))
    budget = _Budget(limits.unpacked_bytes, CELLS)
    parts: dict[str, PartScan] = {}
    for entry in entries:
        is_sheet = entry.filename.startswith("xl/worksheets/") and entry.filename.endswith(".xml")
        scan = PartScan()
        for block, fresh in _blocks(archive, entry, budget):
            _refuse_declarations(block)
            if _LONG_TEXT.search(block) and entry.filename.endswith(".xml"):
                raise FileRefusedError(Remark(TOO_LARGE_XLSX))
            if is_sheet:
                _look_at_sheet(block, fresh, scan, budget, limits)
        if is_sheet:
            parts[entry.filename] = scan
            _check_well_formed(archive, entry)
    return parts


@dataclass
class _Budget:
    bytes_left: int
    cells_left: int


def _blocks(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, budget: _Budget) -> Iterator[tuple[bytes, int]]:
    """Yield blocks that begin with the end of the one before, and where the new part starts."""
    tail = b""
    with archive.open(entry) as part:
        while fresh := part.read(BLOCK):
            budget.bytes_left -= len(fresh)
            if budget.bytes_left < 0:
                raise FileRefusedError(Remark(TOO_LARGE_XLSX))
            yield tail + fresh, len(tail)
            tail = (tail + fresh)[-OVERLAP:]


def _refuse_declarations(block: bytes) -> None:
    if _DECLARATION.search(block) or _UTF16_DECLARATION in block:
        raise FileRefusedError(Remark(UNSAFE_XLSX, {"part": "DOCTYPE"}))


def _look_at_sheet(block: bytes, fresh: int, scan: PartScan, budget: _Budget, limits: ScanLimits) -> None:
    for found in _CELL.finditer(block):
        if found.end() <= fresh:
            continue
        budget.cells_left -= 1
        if _column_number(found[1]) > limits.columns:
            raise FileRefusedError(Remark(TOO_MANY_COLUMNS, {"limit": limits.columns}), row=int(found[2]))
        if int(found[2]) > limits.rows + 1:
            raise FileRefusedError(Remark(TOO_MANY_ROWS, {"limit": limits.rows}), row=int(found[2]))
    if budget.cells_left < 0:
        raise FileRefusedError(Remark(TOO_LARGE_XLSX))
    for found in _ROW.finditer(block):
        if found.end() > fresh:
            number = _ROW_NUMBER.search(found[0])
            if number and int(number[1]) > limits.rows + 1:
                raise FileRefusedError(Remark(TOO_MANY_ROWS, {"limit": limits.rows}), row=int(number[1]))
            scan.hidden_rows += bool(_HIDDEN.search(found[0]))
    for found in _MERGE.finditer(block):
        if found.end() > fresh:
            scan.merged.append(found[1].decode())
    for found in _NO_RESULT.finditer(block):
        if len(scan.no_result) <= NOTED_CELLS and not _TEXT_RESULT.search(found[0]):
            scan.no_result.add((int(found[2]), _column_number(found[1])))


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _check_well_formed(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """Refuse a cut or broken sheet; no handler is set, so nothing is kept."""
    parser = expat.ParserCreate()
    try:
        with archive.open(entry) as part:
            parser.ParseFile(part)
    except expat.ExpatError as error:
        raise FileRefusedError(Remark(DAMAGED_XLSX)) from error


def merged_cells(ranges: list[str], *, columns: int) -> dict[tuple[int, int], str]:
    """Return the cells (row, column) that lie in merged ranges but do not hold their value, up to a column.

    Raises:
        FileRefusedError: there are more than can be remembered.
    """
    covered: dict[tuple[int, int], str] = {}
    left_over = MERGED_CELLS
    for words in ranges:
        left, right = (re.fullmatch(r"([A-Z]+)(\d+)", corner) for corner in words.split(":"))
        if left is None or right is None:
            continue
        across = range(_column_number(left[1].encode()), min(_column_number(right[1].encode()), columns) + 1)
        down = range(int(left[2]), int(right[2]) + 1)
        left_over -= len(across) * len(down)
        if left_over < 0:
            raise FileRefusedError(Remark(TOO_LARGE_XLSX))
        for row in down:
            for column in across:
                if (row, column) != (down[0], across[0]):
                    covered[row, column] = words
    return covered
