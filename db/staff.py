"""People of a branch: who is in post on a day, and when each was last spoken with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import Session

from core.facts import Actor, StaffRole
from db.access import scoped
from db.models import ContactRow, StaffRow

ROLE_ORDER = {role: place for place, role in enumerate(StaffRole)}


@dataclass(frozen=True)
class Person:
    """A bank person in post; `last_contact_on` None = never reached, role groups left aside."""

    staff_id: int
    staff_code: str
    staff_name: str
    role: StaffRole
    joined_on: date | None
    left_on: date | None
    last_contact_on: date | None


def in_post(on: date) -> ColumnElement[bool]:
    """Return the condition on `staff` rows in post on a day, both ends included."""
    return (StaffRow.joined_on.is_(None) | (StaffRow.joined_on <= on)) & or_(
        StaffRow.left_on.is_(None), StaffRow.left_on >= on
    )


def people_in_post(session: Session, *, actor: Actor, branch_id: int, on: date) -> tuple[Person, ...]:
    """Return the people of a branch in post on a day, by role and name; empty for a foreign branch."""
    last = (
        select(ContactRow.staff_id, func.max(ContactRow.contact_on).label("last_on"))
        .where(ContactRow.branch_id == branch_id, ContactRow.staff_id.is_not(None), ContactRow.contact_on <= on)
        .group_by(ContactRow.staff_id)
        .subquery()
    )
    query = (
        select(StaffRow, last.c.last_on)
        .outerjoin(last, last.c.staff_id == StaffRow.id)
        .where(StaffRow.branch_id == branch_id, in_post(on))
    )
    people = [
        Person(
            staff_id=row.id,
            staff_code=row.staff_code,
            staff_name=row.staff_name,
            role=StaffRole(row.role),
            joined_on=row.joined_on,
            left_on=row.left_on,
            last_contact_on=last_on,
        )
        for row, last_on in session.execute(scoped(query, actor, StaffRow.branch_id))
    ]
    return tuple(sorted(people, key=lambda one: (ROLE_ORDER[one.role], one.staff_name, one.staff_code)))


def roles_in_post(session: Session, *, actor: Actor, branch_id: int, on: date) -> frozenset[StaffRole] | None:
    """Return the posts of a branch that somebody fills on a day; None where no staff was ever recorded."""
    query = select(StaffRow.role, func.max(case((in_post(on), 1), else_=0))).where(StaffRow.branch_id == branch_id)
    rows = session.execute(scoped(query.group_by(StaffRow.role), actor, StaffRow.branch_id)).all()
    return frozenset(StaffRole(role) for role, is_filled in rows if is_filled) if rows else None


def staff_of_branch(session: Session, *, actor: Actor, branch_id: int, staff_ids: Sequence[int]) -> list[StaffRow]:
    """Return the rows of those ids that belong to the branch, in or out of post, by id."""
    query = select(StaffRow).where(StaffRow.branch_id == branch_id, StaffRow.id.in_(staff_ids)).order_by(StaffRow.id)
    return list(session.scalars(scoped(query, actor, StaffRow.branch_id)))
