"""Coaching notes: written after a session, shared with the branch head where the author says so.

What was promised in a note stays open until somebody says what became of it. A branch head sees
shared notes only, and acknowledges them; a note changed after that is to be acknowledged again.
"""

from datetime import date

from sqlalchemy import Select, select, true
from sqlalchemy.orm import Session

from core.coaching.problems import Problem, ProblemKey, RefusedError, text_problems
from core.facts import Actor, BranchStatus, StaffRole, UserRole
from core.notes.notes import CoachingNote, Kept, NoteEntry, note_problems, note_rules
from db.access import NotAllowedError, branch_in_scope, require_role, scoped
from db.changes import account_of, check_version, first_result, keep_result, record_audit, utc_now
from db.contacts import FIELD_ROLES
from db.models import BranchRow, CoachingNoteRow, UserRow


def notes_of_branch(session: Session, *, actor: Actor, branch_id: int, limit: int = 50) -> tuple[CoachingNote, ...]:
    """Return the notes of a branch, the latest session first; empty for a foreign branch."""
    query = _notes(actor).where(CoachingNoteRow.branch_id == branch_id)
    query = query.order_by(CoachingNoteRow.session_on.desc(), CoachingNoteRow.id.desc()).limit(limit)
    return tuple(_record(*row) for row in session.execute(query))


def open_commitments(
    session: Session, *, actor: Actor, branch_id: int | None = None, due_by: date | None = None
) -> tuple[CoachingNote, ...]:
    """Return the notes whose commitment is open, by the day it is due; of one branch, or of all in scope.

    `due_by` leaves out those due after that day.
    """
    query = _notes(actor).where(CoachingNoteRow.kept.is_(None))
    if branch_id is not None:
        query = query.where(CoachingNoteRow.branch_id == branch_id)
    if due_by is not None:
        query = query.where(CoachingNoteRow.due_on <= due_by)
    query = query.order_by(CoachingNoteRow.due_on, CoachingNoteRow.id)
    return tuple(_record(*row) for row in session.execute(query))


def write_note(session: Session, *, actor: Actor, branch_id: int, entry: NoteEntry, today: date, key: str) -> None:
    """Store a note; its commitment is open from now on.

    Raises:
        NotAllowedError: not one of the actor's branches, or a branch head.
        RefusedError: with all that is wrong with the entry; the branch is closed.
    """
    require_role(actor, *FIELD_ROLES)
    branch = branch_in_scope(session, actor=actor, branch_id=branch_id)
    if first_result(session, key=key, actor=actor) is not None:
        return
    problems = note_problems(entry, today=today)
    if branch.status == BranchStatus.CLOSED:
        problems = (Problem(ProblemKey.CLOSED, "branch"), *problems)
    if problems:
        raise RefusedError(problems)
    row = CoachingNoteRow(
        branch_id=branch.id, written_at=utc_now(), written_by=account_of(actor), **_columns(entry), version=1
    )
    session.add(row)
    session.flush()
    after = {"branch": branch.branch_code, **_columns(entry)}
    record_audit(
        session,
        actor=actor,
        action="write",
        subject="coaching_note",
        subject_id=row.id,
        branch_id=row.branch_id,
        after=after,
    )
    keep_result(session, key=key, actor=actor, result={"note_id": row.id})


def change_note(
    session: Session, *, actor: Actor, note_id: int, entry: NoteEntry, shown_version: int, today: date, key: str
) -> None:
    """Change a note of one's own; whoever acknowledged it is asked again.

    Raises:
        NotAllowedError: no such note in the actor's branches, or somebody else's.
        RefusedError: with all that is wrong with the entry.
        ChangedByOtherError: it was changed, acknowledged or settled since it was shown.
    """
    require_role(actor, *FIELD_ROLES)
    row = _note(session, actor=actor, note_id=note_id)
    if row.written_by != account_of(actor):
        raise NotAllowedError("not a note of yours")
    if first_result(session, key=key, actor=actor) is not None:
        return
    before = _shown(row)
    check_version(
        session,
        shown=shown_version,
        stored=row.version,
        current=before,
        subject="coaching_note",
        subject_ids=[row.id],
    )
    problems = note_problems(entry, today=today)
    if problems:
        raise RefusedError(problems)
    for name, value in _columns(entry).items():
        setattr(row, name, value)
    row.acknowledged_on, row.acknowledged_by = None, None
    _changed(session, row, actor=actor, action="change", before=before, key=key)


