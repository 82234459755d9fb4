"""Taking back a whole import: its new rows go, its updated rows get their old content again.

Refused where a row was changed since or where other rows depend on it: then nothing is touched.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any, cast

from sqlalchemy import Table, and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from core.facts import Actor, RestatementCause, SuggestionState, UserRole
from db.access import NotAllowedError, require_role
from db.changes import account_of, record_audit, utc_now
from db.imports.datasets import Dataset
from db.imports.messages import (
    ALREADY_UNDONE,
    CHANGED_SINCE,
    DEPENDED_ON,
    NO_SUCH_IMPORT,
    ImportRefusedError,
    Remark,
)
from db.imports.storing import derive_status_days
from db.imports.trail import record_restored_contacts
from db.models import (
    BankRow,
    BranchEventRow,
    BranchRow,
    BranchStatusRow,
    BranchTotalRow,
    CoachingNoteRow,
    ContactPersonWeekRow,
    ContactRow,
    ContactWeekRow,
    GapDiagnosisActionRow,
    GapDiagnosisRow,
    HandoverReadRow,
    ImportBatchRow,
    ImportChangeRow,
    OrgUnitRow,
    PlanItemRow,
    PolicyRow,
    ProductionWeekRow,
    ReviewDecisionRow,
    SelfCheckRow,
    SnoozeRow,
    StaffRow,
    StageDecisionRow,
    StageRestatementRow,
    StageShownRow,
    StageWeekRow,
    SuggestionRow,
    SurveySheetRow,
    SurveyVersionRow,
    TodayNewsRow,
    WarningSinceRow,
)
from db.rollups import rebuild_rollups, write_alone
from db.stage_history import recompute_stages
from db.stage_shown import Cause

OWNED: tuple[tuple[Dataset, Any], ...] = (
    (Dataset.POLICIES, PolicyRow),
    (Dataset.CONTACTS, ContactRow),
    (Dataset.STATUSES, BranchStatusRow),
    (Dataset.STAFF, StaffRow),
    (Dataset.BRANCHES, BranchRow),
)
"""Tables an import adds rows to, dependent rows first."""
WRITTEN_ABOUT: tuple[Any, ...] = (
    BranchTotalRow,
    StageDecisionRow,
    SelfCheckRow,
    CoachingNoteRow,
    HandoverReadRow,
    BranchEventRow,
    SnoozeRow,
    PlanItemRow,
    SurveyVersionRow,
    SurveySheetRow,
    ReviewDecisionRow,
    GapDiagnosisRow,
    GapDiagnosisActionRow,
)
"""What people wrote about a branch: while it is there, the branch stays."""
DERIVED: tuple[Any, ...] = (
    StageWeekRow,
    StageShownRow,
    StageRestatementRow,
    ContactWeekRow,
    ProductionWeekRow,
    SuggestionRow,
    TodayNewsRow,
    WarningSinceRow,
)
"""What follows from the rows of a branch and goes with it."""
DATASET_OF = {row.__tablename__: dataset for dataset, row in OWNED}


def undo_import(session: Session, *, actor: Actor, import_batch_id: int, today: date) -> None:
    """Take an import back, with sums and stages.

    Raises:
        NotAllowedError: not an administrator and not the one who imported.
        ImportRefusedError: undone before, changed since, or depended on; says how many rows of which table.
    """
    require_role(actor, UserRole.ADMIN, UserRole.MANAGER, UserRole.SUPERVISOR)
    write_alone(session)
    batch = session.get(ImportBatchRow, import_batch_id)
    if batch is None:
        raise ImportRefusedError(Remark(NO_SUCH_IMPORT))
    if actor.role is not UserRole.ADMIN and batch.imported_by != actor.user_id:
        raise NotAllowedError("not allowed for this role")
    if batch.undone_at is not None:
        raise ImportRefusedError(Remark(ALREADY_UNDONE))
    changes = session.scalars(
        select(ImportChangeRow)
        .where(ImportChangeRow.import_batch_id == import_batch_id)
        .order_by(ImportChangeRow.id.desc())
    ).all()
    _refuse_changed(session, import_batch_id, changes)
    _refuse_depended_on(session, import_batch_id)
    branches: set[int] = set()
    weeks: set[date] = set()
    people: set[int] = set()
    for row in (ContactRow, PolicyRow):
        touched = select(row.branch_id, row.week_start).where(row.import_batch_id == import_batch_id).distinct()
        for branch_id, week in session.execute(touched):
            branches.add(branch_id)
            weeks.add(week)
    met = select(ContactRow.staff_id).where(ContactRow.import_batch_id == import_batch_id).distinct()
    people.update(staff_id for staff_id in session.scalars(met) if staff_id is not None)
    contacts: dict[int, tuple[dict[str, Any], dict[str, Any]]] = {}
    for change in changes:
        states = _restore(session, change)
        if change.table_name == ContactRow.__tablename__:
            contacts[change.row_id] = contacts.get(change.row_id, states)[0], states[1]
        for state in states:
            if "week_start" in state:
                branches.add(state["branch_id"])
                weeks.add(state["week_start"])
                if state.get("staff_id") is not None:
                    people.add(state["staff_id"])
    _remove_rows(session, import_batch_id)
    kept = set(session.scalars(select(BranchRow.id)))
    rebuild_rollups(session, branch_ids=branches & kept, weeks=weeks, staff_ids=people)
    derive_status_days(session)
    if any(batch.counts.get(dataset.value) for dataset in Dataset if dataset is not Dataset.CONTACTS):
        cause = Cause(RestatementCause.UNDO, import_batch_id=import_batch_id, user_id=account_of(actor))
        recompute_stages(session, as_of=today, cause=cause)
    batch.undone_at = utc_now()
    batch.undone_by = account_of(actor)
    record_restored_contacts(session, actor=actor, import_batch_id=import_batch_id, restored=contacts)
    record_audit(
        session,
        actor=actor,
        action="undo",
        subject="import_batch",
        subject_id=import_batch_id,
        before={"files": batch.source_names},
    )


def _refuse_changed(session: Session, import_batch_id: int, changes: Iterable[ImportChangeRow]) -> None:
    """Refuse where a row is not as the import left it; `changes` come newest first, the newest of a row counts."""
    changed: dict[str, int] = {}
    for dataset, row in OWNED:
        count = session.scalar(select(func.count()).where(row.import_batch_id == import_batch_id, row.version != 1))
        if count:
            changed[dataset.value] = count
    newest: dict[tuple[str, int], ImportChangeRow] = {}
    for change in changes:
        newest.setdefault((change.table_name, change.row_id), change)
    for change in newest.values():
        table = _table(change.table_name)
        version = session.scalar(select(table.c.version).where(table.c.id == change.row_id))
        if version != change.version_after:
            name = DATASET_OF[change.table_name].value
            changed[name] = changed.get(name, 0) + 1
    if changed:
        name, count = next(iter(changed.items()))
        raise ImportRefusedError(Remark(CHANGED_SINCE, {"count": count, "table": name}))


def _refuse_depended_on(session: Session, import_batch_id: int) -> None:
    branches = select(BranchRow.id).where(BranchRow.import_batch_id == import_batch_id)
    staff = select(StaffRow.id).where(StaffRow.import_batch_id == import_batch_id)
    for dataset, row in OWNED[:4]:
        other = or_(row.import_batch_id.is_(None), row.import_batch_id != import_batch_id)
        needs = row.branch_id.in_(branches)
        if hasattr(row, "staff_id"):
            needs = or_(needs, row.staff_id.in_(staff))
        _refuse_if_any(session, dataset.value, select(func.count()).where(and_(other, needs)))
    worked_on = SuggestionRow.state != SuggestionState.PROPOSED
    _refuse_if_any(session, "suggestion", select(func.count()).where(SuggestionRow.branch_id.in_(branches), worked_on))
    contacts = select(ContactRow.id).where(ContactRow.import_batch_id == import_batch_id)
    _refuse_if_any(session, "suggestion", select(func.count()).where(SuggestionRow.proof_contact_id.in_(contacts)))
    for row in WRITTEN_ABOUT:
        _refuse_if_any(session, row.__tablename__, select(func.count()).where(row.branch_id.in_(branches)))


def _refuse_if_any(session: Session, name: str, question: Any) -> None:
    count = session.scalar(question)
    if count:
        raise ImportRefusedError(Remark(DEPENDED_ON, {"count": count, "table": name}))


def _restore(session: Session, change: ImportChangeRow) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give a row its old content; return the row as it was with the import and as it is now."""
    table = _table(change.table_name)
    now = dict(session.execute(select(table).where(table.c.id == change.row_id)).mappings().one())
    values = {name: _value(table, name, value) for name, value in change.before.items()}
    session.execute(update(table).where(table.c.id == change.row_id).values(**values, version=table.c.version + 1))
    return now, {**now, **values}


