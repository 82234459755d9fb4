"""The child process that opens a workbook: runs as a script, with limits, and imports nothing of ours.

Arguments: workbook, output folder, bytes of memory, seconds of CPU. Writes one `N.jsonl` a sheet
(each line: row number and cells) and `sheets.json` last. A cell that is no text is a pair of tag and
content; the tags are those of `values.py`.
"""

import json
import sys
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any


def limit_resources(memory_bytes: int, cpu_seconds: int) -> None:
    """Bound memory, CPU and output where the system can; elsewhere the parent's clock has to do."""
    try:
        import resource  # not on Windows
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def plain_cell(content: Any, kind: str, number_tag: str) -> Any:
    """Return a cell as text or as a pair of tag and content."""
    if content is None:
        return ""
    if kind == "e":
        return ["e", str(content)]
    if isinstance(content, bool):
        return ["b", content]
    if isinstance(content, str):
        return content
    if isinstance(content, int | float):
        return [number_tag, content]
    if isinstance(content, datetime):
        return ["d", content.date().isoformat()]
    if isinstance(content, date):
        return ["d", content.isoformat()]
    if isinstance(content, time | timedelta):
        return ["t", str(content)]
    return str(content)


def write_sheets(workbook_path: str, folder: Path) -> None:
    """Write every worksheet of the workbook as lines."""
    import openpyxl  # after the limits are set
    from openpyxl.utils.datetime import CALENDAR_MAC_1904

    book = openpyxl.load_workbook(workbook_path, read_only=True, data_only=True, keep_links=False)
    number_tag = "n4" if book.epoch == CALENDAR_MAC_1904 else "n"
    sheets = []
    for number, sheet in enumerate(book.worksheets):
        sheet.reset_dimensions()
        with (folder / f"{number}.jsonl").open("w", encoding="utf-8") as lines:
            for row_number, row in enumerate(sheet.iter_rows(), start=1):
                cells = [plain_cell(cell.value, getattr(cell, "data_type", "n"), number_tag) for cell in row]
                while cells and cells[-1] == "":
                    cells.pop()
                if cells:
                    lines.write(json.dumps([row_number, cells], ensure_ascii=True))
                    lines.write("\n")
        path = getattr(sheet, "_worksheet_path", "")
        sheets.append({"name": sheet.title, "part": str(path).lstrip("/"), "is_hidden": sheet.sheet_state != "visible"})
    (folder / "sheets.json").write_text(json.dumps(sheets), encoding="utf-8")


if __name__ == "__main__":
    limit_resources(int(sys.argv[3]), int(sys.argv[4]))
    write_sheets(sys.argv[1], Path(sys.argv[2]))
