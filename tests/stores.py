"""Empty, migrated stores, as cheaply as they can be had: thousands of tests want one each."""

import uuid
from typing import Any

import psycopg
from sqlalchemy import Engine, event
from sqlalchemy.pool import ConnectionPoolEntry

from db.engine import engine_of
from db.table_copy import COPIED

COLUMNS = """
    SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
"""
"""What a test may not have changed where its database is used again."""
OTHERS_AT_WORK = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'
"""
FORGET_NUMBERS = """
    SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)
    FROM pg_sequences WHERE last_value IS NOT NULL
"""


def with_database(url: str, name: str) -> str:
    """Return the URL of another database on the same server."""
    head, _, tail = url.partition("?")
    return f"{head.rsplit('/', 1)[0]}/{name}" + (f"?{tail}" if tail else "")


def run_sql(url: str, statement: str) -> None:
    """Run one statement outside a transaction."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)


def do_not_wait_for_the_disk(url: str) -> None:
    """Let a SQLite store lose its last writes in a power cut: no test has one."""
    engine = engine_of(url)
    if not event.contains(engine, "connect", _without_waiting):
        event.listen(engine, "connect", _without_waiting)


def _without_waiting(connection: Any, _record: ConnectionPoolEntry) -> None:
    connection.execute("PRAGMA synchronous=OFF")


class Databases:
    """PostgreSQL databases that tests take and give back.

    A database that comes back is emptied, which takes a tenth of the time of making one, and its
    connections stay open: a new one reads the whole catalogue again.
    """

    def __init__(self, server: str, template: str) -> None:
        """Read what an empty database looks like."""
        self.server = server
        self.template = template
        self.empty: list[str] = []
        self.engines: dict[str, Engine] = {}
        with psycopg.connect(with_database(server, template)) as connection:
            self.columns = set(connection.execute(COLUMNS).fetchall())
            self.unmapped = {
                name: connection.execute(f'SELECT * FROM "{name}"').fetchall()
                for name in {column[0] for column in self.columns} - {table.name for table in COPIED}
            }
            filled = _filled(connection)
        if filled:
            raise NotImplementedError(f"a migrated store has rows in {filled}, which would be lost here")

    def take(self) -> str:
        """Return the URL of an empty database nobody else uses."""
        if self.empty:
            url = self.empty.pop()
        else:
            name = f"store_{uuid.uuid4().hex}"
            run_sql(self.server, f'CREATE DATABASE "{name}" TEMPLATE "{self.template}"')
            url = with_database(self.server, name)
        self._hold(url)
        return url

    def give_back(self, url: str) -> None:
        """Empty a database for the next test, or drop it where a test changed its tables."""
        if self._emptied(url):
            self._hold(url)
            self.empty.append(url)
        else:
            self._drop(url)

    def drop_all(self) -> None:
        """Drop what was given back."""
        for url in self.empty:
            self._drop(url)
        self.empty.clear()

    def _hold(self, url: str) -> None:
        """Keep the engine of a database; one that made room for those of other stores meanwhile is closed."""
        before, now = self.engines.get(url), engine_of(url)
        if before is not None and before is not now:
            before.dispose()
        self.engines[url] = now

    def _emptied(self, url: str) -> bool:
        try:
            connection = psycopg.connect(url)
        except psycopg.OperationalError:
            return False
        with connection:
            connection.execute(OTHERS_AT_WORK)
            if set(connection.execute(COLUMNS).fetchall()) != self.columns or any(
                connection.execute(f'SELECT * FROM "{name}"').fetchall() != rows for name, rows in self.unmapped.items()
            ):
                return False
            for name in _filled(connection):
                connection.execute(f'DELETE FROM "{name}"')
            connection.execute(FORGET_NUMBERS)
        return True

    def _drop(self, url: str) -> None:
        for engine in {engine_of(url), self.engines.pop(url, engine_of(url))}:
            engine.dispose()
        name = url.partition("?")[0].rpartition("/")[2]
        run_sql(self.server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _filled(connection: psycopg.Connection[Any]) -> list[str]:
    """Return the tables with rows, those that refer before those they refer to."""
    asked = ", ".join(f'EXISTS (SELECT FROM "{table.name}")' for table in COPIED)
    found = connection.execute(f"SELECT {asked}").fetchone() or ()
    return [table.name for table, is_filled in zip(COPIED, found, strict=True) if is_filled][::-1]