def settle_commitment(
    session: Session,
    *,
    actor: Actor,
    note_id: int,
    kept: Kept | None,
    outcome: str,
    shown_version: int,
    today: date,
    key: str,
) -> None:
    """Say what became of the commitment of a note, or correct what was said; the trail keeps what stood before.

    `kept` None opens a commitment again that was settled by mistake.

    Raises:
        NotAllowedError: no such note in the actor's branches, or a branch head.
        RefusedError: broken or kept in part without a word why; a text that may not be stored.
        ChangedByOtherError: it was changed since it was shown.
    """
    require_role(actor, *FIELD_ROLES)
    row = _note(session, actor=actor, note_id=note_id)
    if first_result(session, key=key, actor=actor) is not None:
        return
    before = _shown(row)
    check_version(
        session,
        shown=shown_version,
        stored=row.version,
        current=before,
        subject="coaching_note",
        subject_ids=[row.id],
    )
    most = note_rules().most_characters
    problems = text_problems("outcome", outcome, most=most, needed=kept in (Kept.PARTLY, Kept.BROKEN))
    if problems:
        raise RefusedError(problems)
    said = (outcome.strip() or None) if kept else None
    if (row.kept, row.outcome) == (kept, said):
        return  # that it was pressed again is no news about the promise
    row.kept, row.outcome = kept, said
    row.kept_on, row.kept_by = (today, account_of(actor)) if kept else (None, None)
    _changed(session, row, actor=actor, action="settle", before=before, key=key)


def acknowledge_note(
    session: Session, *, actor: Actor, note_id: int, shown_version: int, today: date, key: str
) -> None:
    """Let the branch head say that he read a shared note.

    Raises:
        NotAllowedError: no branch head, or no such note shared with his branch.
        ChangedByOtherError: it was changed since it was shown.
    """
    require_role(actor, UserRole.BRANCH_HEAD)
    row = _note(session, actor=actor, note_id=note_id)
    if first_result(session, key=key, actor=actor) is not None:
        return
    before = _shown(row)
    check_version(
        session,
        shown=shown_version,
        stored=row.version,
        current=before,
        subject="coaching_note",
        subject_ids=[row.id],
    )
    row.acknowledged_on, row.acknowledged_by = today, account_of(actor)
    _changed(session, row, actor=actor, action="acknowledge", before=before, key=key)


def _notes(actor: Actor) -> Select[CoachingNoteRow, str, str, str | None]:
    query = (
        select(CoachingNoteRow, BranchRow.branch_code, BranchRow.branch_name, UserRow.display_name)
        .join(BranchRow, BranchRow.id == CoachingNoteRow.branch_id)
        .outerjoin(UserRow, UserRow.id == CoachingNoteRow.written_by)
    )
    seen = CoachingNoteRow.is_shared if actor.role is UserRole.BRANCH_HEAD else true()
    return scoped(query.where(seen), actor, CoachingNoteRow.branch_id)


def _note(session: Session, *, actor: Actor, note_id: int) -> CoachingNoteRow:
    found = session.execute(_notes(actor).where(CoachingNoteRow.id == note_id).with_for_update(of=CoachingNoteRow))
    row = found.first()
    if row is None:
        raise NotAllowedError("not a note you may see")
    return row[0]


def _changed(
    session: Session, row: CoachingNoteRow, *, actor: Actor, action: str, before: dict[str, object], key: str
) -> None:
    row.version += 1
    session.flush()
    record_audit(
        session,
        actor=actor,
        action=action,
        subject="coaching_note",
        subject_id=row.id,
        branch_id=row.branch_id,
        before=before,
        after=_shown(row),
    )
    keep_result(session, key=key, actor=actor, result={"note_id": row.id})


def _columns(entry: NoteEntry) -> dict[str, object]:
    return {
        "session_on": entry.session_on,
        "role": entry.role.value,
        "goal": entry.goal.strip(),
        "reality": entry.reality.strip(),
        "options": entry.options.strip(),
        "will": entry.will.strip(),
        "due_on": entry.due_on,
        "is_shared": entry.is_shared,
    }


def _entry(row: CoachingNoteRow) -> NoteEntry:
    return NoteEntry(
        session_on=row.session_on,
        role=StaffRole(row.role),
        goal=row.goal,
        reality=row.reality,
        options=row.options,
        will=row.will,
        due_on=row.due_on,
        is_shared=row.is_shared,
    )


def _shown(row: CoachingNoteRow) -> dict[str, object]:
    return {
        **_columns(_entry(row)),
        "acknowledged_on": row.acknowledged_on,
        "kept": row.kept,
        "outcome": row.outcome,
    }


def _record(row: CoachingNoteRow, branch_code: str, branch_name: str, author: str | None) -> CoachingNote:
    return CoachingNote(
        note_id=row.id,
        branch_id=row.branch_id,
        branch_code=branch_code,
        branch_name=branch_name,
        entry=_entry(row),
        author=author,
        author_id=row.written_by,
        acknowledged_on=row.acknowledged_on,
        kept=Kept(row.kept) if row.kept else None,
        kept_on=row.kept_on,
        outcome=row.outcome,
        version=row.version,
    )
