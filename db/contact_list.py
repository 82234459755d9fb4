"""The contacts of a branch as they are listed, from the latest back, with what a reader should look at twice."""

from collections.abc import Collection
from datetime import date

import pyarrow as pa
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from core.coaching.contacts import KeptContact, logged_days_later, logged_twice
from core.facts import Actor, UserRole
from db.access import scoped
from db.models import ContactRow, ImportBatchRow, StaffRow

CONTACT_COLUMNS = pa.schema(
    [
        ("contact_id", pa.int64()),
        ("contact_on", pa.date32()),
        ("staff_name", pa.string()),
        ("role", pa.string()),
        ("method", pa.string()),
        ("minutes", pa.int64()),
        ("topic", pa.string()),
        ("note", pa.string()),
        ("next_step", pa.string()),
        ("supervisor", pa.string()),
        ("is_late", pa.bool_()),
        ("days_later", pa.int64()),
        ("is_corrected", pa.bool_()),
        ("version", pa.int64()),
        ("may_correct", pa.bool_()),
        ("branch_id", pa.int64()),
        ("staff_id", pa.int64()),
        ("is_usual_minutes", pa.bool_()),
        ("is_twice", pa.bool_()),
    ]
)


def recent_contacts(
    session: Session, *, actor: Actor, branch_id: int, limit: int = 20, before: tuple[date, int] | None = None
) -> pa.Table:
    """Return the latest contacts of a branch, newest first, columns as `CONTACT_COLUMNS`.

    staff_name null = the role as a group. days_later from the contact to its logging, null = from an
    import; is_corrected where it was changed since; may_correct where it was logged by hand; is_twice where an
    import brought it beside a like one logged by hand, and for that one too. A branch head gets no note and no
    next step: they are the insurer's own.

    Args:
        session: to read with.
        actor: whose scope bounds the answer.
        branch_id: the branch; nothing for a foreign one.
        limit: at most so many.
        before: day and id of a contact, only older ones are returned; None = the latest.
    """
    query = (
        select(
            ContactRow.id,
            ContactRow.contact_on,
            StaffRow.staff_name,
            ContactRow.role,
            ContactRow.method,
            ContactRow.minutes,
            ContactRow.topic,
            ContactRow.note,
            ContactRow.next_step,
            ContactRow.supervisor,
            ContactRow.is_late,
            ContactRow.logged_at,
            ContactRow.version,
            ContactRow.import_batch_id,
            ContactRow.staff_id,
            ContactRow.is_usual_minutes,
        )
        .outerjoin(StaffRow, StaffRow.id == ContactRow.staff_id)
        .where(ContactRow.branch_id == branch_id)
        .order_by(ContactRow.contact_on.desc(), ContactRow.id.desc())
        .limit(limit)
    )
    if before is not None:
        day, number = before
        same_day = and_(ContactRow.contact_on == day, ContactRow.id < number)
        query = query.where(ContactRow.contact_on <= day, or_(ContactRow.contact_on < day, same_day))
    found = session.execute(scoped(query, actor, ContactRow.branch_id)).all()
    twice = _logged_twice(session, actor=actor, branch_id=branch_id, days={row.contact_on for row in found})
    rows = [
        (
            *row[:11],
            logged_days_later(row.contact_on, row.logged_at),
            row.version > 1,
            row.version,
            row.logged_at is not None and row.import_batch_id is None,
            branch_id,
            row.staff_id,
            bool(row.is_usual_minutes),
            row.id in twice,
        )
        for row in found
    ]
    columns = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in CONTACT_COLUMNS]
    if actor.role is UserRole.BRANCH_HEAD:
        for name in ("note", "next_step"):
            columns[CONTACT_COLUMNS.get_field_index(name)] = [None] * len(rows)
    return pa.table(
        [pa.array(values, column.type) for values, column in zip(columns, CONTACT_COLUMNS, strict=True)],
        schema=CONTACT_COLUMNS,
    )


def _logged_twice(session: Session, *, actor: Actor, branch_id: int, days: Collection[date]) -> frozenset[int]:
    """Return the contacts of some days that an import may have brought beside one logged by hand, both of them."""
    if not days:
        return frozenset()
    row = ContactRow
    query = (
        select(row.id, row.contact_on, row.staff_id, row.role, row.logged_at, ImportBatchRow.imported_at)
        .outerjoin(ImportBatchRow, ImportBatchRow.id == row.import_batch_id)
        .where(row.branch_id == branch_id, row.contact_on.in_(days))
    )
    return logged_twice([KeptContact(*each) for each in session.execute(scoped(query, actor, row.branch_id))])
