"""Reading .xlsx: look it over, let a limited child process open it, read back plain lines."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from db.imports.messages import DAMAGED_XLSX, TOO_LARGE_XLSX, FileRefusedError, Remark
from db.imports.values import Cell, Tagged
from db.imports.workbook_scan import PartScan, ScanLimits, merged_cells, scan_workbook

CHILD = Path(__file__).with_name("workbook_child.py")


@dataclass(frozen=True)
class Limits:
    """What a file may hold: `csv_rows` None = any length; sizes in bytes."""

    csv_rows: int | None
    workbook_rows: int
    file_bytes: int | None
    unpacked_bytes: int
    child_memory_bytes: int = 1 << 30
    child_cpu_seconds: int = 18
    child_wall_seconds: int = 60
    columns: int = 60


UPLOAD_LIMITS = Limits(csv_rows=200_000, workbook_rows=200_000, file_bytes=20 << 20, unpacked_bytes=80 << 20)
COMMAND_LINE_LIMITS = Limits(
    csv_rows=None,
    workbook_rows=1_048_575,
    file_bytes=None,
    unpacked_bytes=400 << 20,
    child_memory_bytes=2 << 30,
    child_cpu_seconds=300,
    child_wall_seconds=900,
    columns=16_384,
)


@dataclass(frozen=True)
class WorkbookSheet:
    """One sheet as lines on disk, and the cells that must not be taken for what they look like.

    `noted` maps a row to its cells under a merged one or with a formula without a result, by column
    from 1; `no_results` counts the latter.
    """

    name: str
    lines: Path
    is_hidden: bool
    hidden_rows: int
    noted: dict[int, dict[int, Tagged]]
    no_results: int

    def rows(self) -> Iterator[tuple[int, list[Cell]]]:
        """Yield row number and cells of every row that is not empty; one that only holds noted cells is not."""
        only_noted = iter(sorted(self.noted))
        noted = next(only_noted, None)
        with self.lines.open(encoding="utf-8") as lines:
            for line in lines:
                number, cells = json.loads(line)
                while noted is not None and noted <= number:
                    if noted < number:
                        yield noted, self._marked(noted, [])
                    noted = next(only_noted, None)
                yield number, self._marked(number, [_as_cell(cell) for cell in cells])
        while noted is not None:
            yield noted, self._marked(noted, [])
            noted = next(only_noted, None)

    def _marked(self, number: int, cells: list[Cell]) -> list[Cell]:
        """Return the cells with those that are noted told apart from empty ones, behind the last filled cell too."""
        noted = self.noted.get(number)
        if noted:
            cells.extend([""] * (max(noted) - len(cells)))
            for column, tagged in noted.items():
                if cells[column - 1] == "":
                    cells[column - 1] = tagged
        return cells


def _as_cell(cell: str | list[str | float | bool]) -> Cell:
    return cell if isinstance(cell, str) else (str(cell[0]), cell[1])


def read_workbook(path: Path, folder: Path, limits: Limits) -> list[WorkbookSheet]:
    """Return the sheets of a workbook in its order; lines are written below `folder`.

    Raises:
        FileRefusedError: not a workbook, damaged, unsafe, or larger than the limits.
    """
    scan_limits = ScanLimits(rows=limits.workbook_rows, columns=limits.columns, unpacked_bytes=limits.unpacked_bytes)
    scans = scan_workbook(path, scan_limits)
    out = Path(mkdtemp(dir=folder))
    _run_child(path, out, limits)
    sheets = []
    for number, described in enumerate(json.loads((out / "sheets.json").read_text(encoding="utf-8"))):
        scan = scans.get(described["part"], PartScan())
        sheets.append(
            WorkbookSheet(
                name=described["name"],
                lines=out / f"{number}.jsonl",
                is_hidden=described["is_hidden"],
                hidden_rows=scan.hidden_rows,
                noted=_noted_cells(scan, limits.columns),
                no_results=len(scan.no_result),
            )
        )
    return sheets


def _noted_cells(scan: PartScan, columns: int) -> dict[int, dict[int, Tagged]]:
    noted: dict[int, dict[int, Tagged]] = {}
    for (row, column), words in merged_cells(scan.merged, columns=columns).items():
        noted.setdefault(row, {})[column] = ("m", words)
    for row, column in scan.no_result:
        noted.setdefault(row, {})[column] = ("f", "")
    return noted


def _run_child(path: Path, out: Path, limits: Limits) -> None:
    command = [
        sys.executable, "-I", str(CHILD), str(path), str(out),
        str(limits.child_memory_bytes), str(limits.child_cpu_seconds),
    ]  # fmt: skip
    try:
        done = subprocess.run(  # noqa: S603  # our own script, no shell
            command, env=_bare_environment(), capture_output=True, timeout=limits.child_wall_seconds, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise FileRefusedError(Remark(TOO_LARGE_XLSX)) from error
    if done.returncode == 0:
        return
    last_words = done.stderr.decode("utf-8", "replace")[-500:].lower()
    out_of_limits = done.returncode < 0 or any(words in last_words for words in ("memory", "file too large"))
    raise FileRefusedError(Remark(TOO_LARGE_XLSX if out_of_limits else DAMAGED_XLSX))


def _bare_environment() -> dict[str, str]:
    """Return an environment without anything secret; Windows cannot start without its root.

    One thread of OpenBLAS, which comes with NumPy: each takes memory from the child's share.
    """
    needed = {name: os.environ[name] for name in ("SYSTEMROOT", "TMPDIR") if name in os.environ}
    return {**needed, "OPENBLAS_NUM_THREADS": "1"}
