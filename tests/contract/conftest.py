"""A city whose files were bent by hand, imported once; every expected value is worked out from the files."""

import csv
import io
import json
import shutil
from collections.abc import Callable
from contextlib import redirect_stderr
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import manage
from db.engine import engine_of, sqlite_url
from tests.contract.bent import bend

TODAY = date(2026, 11, 18)
Rows = list[dict[str, str]]


@dataclass(frozen=True)
class Told:
    """What a command left: its exit status, its words, the rows of its file."""

    status: int
    words: str
    rows: Rows


@dataclass(frozen=True)
class City:
    """The files, as rows, and the store they were imported into."""

    folder: Path
    store: Path
    files: dict[str, Rows]


def rows_of(path: Path) -> Rows:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def write_rows(path: Path, rows: Rows) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def ran(*words: object) -> tuple[int, str]:
    """Run a command in this process; return status and words."""
    said = io.StringIO()
    with redirect_stderr(said):
        try:
            status = manage.main([str(word) for word in words])
        except SystemExit as leaving:
            status = int(leaving.code or 0)
    return status, said.getvalue()


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Told]:
    """Run a command that writes rows on a store as of 18 November 2026."""
    monkeypatch.setattr(manage, "today", lambda: TODAY)
    count = 0

    def told(store: Path, *words: object) -> Told:
        nonlocal count
        count += 1
        out = tmp_path / f"out{count}.csv"
        monkeypatch.setenv("DATABASE_URL", sqlite_url(store))
        status, said = ran(*words, "--out", out)
        return Told(status, said, rows_of(out) if out.exists() else [])

    return told


@pytest.fixture
def take(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, migrated_file: Path) -> Callable[..., dict[str, Any]]:
    """Import texts or paths into a store of this test and return the report with `status` and `said`."""
    monkeypatch.setattr(manage, "today", lambda: TODAY)
    store = tmp_path / "store.db"
    shutil.copy(migrated_file, store)
    monkeypatch.setenv("DATABASE_URL", sqlite_url(store))
    count = 0

    def report(*words: object, encoding: str = "utf-8", **texts: str) -> dict[str, Any]:
        nonlocal count
        count += 1
        folder = tmp_path / f"in{count}"
        folder.mkdir()
        for name, text in texts.items():
            (folder / f"{name}.csv").write_bytes(text.encode(encoding))
        written = tmp_path / f"report{count}.json"
        paths = words if words and not str(words[0]).startswith("--") else (folder, *words)
        status, said = ran("import", *paths, "--json", written)
        found = json.loads(written.read_text(encoding="utf-8")) if written.exists() else {}
        return {**found, "status": status, "said": said}

    return report


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> City:
    """60 branches, 70 weeks, bent as `bent` says, known on 18 November 2026."""
    folder = tmp_path_factory.mktemp("city")
    words = ["--branches", 60, "--weeks", 70, "--seed", 11, "--until", "2026-11-22"]
    assert ran("generate", folder, *words)[0] == 0
    files = {path.stem: rows_of(path) for path in folder.glob("*.csv")}
    bend(files, last_day=TODAY.isoformat())
    for name, rows in files.items():
        write_rows(folder / f"{name}.csv", rows)
    store = folder.parent / f"{folder.name}.db"
    fill(store, folder, migrated_file)
    return City(folder, store, files)


def fill(store: Path, folder: Path, template: Path) -> None:
    """Import a folder into a new store."""
    shutil.copy(template, store)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", sqlite_url(store))
        patch.setattr(manage, "today", lambda: TODAY)
        status, said = ran("import", folder)
    engine_of(sqlite_url(store)).dispose()
    assert status == 0, said[-2000:]
