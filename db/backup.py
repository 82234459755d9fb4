"""Copies of the store that can be proved, and putting one back.

A backup is a SQLite file of our own schema, whatever the store is: an SQLite store is copied by
`VACUUM INTO`, a PostgreSQL store table by table out of one snapshot. Its table `backup_proof`
holds rows and sums of every table; a backup whose figures differ is refused. The same file moves
a store from SQLite to PostgreSQL.
"""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete

from core.facts import COMMAND_LINE
from db import engine
from db.changes import record_audit, utc_now
from db.engine import DATA_VERSION, StoreError, data_version, engine_of, reading, sqlite_url, writing
from db.models import CookieTicketRow, SignInAttemptRow, SignInSessionRow, StoreFactRow
from db.schema import upgrade_store
from db.store_check import (
    OWNER_ONLY,
    check_content,
    file_fault,
    is_damage,
    is_empty_file,
    is_known_schema,
    prepare_store,
    sqlite_path,
)
from db.table_copy import copy_tables, has_rows, replace_tables

PROOF = "backup_proof"
PRIME = 1_000_003
"""Sums are of remainders, so that they never overflow."""

Figures = dict[str, list[int]]


@dataclass(frozen=True)
class Backup:
    """What a backup holds: when it was made, the schema version, rows of each table."""

    made_at: datetime
    schema: str
    rows: dict[str, int]
    holds_sample: bool
    holds_demo_accounts: bool


@dataclass(frozen=True)
class Restored:
    """What was put back, and the copy of what it replaced (None where there was nothing)."""

    backup: Backup
    replaced: Path | None


def back_up(url: str, target: Path) -> Backup:
    """Write a consistent copy of the store while the app runs, and prove it.

    The copy is written beside the target and takes its name at the end. An older backup of that
    name is replaced, any other file is not.

    Raises:
        StoreError: the store is not fit, the target is no backup, or the copy did not prove.
    """
    check_content(url)
    _refuse_target(url, target)
    target.parent.mkdir(parents=True, exist_ok=True)
    with _beside(target) as copy:
        store = sqlite_path(url)
        if store is None:
            upgrade_store(sqlite_url(copy))
            copy_tables(url, sqlite_url(copy))
            engine_of(sqlite_url(copy)).dispose()
            copy.chmod(OWNER_ONLY)
        else:
            _copy_file(store, copy)
        _write_proof(copy)
        made = proved_backup(copy)
        copy.replace(target)
    return made


def restore(url: str, source: Path) -> Restored:
    """Put a backup in the place of the store, after proving it; everybody has to sign in again.

    The store changes in one transaction, so the app may be running. What stood there is kept in
    a file beside the store (beside the backup for PostgreSQL).

    Raises:
        StoreError: the file is no sound backup, was made by a newer program, or would bring
            demo accounts into a store that is not the sample's own.
    """
    backup = proved_backup(source)
    _refuse_mixture(url, backup)
    store = sqlite_path(url)
    place = store or Path(tempfile.gettempdir()) / "restore.db"
    place.parent.mkdir(parents=True, exist_ok=True)
    with _beside(place) as staged:
        shutil.copyfile(source, staged)
        staged.chmod(OWNER_ONLY)
        _make_ready(staged, later_than=_version_of(url))
        if store is None:
            prepare_store(url)
            replaced = _replace_tables(url, staged, keep_beside=source)
        else:
            replaced = _replace_file(url, store, staged)
    after = {"backup_of": backup.made_at.isoformat()}
    with writing(url) as session:
        record_audit(session, actor=COMMAND_LINE, action="restore", subject="store", after=after)
    check_content(url)
    return Restored(backup, replaced)


