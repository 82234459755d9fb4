"""Contacts logged by hand, corrected afterwards: checked against the version shown, marked, kept in the audit trail.

Whom a contact was with stays; so does who logged it and when. A contact of an import is corrected by
another import. A mark of late logging is never lost by a correction.
"""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.calendar import week_start_of
from core.coaching.contacts import ContactContent, ContactEntry, entry_problems, is_late, logged_on
from core.coaching.problems import RefusedError
from core.facts import Actor, StaffRole
from db.access import NotAllowedError, require_role, scoped
from db.calendar_days import working_calendar
from db.changes import check_version, first_result, keep_result, record_audit
from db.contacts import FIELD_ROLES, already_logged
from db.models import ContactRow
from db.rollups import rebuild_rollups


def correct_contact(
    session: Session,
    *,
    actor: Actor,
    contact_id: int,
    shown_version: int,
    content: ContactContent,
    today: date,
    key: str,
    is_another: bool = False,
) -> None:
    """Replace the content of a contact and mark it as corrected.

    Args:
        session: the writing transaction.
        actor: who corrects.
        contact_id: the contact, re-checked against the scope.
        shown_version: the version the form was drawn with.
        content: all that may be corrected, whether it changed or not.
        today: the day in Shanghai.
        key: drawn with the form.
        is_another: store although a like contact was logged for that day.

    Raises:
        NotAllowedError: not a contact of the actor's branches, a branch head, or a contact of an import.
        ChangedByOtherError: somebody corrected it since it was shown.
        RefusedError: with all that is wrong with the content.
    """
    require_role(actor, *FIELD_ROLES)
    query = select(ContactRow).where(ContactRow.id == contact_id)
    row = session.scalar(scoped(query, actor, ContactRow.branch_id).with_for_update())
    if row is None or row.logged_at is None or row.import_batch_id is not None:
        raise NotAllowedError("not one of your branches")
    if first_result(session, key=key, actor=actor) is not None:
        return
    before = _content(row)
    check_version(
        session,
        shown=shown_version,
        stored=row.version,
        current=before,
        subject="contact",
        subject_ids=[row.id],
    )
    entry = ContactEntry(
        staff_ids=(row.staff_id,) if row.staff_id else (),
        roles=() if row.staff_id else (StaffRole(row.role),),
        **content.__dict__,
    )
    logged = logged_on(row.logged_at)
    problems = list(entry_problems(entry, today=min(logged, today)))
    if not problems and not is_another and content.contact_on != row.contact_on:
        problems += already_logged(session, actor=actor, branch_id=row.branch_id, entry=entry, beside=row.id)
    if problems:
        raise RefusedError(problems)
    weeks = {row.week_start, week_start_of(content.contact_on)}
    row.contact_on, row.week_start = content.contact_on, week_start_of(content.contact_on)
    row.method, row.minutes = content.method.value, content.minutes
    row.topic, row.note, row.next_step = (_kept(words) for words in (content.topic, content.note, content.next_step))
    row.is_late = row.is_late or is_late(content.contact_on, today=logged, calendar=working_calendar(session))
    row.version += 1
    session.flush()
    rebuild_rollups(session, branch_ids=[row.branch_id], weeks=weeks, policies=False)
    record_audit(
        session,
        actor=actor,
        action="correct",
        subject="contact",
        subject_id=row.id,
        branch_id=row.branch_id,
        before=before,
        after=_content(row),
    )
    keep_result(session, key=key, actor=actor, result={"contact_id": row.id})


def _content(row: ContactRow) -> dict[str, object]:
    names = ("contact_on", "method", "minutes", "topic", "note", "next_step", "is_late")
    return {name: getattr(row, name) for name in names}


def _kept(words: str | None) -> str | None:
    return words.strip() or None if words else None
