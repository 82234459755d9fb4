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
from db.imports.values import Cell
from db.imports.workbook_scan import merged_cells, scan_workbook

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
)


@dataclass(frozen=True)
class WorkbookSheet:
    """One sheet as lines on disk, and the cells that must not be taken for what they look like."""

    name: str
    lines: Path
    hidden_rows: int
    merged: dict[tuple[int, int], str]
    no_result: frozenset[tuple[int, int]]

    def rows(self) -> Iterator[tuple[int, list[Cell]]]:
        """Yield row number and cells of every row that is not empty."""
        with self.lines.open(encoding="utf-8") as lines:
            for line in lines:
                number, cells = json.loads(line)
                read: list[Cell] = [cell if isinstance(cell, str) else (cell[0], cell[1]) for cell in cells]
                for place, cell in enumerate(read):
                    if cell == "" and (number, place + 1) in self.no_result:
                        read[place] = ("f", "")
                    elif cell == "" and (number, place + 1) in self.merged:
                        read[place] = ("m", self.merged[number, place + 1])
                yield number, read


def read_workbook(path: Path, folder: Path, limits: Limits) -> list[WorkbookSheet]:
    """Return the sheets of a workbook in its order; lines are written below `folder`.

    Raises:
        FileRefusedError: not a workbook, damaged, unsafe, or larger than the limits.
    """
    scans = scan_workbook(path, max_rows=limits.workbook_rows, max_bytes=limits.unpacked_bytes)
    out = Path(mkdtemp(dir=folder))
    _run_child(path, out, limits)
    sheets = []
    for number, described in enumerate(json.loads((out / "sheets.json").read_text(encoding="utf-8"))):
        scan = scans.get(described["part"])
        sheets.append(
            WorkbookSheet(
                name=described["name"],
                lines=out / f"{number}.jsonl",
                hidden_rows=scan.hidden_rows if scan else 0,
                merged=merged_cells(scan.merged) if scan else {},
                no_result=frozenset(scan.no_result) if scan else frozenset(),
            )
        )
    return sheets


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
