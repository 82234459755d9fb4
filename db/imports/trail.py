"""What an import changed in contacts that were stored: a row of the audit trail for each, with before and after.

Contact logs can bear on pay: that an import changed them is to be seen in the changes of their branch, not only
in the count of the import.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.facts import Actor
from db.changes import AuditChange, record_audits
from db.models import BranchRow, ContactRow, ImportChangeRow, StaffRow

AT_ONCE = 5_000
AS_THEY_ARE = ("contact_on", "role", "method", "supervisor", "minutes", "topic", "note")
State = Mapping[str, Any]


def record_changed_contacts(session: Session, *, actor: Actor, import_batch_id: int) -> None:
    """Tell each contact that an import changed, once it stands as the import left it."""
    table: Any = ContactRow.__table__
    of_batch = (ImportChangeRow.import_batch_id == import_batch_id, ImportChangeRow.table_name == table.name)
    told = [table.c[name] for name in ("id", *AS_THEY_ARE, "branch_id", "staff_id")]
    last = 0
    codes: _Codes | None = None
    while True:
        changed = select(ImportChangeRow.row_id).where(*of_batch, ImportChangeRow.row_id > last)
        query = select(*told).where(table.c.id.in_(changed)).order_by(table.c.id).limit(AT_ONCE)
        rows = {row["id"]: dict(row) for row in session.execute(query).mappings()}
        if not rows:
            return
        kept = select(ImportChangeRow.row_id, ImportChangeRow.before).where(
            *of_batch, ImportChangeRow.row_id > last, ImportChangeRow.row_id <= max(rows)
        )
        before: dict[int, dict[str, Any]] = {}
        for row_id, values in session.execute(kept.order_by(ImportChangeRow.id)):
            before[row_id] = {**values, **before.get(row_id, {})}  # the first of two changes knows how it was
        codes = codes or _Codes(session)
        last = max(rows)
        pairs = (({**rows[row_id], **values}, rows[row_id]) for row_id, values in before.items() if row_id in rows)
        changes = _changes(pairs, import_batch_id, codes)
        record_audits(session, actor=actor, action="correct", subject="contact", changes=changes)


def record_restored_contacts(
    session: Session, *, actor: Actor, import_batch_id: int, restored: Mapping[int, tuple[State, State]]
) -> None:
    """Tell each contact that has its old content again: how it was with the import and how it is now, by its id."""
    if restored:
        changes = _changes(restored.values(), import_batch_id, _Codes(session))
        record_audits(session, actor=actor, action="undo", subject="contact", changes=changes)


class _Codes:
    """The codes of branches and people by their ids."""

    def __init__(self, session: Session) -> None:
        self.branches = dict(session.execute(select(BranchRow.id, BranchRow.branch_code)).all())
        self.staff = dict(session.execute(select(StaffRow.id, StaffRow.staff_code)).all())

    def told(self, state: State) -> dict[str, Any]:
        """Return a contact under the names the audit trail has for its values."""
        found = {name: state[name] for name in AS_THEY_ARE}
        found["staff_code"] = self.staff.get(state["staff_id"]) if state["staff_id"] else None
        found["branch_code"] = self.branches.get(state["branch_id"])
        return {name: value if value is None or isinstance(value, int) else str(value) for name, value in found.items()}


def _changes(pairs: Iterable[tuple[State, State]], import_batch_id: int, codes: _Codes) -> list[AuditChange]:
    changes: list[AuditChange] = []
    for was, now in pairs:
        before, after = codes.told(was), codes.told(now)
        names = [name for name in after if before[name] != after[name]]
        if not names:
            continue
        lost = {name: before[name] for name in names}
        got = {name: after[name] for name in names}
        sides: list[tuple[int, State | None, State]] = [(now["branch_id"], lost, got)]
        if was["branch_id"] != now["branch_id"]:  # each branch sees its own side, and nothing of the other one
            sides = [(now["branch_id"], None, got), (was["branch_id"], lost, {"moved_away": True})]
        changes += [
            AuditChange(
                subject_id=now["id"],
                before=before_it,
                after={**after_it, "import_batch": import_batch_id},
                branch_id=branch_id,
            )
            for branch_id, before_it, after_it in sides
        ]
    return changes
