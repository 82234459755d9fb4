"""Copy every row of a store into another, SQLite and PostgreSQL alike, table by table."""

from typing import Any

from sqlalchemy import BigInteger, Connection, Integer, LargeBinary, Table, cast, func, insert, select, text
from sqlalchemy.orm import Session

from db.engine import StoreError, engine_of
from db.models import Base, BranchRow, ImportBatchRow, UserRow

BLOCK_ROWS = 5_000
BLOCK_FILES = 20
"""Rows held in memory at a time where each holds a file of some hundred kilobytes."""
COPIED = tuple(Base.metadata.sorted_tables)
"""All tables, those that are referred to before those that refer."""


def has_rows(session: Session) -> bool:
    """Tell whether a store holds branches, accounts or imports."""
    return any(session.scalar(select(row.id).limit(1)) is not None for row in (BranchRow, UserRow, ImportBatchRow))


def copy_tables(source_url: str, target_url: str) -> None:
    """Fill an empty store from one snapshot of another, in one transaction."""
    source = engine_of(source_url).connect()
    target = engine_of(target_url).connect().execution_options(writes=True)
    if source.dialect.name == "postgresql":
        source = source.execution_options(isolation_level="REPEATABLE READ")
    with source, target, target.begin():
        _fill(source, target)


def replace_tables(source_url: str, target_url: str) -> None:
    """Put the rows of a SQLite store in the place of those of a PostgreSQL store, in one transaction.

    Raises:
        StoreError: a table did not arrive in full; nothing has changed then.
    """
    with engine_of(source_url).connect() as source, engine_of(target_url).connect() as target, target.begin():
        names = ", ".join(f'"{table.name}"' for table in COPIED)
        target.execute(text(f"TRUNCATE {names}"))
        _fill(source, target)
        for table in COPIED:
            _number_on(target, table)
            if _figures(source, table) != _figures(target, table):
                raise StoreError(f"the table {table.name} did not arrive in full; nothing was changed")


def _fill(source: Connection, target: Connection) -> None:
    for table in COPIED:
        most = BLOCK_FILES if any(isinstance(column.type, LargeBinary) for column in table.columns) else BLOCK_ROWS
        rows = source.execution_options(yield_per=most).execute(_in_order(table))
        for block in rows.mappings().partitions(most):
            target.execute(insert(table), [dict(row) for row in block])


def _in_order(table: Table) -> Any:
    return select(table).order_by(*table.primary_key.columns)


def _number_on(target: Connection, table: Table) -> None:
    """Let new rows be numbered after those that were copied."""
    key = next(iter(table.primary_key.columns))
    if isinstance(key.type, Integer) and key is table.autoincrement_column:
        highest = target.scalar(select(func.max(key)))
        sequence = target.scalar(select(func.pg_get_serial_sequence(table.name, key.name)))
        if sequence is not None and highest is not None:
            target.execute(select(func.setval(sequence, highest)))


def _figures(connection: Connection, table: Table) -> list[int]:
    """Return the rows of a table and the sums of its whole numbers, equal on both databases."""
    sums = [
        func.sum(cast(column, BigInteger) % 1_000_003) for column in table.columns if isinstance(column.type, Integer)
    ]
    row = connection.execute(select(func.count(), *sums).select_from(table)).one()
    return [int(figure or 0) for figure in row]
