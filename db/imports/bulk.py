"""Adding many rows the driver's own way: `executemany` on SQLite, COPY on PostgreSQL."""

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, cast

from sqlalchemy import Table, func, select, text
from sqlalchemy.orm import Session

from db.engine import is_sqlite

CACHE_KIB = 32_768
MANY_ROWS = 10_000
"""From here on an index is cheaper built once than kept row by row."""
_INDEXES = text(
    "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = :table AND sql LIKE 'CREATE INDEX %' "
    "ORDER BY name"
)
"""The indexes the store has, with the statements that made them; those of unique keys are left out."""


def insert_rows(
    session: Session,
    table: str,
    columns: Sequence[str],
    rows: Iterable[tuple[Any, ...]],
    *,
    constants: Mapping[str, int | bool],
) -> None:
    """Add rows in the session's transaction; dates are ISO text, "" is not turned into NULL.

    Table and column names come from the models, never from a file; `constants` are the same in every row.
    """
    names = ", ".join(f'"{name}"' for name in (*columns, *constants))
    cursor = cast("Any", session.connection().connection.cursor())
    try:
        if is_sqlite(session):
            marks = ", ".join(["?"] * len(columns) + [str(int(value)) for value in constants.values()])
            cursor.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', rows)  # noqa: S608  # names of ours
        else:
            same = tuple(constants.values())
            with cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy:
                for row in rows:
                    copy.write_row(row + same)
    finally:
        cursor.close()


def widen_cache(session: Session) -> None:
    """Let SQLite hold the inner pages of its indexes in memory while many rows are added."""
    if is_sqlite(session):
        session.connection().exec_driver_sql(f"PRAGMA cache_size=-{CACHE_KIB}")


@contextmanager
def indexes_built_once(session: Session, table: Table, *, rows: int) -> Iterator[None]:
    """Take the indexes of a table away while SQLite adds many rows, at least as many as it has; then build them.

    Both happen in the session's transaction: who reads meanwhile sees the old rows with their indexes, and
    a rollback brings them back. Unique keys stay in force for every row.
    """
    is_worth_it = is_sqlite(session) and rows >= MANY_ROWS
    if not is_worth_it or rows < (session.scalar(select(func.count()).select_from(table)) or 0):
        yield
        return
    connection = session.connection()
    indexes = connection.execute(_INDEXES, {"table": table.name}).all()
    for name, _ in indexes:
        connection.exec_driver_sql(f'DROP INDEX "{name}"')
    yield
    for _, statement in indexes:
        connection.exec_driver_sql(statement)


@contextmanager
def without_collecting() -> Iterator[None]:
    """Spare the search for cycles while millions of cells come and go; they hold none."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
