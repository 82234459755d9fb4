"""Which branches were handed over lately, and who confirmed that he took one over.

A supervisor changes when an import gives the branch another one; a branch head when a person
begins in that post. The latest change of each kind counts.
"""

from collections.abc import Collection, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from core.calendar import SHANGHAI
from core.coaching.problems import Problem, ProblemKey, RefusedError
from core.facts import Actor, BranchStatus, StaffRole
from core.notes.handover import Handover, HandoverKind
from core.notes.notes import note_rules
from db.access import Columns, branch_in_scope, require_role, scoped
from db.changes import account_of, first_result, keep_result, lock_branch, record_audit
from db.contacts import FIELD_ROLES
from db.models import BranchRow, HandoverReadRow, ImportBatchRow, ImportChangeRow, StaffRow, UserRow
from db.planning_rows import names_of


def handovers(session: Session, *, actor: Actor, today: date, branch_id: int | None = None) -> tuple[Handover, ...]:
    """Return the changes of the last weeks in the branches in scope, the latest first.

    How long a change is offered stands in the rules; one somebody confirmed stays in the list until then.
    """
    since = today - timedelta(days=note_rules().handover_days)
    reads = {
        (row.branch_id, row.kind, row.changed_on): (row.read_on, name) for row, name in session.execute(_reads(actor))
    }
    found = []
    for kind, question in ((HandoverKind.SUPERVISOR, _supervisors), (HandoverKind.BRANCH_HEAD, _heads)):
        changes = list(question(session, actor=actor, since=since, today=today, branch_id=branch_id))
        names: dict[str, str] = {}
        if kind is HandoverKind.SUPERVISOR and changes:
            names = names_of(session, sorted({one for change in changes for one in change[2:] if one}))
        for branch, day, before, after in changes:
            read_on, name = reads.get((branch.id, kind, day), (None, None))
            found.append(
                Handover(
                    branch_id=branch.id,
                    branch_code=branch.branch_code,
                    branch_name=branch.branch_name,
                    kind=kind,
                    changed_on=day,
                    before=before,
                    after=after,
                    taken_over_on=read_on,
                    taken_over_by=name,
                    before_name=names.get(before or ""),
                    after_name=names.get(after or ""),
                )
            )
    return tuple(sorted(found, key=lambda one: (-one.changed_on.toordinal(), one.branch_code, one.kind)))


Change = tuple[BranchRow, date, str | None, str | None]
"""Branch, day, before, after."""


def _reads(actor: Actor) -> Select[HandoverReadRow, str | None]:
    query = select(HandoverReadRow, UserRow.display_name).outerjoin(UserRow, UserRow.id == HandoverReadRow.read_by)
    return scoped(query, actor, HandoverReadRow.branch_id)


def _of_branches(query: Select[*Columns], actor: Actor, branch_id: int | None) -> Select[*Columns]:
    """Bound a query that joins `branch` to the open ones in scope, or to one of them."""
    query = query.where(BranchRow.status != BranchStatus.CLOSED)
    if branch_id is not None:
        query = query.where(BranchRow.id == branch_id)
    return scoped(query, actor, BranchRow.id)


def _supervisors(
    session: Session, *, actor: Actor, since: date, today: date, branch_id: int | None
) -> Iterator[Change]:
    since_then = ImportBatchRow.imported_at >= datetime.combine(since, time.min, SHANGHAI)
    seen: set[int] = set()
    for branch, day, before, after in _changes(session, _of_branches(_imported().where(since_then), actor, branch_id)):
        if branch.id not in seen and day <= today:
            yield branch, day, before, after
        seen.add(branch.id)


def _imported() -> Select[BranchRow, dict[str, Any], datetime]:
    """Return the question for what imports changed about branches: the branch, what stood before, and when."""
    return (
        select(BranchRow, ImportChangeRow.before, ImportBatchRow.imported_at)
        .join(ImportChangeRow, ImportChangeRow.row_id == BranchRow.id)
        .join(ImportBatchRow, ImportBatchRow.id == ImportChangeRow.import_batch_id)
        .where(ImportChangeRow.table_name == BranchRow.__tablename__, ImportBatchRow.undone_at.is_(None))
        .order_by(ImportChangeRow.id.desc())
    )


