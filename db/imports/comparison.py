"""Incoming rows beside the stored ones: which are new, which differ in what, which are the same.

Both sides are canonical text, so that a date written another way is no change. A column the file
does not have says nothing; an empty cell of a column it has empties the stored value.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from db.imports.datasets import Dataset, column_names
from db.imports.spool import SpooledChunk
from db.models import BankRow, Base, BranchRow, BranchStatusRow, ContactRow, OrgUnitRow, PolicyRow, StaffRow

KEEPS_WHEN_EMPTY = frozenset({(Dataset.BRANCHES, "status_since")})
"""An empty status_since is no new day: the stored one stays while the status does."""

TABLES: dict[Dataset, type[Base]] = {
    Dataset.BRANCHES: BranchRow,
    Dataset.STAFF: StaffRow,
    Dataset.CONTACTS: ContactRow,
    Dataset.POLICIES: PolicyRow,
    Dataset.STATUSES: BranchStatusRow,
}


class Stored(NamedTuple):
    """A stored row as an import file would give it."""

    row_id: int
    version: int
    branch_code: str
    values: list[str]


@dataclass(frozen=True)
class Change:
    """A stored row that the file gives other content: column → old and new text."""

    place: int
    stored: Stored
    columns: dict[str, tuple[str, str]]


@dataclass(frozen=True)
class Compared:
    """One chunk beside the store: places of new rows, changes, number of unchanged rows."""

    new: list[int]
    changed: list[Change]
    unchanged: int


def has_rows(session: Session, dataset: Dataset) -> bool:
    """Tell whether the store holds any row of the dataset."""
    table = TABLES[dataset]
    return session.execute(select(table.id).limit(1)).first() is not None  # type: ignore[attr-defined]  # all have an id


def all_new(chunk: SpooledChunk) -> Compared:
    """Return how a chunk stands to a store that held no row of its dataset before the import."""
    return Compared(list(range(len(chunk.keys))), [], 0)


def compared(session: Session, dataset: Dataset, chunk: SpooledChunk, present: frozenset[str]) -> Compared:
    """Return how a chunk stands to the store; `present` holds the columns the file has."""
    stored = stored_rows(session, dataset, chunk)
    if not stored:
        return all_new(chunk)
    names = column_names(dataset)
    judged = [
        (at, name)
        for at, name in enumerate(names)
        if name in present or (name == "role" and dataset is Dataset.CONTACTS)
    ]
    new: list[int] = []
    changed: list[Change] = []
    unchanged = 0
    keys = natural_keys(dataset, chunk)
    for place, key in enumerate(keys):
        found = stored.get(key)
        if found is None:
            new.append(place)
            continue
        columns: dict[str, tuple[str, str]] = {}
        for at, name in judged:
            incoming = chunk.columns[at][place]
            if incoming != found.values[at] and (incoming or (dataset, name) not in KEEPS_WHEN_EMPTY):
                columns[name] = (found.values[at], incoming)
        if columns:
            changed.append(Change(place, found, columns))
        else:
            unchanged += 1
    return Compared(new, changed, unchanged)


def natural_keys(dataset: Dataset, chunk: SpooledChunk) -> Sequence[Any]:
    """Return what identifies each row of the chunk."""
    if dataset is Dataset.CONTACTS:
        return chunk.keys
    if dataset is Dataset.STATUSES:
        return list(zip(chunk.columns[0], chunk.columns[2], strict=True))
    return chunk.columns[0]


def stored_rows(session: Session, dataset: Dataset, chunk: SpooledChunk) -> dict[Any, Stored]:
    """Return the stored rows with the keys of the chunk."""
    if not chunk.keys or not has_rows(session, dataset):
        return {}
    return dict(_QUERIES[dataset](session, chunk))


def _text(value: date | int | str | None) -> str:
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, date) else str(value)


def _stored(rows: Select[*tuple[Any, ...]], session: Session) -> Iterator[tuple[int, int, str, list[str]]]:
    for row_id, version, branch_code, *values in session.execute(rows):
        yield row_id, version, branch_code, [_text(value) for value in values]


def _branches(session: Session, chunk: SpooledChunk) -> Iterator[tuple[str, Stored]]:
    row = BranchRow
    query = (
        select(
            row.id, row.version, row.branch_code, row.branch_code, row.branch_name, BankRow.name, OrgUnitRow.path,
            row.city, row.cooperation_start, row.supervisor, row.status, row.status_since, row.size_tier,
        )
        .join(BankRow, BankRow.id == row.bank_id)
        .join(OrgUnitRow, OrgUnitRow.id == row.org_unit_id)
        .where(row.branch_code.in_(chunk.columns[0]))
    )  # fmt: skip
    for found in _stored(query, session):
        yield found[3][0], Stored(*found)


def _staff(session: Session, chunk: SpooledChunk) -> Iterator[tuple[str, Stored]]:
    row = StaffRow
    query = (
        select(
            row.id, row.version, BranchRow.branch_code, row.staff_code, BranchRow.branch_code, row.staff_name,
            row.role, row.joined_on, row.left_on,
        )
        .join(BranchRow, BranchRow.id == row.branch_id)
        .where(row.staff_code.in_(chunk.columns[0]))
    )  # fmt: skip
    for found in _stored(query, session):
        yield found[3][0], Stored(*found)


def _contacts(session: Session, chunk: SpooledChunk) -> Iterator[tuple[int, Stored]]:
    row = ContactRow
    query = (
        select(
            row.id, row.version, BranchRow.branch_code, row.fingerprint, row.contact_on, BranchRow.branch_code,
            StaffRow.staff_code, row.role, row.method, row.supervisor, row.minutes, row.topic, row.note,
            row.contact_ref,
        )
        .join(BranchRow, BranchRow.id == row.branch_id)
        .outerjoin(StaffRow, StaffRow.id == row.staff_id)
        .where(row.fingerprint.in_(chunk.keys))
    )  # fmt: skip
    for row_id, version, branch_code, values in _stored(query, session):
        yield int(values[0]), Stored(row_id, version, branch_code, values[1:])


def _policies(session: Session, chunk: SpooledChunk) -> Iterator[tuple[str, Stored]]:
    row = PolicyRow
    query = (
        select(
            row.id, row.version, BranchRow.branch_code, row.policy_ref, row.issued_on, BranchRow.branch_code,
            StaffRow.staff_code, row.product, row.payment_mode, row.premium_fen, row.customer_tier, row.status,
            row.cancelled_on, row.event_ref,
        )
        .join(BranchRow, BranchRow.id == row.branch_id)
        .outerjoin(StaffRow, StaffRow.id == row.staff_id)
        .where(row.policy_ref.in_(chunk.columns[0]))
    )  # fmt: skip
    for found in _stored(query, session):
        yield found[3][0], Stored(*found)


def _statuses(session: Session, chunk: SpooledChunk) -> Iterator[tuple[tuple[str, str], Stored]]:
    row = BranchStatusRow
    query = (
        select(
            row.id, row.version, BranchRow.branch_code, BranchRow.branch_code, row.status, row.start_on, row.end_on,
            row.reason,
        )
        .join(BranchRow, BranchRow.id == row.branch_id)
        .where(BranchRow.branch_code.in_(set(chunk.columns[0])))
    )  # fmt: skip
    for found in _stored(query, session):
        yield (found[3][0], found[3][2]), Stored(*found)


_QUERIES: dict[Dataset, Callable[[Session, SpooledChunk], Iterator[tuple[Any, Stored]]]] = {
    Dataset.BRANCHES: _branches,
    Dataset.STAFF: _staff,
    Dataset.CONTACTS: _contacts,
    Dataset.POLICIES: _policies,
    Dataset.STATUSES: _statuses,
}
