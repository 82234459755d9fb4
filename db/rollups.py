"""Weekly rollups: kept in the transaction of the rows they sum, and checked against them.

Rows are summed anew for the branches and weeks a write touched: taken away, grouped, put back.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import ColumnElement, Integer, Select, Table, and_, case, delete, func, insert, literal_column, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.functions import Function

from core.facts import PaymentMode, PolicyStatus
from db.engine import is_sqlite
from db.models import ContactPersonWeekRow, ContactRow, ContactWeekRow, PolicyRow, ProductionWeekRow

DEEP_MINUTES = 10
"""A contact with a topic and at least these minutes counts as deep."""
BRANCHES_AT_ONCE = 5_000

Query = Select[*tuple[Any, ...]]
Sums = tuple[Query, Any, Any]
"""A query, its column of owners, its column of days."""

SUMS_LOCK = 8_202_611
"""Number of the lock on PostgreSQL; any number that nothing else uses."""

CONTACT_WEEK = cast("Table", ContactWeekRow.__table__)
PERSON_WEEK = cast("Table", ContactPersonWeekRow.__table__)
PRODUCTION_WEEK = cast("Table", ProductionWeekRow.__table__)


def write_alone(session: Session) -> None:
    """Let one transaction at a time change sums on PostgreSQL; SQLite has one writer anyway."""
    if not is_sqlite(session):
        session.execute(select(func.pg_advisory_xact_lock(SUMS_LOCK)))


def rebuild_rollups(
    session: Session,
    *,
    branch_ids: Collection[int] | None = None,
    weeks: Collection[date] | None = None,
    staff_ids: Collection[int] = (),
    contacts: bool = True,
    policies: bool = True,
) -> None:
    """Sum contacts and policies anew for some branches and the span of some weeks.

    Args:
        session: the writing transaction that changed the rows.
        branch_ids: branches whose rows changed; None = all.
        weeks: Mondays of the weeks whose rows changed; None = all. The whole span between the
            first and the last is summed.
        staff_ids: people who lost a contact: who has none left in those weeks is found by nothing else.
        contacts: False where no contact changed.
        policies: False where no policy changed.
    """
    if (branch_ids is not None and not branch_ids and not staff_ids) or (weeks is not None and not weeks):
        return
    session.flush()
    write_alone(session)
    span = None if weeks is None else (min(weeks), max(weeks))
    for some in _parts(branch_ids):
        if contacts:
            _replace(session, CONTACT_WEEK, owner="branch_id", ids=some, span=span, sums=_contact_weeks(session))
        if policies:
            _replace(session, PRODUCTION_WEEK, owner="branch_id", ids=some, span=span, sums=_production_weeks())
    if contacts:
        for some in _parts(_people_touched(session, branch_ids, span, staff_ids)):
            _replace(session, PERSON_WEEK, owner="staff_id", ids=some, span=span, sums=_person_weeks(session))


def _parts(ids: Collection[int] | None) -> Iterator[list[int] | None]:
    if ids is None:
        yield None
        return
    ordered = sorted(set(ids))
    for first in range(0, len(ordered), BRANCHES_AT_ONCE):
        yield ordered[first : first + BRANCHES_AT_ONCE]


def _people_touched(
    session: Session, branch_ids: Collection[int] | None, span: tuple[date, date] | None, more: Collection[int]
) -> set[int] | None:
    if branch_ids is None:
        return None
    people = set(more)
    for some in _parts(branch_ids):
        bounds: list[ColumnElement[bool]] = [ContactRow.branch_id.in_(some or []), ContactRow.staff_id.is_not(None)]
        if span is not None:
            bounds.append(_within(ContactRow.contact_on, span))
        people.update(session.scalars(select(ContactRow.staff_id).where(*bounds).distinct()).all())  # type: ignore[arg-type]  # None is left out above
    return people


def _within(day: Any, span: tuple[date, date]) -> ColumnElement[bool]:
    return and_(day >= span[0], day < span[1] + timedelta(days=7))


def _replace(
    session: Session,
    table: Table,
    *,
    owner: str,
    ids: list[int] | None,
    span: tuple[date, date] | None,
    sums: Sums,
) -> None:
    query, owner_column, day_column = sums
    gone = delete(table)
    if ids is not None:
        gone = gone.where(table.c[owner].in_(ids))
        query = query.where(owner_column.in_(ids))
    if span is not None:
        gone = gone.where(table.c.week_start >= span[0], table.c.week_start <= span[1])
        query = query.where(_within(day_column, span))
    session.execute(gone)
    session.execute(insert(table).from_select([column.name for column in table.columns], query))


def _days_mask(session: Session) -> ColumnElement[int]:
    """Return the days with a contact as bits, bit 0 = Monday."""
    if is_sqlite(session):
        day = (func.julianday(ContactRow.contact_on) - func.julianday(ContactRow.week_start)).cast(Integer)
        bit: ColumnElement[int] = _one().bitwise_lshift(day)
        return func.sum(bit.distinct())
    bit = _one().bitwise_lshift(ContactRow.contact_on - ContactRow.week_start)
    return cast("ColumnElement[int]", func.bit_or(bit))


def _one() -> ColumnElement[int]:
    return literal_column("1", Integer)


def _contact_weeks(session: Session) -> Sums:
    deep = and_(ContactRow.topic.is_not(None), ContactRow.minutes >= DEEP_MINUTES)
    query = select(
        ContactRow.branch_id,
        ContactRow.role,
        ContactRow.week_start,
        func.count(),
        _days_mask(session),
        func.coalesce(func.sum(ContactRow.minutes), 0),
        _count_if(deep),
    ).group_by(ContactRow.branch_id, ContactRow.role, ContactRow.week_start)
    return query, ContactRow.branch_id, ContactRow.contact_on


def _person_weeks(session: Session) -> Sums:
    query = (
        select(ContactRow.staff_id, ContactRow.week_start, func.count(), _days_mask(session))
        .where(ContactRow.staff_id.is_not(None))
        .group_by(ContactRow.staff_id, ContactRow.week_start)
    )
    return query, ContactRow.staff_id, ContactRow.contact_on


def _production_weeks() -> Sums:
    cancelled = PolicyRow.status == PolicyStatus.CANCELLED
    regular = PolicyRow.payment_mode == PaymentMode.REGULAR
    query = select(
        PolicyRow.branch_id,
        PolicyRow.week_start,
        func.count(),
        _count_if(~cancelled),
        _count_if(and_(~cancelled, regular)),
        func.sum(PolicyRow.premium_fen),
        _sum_if(regular, PolicyRow.premium_fen),
        _sum_if(cancelled, PolicyRow.premium_fen),
    ).group_by(PolicyRow.branch_id, PolicyRow.week_start)
    return query, PolicyRow.branch_id, PolicyRow.issued_on


def _count_if(condition: ColumnElement[bool]) -> Function[int]:
    return func.sum(case((condition, 1), else_=0))


def _sum_if(condition: ColumnElement[bool], amount: Any) -> Function[int]:
    return func.sum(case((condition, amount), else_=0))


def rollup_differences(session: Session) -> list[tuple[str, tuple[Any, ...]]]:
    """Sum all rows anew and compare; return table and key of every rollup row that is wrong, missing or left over."""
    wrong: list[tuple[str, tuple[Any, ...]]] = []
    checks: Sequence[tuple[Table, Query, int]] = (
        (CONTACT_WEEK, _contact_weeks(session)[0], 3),
        (PERSON_WEEK, _person_weeks(session)[0], 2),
        (PRODUCTION_WEEK, _production_weeks()[0], 2),
    )
    for table, query, key_length in checks:
        right = {_plain(row) for row in session.execute(query)}
        kept = {_plain(row) for row in session.execute(select(table))}
        wrong.extend((table.name, key) for key in sorted({row[:key_length] for row in right ^ kept}))
    return wrong


def _plain(row: Sequence[Any]) -> tuple[Any, ...]:
    """Return the row with every sum as an integer; PostgreSQL sums bigint columns to numeric."""
    return tuple(int(value) if isinstance(value, Decimal) else value for value in row)
