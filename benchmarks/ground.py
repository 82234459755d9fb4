"""The store the page benchmarks run on: a generated city, imported by the command line, with accounts of every kind.

Made once in a folder and used again from there.
"""

import csv
import os
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from benchmarks.driver import ROOT
from benchmarks.weekly_loop import live_the_loop
from db.engine import sqlite_url, writing

ADMINISTRATOR = "bench_admin"
PASSWORD = "Only-for-the-benchmark-7"  # noqa: S105  # of accounts in a throw-away store
SECRET = "5f8e1c0a9b7d364282e6f10cbd94a7e3"  # noqa: S105  # of the same store
MANAGERS, SUPERVISORS = 2, 7


@dataclass(frozen=True)
class Ground:
    """A store, who can sign in there, a branch to look at, and how much the store holds."""

    url: str
    usernames: tuple[str, ...]
    branch_code: str
    branches: int
    weeks: int
    contacts: int

    def __str__(self) -> str:
        """Return the size in words."""
        return f"{self.branches:,} branches, {self.weeks} weeks, {self.contacts:,} contacts"


def prepared_ground(folder: Path, *, branches: int, weeks: int, seed: int = 7) -> Ground:
    """Return the store in the folder, made there first where it is missing."""
    os.environ["BRANCH_COACH_SECRET"] = SECRET
    files, store = folder / "files", folder / "store.db"
    url = sqlite_url(store)
    if not (folder / "ready").exists():
        folder.mkdir(parents=True, exist_ok=True)
        _manage(url, "generate", str(files), "--branches", str(branches), "--weeks", str(weeks), "--seed", str(seed))
        _manage(url, "upgrade")
        _manage(url, "import", str(files))
    rows = _rows(files / "branches.csv")
    regions = sorted({row["region"] for row in rows})[:MANAGERS]
    names = sorted({row["supervisor"] for row in rows if row["supervisor"]})[:SUPERVISORS]
    accounts = {
        ADMINISTRATOR: ("admin",),
        **{f"bench_manager_{number}": ("manager", "--region", path) for number, path in enumerate(regions)},
        **dict.fromkeys(names, ("supervisor",)),
    }
    if not (folder / "ready").exists():
        for name, role in accounts.items():
            _manage(url, "user", "add", name, "--role", *role, words=PASSWORD + "\n")
        (folder / "ready").touch()
    if not (folder / "looped").exists():
        live_the_loop(url, today=date.today())  # noqa: DTZ011  # of this machine, as its server takes it
        (folder / "looped").touch()
    return Ground(url, tuple(accounts), rows[0]["branch_code"], *_size(store))


def raise_version(url: str) -> None:
    """Leave every cached answer behind, as any committed write does."""
    with writing(url):
        pass


def _size(store: Path) -> tuple[int, int, int]:
    """Return branches, weeks with contacts and contacts, as the store has them."""
    with closing(sqlite3.connect(store)) as connection:
        questions = ("COUNT(*) FROM branch", "COUNT(DISTINCT week_start) FROM contact_week", "COUNT(*) FROM contact")
        branches, weeks, contacts = (connection.execute(f"SELECT {each}").fetchone()[0] for each in questions)
    return branches, weeks, contacts


def _rows(path: Path) -> Sequence[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _manage(url: str, *words_of_command: str, words: str | None = None) -> None:
    environment = {**os.environ, "DATABASE_URL": url}
    subprocess.run(
        [sys.executable, "manage.py", *words_of_command], cwd=ROOT, env=environment, input=words, text=True, check=True
    )
