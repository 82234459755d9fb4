"""Contacts logged by hand, corrected or withdrawn: checked against the version shown, kept in the audit trail.

Who logged a contact and when stays. A contact of an import is corrected by another import. A mark of late
logging is never lost by a correction. What is withdrawn counts no more; the trail keeps it whole, with the reason.
"""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.calendar import week_start_of
from core.coaching.contacts import ContactContent, ContactEntry, contact_rules, entry_problems, is_late, logged_on
from core.coaching.playbook import find_action
from core.coaching.problems import Problem, ProblemKey, RefusedError, text_problems
from core.events.rules import Named
from core.facts import Actor, StaffRole
from core.today.rules import today_rules
from db.access import NotAllowedError, require_role, scoped
from db.calendar_days import working_calendar
from db.changes import check_version, first_result, keep_result, record_audit, utc_now
from db.contacts import FIELD_ROLES, already_logged, is_in_post
from db.models import ContactRow, StaffRow, SuggestionRow
from db.playbook import playbook
from db.rollups import rebuild_rollups, write_alone
from db.staff import staff_of_branch


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
    """Replace the content of a contact, whom it was with included, and mark it as corrected.

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
        RefusedError: with all that is wrong with the content, and with the actions it would not show as done any more.
    """
    require_role(actor, *FIELD_ROLES)
    write_alone(session)  # before the contact is locked, in the order of an import
    if first_result(session, key=key, actor=actor) is not None:
        return
    row = _by_hand(session, actor=actor, contact_id=contact_id)
    before = _content(session, row)
    check_version(
        session,
        shown=shown_version,
        stored=row.version,
        current=before,
        subject="contact",
        subject_ids=[row.id],
    )
    staff_id, role = (content.staff_id, content.role) if content.role else (row.staff_id, StaffRole(row.role))
    entry = ContactEntry(
        contact_on=content.contact_on,
        method=content.method,
        staff_ids=(staff_id,) if staff_id else (),
        roles=() if staff_id else (role,),
        minutes=content.minutes,
        topic=content.topic,
        note=content.note,
        next_step=content.next_step,
    )
    logged = logged_on(row.logged_at or utc_now())
    problems = list(entry_problems(entry, today=min(logged, today)))
    is_other, is_moved = (staff_id, role) != (row.staff_id, row.role), content.contact_on != row.contact_on
    if is_other or is_moved:
        problems += _post_problems(session, row, actor=actor, staff_id=staff_id, role=role, day=content.contact_on)
    if not problems and not is_another and (is_other or is_moved):
        problems += already_logged(session, actor=actor, branch_id=row.branch_id, entry=entry, beside=row.id)
    problems += _proof_problems(session, row, content, actor=actor, today=today)
    if problems:
        raise RefusedError(problems)
    people = {one for one in (row.staff_id, staff_id) if one}
    row.staff_id, row.role = staff_id, role.value
    weeks = {row.week_start, week_start_of(content.contact_on)}
    row.contact_on, row.week_start = content.contact_on, week_start_of(content.contact_on)
    if content.minutes != row.minutes:
        row.is_usual_minutes = None  # now somebody said it
    row.method, row.minutes = content.method.value, content.minutes
    row.topic, row.note, row.next_step = (_kept(words) for words in (content.topic, content.note, content.next_step))
    row.is_late = row.is_late or is_late(content.contact_on, today=logged, calendar=working_calendar(session))
    row.version += 1
    session.flush()
    rebuild_rollups(session, branch_ids=[row.branch_id], weeks=weeks, staff_ids=people, policies=False)
    record_audit(
        session,
        actor=actor,
        action="correct",
        subject="contact",
        subject_id=row.id,
        branch_id=row.branch_id,
        before=before,
        after=_content(session, row),
    )
    keep_result(session, key=key, actor=actor, result={"contact_id": row.id})