def proved_backup(path: Path) -> Backup:
    """Return what a backup holds after checking the file and every figure.

    Raises:
        StoreError: missing, not a backup, damaged, its figures differ, or made by a newer program.
    """
    if not path.is_file():
        raise StoreError(f"there is no file {path}")
    if not _is_backup(path):
        raise StoreError(f"{path} is not a backup, or it is damaged; give a file that `manage.py backup` wrote")
    fault = file_fault(path, pragma="integrity_check")
    if fault is not None:
        raise StoreError(f"the backup {path} is damaged: {fault}")
    with closing(sqlite3.connect(path)) as connection:
        facts = dict(connection.execute(f"SELECT key, value FROM {PROOF} WHERE key NOT LIKE 'table:%'"))  # noqa: S608  # a constant
        stored = connection.execute(f"SELECT key, value FROM {PROOF} WHERE key LIKE 'table:%'").fetchall()  # noqa: S608  # a constant
    if not is_known_schema(facts["schema"]):
        raise StoreError(f"the backup {path} was made by a newer version of this program; update the program")
    expected = {key.removeprefix("table:"): [int(word) for word in value.split(",")] for key, value in stored}
    with closing(sqlite3.connect(path)) as connection:
        found = _figures(connection)
    for table, figures in expected.items():
        if found.get(table) != figures:
            raise StoreError(f"the backup {path} is not what was written: the figures of {table} differ")
    return Backup(
        made_at=datetime.fromisoformat(facts["made_at"]),
        schema=facts["schema"],
        rows={table: figures[0] for table, figures in sorted(expected.items())},
        holds_sample=facts["sample"] == "1",
        holds_demo_accounts=facts["demo_accounts"] != "0",
    )


def _figures(connection: sqlite3.Connection) -> Figures:
    """Return the rows of each table and a sum for each of its columns."""
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    figures = {}
    for (table,) in tables.fetchall():
        if table == PROOF:
            continue
        columns = [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]
        sums = ", ".join(
            f'coalesce(sum(CASE typeof("{column}") WHEN \'text\' THEN length("{column}") '
            f"WHEN 'blob' THEN length(\"{column}\") WHEN 'real' "
            f'THEN CAST("{column}" * 10000 AS INTEGER) % {PRIME} ELSE "{column}" % {PRIME} END), 0)'
            for column in columns
        )
        row = connection.execute(f'SELECT count(*), {sums} FROM "{table}"').fetchone()  # noqa: S608  # names out of the schema
        figures[table] = [int(figure) for figure in row]
    return figures


def _write_proof(copy: Path) -> None:
    with closing(sqlite3.connect(copy)) as connection:
        figures = _figures(connection)
        schema = connection.execute("SELECT version_num FROM alembic_version").fetchone()[0]
        sample = connection.execute("SELECT value FROM store_fact WHERE key = 'sample'").fetchone()
        demo = connection.execute("SELECT count(*) FROM user_account WHERE is_demo").fetchone()[0]
        facts = {
            "made_at": utc_now().isoformat(timespec="seconds"),
            "schema": schema,
            "sample": "1" if sample and sample[0] else "0",
            "demo_accounts": str(demo),
        }
        facts |= {f"table:{table}": ",".join(map(str, row)) for table, row in figures.items()}
        connection.execute(f"CREATE TABLE {PROOF} (key TEXT PRIMARY KEY, value TEXT NOT NULL)")
        connection.executemany(f"INSERT INTO {PROOF} VALUES (?, ?)", list(facts.items()))  # noqa: S608  # a constant
        connection.commit()


def _is_backup(path: Path) -> bool:
    """Tell whether a file is a SQLite file with a proof in it."""
    try:
        with closing(sqlite3.connect(path)) as connection:
            question = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
            return connection.execute(question, (PROOF,)).fetchone() is not None
    except sqlite3.DatabaseError:
        return False


def _refuse_target(url: str, target: Path) -> None:
    store = sqlite_path(url)
    if store is not None and target.resolve() == store.resolve():
        raise StoreError(f"{target} is the store itself; give the backup a file of its own")
    if target.is_dir():
        raise StoreError(f"{target} is a folder; give the backup a file name")
    if not is_empty_file(target) and not _is_backup(target):
        raise StoreError(f"{target} exists and is no backup; it was left as it is, give another name")


