"""Time of an import beside a bare `executemany` of the same rows, and its memory; one run gives both.

    python benchmarks/imports.py [--rows 1000000] [--branches 300] [--folder FOLDER]

The file holds one contact a row, each with a reference and an own note. The bare way writes the
parsed rows, same columns, into a plain table of a file of its own in one transaction. Memory is the
highest resident size of the import at half of the rows and at all of them; below that the weekly sums,
bounded by branches and weeks, still fill up.
"""

import argparse
import csv
import json
import os
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from db.models import ContactRow  # the folder above is put on the path first

COLUMNS = (
    "contact_date", "branch_code", "staff_code", "role", "method", "supervisor", "minutes", "topic", "note",
    "contact_ref",
)  # fmt: skip
ROLES = ("branch_head", "wealth_manager", "account_manager", "teller")
METHODS = ("visit", "phone", "message", "morning_meeting", "one_on_one")
TOPICS = ("产品介绍", "活动筹备", "客户回访", "早会宣导", "目标跟进", "")
LAST_DAY = date(2026, 11, 15)
PEOPLE = 10
HIGHEST_RATIO = 6.0
HIGHEST_GROWTH = 1.15


def main() -> int:
    """Measure, print a table, and fail where the import is slower or larger than promised."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--branches", type=int, default=300)
    parser.add_argument("--folder", type=Path)
    arguments = parser.parse_args()
    with TemporaryDirectory(dir=arguments.folder) as name:
        folder = Path(name)
        write_network(folder, arguments.branches)
        memory = {}
        for rows in (arguments.rows // 2, arguments.rows):
            write_contacts(folder / "contacts.csv", rows, arguments.branches)
            store = folder / f"store{rows}.db"
            imported(store, [folder / "branches.csv", folder / "staff.csv"], folder)
            bare = bare_time(folder, rows, arguments.branches)
            taken, memory[rows], stored = imported(store, [folder / "contacts.csv"], folder)
            again = bare_time(folder, rows, arguments.branches)
            if stored != rows:
                raise SystemExit(f"{stored} of {rows} rows were stored")
            ratio = taken.wall * 2 / (bare.wall + again.wall)
            print(
                f"{rows:>9,} contacts: bare executemany {bare.wall:.2f} s and {again.wall:.2f} s, "
                f"import {taken.wall:.2f} s = {ratio:.1f} times "
                f"(processor: {taken.cpu:.2f} s = {taken.cpu * 2 / (bare.cpu + again.cpu):.1f} times), "
                f"{memory[rows] / 2**20:.0f} MiB at most"
            )
    growth = memory[arguments.rows] / memory[arguments.rows // 2]
    print(f"memory at twice the rows: {growth:.2f} times")
    return 0 if ratio <= HIGHEST_RATIO and growth <= HIGHEST_GROWTH else 1


@dataclass(frozen=True)
class Taken:
    """Seconds on the wall clock and of the processor."""

    wall: float
    cpu: float


class Watch:
    """Adds up time between `go` and `stop`."""

    def __init__(self) -> None:
        """Start at zero."""
        self.taken = Taken(0.0, 0.0)

    def __enter__(self) -> None:
        """Go on."""
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self.taken = Taken(
            self.taken.wall + time.perf_counter() - self._wall, self.taken.cpu + time.process_time() - self._cpu
        )


def write_network(folder: Path, branches: int) -> None:
    """Write the branches and people the contacts refer to."""
    with (folder / "branches.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("branch_code", "branch_name", "bank", "region", "cooperation_start", "supervisor"))
        writer.writerows(
            (f"{at:05d}", f"第{at}支行", "青禾银行", "东区分公司/云州中支", "2020-01-01", f"sup{at % 10}")
            for at in range(branches)
        )
    with (folder / "staff.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("staff_code", "branch_code", "staff_name", "role"))
        writer.writerows(
            (f"S{at:05d}{person}", f"{at:05d}", f"员工{person}", ROLES[person % len(ROLES)])
            for at in range(branches)
            for person in range(PEOPLE)
        )


def contacts(rows: int, branches: int) -> Iterator[tuple[str, ...]]:
    """Yield contacts, the same for the same arguments."""
    chance = random.Random(7)  # noqa: S311  # no secret
    days = [(LAST_DAY - timedelta(days=back)).isoformat() for back in range(728)]
    for at in range(rows):
        branch = chance.randrange(branches)
        person = chance.randrange(PEOPLE)
        yield (
            chance.choice(days), f"{branch:05d}", f"S{branch:05d}{person}", ROLES[person % len(ROLES)],
            chance.choice(METHODS), f"sup{branch % 10}", str(chance.randrange(5, 90, 5)), chance.choice(TOPICS),
            f"第{at}次沟通,下周继续跟进", f"C{at:09d}",
        )  # fmt: skip


def write_contacts(path: Path, rows: int, branches: int) -> None:
    """Write the file to import."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(contacts(rows, branches))


def bare_time(folder: Path, rows: int, branches: int) -> Taken:
    """Return how long `executemany` of parsed rows takes; a chunk is parsed outside the clock."""
    path = folder / "bare.db"
    for old in folder.glob("bare.db*"):
        old.unlink()
    names = [column.name for column in ContactRow.__table__.columns if column.name != "id"]
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute(f"CREATE TABLE contact (id INTEGER PRIMARY KEY, {', '.join(names)})")
    insert = f"INSERT INTO contact ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"  # noqa: S608  # names of the model
    source = contacts(rows, branches)
    watch = Watch()
    with watch:
        connection.execute("BEGIN")
    at = 0
    while chunk := list(islice(source, 20_000)):
        parsed = [
            (
                (at + place) * 7_919_654_321 % 2**63, ref, day, day, int(branch) + 1, int(branch) * 10, role, method,
                supervisor, int(minutes), topic or None, note, None, 0, None, None, 1, 1,
            )
            for place, (day, branch, _staff, role, method, supervisor, minutes, topic, note, ref) in enumerate(chunk)
        ]  # fmt: skip
        at += len(chunk)
        with watch:
            connection.executemany(insert, parsed)
    with watch:
        connection.execute("COMMIT")
    connection.close()
    return watch.taken


def imported(store: Path, files: list[Path], folder: Path) -> tuple[Taken, int, int]:
    """Run the command in a process of its own; return its time, highest memory in bytes, and rows."""
    report = folder / "report.json"
    command = [sys.executable, "manage.py", "import", *map(str, files), "--json", str(report)]
    started = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=Path(__file__).resolve().parent.parent,
        env={**os.environ, "DATABASE_URL": f"sqlite:///{store}"},
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    taken = Taken(time.perf_counter() - started, usage.ru_utime + usage.ru_stime)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(report.read_text(encoding="utf-8") if report.exists() else "the import failed")
    scale = 1 if sys.platform == "darwin" else 1024
    return taken, usage.ru_maxrss * scale, json.loads(report.read_text(encoding="utf-8"))["inserted"]


if __name__ == "__main__":
    sys.exit(main())