def withdraw_contact(
    session: Session, *, actor: Actor, contact_id: int, shown_version: int, reason: str, today: date, key: str
) -> None:
    """Take a wrongly logged contact out of all counts; the audit trail keeps it with the reason.

    Raises:
        NotAllowedError: as for `correct_contact`.
        ChangedByOtherError: somebody corrected it since it was shown.
        RefusedError: no reason, one that may not be stored, or the contact shows that an action was done.
    """
    require_role(actor, *FIELD_ROLES)
    write_alone(session)  # before the contact is locked, in the order of an import
    if first_result(session, key=key, actor=actor) is not None:
        return
    row = _by_hand(session, actor=actor, contact_id=contact_id)
    before = _content(session, row)
    check_version(
        session, shown=shown_version, stored=row.version, current=before, subject="contact", subject_ids=[row.id]
    )
    problems = list(text_problems("line_reason", reason, most=contact_rules().most_note_characters, needed=True))
    proved = select(SuggestionRow.id).where(SuggestionRow.proof_contact_id == row.id).limit(1)
    if session.scalar(scoped(proved, actor, SuggestionRow.branch_id)):
        problems.append(Problem(ProblemKey.IS_PROOF, "contact"))
    if problems:
        raise RefusedError(problems)
    branch_id, week, people = row.branch_id, row.week_start, [row.staff_id] if row.staff_id else []
    before |= {"supervisor": row.supervisor, "logged_on": logged_on(row.logged_at or utc_now())}
    session.delete(row)
    session.flush()
    rebuild_rollups(session, branch_ids=[branch_id], weeks=[week], staff_ids=people, policies=False)
    record_audit(
        session,
        actor=actor,
        action="withdraw",
        subject="contact",
        subject_id=contact_id,
        branch_id=branch_id,
        before=before,
        after={"reason": reason.strip(), "withdrawn_on": today},
    )
    keep_result(session, key=key, actor=actor, result={"contact_id": contact_id})


def _post_problems(
    session: Session, row: ContactRow, *, actor: Actor, staff_id: int | None, role: StaffRole, day: date
) -> list[Problem]:
    """Point out that the person of a contact was not in post at its branch on a day, or not in the role.

    Whom it was with already may belong to another branch by now: when he was in post here is not known then, and
    the day may be corrected.
    """
    if not staff_id:
        return []
    people = staff_of_branch(session, actor=actor, branch_id=row.branch_id, staff_ids=[staff_id])
    may_be = all(one.role == role and is_in_post(one, day) for one in people)
    if may_be and (people or staff_id == row.staff_id):
        return []
    return [Problem(ProblemKey.NOT_IN_BRANCH, "whom", {"day": day})]


def _proof_problems(
    session: Session, row: ContactRow, content: ContactContent, *, actor: Actor, today: date
) -> list[Problem]:
    """Name the finished actions a contact shows as done, and would not with its new day or topic."""
    is_moved, is_pushed = content.contact_on != row.contact_on, content.topic != row.topic
    is_pushed = is_pushed and content.topic in today_rules().not_real_topics
    if not is_moved and not is_pushed:
        return []
    query = select(SuggestionRow).where(SuggestionRow.proof_contact_id == row.id)
    shown = session.scalars(scoped(query, actor, SuggestionRow.branch_id)).all()
    actions = playbook(session, as_of=today) if shown else ()
    found: list[Problem] = []
    for one in shown:
        action = find_action(actions, one.action_key)
        name = Named(one.action_key, *((action.title_en, action.title_zh) if action else [one.action_key] * 2))
        since, until = one.taken_on or content.contact_on, one.decided_on or today
        if is_moved and not since <= content.contact_on <= until:
            found.append(Problem(ProblemKey.PROOF_DAY, "contact", {"action": name, "since": since, "until": until}))
        if is_pushed:
            found.append(Problem(ProblemKey.PROOF_PUSH, "contact", {"action": name}))
    return found


def _by_hand(session: Session, *, actor: Actor, contact_id: int) -> ContactRow:
    """Return a contact in scope that was logged by hand, locked for a change."""
    query = select(ContactRow).where(ContactRow.id == contact_id)
    row = session.scalar(scoped(query, actor, ContactRow.branch_id).with_for_update())
    if row is None or row.logged_at is None or row.import_batch_id is not None:
        raise NotAllowedError("not one of your branches")
    return row


def _content(session: Session, row: ContactRow) -> dict[str, object]:
    names = ("contact_on", "role", "method", "minutes", "topic", "note", "next_step", "is_late")
    person = session.get(StaffRow, row.staff_id) if row.staff_id else None
    return {name: getattr(row, name) for name in names} | {"staff_code": person.staff_code if person else None}


def _kept(words: str | None) -> str | None:
    return words.strip() or None if words else None
