"""Contact rollups of a small world, summed row by row: what the store keeps while it writes."""

from collections import defaultdict

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from db.models import ContactPersonWeekRow, ContactRow, ContactWeekRow


def roll_up_contacts(session: Session) -> None:
    """Fill `contact_week` and `contact_person_week` anew from the contacts."""
    for table in (ContactWeekRow, ContactPersonWeekRow):
        session.execute(delete(table))
    by_role: dict[tuple[object, ...], list[ContactRow]] = defaultdict(list)
    by_person: dict[tuple[object, ...], list[ContactRow]] = defaultdict(list)
    for row in session.scalars(select(ContactRow)):
        by_role[row.branch_id, row.role, row.week_start].append(row)
        if row.staff_id:
            by_person[row.staff_id, row.week_start].append(row)
    for (branch_id, role, week_start), rows in by_role.items():
        session.add(
            ContactWeekRow(
                branch_id=branch_id,
                role=role,
                week_start=week_start,
                contacts=len(rows),
                days_mask=_mask(rows),
                minutes=sum(row.minutes or 0 for row in rows),
                deep=sum(bool(row.topic) and (row.minutes or 0) >= 10 for row in rows),
            )
        )
    for (staff_id, week_start), rows in by_person.items():
        session.add(
            ContactPersonWeekRow(staff_id=staff_id, week_start=week_start, contacts=len(rows), days_mask=_mask(rows))
        )
    session.flush()


def _mask(rows: list[ContactRow]) -> int:
    mask = 0
    for row in rows:
        mask |= 1 << row.contact_on.weekday()
    return mask
