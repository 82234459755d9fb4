"""Coaching notes in the sample city: what the demo supervisor wrote down after sessions, and what became of it."""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy.orm import Session

from core.facts import Actor, StaffRole
from core.notes.notes import Kept, NoteEntry
from core.sample.plan import names
from db.branch_history import only_branch
from db.coaching_notes import acknowledge_note, notes_of_branch, settle_commitment, write_note


def write_notes(session: Session, *, supervisor: Actor, branch_ids: Sequence[int], today: date) -> None:
    """Write the notes of the sample's rows; `branch` is the place of the branch among the demo supervisor's."""
    for number, row in enumerate(names()["traces"]["notes"]):
        if row["branch"] >= len(branch_ids):
            continue
        branch_id, key = branch_ids[row["branch"]], f"sample-note-{number}"
        session_on = today - timedelta(days=row["days_ago"])
        entry = NoteEntry(
            session_on=session_on,
            role=StaffRole(row["role"]),
            goal=row["goal"],
            reality=row["reality"],
            options=row["options"],
            will=row["will"],
            due_on=session_on + timedelta(days=row["due_days"]),
            is_shared=row["is_shared"],
        )
        write_note(session, actor=supervisor, branch_id=branch_id, entry=entry, today=today, key=key)
        written = notes_of_branch(session, actor=supervisor, branch_id=branch_id)
        stored = max(written, key=lambda one: one.note_id)
        version = stored.version
        if row.get("is_read"):
            acknowledge_note(
                session,
                actor=only_branch(supervisor, branch_id),
                note_id=stored.note_id,
                shown_version=version,
                today=session_on + timedelta(days=1),
                key=f"{key}-read",
            )
            version += 1
        if "kept" in row:
            settle_commitment(
                session,
                actor=supervisor,
                note_id=stored.note_id,
                kept=Kept(row["kept"]),
                outcome=row.get("outcome", ""),
                shown_version=version,
                today=min(entry.due_on, today),
                key=f"{key}-settled",
            )
