"""Faults while an import runs: the store holds all of it or none, and the next import works."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import func, select

from db.engine import StoreError, engine_of, reading
from db.models import ContactRow, ImportBatchRow
from tests.db.imports.files import CONTACTS, counts, imported, network, write

ROOT = Path(__file__).parents[3]
ROWS = 3_000


def many_contacts(folder):
    header = CONTACTS.splitlines()[0]
    lines = [f"2026-11-16,00123,0001,,visit,li,30,产品,第{at}次,C{at:06d}" for at in range(ROWS)]
    return write(folder, contacts="\n".join([header, *lines]))


def state(store):
    with reading(store) as session:
        contacts = session.scalar(select(func.count()).select_from(ContactRow))
        imports = [batch.counts.get("contacts", {}).get("inserted", 0) for batch in session.query(ImportBatchRow)]
    return contacts, sum(imports)


def started(folder):
    return subprocess.Popen(
        [sys.executable, "manage.py", "import", str(folder)], cwd=ROOT, env=dict(os.environ), stderr=subprocess.DEVNULL
    )


def test_a_killed_import_leaves_all_or_nothing(sqlite_store, tmp_path):
    imported(sqlite_store, network(tmp_path / "network"))
    folder = many_contacts(tmp_path / "in")
    began = time.monotonic()
    assert started(folder).wait() == 0
    whole = time.monotonic() - began
    for number in range(6):
        folder = many_contacts(tmp_path / f"in{number}")
        contacts = (folder / "contacts.csv").read_text(encoding="utf-8").replace(",C0", f",D{number}")
        write(folder, contacts=contacts)
        process = started(folder)
        time.sleep(whole * (0.5 + number / 10))
        process.send_signal(signal.SIGKILL)
        process.wait()
        stored, logged = state(sqlite_store)
        assert stored == logged
        assert stored % ROWS == 0
    path = sqlite_store.removeprefix("sqlite:///")
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_cut_connection_leaves_nothing_and_the_next_import_works(postgres_store, tmp_path, monkeypatch):
    imported(postgres_store, network(tmp_path / "network"))
    folder = many_contacts(tmp_path / "in")
    rebuilt = []

    def cut(*_args, **_more):
        with psycopg.connect(postgres_store.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        rebuilt.append(True)

    with monkeypatch.context() as patched:
        patched.setattr("db.imports.run.record_audit", cut)
        with pytest.raises(Exception, match=r"connection|terminat"):
            imported(postgres_store, folder)
    assert rebuilt == [True]
    assert state(postgres_store) == (0, 0)
    assert counts(imported(postgres_store, folder)) == (ROWS, 0, 0, 0)


def test_a_full_disk_stores_nothing_and_says_so(sqlite_store, tmp_path):
    imported(sqlite_store, network(tmp_path / "network"))
    folder = many_contacts(tmp_path / "in")
    with engine_of(sqlite_store).connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 20}")
    with pytest.raises(StoreError, match="the disk is full; nothing was stored"):
        imported(sqlite_store, folder)
    assert state(sqlite_store) == (0, 0)
    with engine_of(sqlite_store).connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=1073741823")
    assert counts(imported(sqlite_store, folder)) == (ROWS, 0, 0, 0)


def hold_lock(store, seconds):
    """Hold the write lock from a connection of its own; return when it is held."""
    held = threading.Event()

    def hold():
        connection = sqlite3.connect(store.removeprefix("sqlite:///"), isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        held.set()
        time.sleep(seconds)
        connection.execute("ROLLBACK")
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait()
    return thread


def test_an_import_waits_for_another_writer(sqlite_store, tmp_path):
    thread = hold_lock(sqlite_store, 1.5)
    assert counts(imported(sqlite_store, network(tmp_path))) == (4, 0, 0, 0)
    thread.join()


def test_an_import_gives_up_on_a_writer_that_never_ends_and_says_so(sqlite_store, tmp_path):
    thread = hold_lock(sqlite_store, 8)
    with pytest.raises(StoreError, match="somebody else is writing"):
        imported(sqlite_store, network(tmp_path))
    assert state(sqlite_store) == (0, 0)
    thread.join()


def test_two_submits_of_one_form_at_once_store_one_import(store, tmp_path):
    folder = network(tmp_path)
    reports = []
    threads = [
        threading.Thread(target=lambda: reports.append(imported(store, folder, key="form-key-1234567890")))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [counts(report) for report in reports] == [(4, 0, 0, 0)] * 2
    with reading(store) as session:
        assert session.query(ImportBatchRow).count() == 1