def _changes(session: Session, query: Select[BranchRow, dict[str, Any], datetime]) -> Iterator[Change]:
    """Yield the changes of supervisor among what was imported, the latest first."""
    after: dict[int, str | None] = {}
    for branch, before, imported_at in session.execute(query):
        if "supervisor" not in before:  # the import kept him
            continue
        now, then = after.get(branch.id, branch.supervisor), before["supervisor"]
        after[branch.id] = then
        if now != then:
            yield branch, imported_at.astimezone(SHANGHAI).date(), then, now


def left_on(session: Session, *, branch_ids: Collection[int]) -> dict[tuple[str, int], date]:
    """Return the last day each branch went from a supervisor, by his user name and the branch.

    For branches of plans the caller may tell of; where an import that changed one was taken back, it did not go.
    """
    if not branch_ids:
        return {}
    found: dict[tuple[str, int], date] = {}
    for branch, day, before, _ in _changes(session, _imported().where(BranchRow.id.in_(branch_ids))):
        if before is not None:
            found.setdefault((before, branch.id), day)
    return found


def _heads(session: Session, *, actor: Actor, since: date, today: date, branch_id: int | None) -> Iterator[Change]:
    head = StaffRow.role == StaffRole.BRANCH_HEAD
    came = select(StaffRow.branch_id).where(head, StaffRow.joined_on.between(since, today))
    query = (
        select(BranchRow, StaffRow.staff_code, StaffRow.joined_on, StaffRow.left_on)
        .join(StaffRow, StaffRow.branch_id == BranchRow.id)
        .where(head, BranchRow.id.in_(came))
    )
    by_branch: dict[BranchRow, list[tuple[str, date | None, date | None]]] = {}
    for branch, code, joined_on, left_on in session.execute(_of_branches(query, actor, branch_id)):
        by_branch.setdefault(branch, []).append((code, joined_on, left_on))
    for branch, people in by_branch.items():
        day, code_after = max(
            (joined_on, code) for code, joined_on, _ in people if joined_on and since <= joined_on <= today
        )
        left = max(
            ((left_on, code) for code, _, left_on in people if left_on and left_on <= today and code != code_after),
            default=None,
        )
        yield branch, day, left[1] if left else None, code_after


def take_over(
    session: Session, *, actor: Actor, branch_id: int, kind: HandoverKind, changed_on: date, today: date, key: str
) -> None:
    """Confirm that the page of a handover was read and the branch taken over; a second one changes nothing.

    Raises:
        NotAllowedError: not one of the actor's branches, or a branch head.
        RefusedError: there is no such change any more.
    """
    require_role(actor, *FIELD_ROLES)
    branch = branch_in_scope(session, actor=actor, branch_id=branch_id)
    lock_branch(session, branch.id)
    if first_result(session, key=key, actor=actor) is not None:
        return
    known = {
        (one.kind, one.changed_on): one for one in handovers(session, actor=actor, today=today, branch_id=branch.id)
    }
    found = known.get((kind, changed_on))
    if found is None:
        raise RefusedError([Problem(ProblemKey.NO_HANDOVER, "branch")])
    if found.taken_over_on is None:
        session.add(
            HandoverReadRow(
                branch_id=branch.id, kind=kind, changed_on=changed_on, read_on=today, read_by=account_of(actor)
            )
        )
        session.flush()
        record_audit(
            session,
            actor=actor,
            action="take_over",
            subject="handover",
            subject_id=branch.branch_code,
            branch_id=branch.id,
            after={"kind": kind, "changed_on": changed_on},
        )
    keep_result(session, key=key, actor=actor, result={"branch_id": branch.id})
