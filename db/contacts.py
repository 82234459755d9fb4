"""Contacts logged by hand. Imports have their own way in; `db/contact_list.py` lists those of a branch.

One call stores one row for each person and each role met as a group, with the rollups, in the
caller's transaction. Every row carries a reference drawn from the write key, so that two like
contacts of one day stay two.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from core.calendar import week_start_of
from core.coaching.contacts import ContactEntry, entry_problems, is_late, met_twice
from core.coaching.problems import Problem, ProblemKey, RefusedError
from core.facts import Actor, BranchStatus, StaffRole, UserRole
from db.access import branch_in_scope, require_role, scoped
from db.calendar_days import working_calendar
from db.changes import first_result, keep_result, record_audit, utc_now
from db.imports.spool import digests
from db.models import BranchRow, ContactRow, StaffRow
from db.rollups import rebuild_rollups, write_alone
from db.staff import staff_of_branch

FIELD_ROLES = (UserRole.ADMIN, UserRole.MANAGER, UserRole.SUPERVISOR)
"""Who logs contacts and decides about actions; branch heads read."""


@dataclass(frozen=True)
class RecordedContacts:
    """What one submit stored."""

    contacts: int
    is_late: bool


def record_contacts(
    session: Session,
    *,
    actor: Actor,
    branch_id: int,
    entry: ContactEntry,
    today: date,
    key: str,
    is_another: bool = False,
) -> RecordedContacts:
    """Store one contact for each person and role of the entry; a resend with the same key stores nothing more.

    Args:
        session: the writing transaction.
        actor: who logs; stored as the supervisor who made the contact.
        branch_id: the branch, re-checked against the scope.
        entry: what was filled in.
        today: the day in Shanghai.
        key: drawn with the form.
        is_another: store although the same people were logged for that day.

    Raises:
        NotAllowedError: not one of the actor's branches, or a branch head.
        RefusedError: with all that is wrong with the entry.
    """
    require_role(actor, *FIELD_ROLES)
    write_alone(session)  # before the day is looked at: who logs the same at this moment waits, and sees this one then
    branch = branch_in_scope(session, actor=actor, branch_id=branch_id)
    first = first_result(session, key=key, actor=actor)
    if first is not None:
        return RecordedContacts(contacts=first.get("contacts", 0), is_late=first.get("is_late", False))
    people = staff_of_branch(session, actor=actor, branch_id=branch_id, staff_ids=entry.staff_ids)
    problems = list(entry_problems(entry, today=today))
    if branch.status == BranchStatus.CLOSED:
        problems.append(Problem(ProblemKey.CLOSED, "branch"))
    if len(people) != len(set(entry.staff_ids)) or not all(is_in_post(person, entry.contact_on) for person in people):
        problems.append(Problem(ProblemKey.NOT_IN_BRANCH, "whom", {"day": entry.contact_on}))
    problems += met_twice([(person.staff_name, StaffRole(person.role)) for person in people], entry.roles)
    if not problems and not is_another:
        problems.extend(already_logged(session, actor=actor, branch_id=branch.id, entry=entry))
    if problems:
        raise RefusedError(problems)
    whom: list[tuple[int | None, str]] = [(person.id, person.role) for person in people]
    whom += [(None, role.value) for role in dict.fromkeys(entry.roles)]
    late = is_late(entry.contact_on, today=today, calendar=working_calendar(session))
    rows: list[ContactRow] = []
    for number, (staff_id, role) in enumerate(whom):
        rows.append(_row(branch, entry, actor=actor, staff_id=staff_id, role=role, ref=f"{key}-{number}", late=late))
    session.add_all(rows)
    session.flush()
    rebuild_rollups(session, branch_ids=[branch.id], weeks=[week_start_of(entry.contact_on)], policies=False)
    codes = {person.id: person.staff_code for person in people}
    for row in rows:
        record_audit(
            session,
            actor=actor,
            action="record",
            subject="contact",
            subject_id=row.id,
            branch_id=branch.id,
            after={
                "branch": branch.branch_code,
                "role": row.role,
                "staff_code": codes.get(row.staff_id or 0),
                "contact_on": row.contact_on,
                "method": row.method,
                "minutes": row.minutes,
                "is_usual_minutes": entry.is_usual_minutes,
                "topic": row.topic,
                "note": row.note,
                "next_step": row.next_step,
                "is_late": late,
            },
        )
    keep_result(session, key=key, actor=actor, result={"contacts": len(whom), "is_late": late})
    return RecordedContacts(contacts=len(whom), is_late=late)


def _row(
    branch: BranchRow, entry: ContactEntry, *, actor: Actor, staff_id: int | None, role: str, ref: str, late: bool
) -> ContactRow:
    return ContactRow(
        fingerprint=reference_fingerprint(ref),
        contact_ref=ref,
        contact_on=entry.contact_on,
        week_start=week_start_of(entry.contact_on),
        branch_id=branch.id,
        staff_id=staff_id,
        role=role,
        method=entry.method.value,
        supervisor=actor.username or None,
        minutes=entry.minutes,
        is_usual_minutes=entry.is_usual_minutes or None,
        topic=_kept(entry.topic),
        note=_kept(entry.note),
        next_step=_kept(entry.next_step),
        is_late=late,
        logged_at=utc_now(),
        logged_by=actor.user_id or None,
    )


def reference_fingerprint(contact_ref: str) -> int:
    """Return the number a contact with a reference goes by, the one an import of it would find."""
    return int(digests([contact_ref])[0])


def _kept(words: str | None) -> str | None:
    return words.strip() or None if words else None


def is_in_post(person: StaffRow, day: date) -> bool:
    """Tell whether a person was in post on a day, both ends included."""
    joined = person.joined_on is None or person.joined_on <= day
    return joined and (person.left_on is None or day <= person.left_on)


def already_logged(
    session: Session, *, actor: Actor, branch_id: int, entry: ContactEntry, beside: int | None = None
) -> tuple[Problem, ...]:
    """Point out whom the same day holds already, in whichever way and whenever logged; `beside` is the contact itself.

    A contact has a day and no hour, so that what may lie within the same half day is the whole day. A role met as a
    group holds everybody in it: it meets the person, and the person the group. Empty where nobody is held twice.
    """
    roles_of_people = select(StaffRow.role).where(StaffRow.id.in_(entry.staff_ids), StaffRow.branch_id == branch_id)
    same: list[ColumnElement[bool]] = [
        ContactRow.staff_id.in_(entry.staff_ids),
        ContactRow.role.in_([role.value for role in entry.roles]),
        ContactRow.staff_id.is_(None) & ContactRow.role.in_(roles_of_people),
    ]
    query = (
        select(StaffRow.staff_name, ContactRow.role)
        .outerjoin(StaffRow, StaffRow.id == ContactRow.staff_id)
        .where(
            ContactRow.branch_id == branch_id,
            ContactRow.contact_on == entry.contact_on,
            or_(*same),
            ContactRow.id != (beside or 0),
        )
        .order_by(ContactRow.id)
    )
    rows = session.execute(scoped(query, actor, ContactRow.branch_id)).all()
    if not rows:
        return ()
    people = list(dict.fromkeys(row.staff_name for row in rows if row.staff_name is not None))
    roles = list(dict.fromkeys(row.role for row in rows if row.staff_name is None))
    return (Problem(ProblemKey.ALREADY_LOGGED, "whom", {"people": people, "roles": roles}),)