def _value(table: Table, name: str, kept: Any) -> Any:
    is_day = isinstance(kept, str) and table.c[name].type.python_type is date
    return date.fromisoformat(kept) if is_day else kept


def _table(name: str) -> Table:
    row = next(row for _, row in OWNED if row.__tablename__ == name)
    return cast("Table", row.__table__)


def _remove_rows(session: Session, import_batch_id: int) -> None:
    branches = select(BranchRow.id).where(BranchRow.import_batch_id == import_batch_id)
    staff = select(StaffRow.id).where(StaffRow.import_batch_id == import_batch_id)
    session.execute(delete(ContactPersonWeekRow).where(ContactPersonWeekRow.staff_id.in_(staff)))
    for derived in DERIVED:
        session.execute(delete(derived).where(derived.branch_id.in_(branches)))
    for _, row in OWNED:
        session.execute(delete(row).where(row.import_batch_id == import_batch_id))
    session.execute(delete(BankRow).where(BankRow.id.not_in(select(BranchRow.bank_id))))
    while True:
        parents = select(OrgUnitRow.parent_id).where(OrgUnitRow.parent_id.is_not(None))
        empty = session.scalars(
            select(OrgUnitRow.id).where(
                OrgUnitRow.id.not_in(select(BranchRow.org_unit_id)), OrgUnitRow.id.not_in(parents)
            )
        ).all()
        if not empty:
            return
        session.execute(delete(OrgUnitRow).where(OrgUnitRow.id.in_(empty)))
