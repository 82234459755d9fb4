"""Coaching notes, commitments made in them, and handovers of branches."""

from datetime import date

from core.notes.handover import Handover, HandoverKind
from core.notes.notes import CoachingNote, Kept, NoteEntry
from db import coaching_notes as rows
from db import handovers as changes
from db.engine import reading, writing
from pages.parts.store.base import Ask, cached


@cached
def notes(ask: Ask, branch_id: int) -> tuple[CoachingNote, ...]:
    """Return the notes of a branch, the latest session first; a branch head gets the shared ones."""
    with reading(ask.store_url) as session:
        return rows.notes_of_branch(session, actor=ask.actor, branch_id=branch_id)


@cached
def commitments(ask: Ask, branch_id: int | None = None) -> tuple[CoachingNote, ...]:
    """Return the notes whose commitment is open, by the day it is due; of one branch, or of all in scope."""
    with reading(ask.store_url) as session:
        return rows.open_commitments(session, actor=ask.actor, branch_id=branch_id)


@cached
def handovers(ask: Ask) -> tuple[Handover, ...]:
    """Return the branches that got another supervisor or head lately, the latest change first."""
    with reading(ask.store_url) as session:
        return changes.handovers(session, actor=ask.actor, today=ask.today)


def write_note(ask: Ask, branch_id: int, entry: NoteEntry, *, key: str) -> bool:
    """Store a note; refusals as `db.coaching_notes.write_note`."""
    with writing(ask.store_url) as session:
        rows.write_note(session, actor=ask.actor, branch_id=branch_id, entry=entry, today=ask.today, key=key)
    return True


def change_note(ask: Ask, note: CoachingNote, entry: NoteEntry, *, key: str) -> bool:
    """Change a note of one's own; refusals as `db.coaching_notes.change_note`."""
    with writing(ask.store_url) as session:
        rows.change_note(
            session,
            actor=ask.actor,
            note_id=note.note_id,
            entry=entry,
            shown_version=note.version,
            today=ask.today,
            key=key,
        )
    return True


def settle(ask: Ask, note: CoachingNote, *, kept: Kept | None, outcome: str, key: str) -> bool:
    """Say what became of a commitment, None = it is open again; refusals as `db.coaching_notes.settle_commitment`."""
    with writing(ask.store_url) as session:
        rows.settle_commitment(
            session,
            actor=ask.actor,
            note_id=note.note_id,
            kept=kept,
            outcome=outcome,
            shown_version=note.version,
            today=ask.today,
            key=key,
        )
    return True


def acknowledge(ask: Ask, note: CoachingNote, *, key: str) -> bool:
    """Let the branch head say that he read a note; refusals as `db.coaching_notes.acknowledge_note`."""
    with writing(ask.store_url) as session:
        rows.acknowledge_note(
            session, actor=ask.actor, note_id=note.note_id, shown_version=note.version, today=ask.today, key=key
        )
    return True


def take_over(ask: Ask, branch_id: int, kind: HandoverKind, changed_on: date, *, key: str) -> bool:
    """Confirm that a branch was taken over; refusals as `db.handovers.take_over`."""
    with writing(ask.store_url) as session:
        changes.take_over(
            session,
            actor=ask.actor,
            branch_id=branch_id,
            kind=kind,
            changed_on=changed_on,
            today=ask.today,
            key=key,
        )
    return True
