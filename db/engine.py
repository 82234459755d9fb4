"""The store: where it is, and the only two ways to open it.

`reading()` gives a session that sees one snapshot; `writing()` is one transaction that is
committed whole or not at all and raises the data version. On SQLite a writer takes the write
lock at once (BEGIN IMMEDIATE), so read-then-write never fails half way.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, Row, Select, create_engine, event, make_url, select, update
from sqlalchemy.dialects.sqlite.base import SQLiteDialect
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from db.models import StoreFactRow

DATA_FOLDER = Path(__file__).resolve().parent.parent / "data"
COMPANY_FILE = DATA_FOLDER / "branches.db"
SAMPLE_FILE = DATA_FOLDER / "sample.db"
DATA_VERSION = "data_version"
SAMPLE = "sample"
"""Store fact: 1 where the store holds the sample city."""


class StoreError(Exception):
    """The store cannot be used; the message says what is wrong and what to do."""


def sqlite_url(path: Path) -> str:
    """Return the URL of a SQLite file."""
    return f"sqlite:///{path}"


def configured_url() -> str | None:
    """Return what `DATABASE_URL` says, None where it is not set."""
    return os.environ.get("DATABASE_URL") or None


def store_url() -> str:
    """Return the URL of the store in use.

    `DATABASE_URL` where set; else the company's file where it was made; else the sample file.
    """
    url = configured_url()
    if url:
        return url
    return sqlite_url(COMPANY_FILE if COMPANY_FILE.exists() else SAMPLE_FILE)


def url_of(words: str) -> URL:
    """Read a store's URL.

    Raises:
        StoreError: it cannot be read; the message repeats none of it, as it may hold a password.
    """
    try:
        return make_url(words)
    except (SQLAlchemyError, ValueError):
        raise StoreError(
            "DATABASE_URL is not a database URL; use sqlite:///file.db or postgresql://user:password@host/name, "
            "other signs in a password written as %40 for @, %2F for / and so on"
        ) from None


@lru_cache(maxsize=8)
def engine_of(url: str) -> Engine:
    """Return the engine of a store, one per process and URL.

    Raises:
        StoreError: the URL names neither SQLite nor PostgreSQL, or cannot be read.
    """
    parsed = url_of(url)
    backend = parsed.get_backend_name()
    if backend == "postgresql":
        return create_engine(
            parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True, hide_parameters=True, pool_size=10
        )
    if backend != "sqlite":
        raise StoreError(f"DATABASE_URL names {backend}; SQLite and PostgreSQL are supported")
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed, hide_parameters=True, connect_args={"timeout": 5, "check_same_thread": False})
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _configure_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions are opened by _begin_sqlite, DDL included
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def is_sqlite(session: Session) -> bool:
    """Tell whether the session speaks to SQLite."""
    return isinstance(session.get_bind().dialect, SQLiteDialect)


def plain_rows(session: Session, query: Select[*tuple[Any, ...]]) -> Sequence[Row[Any]]:
    """Return the rows of a query for columns, past the mapper: half the time where there are tens of thousands."""
    session.flush()
    return session.connection().execute(query).all()


@contextmanager
def reading(url: str | None = None) -> Iterator[Session]:
    """Open a session for questions that see one snapshot; whatever it changed is thrown away."""
    engine = engine_of(url or store_url())
    if engine.dialect.name == "postgresql":  # SQLite's readers see one snapshot by themselves
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    with Session(engine) as session:
        yield session


@contextmanager
def writing(url: str | None = None, *, raises_version: bool = True) -> Iterator[Session]:
    """Open one transaction; commit it whole at the end, or roll all of it back.

    `raises_version` is False only for writes no page shows, such as the mark of the last visit.
    """
    engine = engine_of(url or store_url())
    with (
        engine.connect().execution_options(writes=True) as connection,
        Session(bind=connection) as session,
        session.begin(),
    ):
        yield session
        if raises_version:
            raise_data_version(session)


def raise_data_version(session: Session) -> None:
    """Count one more change of the data, so that caches keyed by the version are left behind."""
    changed = session.execute(
        update(StoreFactRow).where(StoreFactRow.key == DATA_VERSION).values(value=StoreFactRow.value + 1)
    )
    if changed.rowcount == 0:  # type: ignore[attr-defined]  # an UPDATE gives a CursorResult
        session.add(StoreFactRow(key=DATA_VERSION, value=1))


def data_version(session: Session) -> int:
    """Return the version of the data; it rises with every committed write."""
    return session.scalar(select(StoreFactRow.value).where(StoreFactRow.key == DATA_VERSION)) or 0


def is_sample(session: Session) -> bool:
    """Tell whether the store holds the sample city."""
    return bool(session.scalar(select(StoreFactRow.value).where(StoreFactRow.key == SAMPLE)))
