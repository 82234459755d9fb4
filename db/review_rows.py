"""The rows a figure of one branch is counted from, without anything of customers."""

from datetime import date
from typing import Any

import pyarrow as pa
from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from core.facts import Actor
from core.kpis.table import FEN_PER_CNY
from db.access import branch_in_scope, scoped
from db.models import ContactRow, PolicyRow, StaffRow

POLICY_COLUMNS = pa.schema(
    [
        ("issued_on", pa.date32()),
        ("product", pa.string()),
        ("payment_mode", pa.string()),
        ("premium", pa.float64()),
        ("status", pa.string()),
        ("cancelled_on", pa.date32()),
        ("staff_code", pa.string()),
    ]
)
CONTACT_COLUMNS = pa.schema(
    [
        ("contact_on", pa.date32()),
        ("role", pa.string()),
        ("method", pa.string()),
        ("staff_code", pa.string()),
        ("minutes", pa.int64()),
        ("topic", pa.string()),
    ]
)


def policies_behind(session: Session, *, actor: Actor, branch_id: int, start: date, end: date) -> pa.Table:
    """Return the policies of a branch accepted or cancelled in a period, the latest first; premium in yuan.

    Raises:
        NotAllowedError: not one of the actor's branches.
    """
    branch_in_scope(session, actor=actor, branch_id=branch_id)
    query = (
        select(
            PolicyRow.issued_on,
            PolicyRow.product,
            PolicyRow.payment_mode,
            PolicyRow.premium_fen,
            PolicyRow.status,
            PolicyRow.cancelled_on,
            StaffRow.staff_code,
        )
        .outerjoin(StaffRow, StaffRow.id == PolicyRow.staff_id)
        .where(
            PolicyRow.branch_id == branch_id,
            or_(PolicyRow.issued_on.between(start, end), PolicyRow.cancelled_on.between(start, end)),
        )
        .order_by(PolicyRow.issued_on.desc(), PolicyRow.id.desc())
    )
    rows = [
        (day, product, mode, fen / FEN_PER_CNY, *rest)
        for day, product, mode, fen, *rest in _asked(session, query, actor, PolicyRow)
    ]
    return _table(rows, POLICY_COLUMNS)


def contacts_behind(session: Session, *, actor: Actor, branch_id: int, start: date, end: date) -> pa.Table:
    """Return the contacts with a branch in a period, the latest first.

    Raises:
        NotAllowedError: not one of the actor's branches.
    """
    branch_in_scope(session, actor=actor, branch_id=branch_id)
    query = (
        select(
            ContactRow.contact_on,
            ContactRow.role,
            ContactRow.method,
            StaffRow.staff_code,
            ContactRow.minutes,
            ContactRow.topic,
        )
        .outerjoin(StaffRow, StaffRow.id == ContactRow.staff_id)
        .where(ContactRow.branch_id == branch_id, ContactRow.contact_on.between(start, end))
        .order_by(ContactRow.contact_on.desc(), ContactRow.id.desc())
    )
    return _table(_asked(session, query, actor, ContactRow), CONTACT_COLUMNS)


def _asked(
    session: Session, query: Select[*tuple[Any, ...]], actor: Actor, kind: type[PolicyRow | ContactRow]
) -> list[Any]:
    return [tuple(row) for row in session.execute(scoped(query, actor, kind.branch_id))]


def _table(rows: list[Any], columns: pa.Schema) -> pa.Table:
    cells = zip(*rows, strict=True) if rows else ([] for _ in columns)
    return pa.table([pa.array(list(one), kind.type) for one, kind in zip(cells, columns, strict=True)], schema=columns)