def _refuse_mixture(url: str, backup: Backup) -> None:
    """Keep demo accounts in the sample's own file, and real data out of it."""
    store = sqlite_path(url)
    is_sample_file = store is not None and store.resolve() == engine.SAMPLE_FILE.resolve()
    if backup.holds_demo_accounts and not is_sample_file:
        raise StoreError("this backup holds the demo accounts of the sample; it goes back only into the sample's file")
    if is_sample_file and not backup.holds_sample:
        raise StoreError(
            "this backup holds real data and the store is the sample; run `python manage.py init --empty` first"
        )


def _make_ready(staged: Path, *, later_than: int) -> None:
    """Bring a staged backup to the present schema, end its sessions, leave the caches of the app behind."""
    with closing(sqlite3.connect(staged)) as connection:
        connection.execute(f"DROP TABLE {PROOF}")
        connection.commit()
    url = sqlite_url(staged)
    upgrade_store(url)
    with writing(url) as session:
        for row in (SignInSessionRow, CookieTicketRow, SignInAttemptRow):
            session.execute(delete(row))
        if data_version(session) < later_than:
            session.merge(StoreFactRow(key=DATA_VERSION, value=later_than))
    engine_of(url).dispose()


def _version_of(url: str) -> int:
    """Return the data version of the store to be replaced, 0 where there is none to read."""
    store = sqlite_path(url)
    if store is not None and (is_empty_file(store) or file_fault(store) is not None):
        return 0
    with reading(url) as session:
        return data_version(session) if has_rows(session) else 0


def _replace_file(url: str, store: Path, staged: Path) -> Path | None:
    stamp = f"{utc_now():%Y%m%d-%H%M%S}"
    fault = None if is_empty_file(store) else file_fault(store)
    if not is_empty_file(store) and fault is None:
        replaced = store.with_name(f"{store.stem}.replaced-{stamp}{store.suffix}")
        _copy_file(store, replaced)
        with closing(sqlite3.connect(staged)) as source, closing(sqlite3.connect(store, timeout=5)) as target:
            source.backup(target)
        return replaced
    if fault is not None and not is_damage(fault):
        raise StoreError(f"{store} cannot be replaced now: {fault}")
    engine_of(url).dispose()
    store.parent.mkdir(parents=True, exist_ok=True)
    kept = store.with_name(f"{store.stem}.damaged-{stamp}{store.suffix}") if fault is not None else None
    for ending in ("", "-wal", "-shm"):
        part = store.with_name(store.name + ending)
        if part.exists():
            part.replace(kept.with_name(kept.name + ending)) if kept else part.unlink()
    staged.replace(store)
    return kept


def _replace_tables(url: str, staged: Path, *, keep_beside: Path) -> Path | None:
    with reading(url) as session:
        holds_data = has_rows(session)
    kept = None
    if holds_data:
        kept = keep_beside.with_name(f"{keep_beside.stem}.replaced-{utc_now():%Y%m%d-%H%M%S}{keep_beside.suffix}")
        back_up(url, kept)
    replace_tables(sqlite_url(staged), url)
    engine_of(sqlite_url(staged)).dispose()
    return kept


def _copy_file(store: Path, copy: Path) -> None:
    with closing(sqlite3.connect(store, timeout=5)) as connection:
        connection.execute("VACUUM INTO ?", (str(copy),))
    copy.chmod(OWNER_ONLY)


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """Give the name of a new file in a private folder on the same disk as the target; both go at the end."""
    folder = Path(tempfile.mkdtemp(prefix=".branch-coach-", dir=target.parent))
    try:
        yield folder / target.name
    finally:
        shutil.rmtree(folder, ignore_errors=True)
