"""Adding many rows the driver's own way: `executemany` on SQLite, COPY on PostgreSQL."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from sqlalchemy.orm import Session

from db.engine import is_sqlite

CACHE_KIB = 32_768


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
